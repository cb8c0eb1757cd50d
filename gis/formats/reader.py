"""The one door for files: picks the reader by extension and by a look at the content, never by trying what opens."""

import hashlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from gis.errors import UnreadableFileError, UnsupportedFileError
from gis.formats import delimited, gsi_shelters, moj_xml, open_data_csv, parcel_list, vector
from gis.formats.archive import Member, file_member, folder_members, unzipped
from gis.formats.moj_stream import is_map
from gis.formats.table import SourceTable

READABLE = "読めるのは 地図XML・Shapefile・GeoPackage・GeoJSON・FlatGeobuf・CSV・XLSX とその zip"

_CHUNK = 1024 * 1024


def open_source(path: Path, *, encoding: str | None = None, layer_name: str | None = None) -> Iterator[SourceTable]:
    """The tables of a file, zip or folder, one a sheet or layer, large ones in several parts of the same `source`.

    `encoding` is for Shapefile and CSV, `layer_name` picks one of several layers or files inside. Raises
    UnsupportedFileError when no reader takes it, UnreadableFileError when it is damaged or unsafe.
    """
    if path.is_dir():
        yield from _read_members(folder_members(path), path.name, encoding, layer_name)
    elif path.suffix.lower() == ".zip":
        with unzipped(file_member(path).path or path, path.name) as members:
            yield from _read_members(members, path.name, encoding, layer_name)
    else:
        main = file_member(path)
        yield from _read_one(main, _beside(path), encoding, layer_name)


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file; of a folder, that of its members' names and contents in sorted order."""
    digest = hashlib.sha256()
    members = folder_members(path) if path.is_dir() else [file_member(path)]
    for member in members:
        if path.is_dir():
            digest.update(f"{member.name}\0{member.size}\0".encode())
        with member.open() as stream:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
    return digest.hexdigest()


def _beside(path: Path) -> list[Member]:
    return [
        file_member(other) for other in sorted(path.parent.iterdir()) if other.stem == path.stem and other.is_file()
    ]


def _read_one(
    main: Member, members: list[Member], encoding: str | None, layer_name: str | None
) -> Iterator[SourceTable]:
    if main.suffix == ".xml":
        for sheet in moj_xml.read_members([main], main.label):
            yield sheet.table
    elif main.suffix in vector.SUFFIXES:
        for table in vector.read(main, members, encoding=encoding, layer_name=layer_name):
            yield gsi_shelters.with_flags(table)
    elif main.suffix in delimited.SUFFIXES:
        for table in open_data_csv.read(main, encoding=encoding, layer_name=layer_name):
            yield gsi_shelters.with_flags(parcel_list.prepared(table))
    else:
        raise UnsupportedFileError(f"{main.label} は読める形式ではありません（{READABLE}）。")


def _read_members(
    members: list[Member], label: str, encoding: str | None, layer_name: str | None
) -> Iterator[SourceTable]:
    """Map data first, then 地図XML with its index, then tables: a zip of one of them often has papers in another."""
    if mains := _vector_mains(members):
        yield from _read_each(_named(mains, label, layer_name), members, encoding)
    elif any(member.suffix == ".zip" or (member.suffix == ".xml" and is_map(member)) for member in members):
        for sheet in moj_xml.read_members(members, label):
            yield sheet.table
    elif mains := [member for member in members if member.suffix in (".csv", ".tsv", ".xlsx")]:
        yield from _read_each(_named(mains, label, layer_name), members, encoding)
    else:
        raise UnsupportedFileError(f"{label} の中に読める形式のファイルがありません（{READABLE}）。")


def _read_each(mains: list[Member], members: list[Member], encoding: str | None) -> Iterator[SourceTable]:
    for main in mains:
        yield from _read_one(main, members, encoding, None)


def _named(mains: list[Member], label: str, wanted: str | None) -> list[Member]:
    """All of them, or those with the wanted name; UnreadableFileError tells which there are."""
    chosen = [member for member in mains if wanted in (None, member.stem)]
    if not chosen:
        names = "・".join(sorted({member.stem for member in mains})[:10])
        raise UnreadableFileError(f"{label} に「{wanted}」はありません（あるのは {names}）。")
    return chosen


def _vector_mains(members: list[Member]) -> list[Member]:
    """One file per data set: 国土数値情報 zips hold the same rows as .shp, .geojson and .gml, and in two encodings."""
    for suffixes in ({".shp"}, {".gpkg"}, {".fgb"}, vector.GEOJSON_SUFFIXES):
        found = [member for member in members if member.suffix in suffixes]
        if found:
            return sorted(_without_twins(found), key=lambda member: member.name)
    return []


def _without_twins(members: list[Member]) -> list[Member]:
    """Leaves out the Shift-JIS copy where a UTF-8 copy of the same name stands in a folder beside it."""
    utf8 = {member.stem for member in members if "utf-8" in _folders(member)}
    return [member for member in members if not (member.stem in utf8 and "shift-jis" in _folders(member))]


def _folders(member: Member) -> set[str]:
    return {part.lower() for part in PurePosixPath(member.name).parts[:-1]}
