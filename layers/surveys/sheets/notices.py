"""How the sheet explains its figures, and what it must say of itself."""

from collections.abc import Iterator

from gis.boundary_comparison.model import TWO_SIDED_95
from layers.surveys.sheets.words import plus_minus
from layers.surveys.truth_model import Truth

NOT_A_BOUNDARY = "この紙は、測った線と地図の線を比べたものです。筆界（境界）を確定するものではありません。"


def explanations(truth: Truth) -> Iterator[str]:
    """How each figure was made."""
    yield (
        "「外側」は、圃場のある筆の外に出ていること、「内側」は中に入っていることです。距離は、いちばん近い地図の線までの"
        "水平の距離です。角と角の間で、両はしより5 cm以上大きくはみ出す所も探しています。"
    )
    yield (
        "不確かさ ±U は、U＝√（L²＋（1.96σ）²）です。L は地図の線の公差（国土調査法施行令 別表第四：甲三 0.45 m、"
        "乙一 0.75 m、乙二 1.50 m、乙三 3.00 m など）、σ は測った点の標準誤差です。誤差が正規分布なら、"
        "本当の差は 95 % 以上の割合でこの幅に入ります。"
    )
    if truth.added_error_m > 0:
        yield (
            f"この地番図は座標そのものに {truth.added_error_m:.2f} m の不確かさがあるため（測地成果の宣言がない、"
            "または座標の変換による）、公差に足して L としています。"
        )
    yield (
        "▲（範囲を超える）は、差が ±U より大きく、地図の誤差だけでは説明できないことです。○（地図の誤差の範囲内）は、"
        "差が ±U より小さく、地図と食いちがうとは言えないことです。線を越えていないという意味ではありません。"
        "？は、RTK固定解（Fix）でないため判定しないことです。"
    )
    if truth.farmland is not None:
        limit = plus_minus(TWO_SIDED_95 * truth.farmland_error_m)
        yield (
            f"筆ポリゴンの線は、標準偏差 {truth.farmland_error_m:.1f} m とみなし（提供元は精度を定めていません）、"
            f"その1.96倍の {limit} を線の幅としています。登記の筆とは別のものです。"
        )
    yield (
        "測った面積の ± は、角の標準誤差から計算した 95 % の幅です。面積の公差は、筆ごとの精度区分の地積測定の公差で、"
        "筆がいくつもあるときは二乗和の平方根です。"
    )
    if truth.named:
        yield f"「圃場のある筆」は、照合した人が指定した {'、'.join(truth.named)} です。持ち主を調べて決めたものではありません。"
        return
    yield (
        "「圃場のある筆」は、圃場の2割以上が載る筆と、半分以上が圃場になっている筆です。"
        "持ち主を調べて決めたものではありません。"
    )


def notices(truth: Truth) -> Iterator[str]:
    """What every sheet says, most important first."""
    yield NOT_A_BOUNDARY
    yield "登記の境（筆界）、持ち主どうしの境（所有権界）、あぜ（畦畔）の位置は、同じとは限りません。"
    yield "この紙だけで、くいを打ったり、あぜを動かしたり、となりの人に境を求めたりしないでください。"
    yield (
        "境のことは土地家屋調査士か法務局に、農地のことは町の"
        f"{truth.asked_of}・{truth.farmland_office}に相談してください。"
    )
    yield "測位と地図の、それぞれの時点より後の変更は反映していません。"
