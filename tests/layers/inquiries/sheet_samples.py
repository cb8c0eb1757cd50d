"""Answers as the town would give them, for the tests of the sheets: all names and places are made up."""

from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
from shapely import LineString, Point, Polygon, affinity, box
from shapely.geometry.base import BaseGeometry

from gis.map_symbols import FeatureStyle
from layers.inquiries.model import Answer, Finding, LayerState, Parcel
from layers.inquiries.sheets.context import MapContext, MapLayer
from layers.inquiries.sheets.wording import disclaimers
from layers.store.outcomes import Outcome

EAST, NORTH = 70_210.0, 142_860.0
PERMALINK = "http://127.0.0.1:8000/inquiries/20260401-7KQ2MX"
AS_OF = datetime(2026, 4, 1, 0, 5, tzinfo=UTC)

_LANDSLIDE_LAW = "土砂災害警戒区域等における土砂災害防止対策の推進に関する法律（平成12年法律第57号）第7条・第9条"


def plot(column: int, row: int) -> Polygon:
    """A parcel of the made-up village: 22 m × 31 m, turned by 17 degrees."""
    west, south = EAST + 22 * column, NORTH + 31 * row
    return affinity.rotate(box(west, south, west + 22, south + 31), 17, origin=(EAST, NORTH))


def parcel(chiban: str, geometry: BaseGeometry | None, **changes: object) -> Parcel:
    """A parcel of 大字小野新町字舘廻."""
    root, *branches = chiban.split("-")
    base = Parcel(
        key=f"小野新町/舘廻/{chiban}",
        number=f"大字小野新町字舘廻{root}番" + "の".join(branches),
        oaza="小野新町",
        koaza="舘廻",
        chiban=chiban,
        area_m2=None if geometry is None else geometry.area,
        registered_area_m2=None if geometry is None else round(geometry.area - 1.5, 2),
        land_category="宅地",
        accuracy_class=None if geometry is None else "乙一",
        error_m=0.75,
        undetermined=False,
        geometry=geometry,
        load=12,
        data_date=date(2025, 10, 1),
        sheet="07522-0101-0012 舘廻1",
        fid=101,
    )
    return replace(base, **changes)  # type: ignore[arg-type]


THEMES: tuple[tuple[str, str, Outcome, str, dict[str, object], str, str, str, tuple[str, ...]], ...] = (
    (
        "landslide", "土砂災害（特別）警戒区域", Outcome.APPLIES, "土砂災害警戒区域(指定済)（土石流）（一部）",
        {
            "overlap_m2": 123.456, "share": 0.181, "overlap_min_m2": 98.7, "overlap_max_m2": 150.12, "band_m": 10.03,
            "groups": [
                {"label": "土砂災害警戒区域(指定済)（土石流）", "overlap_m2": 123.456, "share": 0.181},
                {"label": "土砂災害特別警戒区域(指定済)（土石流）", "overlap_m2": 4.2, "share": 0.0062},
            ],
        },
        _LANDSLIDE_LAW, "地域整備課", "土砂災害警戒区域等",
        ("区域の境界は福島県の公示図書で確認してください。",),
    ),
    (
        "city_use", "用途地域", Outcome.APPLIES, "第一種中高層住居専用地域（建ぺい率60％・容積率200％）",
        {"overlap_m2": 682.0, "share": 1.0, "band_m": 2.5},
        "都市計画法（昭和43年法律第100号）第8条第1項第1号", "地域整備課", "都市計画区域・用途地域", (),
    ),
    (
        "flood", "洪水浸水想定区域（想定最大規模）", Outcome.NEAR_BOUNDARY, "境界付近・要確認（0.5m以上3.0m未満）",
        {"overlap_m2": 0.0, "overlap_min_m2": 0.0, "overlap_max_m2": 31.2, "band_m": 10.03, "distance_m": 4.2},
        "水防法（昭和24年法律第193号）第14条", "総務課", "洪水浸水想定区域", (),
    ),
    (
        "road_front", "前面道路（認定路線）", Outcome.APPLIES, "町道1023号 舘廻・荒町線（幅員4m以上8m未満）",
        {"distance_m": 0.0, "length_m": 22.04, "count": 1}, "道路法（昭和27年法律第180号）第8条", "地域整備課", "道路",
        ("幅員は道路台帳の代表値です。",),
    ),
    (
        "water_front", "前面の配水管", Outcome.APPLIES, "配水支管 口径75mm まで約6.3m", {"distance_m": 6.31},
        "水道法（昭和32年法律第177号）第15条", "地域整備課（水道）", "水道管路", (),
    ),
    (
        "agricultural_zone", "農用地区域", Outcome.DOES_NOT_APPLY, "農用地区域の一覧にありません", {},
        "農業振興地域の整備に関する法律（昭和44年法律第58号）第8条", "産業振興課", "農用地区域（地番一覧）", (),
    ),
    (
        "forest", "地域森林計画対象民有林", Outcome.DOES_NOT_APPLY, "対象民有林ではない", {"distance_m": 214.9},
        "森林法（昭和26年法律第249号）第5条", "産業振興課", "森林計画区域・保安林", (),
    ),
    (
        "heritage", "周知の埋蔵文化財包蔵地", Outcome.NO_DATA, "データなし（筆の42%がデータの範囲外）", {},
        "文化財保護法（昭和25年法律第214号）第93条", "教育委員会", "埋蔵文化財包蔵地", (),
    ),
    (
        "farmland", "農地（筆ポリゴン）", Outcome.STALE, "要更新確認（旧データでは非該当）",
        {"provisional": "does_not_apply"},
        "農地法（昭和27年法律第229号）第2条第1項", "農業委員会", "筆ポリゴン",
        ("「筆ポリゴン」は更新周期を過ぎています。最新の状況を担当課に確認してください。",),
    ),
)  # fmt: skip


