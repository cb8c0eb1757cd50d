"""Pages by key: nothing twice, nothing left out, whichever way the order goes and whatever others do meanwhile."""

import base64
from datetime import UTC, datetime, timedelta

import orjson
import pytest
import shapely
import shapely.geometry

from gis.filters.tree import Box
from gis.geojson_objects import written
from gis.plane_shapes import plane_box
from layers.store.features.asked import Asked, Period, selection_of_asked
from layers.store.features.columns import columns_of
from layers.store.features.counts import count_exactly, counted
from layers.store.features.errors import FeatureRequestError
from layers.store.features.ordering import Cursor, ordering_of
from layers.store.features.pages import Page
from layers.store.instance import Store
from tests.layers.store.features.feature_samples import (
    CRS84,
    PLANE,
    X,
    Y,
    ask,
    features,
    ids,
    put_facilities,
    put_parcels,
    retire,
)

NAMES = ["c", None, "a", "b", None, "a", "a", "c", "b", None, "a"]
ORDERS: list[tuple[str, ...]] = [(), ("name",), ("-name",), ("+name", "-kind"), ("-kind", "name"), ("valid_from",)]


def walk(store: Store, layer: str, limit: int, **asked: object) -> list[Page]:
    """Every page from the first to the last."""
    pages = [ask(store, layer, limit=limit, **asked)]
    while pages[-1].after is not None:
        pages.append(ask(store, layer, limit=limit, cursor=pages[-1].after, **asked))
    return pages


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("limit", [1, 2, 3, 11, 12])
def test_pages_hold_every_row_once_in_order_with_ties_and_without_values(
    empty_store: Store, order: tuple[str, ...], limit: int
) -> None:
    put_facilities(empty_store, NAMES, kind=["x", "y", None, "y", "x", "y", None, "x", "y", "x", "x"])
    whole = ids(ask(empty_store, "facilities", sort_by=order))
    assert len(whole) == len(NAMES)
    pages = walk(empty_store, "facilities", limit, sort_by=order)
    assert [fid for page in pages for fid in ids(page)] == whole
    backward = [pages[-1]]
    while backward[-1].before is not None:
        backward.append(ask(empty_store, "facilities", limit=limit, cursor=backward[-1].before, sort_by=order))
    assert [fid for page in reversed(backward) for fid in ids(page)] == whole


def test_rows_without_a_value_come_last_in_both_directions(empty_store: Store) -> None:
    put_facilities(empty_store, ["b", None, "a"])
    names = [
        [one["properties"]["name"] for one in features(ask(empty_store, "facilities", sort_by=(order,)))]
        for order in ("name", "-name")
    ]
    assert names == [["a", "b", None], ["b", "a", None]]


def test_what_others_insert_delete_and_change_moves_no_row_out_of_its_page(empty_store: Store) -> None:
    fids = put_facilities(empty_store, ["a"] * 9)
    first = ask(empty_store, "facilities", limit=3)
    put_facilities(empty_store, ["a"])
    with empty_store.database.transaction() as connection:
        connection.execute("DELETE FROM layers.facilities WHERE fid = %s", [fids[2]])
        connection.execute("UPDATE layers.facilities SET name = 'z', version = version + 1 WHERE fid = %s", [fids[4]])
    second = ask(empty_store, "facilities", limit=3, cursor=first.after)
    assert ids(second) == fids[3:6]


def test_a_token_leads_to_the_same_place_and_only_in_its_own_order(empty_store: Store) -> None:
    put_facilities(empty_store, ["a", "b", "c"])
    columns = columns_of(empty_store.layer("facilities"))
    by_name, by_kind = ordering_of(("name",), columns), ordering_of(("kind",), columns)
    page = ask(empty_store, "facilities", limit=1, sort_by=("name",))
    assert page.after is not None
    token = page.after.token(by_name)
    assert Cursor.read(token, by_name) == page.after
    with pytest.raises(FeatureRequestError, match="最初のページ"):
        Cursor.read(token, by_kind)


