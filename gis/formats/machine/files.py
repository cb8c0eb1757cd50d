"""The one door for machines' files: writing by a format's name, reading by what a file holds."""

import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from io import BytesIO
from pathlib import Path, PurePosixPath

from gis.crs import Grids
from gis.errors import UnreadableFileError, UnsupportedFileError
from gis.formats.archive import Member, file_member, folder_members, unzipped
from gis.formats.machine import gpx, isoxml_reading, isoxml_writing, kml, sima
from gis.formats.machine.isoxml_files import is_task_file
from gis.formats.machine.isoxml_words import ROOT
from gis.formats.machine.model import MachineField
from gis.formats.machine.rings import doubts
from gis.formats.machine.safe_xml import MOST_BYTES, root_name
from gis.formats.writing.errors import UnwritableError

READABLE = "読めるのは ISOXML（TASKDATA）・SIMA・Shapefile・KML・GeoJSON・GPX と、その zip"
MOST_FILES = 2_000
"""A task set of a whole season has some hundreds."""
MOST_GATHERED = 256 * 1024**2
DATUM = "位置は JGD2011 の経緯度です。機械の WGS 84 として使えます（RTK 基準局が JGD2011 のとき、差は測位の誤差に入ります）。"
NOT_A_BOUNDARY = "現地で測った位置であり、筆界（境界）を確定するものではありません。"
_HEAD_BYTES = 65_536
_SHP_MAGIC = b"\x00\x00\x27\x0a"
_BOMS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True)
class MachineFormat:
    """One format by the name it is asked for."""

    name: str
    title: str
    suffix: str
    media_type: str


FORMATS: Mapping[str, MachineFormat] = {
    item.name: item
    for item in (
        MachineFormat("isoxml4", "ISOXML 4版", ".zip", "application/zip"),
        MachineFormat("isoxml3", "ISOXML 3版", ".zip", "application/zip"),
        MachineFormat("sima", "SIMA", ".sim", "text/plain; charset=Shift_JIS"),
        MachineFormat("shp", "Shapefile", ".zip", "application/zip"),
        MachineFormat("kml", "KML", ".kml", "application/vnd.google-earth.kml+xml"),
        MachineFormat("geojson", "GeoJSON", ".geojson", "application/geo+json"),
        MachineFormat("gpx", "GPX", ".gpx", "application/gpx+xml"),
    )
}


@dataclass(frozen=True)
class MachineFile:
    """A file to hand over, and what it does not hold of the fields, in sentences."""

    name: str
    media_type: str
    content: bytes
    notes: tuple[str, ...]


def format_named(name: str) -> MachineFormat:
    """The format of that name. Raises UnwritableError with the names that there are."""
    if name not in FORMATS:
        raise UnwritableError(f"形式「{name[:40]}」では書き出せません。使えるのは {'、'.join(FORMATS)} です。")
    return FORMATS[name]


def write(
    name: str,
    fields: Sequence[MachineField],
    *,
    stem: str = "fields",
    zone_epsg: int = 6677,
    remarks: Sequence[str] = (),
) -> MachineFile:
    """Writes fields; `stem` begins the file's name, `zone_epsg` is the plane zone of SIMA, `remarks` join the notes.

    Raises UnwritableError for an unknown format and for fields that no file holds.
    """
    wanted = format_named(name)
    content, losses = _content(wanted, fields, zone_epsg)
    notes = (*dict.fromkeys((*losses, *remarks)), DATUM)
    if isinstance(content, dict):
        content = zipped({**content, "README.txt": _readme(wanted, notes)})
    return MachineFile(f"{stem}-{name}{wanted.suffix}", wanted.media_type, content, notes)


def _content(
    wanted: MachineFormat, fields: Sequence[MachineField], zone_epsg: int
) -> tuple[bytes | dict[str, bytes], list[str]]:
    """The file, or the files of its zip, and what they do not hold."""
    if wanted.name in ("isoxml4", "isoxml3"):
        document, notes = isoxml_writing.document(fields, int(wanted.name[-1]))
        return {"TASKDATA/TASKDATA.XML": document}, notes
    if wanted.name == "shp":
        from gis.formats.machine import shapefile_writing

        return shapefile_writing.parts_of(fields)
    if wanted.name == "sima":
        return sima.document(fields, zone_epsg)
    if wanted.name == "geojson":
        from gis.formats.machine import geojson_writing

        return geojson_writing.document(fields)
    return kml.document(fields) if wanted.name == "kml" else gpx.document(fields)


def _readme(wanted: MachineFormat, notes: Sequence[str]) -> bytes:
    lines = [f"おのマップから書き出した圃場（{wanted.title}）", NOT_A_BOUNDARY, *notes, ""]
    return ("\ufeff" + "\r\n".join(lines)).encode()


