"""Whatever a phone sends: each record ends up in exactly one list, and what is stored comes back as it was sent."""

from datetime import datetime, timedelta, timezone
from typing import Any
from uuid import UUID, uuid4

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from layers.surveys.records import as_ready, store_records
from layers.surveys.sessions import state
from layers.surveys.wire import read_record
from tests.layers.surveys.conftest import DEVICE, SATO, Town, corner_record, session_record

JST = timezone(timedelta(hours=9))
_json = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
_fixes = st.lists(
    st.fixed_dictionaries(
        {
            "at": st.integers(0, 6 * 10**9).map(
                lambda seconds: datetime.fromtimestamp(seconds + 10**9, JST).isoformat()
            ),
            "lon": st.floats(122, 154),
            "lat": st.floats(20, 46),
        },
        optional={
            "quality": st.integers(0, 8),
            "accuracy_m": st.floats(0, 1e7),
            "height_m": st.floats(-500, 10_000),
            "geoid_separation_m": st.floats(-120, 120),
            "hdop": st.floats(0, 1_000),
            "satellites": st.integers(0, 200),
        },
    ),
    min_size=1,
    max_size=5,
)
_keys = (
    "id",
    "kind",
    "session",
    "ring",
    "order",
    "at",
    "note",
    "source",
    "fixes",
    "takes_back",
    "station",
    "claimed_fix",
    "more",
)
_mutations = st.dictionaries(st.sampled_from(_keys), _json, max_size=4)
BRIEF = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@BRIEF
@given(
    records=st.lists(st.dictionaries(st.text(max_size=8), _json, max_size=6), max_size=6),
    mutations=st.lists(_mutations, max_size=4),
)
def test_every_record_is_stored_or_already_there_or_refused_with_a_sentence(
    town: Town, records: list[dict[str, Any]], mutations: list[dict[str, Any]]
) -> None:
    session = session_record()
    mutated = [corner_record(session["id"], number) | changes for number, changes in enumerate(mutations)]
    sent = [session, *mutated, *records]
    kept = store_records(town.of(SATO), SATO, None, DEVICE, sent)
    assert str(session["id"]) in kept.stored
    told = [*kept.stored, *kept.already, *(one["id"] for one in kept.refused)]
    assert len(told) <= len(sent)
    assert len(told) >= len({str(one.get("id")).lower()[:80] for one in sent})
    assert all(one["why"].endswith(("。", "）。")) for one in kept.refused)


@BRIEF
@given(fixes=_fixes, order=st.integers(0, 10**6), ring=st.integers(0, 200))
def test_what_is_stored_comes_back_to_the_last_digit(
    town: Town, fixes: list[dict[str, Any]], order: int, ring: int
) -> None:
    session = session_record()
    corner = corner_record(session["id"], order, ring=ring, fixes=fixes)
    assert len(store_records(town.of(SATO), SATO, None, DEVICE, [session, corner]).stored) == 2
    (piece,) = state(town.of(SATO), SATO, UUID(str(session["id"]))).pieces
    assert (piece.ring, piece.order) == (ring, order)
    for fix, told in zip(piece.fixes, fixes, strict=True):
        assert (fix.lon, fix.lat, fix.sigma_m, fix.height_m) == (
            told["lon"],
            told["lat"],
            told.get("accuracy_m"),
            told.get("height_m"),
        )
        assert (None if fix.quality is None else int(fix.quality)) == told.get("quality")


@BRIEF
@given(fixes=_fixes)
def test_the_same_content_has_the_same_hash_however_it_is_spelled(fixes: list[dict[str, Any]]) -> None:
    session, identifier = uuid4(), uuid4()
    record = corner_record(session, 1, identifier, fixes=fixes)
    again = [dict(reversed(fix.items())) | {"at": fix["at"].replace("+09:00", ".000+0900")} for fix in fixes]
    spelled = dict(reversed(record.items())) | {"session": str(session).upper(), "fixes": again}
    assert as_ready(read_record(record)).hash == as_ready(read_record(spelled)).hash