@pytest.mark.parametrize(
    "values",
    [
        "x",
        [],
        ["1"],
        [0, "", ["x"]],
        [0, "", [None]],
        [0, "", [1]],
        [0, "", ["9" * 30]],
        [2, "", ["1"]],
        [0, "", ["1", "2"]],
    ],
)
def test_a_token_that_nobody_gave_is_refused(empty_store: Store, values: object) -> None:
    ordering = ordering_of((), columns_of(empty_store.layer("facilities")))
    token = base64.urlsafe_b64encode(orjson.dumps(values)).rstrip(b"=").decode()
    with pytest.raises(FeatureRequestError):
        Cursor.read(token, ordering)


@pytest.mark.parametrize("token", ["", "é", "====", "a", "AAAA", "W10\n", "x" * 10_000])
def test_letters_that_are_no_token_are_refused(empty_store: Store, token: str) -> None:
    with pytest.raises(FeatureRequestError):
        Cursor.read(token, ordering_of((), columns_of(empty_store.layer("facilities"))))


def test_a_past_moment_shows_what_held_then(empty_store: Store) -> None:
    stayed, went = put_facilities(empty_store, ["残る", "消える"])
    with empty_store.database.transaction() as connection:
        connection.execute("UPDATE layers.facilities SET valid_from = '2024-01-01T00:00:00+09:00'")
    retire(empty_store, "facilities", went, datetime(2024, 6, 1, tzinfo=UTC))
    (new,) = put_facilities(empty_store, ["新しい"])

    def at(moment: datetime | None) -> list[int]:
        return ids(ask(empty_store, "facilities", as_of=moment))

    assert at(None) == [stayed, new]
    assert at(datetime(2024, 5, 31, tzinfo=UTC)) == [stayed, went]
    assert at(datetime(2024, 6, 1, tzinfo=UTC)) == [stayed]
    assert at(datetime(2023, 12, 31, 14, 59, tzinfo=UTC)) == []
    past = datetime(2024, 2, 1, tzinfo=UTC)
    pages = walk(empty_store, "facilities", 1, as_of=past, sort_by=("-name",))
    assert [fid for page in pages for fid in ids(page)] == [went, stayed]
    box = Box(Y - 1, X - 1, Y + 1, X + 1)
    assert ids(ask(empty_store, "facilities", as_of=past, box=box)) == [stayed]


def test_a_period_meets_rows_that_have_been_so_since_before_its_end(empty_store: Store) -> None:
    old, new = put_facilities(empty_store, ["a", "b"])
    with empty_store.database.transaction() as connection:
        connection.execute("UPDATE layers.facilities SET valid_from = '2020-01-01' WHERE fid = %s", [old])
    until = Period(None, datetime(2021, 1, 1, tzinfo=UTC))
    assert ids(ask(empty_store, "facilities", during=until)) == [old]
    assert ids(ask(empty_store, "facilities", during=Period(datetime(2021, 1, 1, tzinfo=UTC), None))) == [old, new]


def test_the_number_of_rows_is_exact_for_a_small_layer_and_on_request_and_else_an_estimate(empty_store: Store) -> None:
    put_parcels(empty_store, ["POLYGON((0 0,1 0,1 1,0 0))"] * 30)
    layer = empty_store.layer("cadastral")
    selection = selection_of_asked(empty_store, layer, Asked(PLANE))
    with empty_store.database.transaction() as connection:
        # nobody analysed the table: its size is not known to be small
        assert counted(connection, selection, exact=False).exact is None
        assert counted(connection, selection, exact=True).exact == count_exactly(connection, selection) == 30
        connection.execute("ANALYZE layers.cadastral")
        assert counted(connection, selection, exact=False).exact == 30
    assert ask(empty_store, "cadastral", limit=30).count.exact == 30