def zipped(files: Mapping[str, bytes]) -> bytes:
    """A zip of these files; the same files make the same bytes."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def gathered(path: Path) -> bytes:
    """What is to be sent of a file, with what it cannot do without, in one: a folder, a .shp or a TASKDATA.XML as a zip.

    Raises UnreadableFileError for what is not there or too large.
    """
    if path.is_dir():
        members = folder_members(path)
    else:
        main = file_member(path)
        members = [main]
        if main.suffix == ".shp" or is_task_file(main):
            beside = (other for other in sorted(path.parent.iterdir()) if other.is_file())
            members = [file_member(other) for other in beside if is_task_file(main) or other.stem == path.stem]
    if len(members) > MOST_FILES or sum(member.size for member in members) > MOST_GATHERED:
        raise UnreadableFileError(f"{path.name} は大きすぎます。圃場のファイルだけにしてください。")
    if path.is_file() and len(members) == 1:
        return members[0].read()
    return zipped({member.name: member.read() for member in members})


@dataclass(frozen=True)
class Asked:
    """What the asker knows of a file that does not say it: its plane zone, and the grids of older datums."""

    zone_epsg: int | None = None
    grids: Grids = field(default_factory=Grids)


def read(source: Path | bytes, name: str = "", asked: Asked | None = None) -> list[MachineField]:
    """The fields of a file, a folder or a zip, recognised by what is in it; each carries what could not be taken over.

    Positions are degrees in JGD2011. Raises UnsupportedFileError for what no reader takes, UnreadableFileError for what is
    damaged, unsafe, too large or swaps latitude and longitude, CrsError where it is not said where on earth it is.
    """
    asked = asked or Asked()
    if isinstance(source, Path):
        name = name or source.name
        if source.is_dir():
            return _with_doubts(_read_members(folder_members(source), name, asked))
        main = replace(file_member(source), label=name)
        beside = [file_member(path) for path in sorted(source.parent.iterdir()) if path.is_file()]
    else:
        raw = source
        main = Member(PurePosixPath(name).name or "file", name or "ファイル", len(raw), lambda: BytesIO(raw))
        beside = [main]
    if main.head(4) == b"PK\x03\x04":
        with unzipped(source, name) as members:
            return _with_doubts(_read_members(members, name, asked))
    return _with_doubts(_read_one(main, beside, asked))


def _with_doubts(fields: Sequence[MachineField]) -> list[MachineField]:
    return [replace(item, notes=(*item.notes, *doubts(item))) for item in fields]


def _read_members(members: Sequence[Member], label: str, asked: Asked) -> list[MachineField]:
    """A task set first, then Shapefiles, then each other file that is taken; what else lies beside is let be."""
    if len(members) > MOST_FILES:
        raise UnreadableFileError(
            f"{label} のファイルは{len(members):,}個あり、多すぎます。圃場のファイルだけにしてください。"
        )
    if mains := [member for member in members if is_task_file(member)]:
        return [item for main in mains for item in isoxml_reading.read(main, members)]
    if mains := [member for member in members if member.suffix == ".shp"]:
        return _shapefiles(mains, members, asked)
    readers = [(member, _reader(member)) for member in members]
    fields = [item for member, reader in readers if reader is not None for item in reader(member, asked)]
    if not fields:
        raise UnsupportedFileError(f"{label} の中に読める圃場のファイルがありません（{READABLE}）。")
    return fields


def _read_one(main: Member, beside: Sequence[Member], asked: Asked) -> list[MachineField]:
    if main.size == 0:
        raise UnreadableFileError(f"{main.label} は空です。もう一度書き出してください。")
    head = main.head(_HEAD_BYTES)
    if head.startswith(_SHP_MAGIC):
        if len(beside) == 1:
            raise UnreadableFileError(
                f"{main.label} だけでは読めません。.shp・.shx・.dbf・.prj を1つの zip にしてください。"
            )
        return _shapefiles([main], beside, asked)
    if _looks_like_xml(head) and root_name(head, main.label) == ROOT:
        return isoxml_reading.read(main, beside)
    reader = _reader(main)
    if reader is None:
        raise UnsupportedFileError(f"{main.label} は読める形式ではありません（{READABLE}）。")
    return reader(main, asked)


def _shapefiles(mains: Sequence[Member], members: Sequence[Member], asked: Asked) -> list[MachineField]:
    if sum(member.size for member in members if member.suffix in (".shp", ".dbf", ".shx")) > 4 * MOST_BYTES:
        raise UnreadableFileError(f"{mains[0].label} は大きすぎます。圃場だけを書き出し直してください。")
    from gis.formats.machine import tables

    return tables.read_shapefiles(mains, members, zone_epsg=asked.zone_epsg, grids=asked.grids)


_Reader = Callable[[Member, Asked], list[MachineField]]


def _reader(member: Member) -> _Reader | None:
    """Who reads a single file, by its beginning; None for a file that is none of ours."""
    head = member.head(_HEAD_BYTES)
    if _looks_like_xml(head):
        return {"kml": _kml, "gpx": _gpx}.get(root_name(head, member.label))
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"{"):
        return _geojson
    return _sima if sima.RECORD.match(start[:8].decode("ascii", errors="replace")) else None


def _looks_like_xml(head: bytes) -> bool:
    for mark in _BOMS:
        head = head.removeprefix(mark)
    return head.lstrip(b" \t\r\n\0").startswith(b"<")


def _kml(member: Member, _asked: Asked) -> list[MachineField]:
    return kml.read(member)


def _gpx(member: Member, _asked: Asked) -> list[MachineField]:
    return gpx.read(member)


def _geojson(member: Member, asked: Asked) -> list[MachineField]:
    if member.size > MOST_BYTES:
        raise UnreadableFileError(
            f"{member.label} は大きすぎます（{member.size:,} バイト）。圃場だけを書き出し直してください。"
        )
    from gis.formats.machine import tables

    return tables.read_geojson(member, grids=asked.grids)


def _sima(member: Member, asked: Asked) -> list[MachineField]:
    return sima.read(member, zone_epsg=asked.zone_epsg, grids=asked.grids)
