"""The Japanese of the findings: labels and notes, each in one place."""

import re
from collections.abc import Mapping, Sequence

from layers.inquiries.model import OUTCOME_LABELS
from layers.store.outcomes import Outcome

UNKNOWN = "不明"

UNPLACED = "任意座標系の地図のため位置が定まりません。"
NO_SHAPE = "この筆には面の図形がないため、図形による判定ができません。"
INVALID_SHAPE = "この筆の図形は自己交差などの誤りがあるため、図形による判定ができません。"
NO_AREA = "この筆の図形は面積が0のため、図形による判定ができません。"

NOT_LOADED = "未登録"
NOT_LOADED_NOTE = "このレイヤはまだ読み込まれていません。"
NO_DATA = "データなし"
NO_COVERAGE = "データなし（データの範囲が示されていません）"
NO_COVERAGE_NOTE = "このレイヤはデータの範囲が示されていないため、ほかに該当がないとは言えません。"
SEARCH_LEAVES_COVERAGE = "データなし（調べる範囲がデータの範囲の外に及びます）"
EDGE_OF_COVERAGE = "データの範囲の端にあたるため、範囲の線の位置の誤差の分だけ外にかかる可能性があります。"
NEARER_BEYOND_COVERAGE = "データの範囲の外に、より近いものがある可能性があります。"

UNDETERMINED = "筆界未定のため、未定の区域の全体がかかる（または全体が外れる）ことが確かなときだけ判定しています。"
UNDETERMINED_LIST = "筆界未定のため、構成する筆ごとに一覧を確認してください。"
LIST_DISAGREES = "一覧と図が一致しません（要確認）"
LISTED_NOT_DRAWN = "一覧に載っていますが、その図は筆の半分に足りません。"
DRAWN_NOT_LISTED = "一覧に載っていませんが、図では筆の半分を超えて区域にかかります。"
LIST_NOT_NAMED = "この番号は一覧にありません"
LIST_ONLY = "位置が定まらないため、一覧との照合だけで判定しています（図との照合はしていません）。"

ARBITRARY_SHEET = "任意座標系の地図（位置未定）"
UNDETERMINED_STATUS = "境界付近・要確認（筆界未定）"
SURVEY_UNKNOWN = "データなし（地籍調査の状況の記載がありません）"
NO_ACCURACY_CLASS = "記載なし"
WIDTH_UNKNOWN = "幅員の分からない路線があります。道路の端までの距離は、中心線から4mまでを道路とみなして調べています。"

_PLACEHOLDER = re.compile(r"\{(\w+)\}")


def placeholders(template: str) -> list[str]:
    """The names in braces, in order."""
    return _PLACEHOLDER.findall(template)


def fill(template: str, values: Mapping[str, str]) -> str:
    """Put values in place of {name}; a name without a value reads 不明. Nothing else in the template is interpreted."""
    return _PLACEHOLDER.sub(lambda found: values.get(found.group(1), UNKNOWN), template)


def enumerate_some(texts: Sequence[str], limit: int = 3) -> str:
    """The first few texts, and how many more there are: 甲、乙、丙ほか2件."""
    rest = len(texts) - limit
    return "、".join(texts[:limit]) + (f"ほか{rest}件" if rest > 0 else "")


def with_others(text: str, others: int) -> str:
    """A text that stands for several groups."""
    return f"{text}ほか{others}区分" if others else text


def partly(text: str) -> str:
    """A zone that takes a part of the parcel only, for sure."""
    return f"{text}（一部）"


def and_near(text: str, graver: str) -> str:
    """What applies for sure, and what graver group may apply too."""
    return f"{text}、{graver}は境界付近・要確認"


def one_of(texts: Sequence[str]) -> str:
    """Certainly inside, but on the line between groups."""
    return "または".join(texts[:3]) + "（区分の境界付近・要確認）"


def near(text: str) -> str:
    """Too near to call."""
    return f"{OUTCOME_LABELS[Outcome.NEAR_BOUNDARY]}（{text}）"


def beside(text: str, distance_m: float) -> str:
    """Not in the zone, but within the distance that the theme asks about."""
    return f"隣接（{text}まで約{metres(distance_m)}）"


def away(text: str, distance_m: float) -> str:
    """How far away something is."""
    return f"{text}まで約{metres(distance_m)}"


def metres(distance_m: float) -> str:
    """A distance for a reader: tenths below 10 m, whole metres above."""
    return f"{distance_m:.1f}m" if distance_m < 10 else f"{distance_m:,.0f}m"


def stale(label: str) -> str:
    """What the old data said, under the word that it must be checked."""
    return f"{OUTCOME_LABELS[Outcome.STALE]}（旧データでは{label}）"


def stale_note(layer_title: str) -> str:
    """Why the outcome is 要更新確認."""
    return f"「{layer_title}」は更新周期を過ぎています。最新の状況を担当課に確認してください。"


def outside_coverage(share: float) -> str:
    """No data, because part of the parcel lies where the layer does not know."""
    return f"データなし（筆の{percent(1 - share)}がデータの範囲外）"


def outside_note(share: float) -> str:
    """The same as a note beside an outcome that stands nevertheless."""
    return f"筆の{percent(1 - share)}はデータの範囲外です。"


def line_nearby(text: str) -> str:
    """A zone's outline within the band of a parcel that lies outside the coverage."""
    return f"位置の誤差の範囲内に区域の線があります（{text}）。"


def percent(share: float) -> str:
    """A share for a reader; a part is never rounded to nothing or to all."""
    if 0 < share < 0.01:
        return "1%未満"
    if 0.99 < share < 1:
        return "99%超"
    return f"{share * 100:.0f}%"


def at_distance(text: str, distance_m: float) -> str:
    """What was found and how far away."""
    return f"{text}、約{metres(distance_m)}"


def number(value: float) -> str:
    """A number for a label: at most one decimal, none that says nothing."""
    return f"{value:,.1f}".removesuffix(".0")


def with_width(text: str, width: str) -> str:
    """A road and the class of its width."""
    return f"{text}（{width}）"


def with_roads(text: str, others: int) -> str:
    """The widest road, and how many more there are."""
    return f"{text}ほか{others}路線" if others else text


def width_class(width_m: float | None, bounds_m: Sequence[float]) -> str:
    """The class of a road's width: 幅員4m未満, 幅員4m以上8m未満, 幅員8m以上."""
    if width_m is None:
        return "幅員不明"
    if not bounds_m:
        return f"幅員{width_m:g}m"
    above = [bound for bound in bounds_m if width_m >= bound]
    below = [bound for bound in bounds_m if width_m < bound]
    lower = f"{above[-1]:g}m以上" if above else ""
    upper = f"{below[0]:g}m未満" if below else ""
    return f"幅員{lower}{upper}"


def missing_column(layer_title: str, theme_title: str, column: str) -> str:
    """A theme names a column that its layer does not hold."""
    return (
        f"レイヤ「{layer_title}」に、照会項目「{theme_title}」が使う列 {column} がありません。"
        "layer.toml の theme を確認してください。"
    )


def broken_shape(layer_title: str) -> str:
    """An overlay failed; the store should not have let the shape in."""
    return f"レイヤ「{layer_title}」に重ね合わせのできない図形があります。onomap doctor で確認してください。"
