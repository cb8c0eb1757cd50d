"""What a Shapefile needs before GDAL may read it: the encoding of its .dbf, its .prj, a .shx, and names of ours."""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from gis.errors import UnreadableFileError
from gis.formats.archive import Member
from gis.formats.encodings import strict
from gis.formats.source_crs import from_wkt
from gis.formats.table import SourceCrs

SHP_MAGIC = struct.pack(">i", 9994)
_LDID_ENCODINGS = {0x13: "cp932", 0x7B: "cp932"}
"""Language driver bytes of a .dbf that mean Japanese: 0x13 (dBASE, Shift-JIS), 0x7B (FoxPro, Japanese Windows)."""

_CPG_NAMES = {
    "UTF-8": "utf-8", "UTF8": "utf-8", "65001": "utf-8", "932": "cp932", "CP932": "cp932", "SJIS": "cp932",
    "SHIFT_JIS": "cp932", "SHIFT-JIS": "cp932", "SHIFTJIS": "cp932", "MS932": "cp932", "WINDOWS-31J": "cp932",
    "ANSI 932": "cp932", "88591": "latin-1", "ISO-8859-1": "latin-1", "ISO88591": "latin-1", "EUC-JP": "euc_jp",
}  # fmt: skip


@dataclass(frozen=True)
class ShapefileParts:
    """The files that make up one Shapefile; only one of `shp` and `dbf` may be missing."""

    label: str
    shp: Member | None
    dbf: Member | None
    shx: Member | None
    prj: Member | None
    cpg: Member | None


def parts_of(main: Member, members: Sequence[Member]) -> ShapefileParts:
    """The files that stand beside `main` under the same name, whatever the case of their letters."""
    wanted = str(PurePosixPath(main.name).with_suffix("")).lower()
    beside = {
        member.suffix: member for member in members if str(PurePosixPath(member.name).with_suffix("")).lower() == wanted
    }
    return ShapefileParts(main.label, *(beside.get(suffix) for suffix in (".shp", ".dbf", ".shx", ".prj", ".cpg")))


def notes_of(parts: ShapefileParts, encoding: str | None) -> Iterator[str]:
    """What was missing and what was done instead."""
    if parts.shp is not None and parts.shx is None:
        yield ".shx がないため作り直して読んだ"
    if parts.dbf is None:
        yield ".dbf がないため属性はない"
    elif parts.shp is None:
        yield ".shp がないため属性だけを読んだ"
    if encoding:
        yield f"属性の文字コードは {encoding.upper()} として読んだ" + ("" if parts.cpg else "（.cpg なし）")


def crs_of(parts: ShapefileParts) -> SourceCrs:
    """The .prj's CRS; nothing is assumed when there is none."""
    if parts.prj is None:
        return SourceCrs(".prj なし")
    text = parts.prj.head(65_536).decode("utf-8", errors="replace").strip("\ufeff\0 \r\n\t")
    return from_wkt(text) if text else SourceCrs(".prj が空")


def stage(parts: ShapefileParts, folder: Path) -> Path:
    """The .shp, .dbf and .shx under our own names in `folder`; .prj and .cpg are read here and kept from GDAL."""
    if parts.shp is not None:
        _check_shp(parts.shp)
    for suffix, member in ((".shp", parts.shp), (".dbf", parts.dbf), (".shx", parts.shx)):
        if member is not None:
            member.stage(folder / f"source{suffix}")
    if parts.shp is not None and parts.shx is None:
        (folder / "source.shx").write_bytes(index_of(parts.shp.read(), parts.shp.label))
    return folder / ("source.shp" if parts.shp is not None else "source.dbf")


