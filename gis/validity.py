"""What is wrong with a geometry, how it was repaired, and which ones cannot be.

Everything is done on whole columns: of a hundred thousand parcels a few dozen are bad, and only those are looked at one by
one. Thresholds are shares of the geometry's own area, so they hold in metres and in degrees.
"""

import re

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.errors import UnsupportedFileError

Geometries = NDArray[np.object_]
Flags = NDArray[np.bool_]

# A part this small beside the whole is left over from a ring that crossed itself: 10 cm² of a field of 1,000 m².
SPECK_SHARE = 1e-6
# A repair that changes the area by more than this has guessed at the shape.
MAX_AREA_CHANGE = 0.1

_POINT, _LINE, _RING, _POLYGON = 0, 1, 2, 3
_PART_TYPES = {"MultiPolygon": {_POLYGON}, "MultiLineString": {_LINE, _RING}, "Point": {_POINT}}
_TYPES_OF_DIMENSION = {0: {_POINT}, 1: {_LINE, _RING}, 2: {_POLYGON}}
# GEOS's own words, TopologyValidationError.cpp.
_CAUSES = {
    "Ring Self-intersection": "輪が自分の頂点に触れていた",
    "Self-intersection": "境界線が自分と交差していた",
    "Too few points in geometry component": "頂点が足りない輪があった",
    "Hole lies outside shell": "穴が外周の外にあった",
    "Holes are nested": "穴の中に穴があった",
    "Nested holes": "穴の中に穴があった",
    "Interior is disconnected": "穴が外周に触れて面が分かれていた",
    "Nested shells": "面の中に面が重なっていた",
    "Duplicate Rings": "同じ輪が二重にあった",
    "Ring is not closed": "輪が閉じていなかった",
}
_REASON = re.compile(r"^(?P<cause>[^\[]+?)\s*(?:\[(?P<place>[^\]]*)\])?$")


def repair(geoms: Geometries, *, in_metres: bool = False) -> tuple[Geometries, list[str | None], Flags]:
    """Return the geometries made valid, why each was touched or refused (or None), and which were refused.

    None stays None and is no fault. A refused row keeps its geometry as it came, for the list of rejects, and must not be
    used. With `in_metres`, for plane coordinates, reasons state what became of the area in square metres; without it in
    percent, which is true in any unit.
    """
    source = np.asarray(geoms, dtype=object)
    reasons: list[str | None] = [None] * len(source)
    rejected = _without_shape(source, reasons)
    result = source.copy()
    bad = np.flatnonzero(~shapely.is_valid(source) & ~shapely.is_missing(source) & ~rejected)
    if len(bad):
        made = _made_valid(source[bad])
        _judge(source[bad], made, bad, reasons, rejected, in_metres=in_metres)
        kept = ~rejected[bad]
        result[bad[kept]] = made[kept]
    _drop_repeated_points(result, reasons, rejected)
    return result, reasons, rejected


def fault(geometry: shapely.Geometry) -> str | None:
    """Say what makes a geometry unusable as it stands, for one that is not to be repaired; None when nothing does."""
    reasons: list[str | None] = [None]
    if _without_shape(np.array([geometry], dtype=object), reasons)[0]:
        return reasons[0]
    return None if shapely.is_valid(geometry) else _cause(shapely.is_valid_reason(geometry))


def _without_shape(geoms: Geometries, reasons: list[str | None]) -> Flags:
    """Refuse what has no coordinates, or some that are not finite numbers."""
    points, row = shapely.get_coordinates(geoms, return_index=True)
    finite = np.isfinite(points)
    rejected: Flags = shapely.is_empty(geoms)
    for index in np.flatnonzero(rejected):
        reasons[index] = "図形が空です"
    for index in np.unique(row[~(finite[:, 0] & finite[:, 1])]):
        rejected[index] = True
        reasons[index] = "座標に数値でないものがあります"
    return rejected


def _made_valid(bad: Geometries) -> Geometries:
    """Return each as the valid geometry of its own dimension, without specks; None when nothing is left."""
    made = shapely.make_valid(bad, method="structure", keep_collapsed=False)
    parts, row = _simple_parts(made)
    kind, wanted = shapely.get_type_id(parts), shapely.get_dimensions(bad)[row]
    fits = np.zeros(len(parts), dtype=np.bool_)
    for dimension, types in _TYPES_OF_DIMENSION.items():
        fits |= (wanted == dimension) & np.isin(kind, list(types))
    whole = np.zeros(len(bad))
    np.add.at(whole, row[fits], shapely.area(parts[fits]))
    fits &= (shapely.area(parts) > SPECK_SHARE * whole[row]) | (wanted < 2)
    fits &= (wanted != 1) | (shapely.length(parts) > 0)
    return _gathered(parts[fits], row[fits], len(bad))


def _gathered(parts: Geometries, row: NDArray[np.int64], count: int) -> Geometries:
    """Put parts back together by row: a single one as it is, several as one multi geometry, none as None."""
    result = np.full(count, None, dtype=object)
    counts = np.bincount(row, minlength=count)
    single = counts[row] == 1
    result[row[single]] = parts[single]
    for index in np.flatnonzero(counts > 1):
        own = parts[row == index]
        build = shapely.multipolygons if shapely.get_type_id(own[0]) == _POLYGON else shapely.multilinestrings
        result[index] = build(own)
    return result


