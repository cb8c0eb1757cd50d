"""The sentences at the head of the sheet: is my ridge over the line, by how much, and how sure is that."""

from collections.abc import Iterator, Sequence
from enum import StrEnum

from gis.boundary_comparison.model import Comparison, Neighbour, Place, Verdict
from layers.surveys.sheets.words import ZERO_M, corner_name, direction, metres, place_name, plus_minus, square_metres
from layers.surveys.truth_model import Held, Truth

MOST_NAMED, LEAST_STRETCH = 6, 3
MOST_COVERED = 0.9
"""A map that covers less of the field than this is said to."""
WORTH_TELLING_M2 = 0.05
"""Areas below it are not worth a sentence."""


def headline(truth: Truth) -> str:
    """The answer in one or two sentences."""
    if "cadastral" in truth.unseen:
        return "あなたの職務では地番図を見られないため、登記の線とは比べていません。"
    if truth.cadastral is None:
        return "この圃場にあたる筆が地番図にないため、登記の線とは比べられません。"
    return _headline(truth, truth.cadastral.comparison)


class Answer(StrEnum):
    """What the headline comes to, for its sign and colour: that an error hides the answer is no good news."""

    OVER = "over"
    CLEAR = "clear"
    UNSURE = "unsure"
    TOO_COARSE = "too_coarse"
    NO_MAP = "none"


SIGNS = {Answer.OVER: "▲", Answer.CLEAR: "○", Answer.UNSURE: "△", Answer.TOO_COARSE: "？", Answer.NO_MAP: "―"}


def answer(truth: Truth) -> Answer:
    """Over the line, clear of it, or why that cannot be said."""
    told = outcome(truth)
    if told is None or truth.cadastral is None:
        return Answer.NO_MAP
    if told is Verdict.WITHIN:
        return Answer.CLEAR if truth.cadastral.comparison.furthest_out.verdict is Verdict.BEYOND else Answer.UNSURE
    return Answer.OVER if told is Verdict.BEYOND else Answer.TOO_COARSE


def outcome(truth: Truth) -> Verdict | None:
    """Whether any place is outside beyond the error, else whether any is too coarse; None where there is no map."""
    if truth.cadastral is None:
        return None
    found = truth.cadastral.comparison
    if found.beyond(outside=True):
        return Verdict.BEYOND
    return Verdict.TOO_COARSE if _coarse(found) else Verdict.WITHIN


def _headline(truth: Truth, found: Comparison) -> str:
    over, worst, coarse = found.beyond(outside=True), found.furthest_out, _coarse(found)
    if over:
        most = "最大 " if over[0] is worst else ""
        where = "" if over[0] is worst else f"{named(truth, over[0])}で"
        return (
            f"あぜ（測った線）は、{where}地図の線より{most or ' '}{metres(over[0].distance_m)} 外側です"
            f"（不確かさ {plus_minus(over[0].uncertainty_m)}）。地図の誤差の範囲を超えています。"
        )
    if len(coarse) == len(found.places):
        return (
            f"測位の精度が足りないため、あぜが地図の線を越えているかどうかは言えません（{_reading(worst)}、"
            f"不確かさ {plus_minus(worst.uncertainty_m)}）。RTK固定解（Fix）で測り直してください。"
        )
    sure = max((one for one in found.places if one not in coarse), key=lambda one: one.distance_m)
    told = _within(sure)
    if coarse:
        told += f"{_some(truth, coarse)}は測位の精度が足りず、越えているかどうかを言えません。"
    return told


def _within(worst: Place) -> str:
    uncertainty = plus_minus(worst.uncertainty_m)
    if worst.distance_m >= ZERO_M:
        return (
            f"あぜ（測った線）は、地図の線より最大 {metres(worst.distance_m)} 外側です（不確かさ {uncertainty}）。"
            "地図の誤差の範囲内で、越えているとも、いないとも言えません。"
        )
    if worst.verdict is Verdict.BEYOND:
        return (
            f"あぜ（測った線）は、どこも地図の線の内側です（いちばん近い所で {metres(worst.distance_m)} 内側、"
            f"不確かさ {uncertainty}）。線を越えていません。"
        )
    return (
        f"あぜ（測った線）が地図の線の外側に出ている所は、見つかりません（{_reading(worst)}、不確かさ {uncertainty}）。"
        "ただし地図の誤差の範囲内なので、越えていないとまでは言い切れません。"
    )


def _reading(worst: Place) -> str:
    if abs(worst.distance_m) < ZERO_M:
        return "いちばん近い所で線の上"
    if worst.distance_m > 0:
        return f"測った値では最大 {metres(worst.distance_m)} 外側"
    return f"いちばん近い所で {metres(worst.distance_m)} 内側"


def further_sentences(truth: Truth) -> list[str]:
    """What a reader should know besides: where, who is touched, what the other map says, a hint of a shift."""
    told: list[str] = []
    if truth.cadastral is not None:
        told += _of_cadastral(truth, truth.cadastral)
    told += _of_farmland(truth)
    return told


