"""Numbers, places and verdicts as the truth sheet says them."""

import math
from collections.abc import Sequence

from gis.boundary_comparison.model import TWO_SIDED_95, Place, Verdict
from gis.positioning.model import FixQuality, Vertex
from gis.units import Area

TITLE = "圃場の境 照合書"
ZERO_M = 0.005
MARKS = {Verdict.WITHIN: "○", Verdict.BEYOND: "▲", Verdict.TOO_COARSE: "？"}
QUALITIES = {
    FixQuality.INVALID: "測位不能",
    FixQuality.SINGLE: "単独測位",
    FixQuality.DIFFERENTIAL: "DGPS",
    FixQuality.PRECISE: "PPS",
    FixQuality.RTK_FIXED: "RTK固定解（Fix）",
    FixQuality.RTK_FLOAT: "RTK浮動解（Float）",
    FixQuality.ESTIMATED: "推測航法",
    FixQuality.MANUAL: "手入力",
    FixQuality.SIMULATOR: "シミュレーター",
}
UNKNOWN_QUALITY = "不明（受信機が伝えない）"
_WINDS = ("北", "北東", "東", "南東", "南", "南西", "西", "北西")


def metres(value: float) -> str:
    """「0.84 m」, never a minus."""
    return f"{abs(value):,.2f} m"


def plus_minus(value: float) -> str:
    """「±0.75 m」; what would round to nothing is told as below a centimetre."""
    return f"±{value:,.2f} m" if value >= ZERO_M else "±0.01 m未満"


def away(distance_m: float) -> str:
    """「外側 0.84 m」, 「内側 0.20 m」, 「線の上」."""
    if abs(distance_m) < ZERO_M:
        return "線の上"
    return f"{'外側' if distance_m > 0 else '内側'} {metres(distance_m)}"


def corner_name(ring: int, vertex: int) -> str:
    """「3」 for the third corner, 「内1-2」 for the second of the first inner boundary."""
    return f"{vertex + 1}" if ring == 0 else f"内{ring}-{vertex + 1}"


def place_name(place: Place, corners: int) -> str:
    """「角3」, or 「角3と4の間」 on the way to the next of so many corners."""
    first = corner_name(place.ring, place.vertex)
    prefix = "角" if place.ring == 0 else ""
    if place.is_corner:
        return f"{prefix}{first}"
    return f"{prefix}{first}と{corner_name(place.ring, (place.vertex + 1) % corners)}の間"


def verdict_text(verdict: Verdict) -> str:
    """「▲ 範囲を超える」: the sign says it without colour."""
    return f"{MARKS[verdict]} {verdict.label}"


def quality_text(vertex: Vertex) -> str:
    """The class of its fixes."""
    return UNKNOWN_QUALITY if vertex.quality is None else QUALITIES[vertex.quality]


def short_quality(vertex: Vertex) -> str:
    """The same in a word or two, and how many fixes there were."""
    told = {FixQuality.RTK_FIXED: "Fix", FixQuality.RTK_FLOAT: "Float"}.get(
        FixQuality.INVALID if vertex.quality is None else vertex.quality
    )
    words = told or ("品質不明" if vertex.quality is None else QUALITIES[vertex.quality])
    return f"{words}・{vertex.fixes}回" if vertex.fixes else words


def scatter_text(vertices: Sequence[Vertex]) -> str:
    """「±0.04 m」 or 「±0.03〜0.06 m」 at 95 %."""
    widths = [TWO_SIDED_95 * vertex.sigma_m for vertex in vertices]
    low, high = min(widths), max(widths)
    return plus_minus(low) if f"{low:.2f}" == f"{high:.2f}" else f"±{low:.2f}〜{high:.2f} m"


def square_metres(value: float) -> str:
    """「1,003.4 ㎡」."""
    return f"{value:,.1f} ㎡"


def area_texts(m2: float) -> tuple[str, str, str, str]:
    """㎡, a, 反 and 畝 with a decimal, and as farmers say it."""
    area = Area.of_m2(m2)
    return square_metres(m2), f"{area.ares:,.2f} a", f"{area.tan:,.2f} 反（{area.se:,.1f} 畝）", area.as_farmers_say


def direction(east_m: float, north_m: float) -> str:
    """The nearest of eight winds."""
    return _WINDS[round(math.degrees(math.atan2(east_m, north_m)) / 45) % 8]
