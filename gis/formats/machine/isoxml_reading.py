"""ISOXML (ISO 11783-10, versions 3 and 4) into fields: boundaries with their holes, headland and guidance lines."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from lxml import etree

from gis.errors import UnreadableFileError
from gis.formats.archive import Member
from gis.formats.machine.isoxml_areas import Areas, areas_of
from gis.formats.machine.isoxml_files import TaskSet, task_set
from gis.formats.machine.isoxml_lines import Lines, is_guidance, take_group, take_path
from gis.formats.machine.isoxml_words import LINE_NAMES
from gis.formats.machine.model import MachineField
from gis.formats.machine.rings import covers, is_ring
from gis.formats.machine.safe_xml import children, local_name

_TAKEN = ("PLN", "LSG", "GGP")


def read(main: Member, members: Sequence[Member]) -> list[MachineField]:
    """The fields of a TASKDATA.XML; `members` are the files that may stand beside it.

    A field of several parts becomes several. One without a boundary has an empty `outer`. Raises UnreadableFileError and
    UnsupportedFileError.
    """
    tasks = task_set(main, members)
    partfields = list(tasks.of("PFD"))
    if not partfields:
        raise UnreadableFileError(
            f"{main.label} に圃場（PFD）がありません。機械から圃場を書き出したファイルを指定してください。"
        )
    farmers = _farmers(tasks)
    ids = _ids(partfields)
    fields = [
        field
        for partfield, own_id in zip(partfields, ids, strict=True)
        for field in _fields(partfield, own_id, farmers, tasks)
    ]
    return [replace(field, notes=(*field.notes, *tasks.notes)) for field in fields]


def _ids(partfields: Sequence[etree._Element]) -> list[str]:
    """The code (B) where every field has one of its own, which is where this program keeps its ids; else the id (A)."""
    codes = [partfield.get("B", "").strip() for partfield in partfields]
    if all(codes) and len(set(codes)) == len(codes):
        return codes
    return [partfield.get("A", "").strip() or f"PFD{at}" for at, partfield in enumerate(partfields, start=1)]


def _farmers(tasks: TaskSet) -> Mapping[str, str]:
    """Names by id: of customers (family name first), and of farms by their customer or else by themselves."""
    names = {}
    for customer in tasks.of("CTR"):
        names[customer.get("A", "")] = f"{customer.get('B', '')} {customer.get('C', '')}".strip()
    for farm in tasks.of("FRM"):
        names[farm.get("A", "")] = names.get(farm.get("I", "")) or farm.get("B", "").strip()
    return names


def _fields(
    partfield: etree._Element, own_id: str, farmers: Mapping[str, str], tasks: TaskSet
) -> Iterator[MachineField]:
    name = partfield.get("C", "").strip() or own_id
    label = f"{tasks.label} の圃場「{name}」"
    areas, lines = areas_of(partfield, label), _lines(partfield, label)
    whole = MachineField(
        own_id,
        name,
        outer=(),
        headland=areas.headland,
        guidance=tuple(lines.found),
        area_m2=_area(partfield, areas),
        farmer=farmers.get(partfield.get("E", "")) or farmers.get(partfield.get("F", "")) or "",
    )
    notes = (*areas.notes, *lines.notes)
    if not areas.parts:
        yield replace(whole, notes=(*notes, "境界がない圃場です（誘導線などだけがあります）。"))
    elif len(areas.parts) == 1:
        part = areas.parts[0]
        yield replace(whole, outer=part.outer, inners=tuple(part.inners), notes=notes)
    else:
        yield from _divided(replace(whole, notes=notes), areas)


def _divided(whole: MachineField, areas: Areas) -> Iterator[MachineField]:
    """A field of several parts; headland and guidance go with the part they lie in, guidance that lies in none with the first."""
    count = len(areas.parts)
    note = f"「{whole.name}」は{count}つに離れているため、{count}筆の圃場に分けました。"
    headland_at = next((at for at, part in enumerate(areas.parts) if _lies_in(whole.headland, part.outer)), 0)
    homes = [
        next((at for at, part in enumerate(areas.parts) if covers(part.outer, _sliver(line.positions))), 0)
        for line in whole.guidance
    ]
    for at, part in enumerate(areas.parts):
        yield replace(
            whole,
            id=f"{whole.id}-{at + 1}",
            name=f"{whole.name}（{at + 1}/{count}）",
            outer=part.outer,
            inners=tuple(part.inners),
            headland=whole.headland if at == headland_at else None,
            guidance=tuple(line for line, home in zip(whole.guidance, homes, strict=True) if home == at),
            area_m2=None,
            notes=(*whole.notes, note),
        )


def _lies_in(ring: Sequence[tuple[float, float]] | None, outer: Sequence[tuple[float, float]]) -> bool:
    return ring is not None and is_ring(ring) and covers(outer, ring)


def _sliver(places: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """A ring about the middle of a line, a hand wide, to ask where the line lies."""
    (first_x, first_y), (last_x, last_y) = places[0], places[-1]
    x, y, hand = (first_x + last_x) / 2, (first_y + last_y) / 2, 1e-6
    return [(x - hand, y - hand), (x + hand, y - hand), (x, y + hand)]


def _lines(partfield: etree._Element, label: str) -> Lines:
    lines = Lines(label)
    other_lines: dict[str, int] = {}
    others: dict[str, int] = {}
    for child in children(partfield):
        name = local_name(child)
        if name == "GGP":
            take_group(child, lines)
        elif name == "LSG" and is_guidance(child):
            take_path(child, lines)
        elif name == "LSG":
            kind = LINE_NAMES.get(child.get("A", ""), "種類の分からない線")
            other_lines[kind] = other_lines.get(kind, 0) + 1
        elif name not in _TAKEN:
            others[name] = others.get(name, 0) + 1
    for kind, count in other_lines.items():
        lines.note(f"{kind} {count}本は取り込みません。")
    for name, count in others.items():
        lines.note(f"{'点（旗など）' if name == 'PNT' else name} {count}個は取り込みません。")
    return lines


def _area(partfield: etree._Element, areas: Areas) -> float | None:
    """PFD D in ㎡; the schema demands it, so that 0 stands for not known."""
    text = partfield.get("D", "").strip()
    if text and not text.isdecimal():
        areas.note(f"面積「{text[:20]}」は読めないため使いません。")
        return None
    return float(text[:15]) or None if text else None
