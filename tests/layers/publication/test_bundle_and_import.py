"""A bundle is all that reaches the public side: whole, signed, of this town, newer; or nothing changes."""

import json
import shutil
import threading
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from gis.geojson_objects import written
from gis.reference_systems import offered_systems
from layers.publication.bundle import MANIFEST, SIGNATURE, Cover, write_bundle
from layers.publication.errors import BundleRefusedError, ChangedSinceCheckError, KeyFileError, PublicationError
from layers.publication.importing import PublicSide, import_bundle
from layers.publication.keys import signing_key, trusted_key
from layers.publication.parts import ROWS, make_part
from layers.publication.public_database import create, prepare
from layers.publication.published_layer import as_published
from layers.publication.serving import PublicEdition, edition_of, open_public, read_steadily
from layers.store.cluster import Cluster
from layers.store.features.feature_json import FeatureForm
from layers.store.features.single import read_feature
from layers.store.instance import Store
from layers.store.selection import whole
from layers.store.settings import Municipality
from tests.layers.publication.publication_samples import bundle_of, included, publish, quiet


def served_number(side: PublicSide) -> int:
    edition = open_public(side.database.web_url, side.folder)
    edition.database.close()
    return edition.number


def test_a_published_layer_is_read_by_the_features_code_through_the_login_that_only_reads(
    small_store: Store, public_side: PublicSide
) -> None:
    publish(small_store, public_side, 1, ["shelters", "roads", "cadastral"])
    edition = open_public(public_side.database.web_url, public_side.folder)
    store = edition.as_store()
    with edition.database.transaction() as connection:
        row = connection.execute("SELECT fid FROM layers.cadastral").fetchone()
    assert row is not None
    form = FeatureForm(offered_systems(store.town.srid)[0])
    feature = json.loads(written(read_feature(store, whole(store.layer("cadastral")), form, str(row[0])).feature))
    edition.database.close()

    assert edition.number == 1
    assert list(edition.catalogue) == ["shelters", "roads", "cadastral"]
    assert feature["properties"]["chiban"] == "12-3"
    assert "land_category" not in feature["properties"]
    assert all(path.is_file() for path in (*edition.tiles.values(), *edition.styles.values()))


def test_nothing_of_a_column_that_stays_inside_is_anywhere_in_a_bundle(small_store: Store) -> None:
    path = bundle_of(small_store, 1, ["cadastral"])
    with zipfile.ZipFile(path) as archive:
        contents = [archive.read(name) for name in archive.namelist()]

    assert [content for content in contents if b"CANARY" in content or b"land_category" in content] == []
    assert any(b"12-3" in content for content in contents)


def test_the_rows_of_the_public_table_are_those_of_the_store_to_the_last_bit(
    small_store: Store, public_side: PublicSide
) -> None:
    publish(small_store, public_side, 1, ["shelters", "cadastral"])
    questions = [
        "SELECT fid, name, capacity, ST_AsBinary(geom), ST_AsBinary(geom_3857) FROM layers.shelters ORDER BY fid",
        "SELECT fid, chiban, undetermined, surveyed_on, ST_AsEWKT(geom) FROM layers.cadastral ORDER BY fid",
    ]
    answers = []
    for url in (small_store.database.url, public_side.database.owner_url):
        with psycopg.connect(url) as connection:
            answers.append([connection.execute(question.encode()).fetchall() for question in questions])

    assert answers[0] == answers[1]
    assert len(answers[0][0]) == 3