def _of_cadastral(truth: Truth, held: Held) -> Iterator[str]:
    found = held.comparison
    over = found.beyond(outside=True)
    if over:
        yield f"範囲を超えて外側の所：{_some(truth, over)}。"
    inside = found.beyond(outside=False)
    if inside:
        yield (
            f"反対に、{named(truth, inside[0])}では地図の線より {metres(inside[0].distance_m)} 内側です"
            f"（不確かさ {plus_minus(inside[0].uncertainty_m)}）。ここでは圃場が地図の筆より狭くなっています。"
        )
    yield from _of_neighbours([one for one in found.neighbours if one.overlap_m2 >= WORTH_TELLING_M2])
    if found.unmapped_m2 >= WORTH_TELLING_M2:
        yield (
            f"圃場のうち {square_metres(found.unmapped_m2)} は、地番図に筆がない所です"
            "（道や水路など地番のない土地か、図面のない区域）。"
        )
    undetermined = [one.parcel.label for one in found.ground if one.parcel.undetermined]
    if undetermined:
        yield f"{'、'.join(undetermined)} は筆界未定の筆です。線は構成筆全体の外周で、筆と筆の境はありません。"
    if found.uncompared_rings:
        rings = "、".join(f"内{ring}" for ring in found.uncompared_rings)
        yield f"内側の境（{rings}）には、地番図に線がないため、比べていません。"
    yield from _of_shift(found)


def _of_neighbours(overlapped: Sequence[Neighbour]) -> Iterator[str]:
    for one in overlapped:
        reach = (
            f"となりの {one.parcel.label} に {square_metres(one.overlap_m2)}、最大 {metres(one.reach_m)} 入っています"
        )
        if one.verdict is Verdict.BEYOND:
            yield f"{reach}（不確かさ {plus_minus(one.uncertainty_m)}）。地図の誤差だけでは説明できません。"
        elif one.verdict is Verdict.TOO_COARSE:
            yield f"測った値では、{reach}が、測位の精度が足りず、本当に入っているかは言えません。"
    slight = [one for one in overlapped if one.verdict is Verdict.WITHIN]
    if slight:
        names = "、".join(one.parcel.number or one.parcel.label for one in slight[:MOST_NAMED])
        others = f" ほか {len(slight) - MOST_NAMED} 筆" if len(slight) > MOST_NAMED else ""
        most = max(one.reach_m for one in slight)
        yield f"図の上では、となりの {names}{others} にも最大 {metres(most)} 入りますが、地図の誤差で説明できる大きさです。"


def _of_shift(found: Comparison) -> Iterator[str]:
    shift = found.shift
    if shift is not None and shift.is_plain:
        yield (
            f"手がかり：測った角は地図の角より、そろって{direction(shift.east_m, shift.north_m)}へ"
            f" {metres(shift.length_m)}（{plus_minus(shift.uncertainty_m)}、角{shift.corners}組の平均）ずれています。"
            "あぜではなく、地図全体がずれているのかもしれません。この照合では直していません。"
        )


def _of_farmland(truth: Truth) -> Iterator[str]:
    if "farmland" in truth.unseen:
        yield "あなたの職務では筆ポリゴンを見られないため、比べていません。"
        return
    if truth.farmland is None:
        yield "この圃場にあたる筆ポリゴンはありません。"
        return
    found = truth.farmland.comparison
    share = sum(one.share_of_field for one in found.ground)
    if share < MOST_COVERED:
        yield f"筆ポリゴンは、圃場の {share:.0%} にしかありません。"
    worst = max(found.places, key=lambda one: abs(one.distance_m))
    side = "外側" if worst.distance_m > 0 else "内側"
    told = {
        Verdict.WITHIN: "誤差の範囲内です",
        Verdict.BEYOND: "誤差の範囲を超えています",
        Verdict.TOO_COARSE: "測位の精度が足りず、範囲内かどうかは言えません",
    }[worst.verdict]
    yield (
        f"筆ポリゴン（空中写真から描いた農地の形）とは、最大 {metres(worst.distance_m)} {side}の違いで"
        f"（不確かさ {plus_minus(worst.uncertainty_m)}）、{told}。"
    )


def _coarse(found: Comparison) -> list[Place]:
    return [place for place in found.places if place.verdict is Verdict.TOO_COARSE]


def named(truth: Truth, place: Place) -> str:
    """The place by the numbers of its corners."""
    boundary = truth.surveyed.boundary
    ring = boundary.rings[place.ring]
    return place_name(place, len(ring))


def _some(truth: Truth, places: Sequence[Place]) -> str:
    """Places by name along the boundary, three and more in a row as one stretch; up to six names, and how many more."""
    names: list[str] = []
    for stretch in _stretches(places):
        if len(stretch) < LEAST_STRETCH:
            names += [named(truth, place) for place in stretch]
        else:
            names.append(f"{named(truth, stretch[0])}〜{corner_name(stretch[-1].ring, stretch[-1].vertex)}")
    told = "、".join(names[:MOST_NAMED])
    return told if len(names) <= MOST_NAMED else f"{told} ほか {len(names) - MOST_NAMED} か所"


def _stretches(places: Sequence[Place]) -> list[list[Place]]:
    """Places in the order of the boundary, those of one vertex and the next together."""
    found: list[list[Place]] = []
    for place in sorted(places, key=lambda one: (one.ring, one.vertex, one.along)):
        before = found[-1][-1] if found else None
        if before is not None and before.ring == place.ring and place.vertex - before.vertex <= 1:
            found[-1].append(place)
        else:
            found.append([place])
    return found
