"""Driving or walking along an edge: many fixes → one line that says no more than the receiver knew.

* Only one class counts: the one that makes up half of the fixes, of two the better; a hole that the others leave, or a pause
  of the receiver, may not be longer than `gap_m`, because nobody measured what lies in it.
* A fix that would need more than 20 m/s from the last one is a jump of the receiver and is left out, and so is a single one
  that lies more than ten standard errors off both its neighbours with the way turning back in it by more than 120°.
* Fixes nearer to the last one than six standard errors say nothing of where the line goes (standing still, turning), and
  are passed over; then the line is thinned by two standard errors (Douglas–Peucker), which is what the noise itself draws.
  Neither is more than 2.5 m and 1 m: coarse fixes drift slowly, and a small field walked with a telephone keeps its shape.
* A vertex of a driven line is a single fix: nothing is averaged, and the thinning is added to its standard error.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.positioning.crossings import crossings
from gis.positioning.model import FixQuality, Vertex
from gis.positioning.plane import PlaneFix
from gis.positioning.quality import CENTRING_M, NAMES, best, is_measured, noise_m, told_noise_m
from gis.positioning.refusal import BoundaryRefused, Reason

_FASTEST_M_S = 20.0
_STEP_SIGMAS = 6.0
_THIN_SIGMAS = 2.0
_LONGEST_STEP_M = 2.5
_WIDEST_THINNING_M = 1.0
_CLOSING_SIGMAS = 3.0
_WILD_STARTS = 5
_SPIKE_SIGMAS = 10.0
_SPIKE_COSINE = -0.5
_OFFSET_SHARE = 0.02
"""How well the distance from the antenna to the edge is known: 2 %, and never better than 2 cm."""
_OFFSET_M = 0.02
_LEAST_OFFSET_M = 0.001
_MITRE_LIMIT = 3.0
_CLOSING_SHARE = 0.2

_Places = NDArray[np.float64]


@dataclass(frozen=True)
class LineRule:
    """How a track is taken. `edge_left_m` is how far left of the antenna's way the edge lies, negative for right.

    `closed` says that it goes round a field; its ends may then be `closing_m` apart, or three standard errors where those are
    more, and what was driven twice is cut off.
    """

    closed: bool = True
    edge_left_m: float = 0.0
    gap_m: float = 10.0
    closing_m: float = 5.0


@dataclass(frozen=True)
class Line:
    """A line, not repeating its first vertex; `left_out` counts the fixes of other classes and the jumps."""

    vertices: tuple[Vertex, ...]
    closed: bool
    quality: FixQuality | None
    left_out: Counter[str]


def line_of(fixes: Sequence[PlaneFix], rule: LineRule = LineRule()) -> Line:
    """The line that fixes make in their order. Raises BoundaryRefused with the places where they make none."""
    quality, of_class = _one_class(fixes)
    sigma = told_noise_m(quality, [fix.fix.sigma_m for fix in of_class])
    used = _without_spikes(_without_jumps(of_class), _SPIKE_SIGMAS * sigma)
    step, thinning = min(_STEP_SIGMAS * sigma, _LONGEST_STEP_M), min(_THIN_SIGMAS * sigma, _WIDEST_THINNING_M)
    line = _stepped(np.array([(fix.x, fix.y) for fix in used], np.float64), step)
    _check_gaps(np.array([(fix.x, fix.y) for fix in used], np.float64), rule)
    if rule.closed and len(line) > 2:
        line = _closed(line, max(rule.closing_m, _CLOSING_SIGMAS * sigma), step)
    line = _thinned(line, thinning, closed=rule.closed)
    if len(line) < (3 if rule.closed else 2):
        raise BoundaryRefused(Reason.TOO_SHORT, "動いた跡が短すぎて線になりません。端まで測ってください。", _list(line))
    _check_crossings(line, closed=rule.closed)
    if abs(rule.edge_left_m) >= _LEAST_OFFSET_M:
        line = _beside(line, rule)
        _check_crossings(line, closed=rule.closed)
    total = _total_sigma(sigma, thinning, used, rule.edge_left_m)
    left_out = Counter({"class": len(fixes) - len(of_class), "jump": len(of_class) - len(used)})
    vertices = tuple(Vertex(x, y, total, quality, 1) for x, y in _list(line))
    return Line(vertices, rule.closed, quality, left_out)


def _one_class(fixes: Sequence[PlaneFix]) -> tuple[FixQuality | None, list[PlaneFix]]:
    counts = Counter(fix.quality for fix in fixes if is_measured(fix.quality))
    if not counts:
        raise BoundaryRefused(Reason.NO_FIXES, "測位した位置がありません。受信機が測位しているか確かめてください。")
    half = [quality for quality, count in counts.items() if 2 * count >= counts.total()]
    if not half:
        kinds = "、".join(f"{NAMES[kind]} {count} 点" for kind, count in counts.most_common())
        raise BoundaryRefused(
            Reason.NO_FIXES,
            f"測位の種類が混ざっていて一つの線にできません（{kinds}）。FIX が続く時に測り直してください。",
        )
    quality = best(half)
    return quality, [fix for fix in fixes if fix.quality == quality]


def _without_jumps(fixes: list[PlaneFix]) -> list[PlaneFix]:
    """The fixes that a vehicle can have reached one after another; a wild fix at the beginning does not rule out the rest."""
    chains = []
    for first in range(min(_WILD_STARTS, len(fixes))):
        chains.append(_reached(fixes[first:]))
        if 2 * len(chains[-1]) > len(fixes):
            break
    return max(chains, key=len)


def _reached(fixes: list[PlaneFix]) -> list[PlaneFix]:
    """From the first one on; without times all of them."""
    kept = fixes[:1]
    for fix in fixes[1:]:
        last = kept[-1]
        if fix.at is None or last.at is None:
            kept.append(fix)
            continue
        seconds = max((fix.at - last.at).total_seconds(), 0.0)
        if math.hypot(fix.x - last.x, fix.y - last.y) <= _FASTEST_M_S * seconds + noise_m(fix.quality):
            kept.append(fix)
    return kept


def _without_spikes(fixes: list[PlaneFix], least_m: float) -> list[PlaneFix]:
    """The fixes without single ones to which the way leads out and back again."""
    if len(fixes) < 3:
        return fixes
    ways = np.diff(np.array([(fix.x, fix.y) for fix in fixes], np.float64), axis=0)
    lengths = np.hypot(*ways.T)
    far = np.minimum(lengths[:-1], lengths[1:]) > least_m
    back = (ways[:-1] * ways[1:]).sum(axis=1) < _SPIKE_COSINE * lengths[:-1] * lengths[1:]
    spikes = {int(index) + 1 for index in np.flatnonzero(far & back)}
    return [fix for index, fix in enumerate(fixes) if index not in spikes]


def _total_sigma(sigma: float, thinning: float, fixes: list[PlaneFix], edge_left_m: float) -> float:
    """Noise of one fix, the thinning (uniform within the tolerance), centring, placing and the tape to the edge."""
    tape = max(_OFFSET_M, _OFFSET_SHARE * abs(edge_left_m)) if edge_left_m else 0.0
    return math.hypot(sigma, thinning / math.sqrt(3), CENTRING_M, max(fix.placing_m for fix in fixes), tape)


def _stepped(places: _Places, step_m: float) -> _Places:
    kept = [0]
    for index in range(1, len(places)):
        if math.dist(places[index], places[kept[-1]]) >= step_m:
            kept.append(index)
    return places[kept]


def _check_gaps(places: _Places, rule: LineRule) -> None:
    lengths = np.hypot(*np.diff(places, axis=0).T)
    wide = np.flatnonzero(lengths > rule.gap_m)
    if len(wide):
        raise BoundaryRefused(
            Reason.GAP,
            f"測れていない区間があります（{len(wide)} か所、最大 {lengths.max():.1f} m）。その区間を測り直してください。",
            _list((places[wide] + places[wide + 1]) / 2),
        )


def _closed(line: _Places, closing_m: float, step_m: float) -> _Places:
    """The line up to where it comes back to its start, which is not said again: what is driven twice there is cut off."""
    steps = np.hypot(*np.diff(line, axis=0).T)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    late = np.flatnonzero(along[1:] >= (1 - _CLOSING_SHARE) * along[-1])
    edges = shapely.linestrings(np.stack([line[late], line[late + 1]], axis=1))
    away = shapely.distance(edges, shapely.Point(line[0]))
    if away.min() > closing_m:
        raise BoundaryRefused(
            Reason.NOT_CLOSED,
            f"始めと終わりが {math.dist(line[0], line[-1]):.1f} m 離れています。始めた所まで回ってください。",
            _list(line[[0, -1]]),
        )
    nearest = int(np.argmin(away))
    passed = 0 < shapely.line_locate_point(edges[nearest], shapely.Point(line[0])) < steps[late[nearest]]
    last = int(late[nearest]) + (0 if passed else 1)
    while last > 2 and math.dist(line[last], line[0]) < step_m:
        last -= 1
    return line[: last + 1]


def _thinned(line: _Places, tolerance_m: float, *, closed: bool) -> _Places:
    """Douglas–Peucker. A ring is begun at its vertex farthest from the start, so that the start is thinned as any other."""
    if closed:
        first = int(np.argmax(np.hypot(*(line - line[0]).T)))
        line = np.roll(line, -first, axis=0)
        line = np.vstack([line, line[:1]])
    if len(line) < 2:
        return line
    thin: _Places = shapely.get_coordinates(
        shapely.simplify(shapely.LineString(line), tolerance_m, preserve_topology=False)
    )
    return thin[:-1] if closed else thin


def _check_crossings(line: _Places, *, closed: bool) -> None:
    places = crossings(line, closed=closed)
    if places:
        raise BoundaryRefused(
            Reason.CROSSES_ITSELF,
            f"通った跡が自分と交わっています（{len(places)} か所）。交わらないように測り直してください。",
            places,
        )


def _beside(line: _Places, rule: LineRule) -> _Places:
    """The line moved to its left by `edge_left_m`, corners kept sharp."""
    if not rule.closed:
        moved = shapely.offset_curve(
            shapely.LineString(line), rule.edge_left_m, join_style="mitre", mitre_limit=_MITRE_LIMIT
        )
        whole = moved.geom_type == "LineString" and not moved.is_empty
        coordinates: _Places = shapely.get_coordinates(moved)
    else:
        ring = shapely.LinearRing(line)
        outwards = -rule.edge_left_m if ring.is_ccw else rule.edge_left_m
        moved = shapely.Polygon(ring).buffer(outwards, join_style="mitre", mitre_limit=_MITRE_LIMIT)
        whole = moved.geom_type == "Polygon" and not moved.is_empty and not len(moved.interiors)
        coordinates = shapely.get_coordinates(moved.exterior)[:-1] if whole else line
        if whole and shapely.LinearRing(coordinates).is_ccw is not ring.is_ccw:
            coordinates = coordinates[::-1]
    if not whole:
        raise BoundaryRefused(
            Reason.OFFSET_TOO_WIDE,
            f"アンテナから縁までの {abs(rule.edge_left_m):.2f} m ずらすと線が残りません。左右と距離を確かめてください。",
            _list(line),
        )
    return coordinates


def _list(places: _Places) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in places]