def _rewritten(path: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    tampered = path.with_name("tampered.zip")
    with zipfile.ZipFile(tampered, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return tampered


def _other_rows(members: dict[str, bytes]) -> None:
    members["rows/shelters.gpkg"] = members["rows/shelters.gpkg"].replace("避難所".encode(), "隠し所".encode())


def _other_tiles(members: dict[str, bytes]) -> None:
    content = bytearray(members["tiles/shelters.pmtiles"])
    content[-1] ^= 1
    members["tiles/shelters.pmtiles"] = bytes(content)


def _longer_tiles(members: dict[str, bytes]) -> None:
    members["tiles/shelters.pmtiles"] += b"more"


def _other_style(members: dict[str, bytes]) -> None:
    members["styles/shelters.json"] = members["styles/shelters.json"].replace(b"#", b"!", 1)


def _other_manifest(members: dict[str, bytes]) -> None:
    members[MANIFEST] = members[MANIFEST].replace("総務課".encode(), "財政課".encode())


def _other_signature(members: dict[str, bytes]) -> None:
    members[SIGNATURE] = bytes(64)


def _no_signature(members: dict[str, bytes]) -> None:
    del members[SIGNATURE]


def _additional_file(members: dict[str, bytes]) -> None:
    members["rows/owners.gpkg"] = b"more"


def _climbing_file(members: dict[str, bytes]) -> None:
    members["../../escaped.json"] = b"{}"


def _missing_file(members: dict[str, bytes]) -> None:
    del members["styles/shelters.json"]


@pytest.mark.parametrize(
    "change",
    [
        _other_rows,
        _other_tiles,
        _longer_tiles,
        _other_style,
        _other_manifest,
        _other_signature,
        _no_signature,
        _additional_file,
        _climbing_file,
        _missing_file,
    ],
)
def test_a_bundle_that_was_tampered_with_is_refused_and_the_old_edition_stays(
    small_store: Store, public_side: PublicSide, change: Callable[[dict[str, bytes]], None]
) -> None:
    publish(small_store, public_side, 1, ["shelters"])
    tampered = _rewritten(bundle_of(small_store, 2, ["shelters"]), change)

    with pytest.raises(BundleRefusedError):
        import_bundle(public_side, tampered, quiet)

    assert served_number(public_side) == 1
    assert not (public_side.folder.parent / "escaped.json").exists()
    # the real one is taken afterwards
    assert import_bundle(public_side, bundle_of(small_store, 2, ["shelters"]), quiet) == 2


def test_a_bundle_that_somebody_else_signed_is_refused(
    small_store: Store, public_side: PublicSide, tmp_path: Path
) -> None:
    foreign = bundle_of(small_store, 1, ["shelters"], home=tmp_path / "elsewhere")

    with pytest.raises(BundleRefusedError, match="署名"):
        import_bundle(public_side, foreign, quiet)


def test_a_bundle_of_another_town_is_refused_though_the_key_is_right(
    small_store: Store, public_side: PublicSide, home: Path
) -> None:
    town = Municipality(code="075213", name="三春町")
    path = home / "other.zip"
    cover = Cover(1, datetime.now(UTC), town)
    write_bundle(path, cover, [included(small_store, "shelters")], signing_key(home / "publication"))

    with pytest.raises(BundleRefusedError, match="三春町"):
        import_bundle(public_side, path, quiet)


def test_an_older_bundle_and_the_same_one_again_are_refused(small_store: Store, public_side: PublicSide) -> None:
    first, second = bundle_of(small_store, 1, ["shelters"]), bundle_of(small_store, 2, ["shelters"])
    import_bundle(public_side, second, quiet)

    for path in (first, second):
        with pytest.raises(BundleRefusedError, match="新しくありません"):
            import_bundle(public_side, path, quiet)
    assert served_number(public_side) == 2


def test_a_bundle_that_declares_a_column_that_is_not_public_is_refused_though_it_is_signed(
    small_store: Store, public_side: PublicSide, home: Path
) -> None:
    honest = included(small_store, "shelters")
    staff = small_store.layer("cadastral").field("land_category")
    wide = replace(honest.layer, fields=(*honest.layer.fields, staff))
    path = home / "wide.zip"
    cover = Cover(1, datetime.now(UTC), small_store.town)
    write_bundle(path, cover, [replace(honest, layer=wide)], signing_key(home / "publication"))

    with pytest.raises(BundleRefusedError, match="公開の区分でない"):
        import_bundle(public_side, path, quiet)


def test_a_file_that_was_swapped_after_it_was_made_is_not_bundled(small_store: Store, home: Path) -> None:
    one = included(small_store, "shelters")
    swapped = one.folder / ROWS
    swapped.write_bytes(swapped.read_bytes().replace("避難所".encode(), "隠し所".encode()))

    cover = Cover(1, datetime.now(UTC), small_store.town)

    with pytest.raises(PublicationError, match="違います"):
        write_bundle(home / "b.zip", cover, [one], signing_key(home / "publication"))
    assert not (home / "b.zip").exists()


def test_rows_that_changed_after_the_check_are_not_made_into_files(small_store: Store, home: Path) -> None:
    layer = as_published(small_store.layer("shelters"))
    before = included(small_store, "shelters").part.content
    with small_store.database.transaction() as connection:
        connection.execute("UPDATE layers.shelters SET name = '別の名前', version = 2")

    with pytest.raises(ChangedSinceCheckError):
        make_part(small_store, layer, home / "part", expected=before, tell=quiet)
    assert not (home / "part").exists()


def test_a_public_side_without_a_key_trusts_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match="ありません"):
        trusted_key(tmp_path / "trusted.pub")


def test_the_signing_key_is_for_its_owner_only_and_refused_when_others_may_read_it(tmp_path: Path) -> None:
    signing_key(tmp_path)
    file = tmp_path / "signing.key"

    assert file.stat().st_mode & 0o777 == 0o600
    file.chmod(0o640)
    with pytest.raises(KeyFileError, match="chmod"):
        signing_key(tmp_path)


def test_a_reader_who_holds_a_prepared_statement_reads_the_new_edition_after_the_switch(
    small_store: Store, public_side: PublicSide
) -> None:
    publish(small_store, public_side, 1, ["shelters"])
    with psycopg.connect(public_side.database.web_url, autocommit=True) as reader:
        ask = "SELECT min(version), count(*) FROM layers.shelters"
        assert [reader.execute(ask, prepare=True).fetchone() for _ in range(8)][-1] == (1, 3)
        with small_store.database.transaction() as connection:
            connection.execute("DELETE FROM layers.shelters WHERE name = '避難所0'")
        publish(small_store, public_side, 2, ["shelters"])

        assert reader.execute(ask, prepare=True).fetchone() == (2, 2)


def test_a_reader_in_the_middle_of_the_old_edition_does_not_hold_the_switch_up(
    small_store: Store, public_side: PublicSide
) -> None:
    publish(small_store, public_side, 1, ["shelters"])
    with psycopg.connect(public_side.database.web_url) as reader:
        reader.execute("SELECT count(*) FROM layers.shelters")

        assert publish(small_store, public_side, 2, ["shelters"]) == 2


def test_whoever_asks_while_editions_are_switched_sees_the_number_rows_and_tiles_of_one_edition(
    small_store: Store, public_side: PublicSide
) -> None:
    publish(small_store, public_side, 1, ["shelters"])
    mixed, asked, done = [], 0, threading.Event()
    edition = open_public(public_side.database.web_url, public_side.folder)

    def read(edition: PublicEdition) -> tuple[object, ...]:
        statement = "SELECT min(version), max(version), pg_sleep(0.002) FROM layers.shelters"
        with edition.database.transaction() as connection:
            row = connection.execute(statement).fetchone()
        assert row is not None
        return row[:2]

    def ask() -> None:
        nonlocal asked
        while not done.is_set():
            try:
                seen, versions = read_steadily(edition, read)
            except (psycopg.Error, PublicationError) as error:
                mixed.append((0, str(error)))
                return
            asked += 1
            if set(versions) != {seen.number} or not all(path.is_file() for path in seen.tiles.values()):
                mixed.append((seen.number, versions))

    thread = threading.Thread(target=ask)
    thread.start()
    for number in range(2, 5):
        publish(small_store, public_side, number, ["shelters"])
    done.set()
    thread.join()
    now = edition_of(edition.database, public_side.folder)
    edition.database.close()

    assert (mixed, now.number) == ([], 4)
    assert asked > 20


def test_an_import_that_fails_in_the_middle_leaves_nothing_behind_and_the_old_edition_served(
    small_store: Store, public_side: PublicSide, home: Path
) -> None:
    publish(small_store, public_side, 1, ["shelters"])
    one = included(small_store, "shelters")
    wrong = replace(one, part=replace(one.part, rows=99))
    path = home / "wrong.zip"
    write_bundle(path, Cover(2, datetime.now(UTC), small_store.town), [wrong], signing_key(home / "publication"))

    with pytest.raises(BundleRefusedError, match="99"):
        import_bundle(public_side, path, quiet)

    with psycopg.connect(public_side.database.owner_url) as connection:
        schemas = connection.execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'edition_%'").fetchall()
    assert schemas == []
    assert served_number(public_side) == 1


def test_the_database_is_found_again_at_every_start(test_cluster: Cluster, public_side: PublicSide) -> None:
    name = conninfo_to_dict(public_side.database.web_url)["dbname"]

    again = create(test_cluster, public_side.folder, str(name))
    prepare(again)

    assert again == public_side.database


def test_a_lost_public_side_comes_back_from_the_newest_bundle_alone(
    small_store: Store, public_side: PublicSide
) -> None:
    publish(small_store, public_side, 1, ["shelters"])
    newest = bundle_of(small_store, 2, ["shelters", "roads"])
    import_bundle(public_side, newest, quiet)
    with psycopg.connect(public_side.database.owner_url) as connection:
        connection.execute("DROP SCHEMA layers CASCADE")
        connection.execute("DROP SCHEMA onomap CASCADE")
    shutil.rmtree(public_side.folder / "editions")
    prepare(public_side.database)

    assert import_bundle(public_side, newest, quiet) == 2