def index_of(shp: bytes, label: str) -> bytes:
    """The .shx of a .shp: where each record starts and how long it is, in 16-bit words (ESRI paper of 1998, p. 23)."""
    entries = bytearray()
    position = 100
    while position + 8 <= len(shp):
        _number, words = struct.unpack(">ii", shp[position : position + 8])
        if words < 2 or position + 8 + words * 2 > len(shp):
            raise UnreadableFileError(
                f"{label} は {len(entries) // 8 + 1:,} 件目で壊れています。もう一度取得してください。"
            )
        entries += struct.pack(">ii", position // 2, words)
        position += 8 + words * 2
    header = bytearray(shp[:100])
    header[24:28] = struct.pack(">i", (100 + len(entries)) // 2)
    return bytes(header + entries)


def _check_shp(shp: Member) -> None:
    head = shp.head(100)
    if len(head) < 100 or head[:4] != SHP_MAGIC:
        raise UnreadableFileError(f"{shp.label} は Shapefile ではありません。")
    stated = struct.unpack(">i", head[24:28])[0] * 2
    if shp.size < stated:
        raise UnreadableFileError(
            f"{shp.label} は途中で切れています（{stated:,} バイトのうち {shp.size:,} バイト）。"
            "もう一度取得してください。"
        )


def encoding_of(parts: ShapefileParts, wanted: str | None) -> str | None:
    """The encoding of the attributes: as asked, else .cpg, else the .dbf's language byte, else UTF-8 or CP932 by trial.

    Whatever was chosen must decode every value; UnreadableFileError when it does not. None without attributes.
    """
    if parts.dbf is None:
        return None
    raw = parts.dbf.read()
    fields = _text_fields(raw, parts.dbf.label)
    stated = wanted or (_cpg(parts.cpg) if parts.cpg else None) or _LDID_ENCODINGS.get(raw[29])
    for candidate in [stated] if stated else ["utf-8", "cp932"]:
        if _decodes(raw, fields, candidate):
            return candidate
    tried = f"{stated.upper()} として" if stated else "UTF-8 としても CP932 としても"
    raise UnreadableFileError(
        f"{parts.dbf.label} の文字は{tried}読めません。--encoding で文字コードを指定してください。"
    )


def _cpg(cpg: Member) -> str | None:
    name = cpg.head(64).decode("ascii", errors="replace").strip("\ufeff\0 \r\n\t").upper()
    if not name:
        return None
    if name not in _CPG_NAMES:
        raise UnreadableFileError(f"{cpg.label} の文字コード「{name}」は分かりません。--encoding で指定してください。")
    return _CPG_NAMES[name]


def _text_fields(raw: bytes, label: str) -> list[tuple[int, int]]:
    """Offset and length of each character field within a record."""
    if len(raw) < 33:
        raise UnreadableFileError(f"{label} は途中で切れています。もう一度取得してください。")
    count, header, length = struct.unpack("<IHH", raw[4:12])
    if len(raw) < header + count * length or length == 0:
        raise UnreadableFileError(f"{label} は途中で切れています（{count:,} 件のはず）。もう一度取得してください。")
    fields, position, offset = [], 32, 1
    while position + 32 <= header and raw[position] != 0x0D:
        width = raw[position + 16]
        if chr(raw[position + 11]) == "C":
            width += raw[position + 17] << 8  # Clipper and others store long text with a second length byte.
            fields.append((offset, width))
        offset += width
        position += 32
    return fields


def _decodes(raw: bytes, fields: list[tuple[int, int]], encoding: str) -> bool:
    """True when field names and character values are text in `encoding`; a value cut in mid-character is tolerated."""
    count, header, length = struct.unpack("<IHH", raw[4:12])
    names = [raw[at : at + 11].split(b"\0")[0] for at in range(32, header - 32, 32) if raw[at] != 0x0D]
    if not all(_is_text(name, encoding) for name in names):
        return False
    body = raw[header : header + count * length]
    try:
        strict(body, encoding)
    except UnicodeDecodeError:
        records = (body[start : start + length] for start in range(0, len(body), length))
        return all(
            _is_text(record[offset : offset + width], encoding) for record in records for offset, width in fields
        )
    return True


def _is_text(value: bytes, encoding: str) -> bool:
    try:
        strict(value, encoding)
    except UnicodeDecodeError as error:
        # A writer that cuts at the field's width may leave half a character at the very end.
        return error.start >= len(value) - 3 and error.reason in _CUT_SHORT
    return True


_CUT_SHORT = frozenset({"unexpected end of data", "incomplete multibyte sequence"})
