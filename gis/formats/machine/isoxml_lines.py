"""Points, lines and guidance of ISOXML: LSG with its PNT, GGP with its GPN."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from lxml import etree

from gis.errors import UnreadableFileError, UnsupportedFileError
from gis.formats.machine.isoxml_words import LineType, PatternType, PointType
from gis.formats.machine.model import GuidanceLine, Position
from gis.formats.machine.rings import GEOD, number, position
from gis.formats.machine.safe_xml import children

A_PLUS_M = 100.0
"""How far the second position of a line by point and bearing is set."""


@dataclass
class Lines:
    """The guidance of one field as it is gathered, and what could not be carried over."""

    label: str
    found: list[GuidanceLine] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def note(self, sentence: str) -> None:
        """Says it once."""
        if sentence not in self.notes:
            self.notes.append(sentence)

    def add(self, name: str, places: Sequence[Position], width_m: float | None) -> None:
        """Takes one line; a nameless one is numbered."""
        self.found.append(GuidanceLine(name or f"誘導線{len(self.found) + 1}", tuple(places), width_m))


def positions(line: etree._Element, label: str) -> Iterator[Position]:
    """The positions of an LSG: longitude from D, latitude from C.

    Raises UnsupportedFileError for points that stand in a binary file, UnreadableFileError for what is no position.
    """
    for point in children(line, "PNT"):
        if point.get("J"):
            raise UnsupportedFileError(
                f"{label} は点の位置を別のバイナリファイル（PNT…BIN）に分けています。この形は読めません。"
                "機械の設定で「点を XML に書く」を選んで書き出し直してください。"
            )
        yield position(number(point.get("D", ""), label), number(point.get("C", ""), label), label)


def width_of(line: etree._Element, label: str) -> float | None:
    """LSG C in metres; None where it is not stated or zero."""
    text = line.get("C", "").strip()
    return number(text, label) / 1000 or None if text else None


def take_path(line: etree._Element, lines: Lines) -> None:
    """Takes an LSG 5 that stands in the field itself, as version 3 has it."""
    places = list(positions(line, lines.label))
    if len(places) < 2:
        lines.note(f"誘導線「{line.get('B', '')}」は点が足りないため取り込みません。")
        return
    lines.add(line.get("B", "").strip(), places, width_of(line, lines.label))


def take_group(group: etree._Element, lines: Lines) -> None:
    """Takes the patterns of a GGP."""
    if any(True for _ in children(group, "PLN")):
        lines.note("誘導線を使う範囲の指定（GGP・GPN の面）は引き継ぎません。")
    for pattern in children(group, "GPN"):
        _take_pattern(pattern, (pattern.get("B") or group.get("B") or "").strip(), lines)


def _take_pattern(pattern: etree._Element, name: str, lines: Lines) -> None:
    if any(True for _ in children(pattern, "PLN")):
        lines.note("誘導線を使う範囲の指定（GGP・GPN の面）は引き継ぎません。")
    if pattern.get("E", "1") != "1" or pattern.get("F", "1") != "1":
        lines.note("誘導線を広げる方向と延ばし方の指定は引き継ぎません。")
    if any(":" not in key and len(key) > 1 for key in map(str, pattern.keys())):
        lines.note("誘導線についての機械メーカー独自の指定は引き継ぎません。")
    line = next(children(pattern, "LSG"), None)
    if line is None:
        lines.note(f"誘導線「{name}」には位置がないため取り込みません。")
        return
    places = _places(pattern, line, name, lines)
    if places is not None:
        lines.add(name, places, width_of(line, lines.label))


def _places(pattern: etree._Element, line: etree._Element, name: str, lines: Lines) -> Sequence[Position] | None:
    """The positions of a pattern, or None where it is no line; what was made of it is noted."""
    kind, places = pattern.get("C", "").strip(), list(positions(line, lines.label))
    if kind == PatternType.PIVOT:
        lines.note(f"誘導線「{name}」は円（ピボット）のため取り込みません。機械側で作り直してください。")
        return None
    if kind == PatternType.A_PLUS and len(places) == 1:
        lines.note(f"誘導線「{name}」は点と方位（A+）です。方位の先 {A_PLUS_M:g} m に B 点を置いた線に直しました。")
        return [places[0], _ahead(pattern, places[0], lines.label)]
    if len(places) < 2:
        lines.note(f"誘導線「{name}」は点が足りないため取り込みません。")
        return None
    if kind == PatternType.SPIRAL:
        lines.note(f"誘導線「{name}」はらせんです。同じ点を通る曲線として取り込みました。")
    if kind == PatternType.AB and len(places) > 2:
        return _ends(line, places)
    return places


def _ahead(pattern: etree._Element, start: Position, label: str) -> Position:
    text = pattern.get("G", "").strip()
    if not text:
        raise UnreadableFileError(f"{label} の点と方位（A+）の誘導線に方位がありません。ファイルを確かめてください。")
    lon, lat, _back = GEOD.fwd(start[0], start[1], number(text, label), A_PLUS_M)
    return position(lon, lat, label)


def _ends(line: etree._Element, places: Sequence[Position]) -> Sequence[Position]:
    """A and B of a straight line that has further points."""
    kinds = [point.get("A", "") for point in children(line, "PNT")]
    first = kinds.index(PointType.A) if PointType.A in kinds else 0
    last = kinds.index(PointType.B) if PointType.B in kinds else len(places) - 1
    return [places[first], places[last]]


def is_guidance(line: etree._Element) -> bool:
    """Whether an LSG is a line to follow."""
    return line.get("A", "").strip() == LineType.GUIDANCE
