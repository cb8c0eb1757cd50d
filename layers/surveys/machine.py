"""Surveyed fields to machines and back: boundaries in the plane into degrees, headland and guidance, and files brought in.

A file that is brought in is shown first and leaves nothing. What is kept of it is its boundary, with the error that its
bringer states for all corners: no such file says how it was measured.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256

import numpy as np

from gis.crs import Datum, Grids, geographic_epsg, plan
from gis.errors import OnomapError
from gis.formats import machine
from gis.formats.machine import GuidanceLine, MachineField, MachineFile
from gis.formats.machine.headland import HeadlandError, guidance_lines, headland
from gis.formats.machine.rings import is_ring, polygon
from gis.positioning.boundary import polygon_of
from gis.positioning.model import Epoch, FixQuality, Station, SurveyedBoundary, Vertex
from layers.store.editing.precondition import Precondition
from layers.store.errors import UnconditionalEditError
from layers.store.instance import Store
from layers.store.rights.caller import Caller
from layers.surveys.errors import SurveyRefusedError
from layers.surveys.fields import (
    Keeping,
    StoredField,
    Survey,
    keep_field,
    own_fields,
    stored_boundary,
    worst_quality,
)
from layers.surveys.reach import Reach, asking, surveying

MOST_FIELDS = 500
"""Fields of one file, either way; the town has some hundreds of farms, and 13 that shall use RTK."""
REPEATS_ITSELF = ("isoxml4", "isoxml3")
"""Formats for machines that repeat one A–B line over the field by themselves; the others get every swath."""
Metres = tuple[float, float]


@dataclass(frozen=True)
class Wish:
    """What a file shall hold: its format, how wide a headland is left (metres), the working width of guidance (metres)."""

    form: str
    headland_m: float | None = None
    width_m: float | None = None


@dataclass(frozen=True)
class Claim:
    """What the bringer of a file says of it: the day of the survey, and how far off its corners may be (one axis, metres)."""

    surveyed_on: date
    accuracy_m: float


@dataclass(frozen=True)
class Brought:
    """A file as it was sent, and which of its fields are meant (counted from 1; none means all)."""

    name: str
    content: bytes
    numbers: Sequence[int] = ()


@dataclass(frozen=True)
class Replacing:
    """The field that the one of a file becomes a new version of, and the version it is made from."""

    field_id: str
    match: Precondition | None


def machine_file(store: Store, caller: Caller, field_ids: Sequence[str], wish: Wish) -> tuple[MachineFile, list[str]]:
    """A file of these fields (all that the caller may see where none is named), and the ids of those in it.

    Raises UnknownFieldError, NotSurveyorError, SurveyRefusedError for none or too many, HeadlandError, UnwritableError.
    """
    machine.format_named(wish.form)
    if field_ids:
        found = [stored_boundary(store, caller, field_id) for field_id in dict.fromkeys(field_ids)]
    else:
        found = own_fields(store, caller)
    if not found:
        raise SurveyRefusedError("書き出せる圃場がありません。先に圃場を測って保存してください。")
    if len(found) > MOST_FIELDS:
        raise SurveyRefusedError(
            f"圃場が{len(found):,}筆あります。1つのファイルは{MOST_FIELDS}筆までです。選んでください。"
        )
    fields = [as_machine_field(one, wish, caller) for one in found]
    remarks = [remark for one in found for remark in _remarks(one)]
    stem = f"onomap-{_ascii(found[0].field_id)}" if len(found) == 1 else f"onomap-{len(found)}fields"
    file = machine.write(wish.form, fields, stem=stem, zone_epsg=store.town.srid, remarks=remarks)
    return file, [one.field_id for one in found]


def _ascii(field_id: str) -> str:
    return (
        "".join(letter for letter in field_id if letter.isascii() and (letter.isalnum() or letter in "-_"))[:40]
        or "field"
    )


def as_machine_field(stored: StoredField, wish: Wish, caller: Caller) -> MachineField:
    """A kept field as a machine takes it: degrees of JGD2011, with headland and guidance as wished. Raises HeadlandError."""
    boundary = stored.boundary
    outer, *inners = ([(vertex.x, vertex.y) for vertex in ring] for ring in boundary.rings)
    try:
        edge = None if wish.headland_m is None else headland(outer, inners, wish.headland_m)
        lines = _guidance(outer, inners, wish)
    except HeadlandError as error:
        raise HeadlandError(f"「{stored.field_name}」: {error}") from error
    epsg = boundary.plane_epsg
    owner = stored.owner or ""
    return MachineField(
        id=stored.field_id,
        name=stored.field_name or stored.field_id,
        outer=_degrees(outer, epsg),
        inners=tuple(_degrees(inner, epsg) for inner in inners),
        headland=None if edge is None else _degrees(edge, epsg),
        guidance=tuple(
            GuidanceLine(f"AB{at}", _degrees(line, epsg), wish.width_m) for at, line in enumerate(lines, start=1)
        ),
        area_m2=round(stored.area_m2, 2),
        farmer=caller.name if owner == caller.account else owner,
    )


def _guidance(outer: list[Metres], inners: list[list[Metres]], wish: Wish) -> list[list[Metres]]:
    if wish.width_m is None:
        return []
    swaths = guidance_lines(outer, inners, wish.width_m, wish.headland_m or 0.0)
    wanted = swaths[:1] if wish.form in REPEATS_ITSELF else swaths
    return [[swath.start, swath.end] for swath in wanted]


def _degrees(places: Sequence[Metres], epsg: int) -> tuple[Metres, ...]:
    xy = np.asarray(places, dtype=np.float64)
    lon, lat, _lost = plan(epsg, geographic_epsg(Datum.JGD2011), Grids()).move(xy[:, 0], xy[:, 1])
    return tuple(zip(lon.tolist(), lat.tolist(), strict=True))


def _remarks(stored: StoredField) -> list[str]:
    """What a driver must know of the line that the machine will follow."""
    name, found = stored.field_name or stored.field_id, []
    if worst_quality(stored.boundary) is not FixQuality.RTK_FIXED:
        error = f"標準誤差は最大 {stored.std_error_m:.2f} m"
        found.append(f"「{name}」の境界には、RTK 固定解でない点か、測り方の分からない点があります（{error}）。")
    if stored.station.epoch is Epoch.CURRENT:
        found.append(
            f"「{name}」は今期の座標です。元期の地図や基準局とは、地殻変動の分（数十 cm）ずれます。"
            "測ったときと同じ基準局で使ってください。"
        )
    return found


def brought_in(store: Store, brought: Brought) -> list[MachineField]:
    """The fields of a file, for a look at them; nothing is kept.

    Raises UnreadableFileError, UnsupportedFileError, CrsError, SurveyRefusedError for too many.
    """
    asked = machine.Asked(store.town.srid, store.settings.grids)
    fields = machine.read(brought.content, brought.name, asked)
    if len(fields) > MOST_FIELDS:
        raise SurveyRefusedError(
            f"圃場が{len(fields):,}筆あります。1つのファイルは{MOST_FIELDS}筆までです。分けてください。"
        )
    west, south, east, north = store.town.bbox
    return [
        item
        if all(west <= lon <= east and south <= lat <= north for lon, lat in item.outer)
        else replace(
            item, notes=(*item.notes, f"{store.town.name}の外にかかる位置です。座標系とファイルを確かめてください。")
        )
        for item in fields
    ]


def hindrance(item: MachineField) -> str | None:
    """Why a field of a file cannot be kept, in a sentence; None when it can."""
    if not is_ring(item.outer):
        return f"「{item.name}」には境界がないため、圃場として保存できません。"
    if not polygon(item.outer, item.inners).is_valid:
        return (
            f"「{item.name}」の境界線が自分と交わるか、内側の境界がはみ出しているため、保存できません。直してください。"
        )
    return None


def keep_brought(
    store: Store,
    caller: Caller,
    origin: str | None,
    brought: Brought,
    claim: Claim,
    replacing: Replacing | None = None,
) -> list[tuple[StoredField, bool]]:
    """Keep fields of a file as rows of `rtk_fields`, and say of each whether it is new; `store` is the whole one.

    All are checked before the first is kept. The same file brought again finds the same fields, whatever stopped it before.
    A farmer's are the farmer's own, those of who looks after all fields are nobody's yet. Raises what `brought_in` and
    `keep_field` raise, and SurveyRefusedError.
    """
    asker = surveying(store, caller)
    chosen = _chosen(brought_in(store, brought), brought.numbers)
    for _number, item in chosen:
        if (why := hindrance(item)) is not None:
            raise SurveyRefusedError(why)
    if replacing is not None and len(chosen) != 1:
        raise SurveyRefusedError("測り直しとして保存するときは、ファイルの圃場を1筆だけ選んでください。")
    owner = None if asker.reach is Reach.KEEP else caller.account
    boundaries = [_boundary(item, store.town.srid, claim) for _number, item in chosen]
    kept = []
    for (number, item), boundary in zip(chosen, boundaries, strict=True):
        own_id = _field_id(brought, number, caller) if replacing is None else replacing.field_id
        survey = Survey(item.name[:120], claim.surveyed_on, _station(brought.name))
        keeping = Keeping(survey, boundary, own_id, owner, must_exist=replacing is not None)
        match = None if replacing is None else replacing.match
        try:
            kept.append(keep_field(store, caller, origin, keeping, match))
        except UnconditionalEditError as error:
            if replacing is not None:
                raise
            raise SurveyRefusedError(
                f"このファイルの「{item.name}」は、別の誤差や直した形でもう保存されています。測り直しとして保存してください。"
            ) from error
    return kept


def may_take_all(store: Store, caller: Caller) -> bool:
    """Whether the asker sees fields that are not the asker's own, so that taking them out asks for the right to export."""
    return asking(store, caller).reach is not Reach.OWN


