"""What was measured, in words: named units in, one short Japanese line per measure out."""

from collections.abc import Mapping, Sequence

from layers.inquiries.model import OUTCOME_LABELS
from layers.store.outcomes import Outcome

LISTED_GROUPS = 6


def area_text(area_m2: float) -> str:
    """「1,234.56㎡」."""
    return f"{area_m2:,.2f}㎡"


def share_text(share: float) -> str:
    """「45.6%」; a part is never rounded to nothing or to all."""
    if 0 < share < 0.001:
        return "0.1%未満"
    if 0.999 < share < 1:
        return "99.9%超"
    return f"{share:.1%}"


def distance_text(distance_m: float) -> str:
    """「12.3m」."""
    return f"{distance_m:,.1f}m"


def measure_lines(measure: Mapping[str, object]) -> tuple[str, ...]:
    """The measures a reader needs; keys that carry no number for print (codes, feature ids) are left to the JSON."""
    others = (_length(measure), _width(measure), _distance(measure), _count(measure), _band(measure))
    lines = [_overlap(measure), "、".join(text for text in others if text)]
    groups = measure.get("groups")
    if isinstance(groups, Sequence) and len(groups) > 1:
        lines += [_group(group) for group in groups[:LISTED_GROUPS] if isinstance(group, Mapping)]
        if len(groups) > LISTED_GROUPS:
            lines.append(f"ほか{len(groups) - LISTED_GROUPS}区分")
    return tuple(line for line in [*lines, _provisional(measure)] if line)


def number(measure: Mapping[str, object], key: str) -> float | None:
    """A measure as a number, None where it was not taken."""
    value = measure.get(key)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _overlap(measure: Mapping[str, object]) -> str:
    area, share = number(measure, "overlap_m2"), number(measure, "share")
    if area is None:
        return ""
    text = f"重なり {area_text(area)}" + ("" if share is None else f"（筆の{share_text(share)}）")
    least, most = number(measure, "overlap_min_m2"), number(measure, "overlap_max_m2")
    if least is None or most is None or most - least < 0.005:
        return text
    return f"{text}、誤差を見込むと {least:,.2f}〜{area_text(most)}"


def _length(measure: Mapping[str, object]) -> str:
    length = number(measure, "length_m")
    return (
        "" if length is None else f"延長 {distance_text(length)}" + _spread(measure, "length_min_m", "length_max_m", 1)
    )


def _distance(measure: Mapping[str, object]) -> str:
    distance = number(measure, "distance_m")
    return "" if distance is None else f"距離 {distance_text(distance)}"


def _width(measure: Mapping[str, object]) -> str:
    width = number(measure, "width_m")
    return "" if width is None else f"幅員 {distance_text(width)}"


def _count(measure: Mapping[str, object]) -> str:
    count = number(measure, "count")
    return "" if count is None else f"件数 {count:,.0f}" + _spread(measure, "count_min", "count_max", 0)


def _spread(measure: Mapping[str, object], least_key: str, most_key: str, decimals: int) -> str:
    """The least and the most that positional errors leave open, where they differ in print."""
    least, most = number(measure, least_key), number(measure, most_key)
    if least is None or most is None:
        return ""
    low, high = f"{least:,.{decimals}f}", f"{most:,.{decimals}f}"
    return "" if low == high else f"（誤差を見込むと {low}〜{high}）"


def _band(measure: Mapping[str, object]) -> str:
    band = number(measure, "band_m")
    return "" if band is None else f"判定の幅 ±{band:,.2f}m"


def _group(group: Mapping[str, object]) -> str:
    """One zone among several: its label and what was measured of it."""
    taken = [_overlap(group), _length(group), _distance(group), _count(group)]
    return f"・{group.get('label', '')}：" + "、".join(text for text in taken if text)


def _provisional(measure: Mapping[str, object]) -> str:
    value = measure.get("provisional")
    return "" if value is None else f"旧データでの判定：{OUTCOME_LABELS[Outcome(str(value))]}"
