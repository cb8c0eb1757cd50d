"""The situation on its way out: signed, whitelisted, never older than what is there, and readable by the web login alone."""

import base64
import json
from pathlib import Path
from typing import Any

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from api.situation_sending import Sent, held, send, signed, take
from layers.publication.desk import Desk
from layers.publication.errors import BundleRefusedError, NotNewerError, PublicSideError
from layers.publication.importing import PublicSide
from layers.publication.keys import signing_key
from layers.publication.signed_document import Cover, held_document, write_document
from layers.situation.desk import TOKYO, SituationDesk, current_for_program
from layers.situation.errors import SituationRefusedError
from layers.situation.model import Content
from layers.situation.published import KIND, content_of, document
from layers.situation.wanted import PhaseWanted, SiteWanted
from layers.store.audit.log import Who
from layers.store.database import Database
from layers.store.instance import Store
from layers.store.settings import Municipality
from tests.layers.publication.publication_samples import publish

WHO = Who("bosai", "防災 三郎")


def switched(desk: SituationDesk, headline: str = "") -> str:
    """The next situation, signed."""
    made = desk.set_phase(PhaseWanted(seen=desk.current().number, phase="disaster", headline=headline))  # type: ignore[arg-type]
    return signed(desk.store, made)


def forged(text: str, **changed: Any) -> str:
    """The document with other values under the old signature."""
    envelope = json.loads(text)
    inner = json.loads(envelope["document"]) | changed
    return json.dumps({**envelope, "document": json.dumps(inner)})


def test_what_was_switched_is_what_the_web_login_reads(desk: SituationDesk, public_side: PublicSide) -> None:
    desk.set_site(SiteWanted(seen=0, layer="shelters", id=1, state="open", people=3))  # type: ignore[arg-type]
    sent = send(desk, Desk(desk.store, public_side), WHO)
    web = Database.open(public_side.database.web_url, size=1)
    found = held_document(web, KIND)
    web.close()

    assert sent == Sent(1)
    assert found is not None
    assert (found.number, content_of(found.content)) == (1, desk.current().content)


def test_a_forged_signature_is_refused_and_nothing_changes(desk: SituationDesk, public_side: PublicSide) -> None:
    text = switched(desk)
    other = base64.b64encode(Ed25519PrivateKey.generate().sign(json.loads(text)["document"].encode())).decode()

    for bad in (
        forged(text, number=9),
        forged(text, content={"phase": "normal"}),
        json.dumps({**json.loads(text), "signature": other}),
        json.dumps({**json.loads(text), "signature": "あ"}),
        json.dumps({**json.loads(text), "more": 1}),
        "[]",
        "",
    ):
        with pytest.raises(BundleRefusedError):
            take(public_side, bad)
    assert held(public_side) is None


def test_an_older_situation_and_the_same_one_again_are_refused(desk: SituationDesk, public_side: PublicSide) -> None:
    first, second = switched(desk, "一"), switched(desk, "二")
    take(public_side, second)

    for old in (first, second):
        with pytest.raises(NotNewerError, match="新しくありません"):
            take(public_side, old)
    found = held(public_side)
    assert found is not None
    assert found.content["headline"] == "二"


def test_another_towns_situation_is_refused(desk: SituationDesk, public_side: PublicSide) -> None:
    elsewhere = Municipality(code="075213", name="三春町")  # type: ignore[call-arg]
    cover = Cover(KIND, 1, desk.current().made_at or __import__("datetime").datetime.now(TOKYO))
    text = write_document(cover, document(Content()), elsewhere, signing_key(desk.store.settings.home / "publication"))

    with pytest.raises(BundleRefusedError, match="075213"):
        take(public_side, text)


