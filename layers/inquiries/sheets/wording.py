"""The fixed words of an answer sheet, as a clerk would write them."""

from collections.abc import Iterable, Mapping

from layers.inquiries.model import Parcel
from layers.store.outcomes import Outcome
from layers.store.settings import FICTITIOUS_BAND

TITLE = "土地に関する庁内照会 回答書"
UNPLACED = "任意座標系のため位置を図示できません"
UNDETERMINED = "筆界未定地（外周は構成筆全体のもの）"

OUTCOME_ORDER = (
    Outcome.APPLIES,
    Outcome.NEAR_BOUNDARY,
    Outcome.DOES_NOT_APPLY,
    Outcome.NO_DATA,
    Outcome.STALE,
)

OUTCOME_MARKS: Mapping[Outcome, str] = {
    Outcome.APPLIES: "●",
    Outcome.NEAR_BOUNDARY: "▲",
    Outcome.DOES_NOT_APPLY: "－",
    Outcome.NO_DATA: "？",
    Outcome.STALE: "◆",
}

OUTCOME_MEANINGS: Mapping[Outcome, str] = {
    Outcome.APPLIES: "照会地の全部又は一部が該当します。",
    Outcome.NEAR_BOUNDARY: "図の精度では該当・非該当を言い切れません。担当課で確認が必要です。",
    Outcome.DOES_NOT_APPLY: "図の精度を考慮しても該当しません。",
    Outcome.NO_DATA: "判定できるデータがありません。非該当という意味ではありません。",
    Outcome.STALE: "データが更新時期を過ぎています。最新の状況を担当課で確認してください。",
}

ALWAYS = (
    "この回答書は、庁内事務の参考として、記載した時点のデータから機械的に作成したものです。証明書ではありません。",
    "図に示した線は、土地の筆界や所有権の範囲を確定するものではありません。",
    "面積・距離は図上で計測した値で、実測値や登記記録と一致しないことがあります。",
    "「境界付近・要確認」「データなし」「要更新確認」は、該当しないという意味ではありません。担当課に確認してください。",
    "データの時点より後の変更は反映していません。正式な区域や内容は、担当課が備える告示図書・台帳等で確認してください。",
)


def disclaimers(
    parcels: Iterable[Parcel], *, fictitious: bool = False, undeclared_datum_m: float | None = None
) -> tuple[str, ...]:
    """What every sheet must say, then what these parcels call for.

    `undeclared_datum_m` is the difference between 測地成果2000 and 2011 in the town, in metres, when a cadastral load
    did not declare which of the two it is in.
    """
    asked = list(parcels)
    texts = [FICTITIOUS_BAND, *ALWAYS] if fictitious else list(ALWAYS)
    if undeclared_datum_m is not None:
        texts.append(
            "地籍図に測地成果の別（2000・2011）の宣言がないものを含みます。"
            f"両者の差（約{undeclared_datum_m:.2f}m）を位置の誤差に加えて判定しています。"
        )
    unplaced = [parcel.number for parcel in asked if parcel.geometry is None]
    if unplaced:
        texts.append(
            f"{_some(unplaced)}は、任意座標系の図面に属し、地球上の位置が定まりません。位置を図示できず、区域との重なりも判定していません。"
        )
    undetermined = [parcel.number for parcel in asked if parcel.undetermined]
    if undetermined:
        texts.append(
            f"{_some(undetermined)}は筆界未定地です。判定は構成筆全体の外周によるもので、各筆の判定ではありません。"
        )
    return tuple(texts)


def _some(numbers: list[str]) -> str:
    """Up to three numbers by name, and how many more."""
    named = "、".join(numbers[:3])
    return named if len(numbers) <= 3 else f"{named}ほか{len(numbers) - 3}筆"
