"""Truths put together without a store, through the product's own comparison."""

from dataclasses import replace
from datetime import UTC, date, datetime

from gis.boundary_comparison.areas import check_area, surveyed_area
from gis.boundary_comparison.compare import compare
from gis.boundary_comparison.model import RegisteredParcel
from gis.positioning.model import Epoch, Station, SurveyedBoundary
from layers.surveys.truth_model import Held, LayerRead, Surveyed, Truth
from tests.gis.boundary_comparison.shapes import PLOT, moved, parcel, surveyed

STATION = Station("見本基準局（架空）", "ONO1", "JGD2011", Epoch.REFERENCE, "試験受信機")
OVER = [(0.2, 0.1), (40.1, -0.2), (40.84, 25.0), (20.0, 25.3), (-0.1, 24.6)]
"""Over the eastern line by 0.84 m at its third corner."""
SEEN = [(-1.0, 1.0), (39.0, 0.5), (39.5, 24.0), (1.0, 25.0)]
LOADED = datetime(2026, 4, 2, 0, 30, tzinfo=UTC)
LAYERS = (
    LayerRead(
        *("cadastral", "地番図（登記所備付地図）", "税務課", 11, date(2026, 4, 1), LOADED, "07522-0400.zip", "ab" * 32),
        *("「登記所備付地図データ」（法務省）を加工して作成", "筆ごとの精度区分の公差"),
    ),
    LayerRead(
        *("farmland", "農地（筆ポリゴン）", "農業委員会", 12, None, LOADED, "2026_075221.fgb", "cd" * 32),
        *("「筆ポリゴンデータ」（農林水産省）を加工して作成", "標準偏差3.5 mを当てる"),
    ),
)


def plots(limit_m: float = 0.75) -> list[RegisteredParcel]:
    """Five parcels: the field's own, and one on each side."""
    sides = {"12-1": (0.0, 0.0), "12-2": (40.0, 0.0), "13": (0.0, 25.0), "11": (-40.0, 0.0), "10": (0.0, -25.0)}
    return [
        replace(parcel(f"小野新町字舘廻{name}", moved(PLOT, *way), limit_m=limit_m), number=name)
        for name, way in sides.items()
    ]


def truth_about(
    boundary: SurveyedBoundary,
    cadastral: list[RegisteredParcel] | None = None,
    farmland: list[RegisteredParcel] | None = None,
    *,
    name: str = "前の田",
) -> Truth:
    """The truth about a boundary over those polygons; None stands for a map that has none."""
    area = surveyed_area(boundary)
    return Truth(
        surveyed=Surveyed(
            field_id="F-7",
            field_name=name,
            surveyor="sato",
            antenna_height_m=2.0,
            surveyed_on=date(2026, 7, 1),
            station=STATION,
            boundary=boundary,
            version=1,
            kept_at=datetime(2026, 7, 1, 3, 0, tzinfo=UTC),
            claimed_fix=False,
            is_measured=True,
        ),
        area=area,
        cadastral=_held(boundary, cadastral, areas=True),
        farmland=_held(boundary, farmland, areas=False),
        layers=LAYERS,
        as_of=datetime(2026, 7, 2, 0, 15, tzinfo=UTC),
        municipality="福島県田村郡小野町",
        fictitious=True,
        plane="平面直角座標系 第IX系（JGD2011）",
        added_error_m=0.0,
        farmland_error_m=3.5,
        asked_of="産業振興課",
        farmland_office="農業委員会",
    )


def _held(boundary: SurveyedBoundary, polygons: list[RegisteredParcel] | None, *, areas: bool) -> Held | None:
    found = compare(boundary, polygons) if polygons else None
    if found is None or polygons is None:
        return None
    own, area = [one.parcel for one in found.ground], surveyed_area(boundary)
    checks = [check_area(area, own, registered=registered) if areas else None for registered in (False, True)]
    return Held(found, polygons, *checks)


def seen_from_the_air() -> list[RegisteredParcel]:
    return [replace(parcel("筆ポリゴン", SEEN, limit_m=1.96 * 3.5), accuracy_class=None)]


def over_the_line() -> Truth:
    """A ridge 0.84 m beyond a line that is sure to 0.75 m, with a pond that no map has."""
    pond = [(10.0, 10.0), (12.0, 10.0), (12.0, 12.0), (10.0, 12.0)]
    return truth_about(surveyed(OVER, pond), plots(), seen_from_the_air())