def findings(of: Parcel) -> list[Finding]:
    """One finding a theme: every outcome occurs."""
    return [
        Finding(
            parcel=of.key,
            theme=theme,
            theme_title=title,
            outcome=outcome,
            label=label,
            measure=measure,
            basis=basis,
            department=department,
            layer=theme,
            layer_title=layer_title,
            data_date=None if outcome is Outcome.NO_DATA else date(2024, 3, 29),
            load=None if outcome is Outcome.NO_DATA else 7,
            source="「国土数値情報（土砂災害警戒区域データ）」（国土交通省）を加工して作成",
            notes=notes,
        )
        for theme, title, outcome, label, measure, basis, department, layer_title, notes in THEMES
    ]


def layer_states() -> tuple[LayerState, ...]:
    """The edition of each layer: one never loaded, one past its update cycle."""
    return tuple(
        LayerState(
            layer=theme,
            title=layer_title,
            department=department,
            load=None if outcome is Outcome.NO_DATA else 7,
            data_date=None if outcome is Outcome.NO_DATA else date(2024, 3, 29),
            loaded_at=None if outcome is Outcome.NO_DATA else datetime(2026, 3, 30, 6, 0, tzinfo=UTC),
            file_name=None if outcome is Outcome.NO_DATA else "A33-24_07_GML.zip",
            file_sha256=None if outcome is Outcome.NO_DATA else "ab" * 32,
            error_m=10.0,
            attribution="「国土数値情報（土砂災害警戒区域データ）」（国土交通省）を加工して作成",
            stale=outcome is Outcome.STALE,
        )
        for theme, _, outcome, _, _, _, department, layer_title, _ in THEMES
    )