@pytest.mark.parametrize(
    "content",
    [
        {"owner_name": "小野 太郎"},
        {"shelters": [{"layer": "shelters", "id": 1, "name": "a", "evacuees": ["小野 太郎"]}]},
        {"headline": "x" * 121},
        {"notices": [{"id": 1, "level": 6, "title": "a", "text": "", "issued_at": "2026-11-01T00:00:00+09:00"}]},
    ],
)
def test_only_the_fields_on_the_list_are_taken_even_with_a_right_signature(
    desk: SituationDesk, public_side: PublicSide, content: dict[str, Any]
) -> None:
    made = desk.set_phase(PhaseWanted(seen=0, phase="alert"))  # type: ignore[arg-type]
    assert made.made_at is not None
    cover = Cover(KIND, 1, made.made_at)
    text = write_document(cover, content, desk.store.town, signing_key(desk.store.settings.home / "publication"))

    with pytest.raises(SituationRefusedError):
        take(public_side, text)
    assert held(public_side) is None


def test_nothing_of_who_switched_leaves_the_town_hall(desk: SituationDesk, public_side: PublicSide) -> None:
    text = switched(desk, "大雨")

    assert "大雨" in text
    assert not any(canary in text for canary in ("防災 三郎", "bosai", "10.0.0.1", "総務課"))


def test_a_document_of_the_bundles_key_that_is_no_situation_is_refused(
    desk: SituationDesk, public_side: PublicSide
) -> None:
    key = signing_key(desk.store.settings.home / "publication")
    made = desk.set_phase(PhaseWanted(seen=0, phase="alert"))  # type: ignore[arg-type]
    assert made.made_at is not None
    text = write_document(Cover("other", 1, made.made_at), document(made.content), desk.store.town, key)

    with pytest.raises(BundleRefusedError, match="別の種類"):
        take(public_side, text)


def test_a_store_from_an_old_backup_goes_on_above_what_the_public_side_has(
    desk: SituationDesk, public_side: PublicSide
) -> None:
    publication = Desk(desk.store, public_side)
    for number in range(3):
        switched(desk, str(number))
    send(desk, publication, WHO)
    with desk.store.database.transaction() as connection:
        connection.execute("DELETE FROM onomap.situations WHERE number > 1")

    assert send(desk, publication, WHO) == Sent(4)
    assert send(desk, publication, WHO) == Sent(4, was_there=True)
    assert current_for_program(desk.store, above=9).number == 10


def test_a_running_import_of_a_bundle_does_not_hold_the_situation_up(
    town: Store, desk: SituationDesk, public_side: PublicSide
) -> None:
    from layers.publication.importing import only_one

    switched(desk)
    with only_one(public_side.folder):
        assert send(desk, Desk(town, public_side), WHO).number == 1


def test_the_situation_stays_when_an_edition_is_switched(
    town: Store, desk: SituationDesk, public_side: PublicSide
) -> None:
    take(public_side, switched(desk))
    publish(town, public_side, 1, ["shelters"])

    found = held(public_side)
    assert found is not None
    assert found.number == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE onomap.situation SET number = 99",
        "DELETE FROM onomap.situation",
        "TRUNCATE onomap.situation",
        "INSERT INTO onomap.situation (kind, number, made_at, content) VALUES ('situation', 9, now(), '{}')",
        "DROP TABLE onomap.situation",
    ],
)
def test_the_web_login_reads_the_situation_and_changes_nothing_of_it(
    desk: SituationDesk, public_side: PublicSide, statement: str
) -> None:
    take(public_side, switched(desk))
    with psycopg.connect(public_side.database.web_url) as connection:
        assert connection.execute("SELECT number FROM onomap.situation").fetchone() == (1,)
        connection.rollback()
        connection.execute("SET TRANSACTION READ WRITE")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement.encode())


def test_a_public_side_that_is_away_is_told_so_and_the_step_stays(
    desk: SituationDesk, public_side: PublicSide, tmp_path: Path
) -> None:
    from dataclasses import replace

    from layers.publication.public_database import PublicDatabase

    nowhere = "postgresql://nobody@127.0.0.1:1/none"
    away = replace(public_side, database=PublicDatabase(nowhere, nowhere))
    switched(desk)

    with pytest.raises(PublicSideError):
        send(desk, Desk(desk.store, away), WHO)
    with pytest.raises(PublicSideError, match="公開側がありません"):
        send(desk, Desk(desk.store, None), WHO)
    assert desk.current().number == 1