def test_only_the_chosen_properties_are_given_and_in_the_order_of_the_layer(empty_store: Store) -> None:
    put_facilities(empty_store, ["a"])
    (feature,) = features(ask(empty_store, "facilities", properties=("phone", "name")))
    assert list(feature["properties"]) == ["name", "phone"]
    (bare,) = features(ask(empty_store, "facilities", properties=()))
    assert bare["properties"] == {}


def test_letters_that_json_escapes_and_measures_come_out_as_they_are(empty_store: Store) -> None:
    text = 'a"b\\c\n\t</script>髙😀\u2028'
    put_parcels(
        empty_store,
        ["POLYGON((0 0,1 0,1 1,0 0))"] * 5,
        map_name=[text] * 5,
        registered_area_m2=[0.1 + 0.2, 100.0, 1e300, float("nan"), None],
    )
    found = [feature["properties"] for feature in features(ask(empty_store, "cadastral"))]
    assert {properties["map_name"] for properties in found} == {text}
    # JSON has no word for a number that is none, and the schema promises a number or null
    assert [properties["registered_area_m2"] for properties in found] == [0.1 + 0.2, 100.0, 1e300, None, None]
    assert b'"registered_area_m2":100.0' in written(ask(empty_store, "cadastral").features[1])


def test_a_box_over_the_edge_of_a_parallel_is_right_to_the_millimetre(empty_store: Store) -> None:
    """A parallel of 0.14° bulges by two metres from the chord between its ends."""
    with empty_store.database.transaction() as connection:
        for offset_m in (-0.02, 0.02):
            connection.execute(
                "INSERT INTO layers.facilities (load_id, content_hash, name, geom) SELECT 1, gen_random_uuid(), 'x', "
                "ST_Translate(ST_Transform(ST_SetSRID(ST_MakePoint(140.62, 37.30), 6668), 6677), 0, %s)",
                [offset_m],
            )
    below, above = ids(ask(empty_store, "facilities"))
    edge = Box(140.55, 37.25, 140.69, 37.30)
    assert ids(ask(empty_store, "facilities", box=edge, box_reference=CRS84)) == [below]
    edge = Box(140.55, 37.30, 140.69, 37.35)
    assert ids(ask(empty_store, "facilities", box=edge, box_reference=CRS84)) == [above]


@pytest.mark.parametrize("layer", ["cadastral", "roads", "evacuation_sites"])
def test_a_box_finds_what_meets_it_and_writes_degrees_as_the_plane_gives_them(sample_store: Store, layer: str) -> None:
    """Rows well inside are taken by their own box, and degrees come out of the copy for tiles: neither may be seen."""
    for box in (
        Box(140.62, 37.28, 140.626, 37.287),
        Box(140.6249, 37.2499, 140.6251, 37.2501),
        Box(140.5, 37.2, 140.63, 37.26),
    ):
        found = features(ask(sample_store, layer, box=box, box_reference=CRS84, limit=100_000, system=CRS84))
        outline = plane_box(box, CRS84, sample_store.town.srid).geometry
        assert outline is not None
        with sample_store.database.transaction() as connection:
            rows = connection.execute(
                f"SELECT fid, ST_AsBinary(ST_Transform(geom, 6668)) FROM layers.{layer} "
                "WHERE ST_Intersects(geom, ST_GeomFromWKB(%s, 6677))",
                [outline.wkb],
            ).fetchall()
        assert {feature["id"] for feature in found} == {row[0] for row in rows}
        expected = {row[0]: shapely.normalize(shapely.from_wkb(row[1])) for row in rows}
        for feature in found[:500]:
            written = shapely.normalize(shapely.geometry.shape(feature["geometry"]))
            assert shapely.equals_exact(written, expected[feature["id"]], 1.1e-9)


def test_a_moment_of_any_century_can_be_asked(empty_store: Store) -> None:
    put_facilities(empty_store, ["a"])
    for moment in (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC) - timedelta(days=1)):
        ask(empty_store, "facilities", as_of=moment, during=Period(moment, moment))
