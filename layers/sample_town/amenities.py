"""AEDs, toilets, sights, wireless LAN, clinics, nurseries and care homes: all made up, each in its own sheet of the standard."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from gis.formats.open_data_sheets import Family, sheet_named
from layers.sample_town.files import SampleFile, write_table
from layers.sample_town.town import Town

Where = Callable[[int], dict[str, object]]
"""The columns that say where a parcel is: address, position, publisher."""
MADE_UP = "架空の見本です"
OWN_SHEET = frozenset({"見本公立病院", "見本保育所", "見本特別養護老人ホーム"})
"""Places that stand in a sheet of their own and not among the public facilities."""


def write_amenities(
    town: Town, places: Sequence[tuple[str, str, str, int]], where: Where, folder: Path
) -> list[SampleFile]:
    """Writes the sheets; `places` are (name, kana, kind, parcel) of the town's buildings."""
    return [
        _file(town, folder, name, family, rows)
        for name, family, rows in (
            ("aed", Family.NEW, _aeds(places, where)),
            ("public_toilet", Family.NEW, _toilets(town, places, where)),
            ("tourism", Family.OLD, _sights(town, where)),
            ("public_wireless_lan", Family.NEW, _wireless(places, where)),
            ("hospital", Family.NEW, _hospitals(places, where)),
            ("preschool", Family.NEW, _nurseries(places, where)),
            ("care_service", Family.NEW, _care(places, where)),
        )
    ]


def _file(town: Town, folder: Path, name: str, family: Family, rows: list[dict[str, object]]) -> SampleFile:
    header = sheet_named(name, family).columns
    fitting = [{column: value for column, value in row.items() if column in header} for row in rows]
    path = write_table(folder / f"075221_{name}_sample.csv", header, fitting)
    return SampleFile("facilities", path, town.days_ago(120), {"add": True})


def _base(where: Where, parcel: int, name: str, kana: str, number: str) -> dict[str, object]:
    found = where(parcel)
    old = {
        "都道府県コード又は市区町村コード": found["全国地方公共団体コード"],
        "NO": number,
        "都道府県名": "福島県",
        "市区町村名": "小野町",
        "住所": found["所在地_連結表記"],
    }
    return {**found, **old, "ID": number, "名称": name, "名称_カナ": kana, "備考": MADE_UP}


_INSIDE = ("玄関ホール", "1階事務室前", "1階廊下", "正面入口（屋外）")


def _aeds(places: Sequence[tuple[str, str, str, int]], where: Where) -> list[dict[str, object]]:
    rows = []
    for index, (name, kana, kind, parcel) in enumerate(places):
        if kind in ("公園", "集会施設") and index % 3:
            continue
        always = index % 4 == 3
        rows.append(
            {
                **_base(where, parcel, name, kana, f"A{index + 1:03d}"),
                "設置位置": _INSIDE[index % 4],
                "高度の種別": "階数",
                "高度の値": "1",
                "電話番号": f"0247-00-{index + 1:04d}",
                "団体名": "福島県田村郡小野町",
                "利用可能曜日": "月火水木金土日" if always else "月火水木金",
                "開始時間": "00:00" if always else "08:30",
                "終了時間": "23:59" if always else "17:15",
                "利用可能日時特記事項": "" if always else "施設の閉館日は利用できません",
                "小児対応設備の有無": "有" if index % 3 != 1 else "無",
            }
        )
    return rows


def _toilets(town: Town, places: Sequence[tuple[str, str, str, int]], where: Where) -> list[dict[str, object]]:
    rng = town.random("toilets")
    rows = []
    chosen = [place for place in places if place[2] in ("公園", "図書館", "文化施設", "町役場", "公民館")]
    for index, (name, kana, kind, parcel) in enumerate(chosen):
        men, women, accessible = int(rng.integers(2, 6)), int(rng.integers(1, 5)), int(rng.integers(0, 3))
        has = "有" if accessible else "無"
        rows.append(
            {
                **_base(where, parcel, f"{name}トイレ", f"{kana}トイレ", f"T{index + 1:03d}"),
                "設置位置": "屋外" if kind == "公園" else "1階",
                "男性トイレ総数": str(men),
                "男性トイレ数（小便器）": str(men - 1),
                "男性トイレ数（和式）": "0",
                "男性トイレ数（洋式）": "1",
                "女性トイレ総数": str(women),
                "女性トイレ数（和式）": "0",
                "女性トイレ数（洋式）": str(women),
                "男女共用トイレ総数": str(accessible),
                "男女共用トイレ数（和式）": "0",
                "男女共用トイレ数（洋式）": str(accessible),
                "バリアフリートイレ数": str(accessible),
                "車椅子使用者用トイレ有無": has,
                "乳幼児用設備設置トイレ有無": has,
                "オストメイト設置トイレ有無": "有" if accessible > 1 else "無",
                "利用開始時間": "00:00" if kind == "公園" else "08:30",
                "利用終了時間": "23:59" if kind == "公園" else "21:00",
            }
        )
    return rows