def answer_about(parcels: list[Parcel], **changes: object) -> Answer:
    """An issued answer."""
    base = Answer(
        id="20260401-7KQ2MX",
        as_of=AS_OF,
        municipality="福島県田村郡小野町",
        fictitious=True,
        parcels=tuple(parcels),
        findings=tuple(finding for asked in parcels for finding in findings(asked)),
        layers=layer_states(),
        disclaimers=disclaimers(parcels, fictitious=True, undeclared_datum_m=1.96),
        asker="産業振興課 農政係",
        purpose="農地転用許可申請に係る事前調査（太陽光発電設備の設置）",
        elapsed_ms=41.7,
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def one_parcel() -> Answer:
    """The everyday case."""
    return answer_about([parcel("92-1", plot(0, 0))])


def three_parcels() -> Answer:
    """Two neighbours, one of them 筆界未定, and one of a sheet without a place on earth; one number was not found."""
    return answer_about(
        [
            parcel("92-1", plot(0, 0)),
            parcel("92-2", plot(1, 0), undetermined=True, accuracy_class="乙三", error_m=3.0, registered_area_m2=512.0),
            parcel(
                "無地番-3", None, number="大字飯豊字中新田 無地番-3", key="飯豊/中新田/無地番-3", land_category=None
            ),
        ],
        unresolved=("大字小野新町字舘廻9999番",),
    )


def many_parcels(count: int, spread_m: float = 0.0) -> Answer:
    """Parcels in rows of twenty; `spread_m` moves each away from the others so that none share a map."""
    asked = []
    for number in range(count):
        column, row = number % 20, number // 20
        shape = affinity.translate(plot(column, row), column * spread_m, row * spread_m)
        asked.append(parcel(f"{100 + number}-1", shape))
    return answer_about(asked)


def village(columns: int = 9, rows: int = 7) -> MapContext:
    """What stands around: neighbours, a zone in two classes, a road, a main, a shelter and a hydrant."""
    plots = [plot(column, row) for column in range(-columns, columns) for row in range(-rows, rows)]
    cadastral = _layer(
        "cadastral", "地籍", plots, [FeatureStyle("筆界", line="#555555", width=0.6)] * len(plots),
        [f"{80 + number}-{number % 5 + 1}" for number in range(len(plots))],
        "法務省「登記所備付地図データ」を加工して作成",
    )  # fmt: skip
    warning = FeatureStyle("土石流 警戒区域", fill="#E6C832", line="#8A7500", pattern="diagonal")
    special = FeatureStyle("土石流 特別警戒区域", fill="#A50021", line="#700016", pattern="cross_diagonal")
    zones = [box(EAST - 80, NORTH - 20, EAST + 8, NORTH + 60), box(EAST - 70, NORTH - 20, EAST - 20, NORTH + 20)]
    landslide = _layer(
        "landslide", "土砂災害警戒区域等", zones, [warning, special], ["小戸神沢", None],
        "「国土数値情報（土砂災害警戒区域データ）」（国土交通省）を加工して作成",
    )  # fmt: skip
    road = _line((EAST - 300, NORTH - 6), (EAST + 300, NORTH - 2))
    main = _line((EAST - 300, NORTH - 4), (EAST + 300, NORTH))
    roads = _layer(
        "roads",
        "道路",
        [road],
        [FeatureStyle("町道", line="#B06000", width=4)],
        ["町道1023号 舘廻・荒町線"],
        "小野町道路台帳",
    )
    water = _layer(
        "water", "水道管路", [main], [FeatureStyle("配水支管", line="#2166AC", width=2, pattern="dash")], ["DIPφ75"],
        "小野町水道台帳",
    )  # fmt: skip
    points = _layer(
        "shelters", "指定避難所", [Point(EAST + 40, NORTH + 30), Point(EAST - 30, NORTH + 5)],
        [
            FeatureStyle("指定避難所", fill="#0067B1", line="#00325A", icon="triangle"),
            FeatureStyle("消火栓", fill="#D7301F", line="#7F0000"),
        ],
        ["舘廻集会所", None], "小野町地域防災計画",
    )  # fmt: skip
    return MapContext(layers=(landslide, cadastral, roads, water, points))


def _line(start: tuple[float, float], end: tuple[float, float]) -> LineString:
    return affinity.rotate(LineString([start, end]), 17, origin=(EAST, NORTH))


def _layer(
    layer_id: str,
    title: str,
    shapes: list[BaseGeometry],
    styles: list[FeatureStyle],
    labels: list[str | None] | list[str],
    attribution: str,
) -> MapLayer:
    geometries = np.array([*shapes, None], dtype=object)[:-1]
    return MapLayer(layer_id, title, geometries, tuple(styles), tuple(labels), attribution)
