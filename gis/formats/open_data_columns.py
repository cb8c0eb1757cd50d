"""Column names of the 自治体標準オープンデータセット and its forerunner, and the other names under which they are met.

`SHEETS` holds whole headers in their published order (definition sheets and municipal files as of 2026-08), for
writing; `canonical` brings any spelling back to one name, for reading.
"""

import re
import unicodedata

from gis.formats.open_data_sheets import Family, sheets

SHEETS: dict[str, tuple[str, ...]] = {
    name: sheet.columns for (name, family), sheet in sheets().items() if family is Family.NEW
}
"""The headers of the newest edition, by the name of the sheet."""

_OTHER_NAMES = (
    "都道府県コード又は市区町村コード,NO,都道府県名,市区町村名,住所,方書,名称_英語,料金（基本）,料金（詳細）,説明_英語,"
    "アクセス方法,駐車場情報,バリアフリー情報,連絡先名称,連絡先電話番号,連絡先内線番号,種別,口径,設置者,SSID,提供エリア,"
    "男性トイレ総数,男性トイレ数（小便器）,男性トイレ数（和式）,男性トイレ数（洋式）,女性トイレ総数,女性トイレ数（和式）,"
    "女性トイレ数（洋式）,男女共用トイレ総数,男女共用トイレ数（和式）,男女共用トイレ数（洋式）,バリアフリートイレ数,"
    "多機能トイレ数,車椅子使用者用トイレ有無,乳幼児用設備設置トイレ有無,オストメイト設置トイレ有無,利用開始時間,利用終了時間,"
    "FAX番号,認可等年月日,収容定員,受入年齢,一時預かりの有無,介護サービス事業所名称,介護サービス事業所名称_カナ,実施サービス,"
    "法人の名称,事業所番号,利用可能曜日特記事項,定員,医療機関の種類,医療機関コード,診療曜日,診療開始時間,診療終了時間,"
    "診療日時特記事項,時間外における対応,診療科目,病床数,文化財分類,種類,場所名称,員数（数）,員数（単位）,所有者等,文化財指定日,"
    "概要,概要_英語,イベント名,イベント名_カナ,イベント名_英語,開始日,終了日,主催者,地域コード,調査年月日,地域名,総人口,世帯数,"
    "共通ID,施設・場所名,都道府県名及び市町村名,指定避難所との住所同一,指定緊急避難場所との住所同一"
)

_ALIASES = {
    "所在地_連結表記": "所在地_連結標記,所在地_連結表示,所在地連結表記,seat_copulative_spell,fullAddress",
    "建物名等(方書)": "建物名等_方書,buillding_name_etc,building_name_etc,buildingNameEtc",
    "全国地方公共団体コード": "localgov_code,localGovernmentCode,lg_code",
    "地方公共団体名": "localgov_name,localGovernmentName",
    "所在地_全国地方公共団体コード": "seat_localgov_code,locatedLocalGovernmentCode",
    "町字ID": "choaza_id,streetAddressId,machiaza_id",
    "所在地_都道府県": "seat_prefecture,prefecture",
    "所在地_市区町村": "seat_city",
    "所在地_町字": "seat_choaza,streetAddress",
    "所在地_番地以下": "seat_after_address,cityBlock",
    "都道府県名": "pref",
    "市区町村名": "city",
    "市区町村コード": "prefCode",
    "ID": "identifier,identification",
    "NO": "#property",
    "名称": "name,施設の名称",
    "名称_カナ": "name_kana,nameKana,fullNameInKana",
    "名称_英字": "name_english,nameEn,fullNameInRomaji",
    "住所": "address",
    "方書": "katagaki",
    "緯度": "lat,latitude,lat.,北緯,緯度(世界測地系),y",
    "経度": "lon,lng,long,longitude,lon.,東経,経度(世界測地系),x",
    "標高": "elevation",
    "電話番号": "tel,telephone,telephoneNumber,phone",
    "FAX番号": "fax",
    "設置位置": "installationPosition",
    "利用可能曜日": "availableDate",
    "開始時間": "startTime",
    "終了時間": "endTime",
    "利用可能日時特記事項": "availableDateNote",
    "小児対応設備の有無": "equipmentForChildren",
    "アクセス方法": "access",
    "駐車場情報": "parkingInformation",
    "受入年齢": "acceptedAge",
    "一時預かりの有無": "temporaryKeeping",
    "想定収容人数": "capacity",
    "対象となる町会・自治会": "residentsAssociation",
    "備考": "note,remarks",
    "災害種別_地震": "災害種別_地震(火災)",
}

LOCATION = "location"
"""The one column that holds "緯度,経度" in some cities' files."""

_NUMBERED = re.compile(r"^\d{1,3}[.:)、_ ]\s*(?=\D)")


def folded(name: str) -> str:
    """A column name without what differs by accident: width, case, blanks, a leading number, a kind of low line."""
    plain = unicodedata.normalize("NFKC", name).strip().strip("\ufeff*※◎○")
    return re.sub(r"\s+", "", _NUMBERED.sub("", plain)).casefold()


def _known() -> dict[str, str]:
    names = {folded(name): name for sheet in reversed(sheets().values()) for name in reversed(sheet.columns)}
    names |= {folded(name): name for name in (*_OTHER_NAMES.split(","), *SHEETS["aed"], *SHEETS["evacuation_space"])}
    for name, spellings in _ALIASES.items():
        names |= {folded(spelling): name for spelling in spellings.split(",")}
    return names | {LOCATION: LOCATION}


_KNOWN = _known()


def canonical(name: str) -> str | None:
    """The standard's name for a column, whatever its spelling; None for one that it does not know.

    >>> [canonical(name) for name in ("1.名称", "所在地＿連結標記", "建物名等（方書）", "男性ﾄｲﾚ数(和式)", "tel")]
    ['名称', '所在地_連結表記', '建物名等(方書)', '男性トイレ数（和式）', '電話番号']
    """
    return _KNOWN.get(folded(name))