_SIGHTS: tuple[tuple[str, str, str, str, str], ...] = (
    ("見本の一本桜", "ミホンノイッポンザクラ", "Sample Cherry Tree", "4月中旬に咲く桜の古木", ""),
    ("見本の滝", "ミホンノタキ", "Sample Waterfall", "遊歩道から見る高さ12メートルの滝", ""),
    ("見本展望台", "ミホンテンボウダイ", "Sample Lookout", "盆地を見渡す展望台", ""),
    ("見本ふれあい牧場", "ミホンフレアイボクジョウ", "Sample Farm", "羊と触れ合える牧場", "大人300円"),
    ("見本の湯", "ミホンノユ", "Sample Hot Spring", "日帰りの温泉", "大人500円、子ども250円"),
    ("見本郷土資料館", "ミホンキョウドシリョウカン", "Sample Museum", "農具とくらしの展示", "無料"),
)


def _sights(town: Town, where: Where) -> list[dict[str, object]]:
    rng = town.random("sights")
    parcels = rng.choice(town.parcels.faces, size=len(_SIGHTS), replace=False)
    rows = []
    for index, ((name, kana, english, text, fee), parcel) in enumerate(zip(_SIGHTS, parcels.tolist(), strict=True)):
        indoors = bool(fee)
        rows.append(
            {
                **_base(where, parcel, name, kana, f"K{index + 1:03d}"),
                "名称_英語": english,
                "説明": text,
                "料金(基本)": fee,
                "料金(詳細)": "20名以上は2割引" if index == 3 else "",
                "利用可能曜日": "火水木金土日" if indoors else "月火水木金土日",
                "開始時間": "09:00" if indoors else "00:00",
                "終了時間": "17:00" if indoors else "23:59",
                "利用可能日時特記事項": "月曜日が祝日のときは翌日休み" if indoors else "冬は通行止めのことがあります",
                "アクセス方法": "磐越東線 小野新町駅から車で15分",
                "駐車場情報": f"普通車{int(rng.integers(1, 9)) * 5}台",
                "バリアフリー情報": "車椅子用トイレあり" if indoors else "",
                "連絡先名称": "見本観光協会",
                "連絡先電話番号": "0247-00-9001",
            }
        )
    return rows


def _wireless(places: Sequence[tuple[str, str, str, int]], where: Where) -> list[dict[str, object]]:
    chosen = [place for place in places if place[2] in ("町役場", "図書館", "公民館", "文化施設")]
    return [
        {
            **_base(where, parcel, name, kana, f"W{index + 1:03d}"),
            "設置者": "福島県田村郡小野町",
            "SSID": "Mihon_Free_Wi-Fi",
            "提供エリア": "1階ロビー",
        }
        for index, (name, kana, _, parcel) in enumerate(chosen)
    ]


def _only(places: Sequence[tuple[str, str, str, int]], name: str) -> tuple[str, str, str, int]:
    return next(place for place in places if place[0] == name)


def _hospitals(places: Sequence[tuple[str, str, str, int]], where: Where) -> list[dict[str, object]]:
    name, kana, _, parcel = _only(places, "見本公立病院")
    row: Mapping[str, object] = {
        "医療機関の種類": "病院",
        "電話番号": "0247-00-0101",
        "診療曜日": "月火水木金",
        "診療開始時間": "08:30",
        "診療終了時間": "12:00",
        "診療日時特記事項": "午後は予約のみ",
        "時間外における対応": "救急は24時間",
        "診療科目": "内科、外科、整形外科",
        "病床数": "119",
        "法人の名称": "見本企業団",
    }
    return [{**_base(where, parcel, name, kana, "H001"), **row}]


def _nurseries(places: Sequence[tuple[str, str, str, int]], where: Where) -> list[dict[str, object]]:
    name, kana, _, parcel = _only(places, "見本保育所")
    row: Mapping[str, object] = {
        "種別": "保育所",
        "電話番号": "0247-00-0102",
        "収容定員": "90",
        "受入年齢": "0歳から5歳",
        "利用可能曜日": "月火水木金土",
        "開始時間": "07:30",
        "終了時間": "18:30",
        "一時預かりの有無": "有",
        "病児保育の有無": "無",
        "授乳室": "有",
        "おむつ替えコーナー": "有",
        "駐車場情報": "20台",
        "団体名": "福島県田村郡小野町",
    }
    return [{**_base(where, parcel, name, kana, "C001"), **row}]


def _care(places: Sequence[tuple[str, str, str, int]], where: Where) -> list[dict[str, object]]:
    name, kana, _, parcel = _only(places, "見本特別養護老人ホーム")
    row: Mapping[str, object] = {
        "介護サービス事業所名称": name,
        "介護サービス事業所名称_カナ": kana,
        "実施サービス": "介護老人福祉施設",
        "電話番号": "0247-00-0103",
        "法人の名称": "見本福祉会",
        "利用可能曜日": "月火水木金土日",
        "定員": "40",
    }
    return [{**_base(where, parcel, name, kana, "N001"), **row}]