def _chosen(fields: Sequence[MachineField], numbers: Sequence[int]) -> list[tuple[int, MachineField]]:
    wanted = list(dict.fromkeys(numbers)) or list(range(1, len(fields) + 1))
    if not all(1 <= number <= len(fields) for number in wanted):
        raise SurveyRefusedError(f"ファイルの圃場は{len(fields)}筆です。1から{len(fields)}の番号で選んでください。")
    return [(number, fields[number - 1]) for number in wanted]


def _field_id(brought: Brought, number: int, caller: Caller) -> str:
    """The id of a new field: the same for the same file of the same bringer, and no one can choose another's."""
    digest = sha256(f"{caller.account}/{sha256(brought.content).hexdigest()}/{number}".encode())
    return f"M-{digest.hexdigest()[:10].upper()}"


def _station(file_name: str) -> Station:
    return Station("", "", "JGD2011", Epoch.REFERENCE, f"ファイル「{file_name[:80]}」（測り方の記録なし）")


def _boundary(item: MachineField, epsg: int, claim: Claim) -> SurveyedBoundary:
    to_plane = plan(geographic_epsg(Datum.JGD2011), epsg, Grids())
    rings = []
    for ring in (item.outer, *item.inners):
        lon_lat = np.asarray(ring, dtype=np.float64)
        x, y, lost = to_plane.move(lon_lat[:, 0], lon_lat[:, 1])
        if lost.any():
            raise SurveyRefusedError(
                f"「{item.name}」は町の平面直角座標系で表せない位置です。ファイルを確かめてください。"
            )
        rings.append(
            tuple(Vertex(a, b, claim.accuracy_m, None, 0) for a, b in zip(x.tolist(), y.tolist(), strict=True))
        )
    return SurveyedBoundary(rings[0], tuple(rings[1:]), epsg)


def measured_m2(item: MachineField, epsg: int) -> float | None:
    """The area of a field of a file in the town's plane, in square metres; None without a sound boundary.

    The plane's scale is within 1 in 10,000 of the ground's.
    """
    if hindrance(item) is not None:
        return None
    try:
        boundary = _boundary(item, epsg, Claim(date.min, 1.0))
    except OnomapError:
        return None
    return float(polygon_of(boundary).area)
