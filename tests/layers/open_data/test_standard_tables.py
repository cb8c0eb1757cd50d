"""Tables go out in the exact columns of the standards, and come back as they were."""

import csv
from io import StringIO
from pathlib import Path

import pytest

from gis.formats.open_data_facilities import sheet_of
from gis.formats.open_data_sheets import Family, UnknownTableError, sheet_named, sheets
from layers.open_data.tables import counts, csv_of, table_named, tables_of
from layers.store.instance import Store
from layers.store.loading.load import LoadRequest, load
from layers.store.loading.positions import Declared

GOLDEN = dict(
    line.split("\t") for line in (Path(__file__).parent / "golden_headers.tsv").read_text(encoding="utf-8").splitlines()
)
OFFERED = ("aed", "public_toilet", "public_facility", "preschool", "care_service", "hospital", "public_wireless_lan")


def written(store: Store, name: str) -> bytes:
    """A table as it is downloaded."""
    with store.database.transaction() as connection:
        return "".join(csv_of(connection, store, table_named(store, name))).encode()


def read(raw: bytes) -> list[dict[str, str]]:
    """Its rows."""
    return list(csv.DictReader(StringIO(raw.decode("utf-8-sig"), newline="")))


def load_raw(store: Store, layer: str, path: Path, *, mode: str = "add") -> None:
    """Load a file as `onomap load` does."""
    request = LoadRequest(layer=store.layer(layer), paths=(path,), mode=mode, declared=Declared(), loaded_by="test")  # type: ignore[arg-type]
    load(store.database, store.town, request)


def held(store: Store, layer: str, where: str = "true") -> list[tuple[object, ...]]:
    """Every column of the rows, with the position to a millimetre."""
    names = ", ".join(f'"{field.name}"' for field in store.layer(layer).fields)
    with store.database.transaction() as connection:
        return connection.execute(
            f"SELECT {names}, round(ST_X(geom)::numeric, 2), round(ST_Y(geom)::numeric, 2) FROM layers.{layer} "  # type: ignore[arg-type]
            f"WHERE {where} ORDER BY name, address, 1, 2"
        ).fetchall()


@pytest.mark.parametrize(("key", "line"), GOLDEN.items())
def test_a_header_is_the_published_line_byte_for_byte(key: str, line: str) -> None:
    name, family = key.split("/")
    sheet = sheet_named(name, Family(family))
    assert ",".join(sheet.columns).encode() == line.encode()


def test_every_known_sheet_has_a_golden_line() -> None:
    assert {f"{name}/{family}" for name, family in sheets()} == set(GOLDEN)


@pytest.mark.parametrize(
    "key", [key for key in GOLDEN if key.split("/")[0] not in ("fire_hydrant", "evacuation_space")]
)
def test_a_sheet_is_known_by_its_header(key: str) -> None:
    name, family = key.split("/")
    from gis.formats.open_data_columns import canonical

    assert sheet_of(canonical(column) or column for column in sheet_named(name, Family(family)).columns) == name


def test_unconfirmed_headers_are_marked_and_say_why() -> None:
    doubtful = {sheet.name: sheet.note for sheet in sheets().values() if not sheet.confirmed}
    assert set(doubtful) == {"public_facility", "care_service", "hospital"}
    assert all("確かめていません" in note for note in doubtful.values())
    with pytest.raises(UnknownTableError, match="tourism"):
        sheet_named("tourism", Family.NEW)


def test_the_file_begins_with_the_standards_header_and_ends_lines_with_cr_lf(sample_store: Store) -> None:
    for name in (*OFFERED, "evacuation_space", "tourism_old"):
        raw = written(sample_store, name)
        key = f"{name.removesuffix('_old')}/{'old' if name.endswith('_old') else 'new'}"
        assert raw.startswith(b"\xef\xbb\xbf" + GOLDEN[key].encode() + b"\r\n"), name
        assert raw.count(b"\r\n") == raw.count(b"\n"), name
        assert read(raw), name


@pytest.mark.parametrize("name", [*OFFERED, "tourism_old", "aed_old", "public_toilet_old"])
def test_what_goes_out_comes_back_the_same(sample_store: Store, empty_store: Store, tmp_path: Path, name: str) -> None:
    sheet = name.removesuffix("_old")
    first = written(sample_store, name)
    path = tmp_path / table_named(sample_store, name).file_name(sample_store.town)
    path.write_bytes(first)
    load_raw(empty_store, "facilities", path)
    again = written(empty_store, name)
    assert again == first
    here = held(sample_store, "facilities", f"sheet = '{sheet}'")
    assert len(here) == len(read(first)) > 0
    if name in (sheet, "tourism_old"):
        assert held(empty_store, "facilities") == here


def test_evacuation_sites_come_back_the_same(sample_store: Store, empty_store: Store, tmp_path: Path) -> None:
    first = written(sample_store, "evacuation_space")
    path = tmp_path / "075221_evacuation_space.csv"
    path.write_bytes(first)
    load_raw(empty_store, "evacuation_sites", path, mode="replace")
    assert written(empty_store, "evacuation_space") == first
    assert held(empty_store, "evacuation_sites") == held(sample_store, "evacuation_sites")


# ruff: noqa: E501
HARD = '''名称,名称_カナ,所在地_連結表記,緯度,経度,設置位置,小児対応設備の有無,電話番号,担当者氏名,連絡先備考（その他、SNSなど）,外部利用不可,備考
"見本, ""AED""",ミホン,見本町1-1,37.28,140.62,=1+1,一部有,-,秘密太郎,"改行
あり",○,@種別
見本二,,見本町2,37.281,140.621,,無,0247-1,,,,種別：銭湯。毎日
'''


def test_odd_values_survive_and_columns_that_are_not_the_standards_do_not(empty_store: Store, tmp_path: Path) -> None:
    path = tmp_path / "aed.csv"
    path.write_text(HARD.replace("\n", "\r\n"), encoding="utf-8-sig")
    load_raw(empty_store, "facilities", path)
    first = written(empty_store, "aed")
    assert "秘密太郎" not in first.decode()
    rows = {row["名称"]: row for row in read(first)}
    odd = rows['見本, "AED"']
    assert odd["設置位置"] == "'=1+1"
    assert odd["小児対応設備の有無"] == "一部有"
    assert odd["外部利用不可"] == "○"
    assert odd["連絡先備考（その他、SNSなど）"].splitlines() == ["改行", "あり"]
    assert rows["見本二"]["小児対応設備の有無"] == "無"
    with empty_store.database.transaction() as connection:
        kinds = dict(connection.execute("SELECT name, kind FROM layers.facilities").fetchall())
        connection.execute("DELETE FROM layers.facilities")
    assert kinds == {'見本, "AED"': "AED", "見本二": "銭湯"}
    back = tmp_path / "075221_aed.csv"
    back.write_bytes(first)
    load_raw(empty_store, "facilities", back, mode="replace")
    assert written(empty_store, "aed") == first


def test_tables_are_offered_for_what_the_catalogue_holds_only(sample_store: Store) -> None:
    names = {table.name for table in tables_of(sample_store)}
    assert {"aed", "aed_old", "tourism_old", "evacuation_space", "evacuation_space_old"} <= names
    # no layer of fire hydrants is published, and nobody knows the new header of 観光施設一覧
    assert not names & {"fire_hydrant", "tourism"}
    with pytest.raises(UnknownTableError, match="一覧があります"):
        table_named(sample_store, "075221_fire_hydrant")
    with sample_store.database.transaction() as connection:
        found = counts(connection, sample_store)
    assert found["aed"] >= 15
    assert found["evacuation_space"] >= 15