def _judge(
    bad: Geometries,
    made: Geometries,
    rows: NDArray[np.int64],
    reasons: list[str | None],
    rejected: Flags,
    *,
    in_metres: bool,
) -> None:
    """Say of each bad geometry what was wrong and what the repair did, and refuse those it did too much to."""
    causes = [_cause(text) for text in shapely.is_valid_reason(bad)]
    before, after = shapely.area(bad), shapely.area(made)
    for n, row in enumerate(rows):
        if made[n] is None:
            rejected[row] = True
            reasons[row] = f"{causes[n]}。直すと図形が残らないため除きました"
            continue
        change, unsure = after[n] - before[n], abs(after[n] - before[n]) > MAX_AREA_CHANGE * before[n]
        amount = _amount(change, before[n], in_metres=in_metres)
        rejected[row] = unsure and shapely.get_dimensions(bad[n]) == 2
        reasons[row] = (
            f"{causes[n]}。直すと面積が{amount}変わり、形を決められないため除きました"
            if rejected[row]
            else f"{causes[n]}ため直しました（面積{amount}）"
        )


def _cause(reason: str) -> str:
    found = _REASON.match(reason)
    cause, place = (found["cause"], found["place"]) if found else (reason, None)
    where = ""
    if place:
        x, _, y = place.partition(" ")
        where = f"（{x}, {y.split(' ')[0]} 付近）"
    return _CAUSES.get(cause, f"図形が正しくない（{cause}）状態だった") + where


def _amount(change: float, before: float, *, in_metres: bool) -> str:
    if in_metres:
        return "の変化なし" if abs(change) < 0.005 else f"{change:+,.2f}㎡"
    share = 100 * change / before if before else np.inf
    return "の変化なし" if abs(share) < 0.0005 else f"{share:+.3f}%"


def _drop_repeated_points(geoms: Geometries, reasons: list[str | None], rejected: Flags) -> None:
    """Take out vertices that only repeat the one before them, and say how many."""
    points, row = shapely.get_coordinates(geoms, return_index=True)
    twice = (points[1:] == points[:-1]).all(axis=1) & (row[1:] == row[:-1])
    rows = np.unique(row[1:][twice])
    rows = rows[~rejected[rows]]
    if not len(rows):
        return
    # Rings that meet at a vertex look the same from here; GEOS knows rings apart.
    cleaned = shapely.remove_repeated_points(geoms[rows], 0.0)
    dropped = shapely.get_num_coordinates(geoms[rows]) - shapely.get_num_coordinates(cleaned)
    for row_index, geometry, count in zip(rows, cleaned, dropped, strict=True):
        if count > 0 and shapely.is_valid(geometry):
            geoms[row_index] = geometry
            note = f"重複した頂点を{count}点除きました"
            reasons[row_index] = "、".join(filter(None, [reasons[row_index], note]))


def misfits(geoms: Geometries, kind: str) -> Flags:
    """Tell which rows `as_multi` cannot cast: those without a part of the kind, and several points for one Point."""
    return _unfit(geoms, _parts(geoms, kind)[1], kind)


def _unfit(geoms: Geometries, row: NDArray[np.int64], kind: str) -> Flags:
    counts = np.bincount(row, minlength=len(geoms))
    fits: Flags = counts == 1 if kind == "Point" else counts > 0
    missing: Flags = shapely.is_missing(geoms)
    return ~(fits | missing)


def as_multi(geoms: Geometries, kind: str) -> Geometries:
    """Cast to the geometry kind of a layer: "MultiPolygon", "MultiLineString" or "Point"; None stays None.

    Parts of another kind in a collection are left out. Raises UnsupportedFileError for a row that has none of the kind, or
    several points for one Point; `misfits` finds them beforehand.
    """
    source = np.array(geoms, dtype=object)
    wanted = shapely.GeometryType[kind.upper()]
    if (
        np.isin(shapely.get_type_id(source), (wanted, shapely.GeometryType.MISSING)).all()
        and not shapely.is_empty(source).any()
    ):
        return source
    parts, row = _parts(source, kind)
    wrong = _unfit(source, row, kind)
    if wrong.any():
        index = int(np.flatnonzero(wrong)[0])
        found = "空の図形" if shapely.is_empty(source[index]) else source[index].geom_type
        raise UnsupportedFileError(
            f"{index + 1}番目の図形（{found}）は{kind}にできません。図形の種類を確かめてください。"
        )
    result = np.full(len(source), None, dtype=object)
    if kind == "Point":
        result[row] = parts
    elif len(parts):
        build = shapely.multipolygons if kind == "MultiPolygon" else shapely.multilinestrings
        rows = np.unique(row)
        result[rows] = build(parts, indices=np.searchsorted(rows, row))
    return result


def _parts(geoms: Geometries, kind: str) -> tuple[Geometries, NDArray[np.int64]]:
    """Return the parts of the kind and the row of each; rows ascend."""
    parts, row = _simple_parts(geoms)
    fits = np.isin(shapely.get_type_id(parts), list(_PART_TYPES[kind])) & ~shapely.is_empty(parts)
    return parts[fits], row[fits]


def _simple_parts(geoms: Geometries) -> tuple[Geometries, NDArray[np.int64]]:
    """Take multi geometries and collections apart; a collection may hold a multipolygon, so perhaps twice."""
    parts, row = shapely.get_parts(geoms, return_index=True)
    if (shapely.get_type_id(parts) > _POLYGON).any():
        parts, inner = shapely.get_parts(parts, return_index=True)
        row = row[inner]
    return parts, row
