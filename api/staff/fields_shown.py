"""Fields, plans and base stations as JSON and GeoJSON."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import shapely

from gis.crs import Grids, plan
from gis.units import Area
from layers.store.instance import Store
from layers.store.selection import version_tag
from layers.surveys.base_checks import HEIGHT_FACTOR, Check, Series
from layers.surveys.base_stations import BaseStation, FieldReach, nearest_geonet
from layers.surveys.crop_areas import by_crop, by_oaza
from layers.surveys.crop_desk import UNKNOWN_OAZA, CropDesk, PlannedField, YearOfFields
from layers.surveys.crop_differences import Difference, Preview
from layers.surveys.crop_model import Plan, PlanPart, SizedPart, sized
from layers.surveys.crops import crop_of, crops
from layers.surveys.planting_map import short_names, style_of
from layers.surveys.wording import warnings_of

DEGREES = 6668
_ACTIONS = {"plan": "計画を変えた", "restore": "元に戻した", "copy": "前の年から写した", "import": "台帳から取り込んだ"}


def year_shown(desk: CropDesk, whole: YearOfFields, year: YearOfFields, years: list[int]) -> dict[str, object]:
    """The fields of a year as they were filtered out of the `whole`, with their sums and what is doubtful about them."""
    store, grasp = desk.store, desk.grasp
    return {
        "year": year.year,
        "years": years,
        "everything": grasp.everything,
        "may_edit": grasp.edits_any,
        "caller": {"name": desk.caller.name, "department": desk.caller.post.department},
        "town": {"name": store.town.name, "bbox": list(store.town.bbox), "fictitious": store.town.fictitious},
        "crops": [crop.as_json() for crop in crops().values()],
        "oazas": sorted({one.ground.oaza or UNKNOWN_OAZA for one in whole.fields}),
        "all": len(whole.fields),
        "fields": [field_shown(one, may_edit=grasp.edits(one.ground.key)) for one in year.fields],
        "sums": {
            "by_crop": [row.as_json() for row in by_crop(year.fields)],
            "by_oaza": [row.as_json() for row in by_oaza(year.fields)],
        },
        "warnings": warnings_of(year),
    }


def field_shown(one: PlannedField, *, may_edit: bool) -> dict[str, object]:
    """A field with its plan."""
    ground = one.ground
    area = Area.of_m2(ground.area_m2)
    return {
        "layer": ground.key.layer,
        "field_id": ground.key.field_id,
        "name": ground.name,
        "oaza": ground.oaza,
        "area_m2": round(ground.area_m2, 2),
        "area_a": round(area.ares, 2),
        "area_tan": round(area.tan, 3),
        "basis": ground.basis,
        "sigma_m": ground.sigma_m,
        "version": one.plan.version,
        "etag": version_tag(one.plan.version),
        "may_edit": may_edit,
        "over": one.over,
        "parts": [_part(part) for part in one.parts],
    }


def _part(one: SizedPart) -> dict[str, object]:
    return {**one.part.model_dump(), "resolved_m2": round(one.area_m2, 2)}


def plan_shown(one: PlannedField, versions: Iterable[Plan], *, may_edit: bool) -> dict[str, object]:
    """A field with its plan and every version of it, newest first."""
    told = [
        {
            "version": version.version,
            "action": _ACTIONS.get(version.action, version.action),
            "made_at": None if version.made_at is None else version.made_at.isoformat(),
            "name": version.made_name,
            "words": _words(version.parts, one.ground.area_m2),
        }
        for version in versions
    ]
    return {**field_shown(one, may_edit=may_edit), "year": one.plan.year, "versions": told}


def _words(parts: Sequence[PlanPart], field_m2: float) -> str:
    told = (f"{crop_of(one.part.crop).label} {one.area_m2:,.0f}㎡" for one in sized(parts, field_m2))
    return "、".join(told) or "計画なし"


def fields_document(store: Store, fields: Sequence[PlannedField]) -> dict[str, object]:
    """The fields as GeoJSON in degrees, each in the look of its largest part and with the names that are written on it."""
    if not fields:
        return {"type": "FeatureCollection", "features": []}
    shapes = np.array([one.ground.geometry for one in fields], dtype=object)
    moved, _ = plan(store.town.srid, DEGREES, Grids(None, None)).apply(shapes)
    rounded = shapely.transform(moved, lambda points: np.round(points, 8))
    features = [
        {
            "type": "Feature",
            "id": number,
            "geometry": shapely.geometry.mapping(shape),
            "properties": _look(one),
        }
        for number, (one, shape) in enumerate(zip(fields, rounded, strict=True))
    ]
    return {"type": "FeatureCollection", "features": features}


def _look(one: PlannedField) -> dict[str, object]:
    style = style_of(one)
    pattern = None if not one.plan.parts or style.line is None else f"pattern-{style.pattern}-{style.line[1:].lower()}"
    key = one.ground.key
    return {
        "layer": key.layer,
        "field_id": key.field_id,
        "name": one.ground.name,
        "label": short_names(one),
        "planned": bool(one.plan.parts),
        "fill": style.fill or "#ffffff",
        "line": style.line,
        "width": style.width,
        "pattern": pattern,
    }


def preview_shown(shown: Preview) -> dict[str, object]:
    """What a ledger would change, and what of it cannot be taken."""
    return {
        "year": shown.year,
        "unchanged": shown.unchanged,
        "differences": [_difference(one) for one in shown.differences],
        "refused": [{"line": one.line, "why": one.why} for one in shown.refused],
        "digest": shown.digest,
    }


def _difference(one: Difference) -> dict[str, object]:
    ground = one.ground
    return {
        "layer": ground.key.layer,
        "field_id": ground.key.field_id,
        "name": ground.name,
        "before": _words(one.before.parts, ground.area_m2),
        "after": _words(one.after, ground.area_m2),
    }


def stations_shown(
    stations: Sequence[BaseStation], found: Sequence[FieldReach], *, may_edit: bool
) -> dict[str, object]:
    """The stations that correct, the 電子基準点 near them, and the fields by what reaches them."""
    outside = [one for one in found if not one.inside]
    return {
        "may_edit": may_edit,
        "stations": [_station(one, stations, found) for one in stations if one.kind != "geonet"],
        "geonet": sum(one.kind == "geonet" for one in stations),
        "fields": len(found),
        "outside": [_reach(one) for one in sorted(outside, key=lambda one: -(one.distance_km or 0.0))],
        "served": [_reach(one) for one in found if one.inside],
    }


def _station(one: BaseStation, stations: Sequence[BaseStation], found: Sequence[FieldReach]) -> dict[str, object]:
    return {
        **{
            name: getattr(one, name) for name in ("fid", "version", "lon", "lat", "station_id", "name", "kind", "owner")
        },
        **{
            name: getattr(one, name)
            for name in ("datum", "epoch", "coverage_km", "mount_point", "health", "health_note")
        },
        "health_on": None if one.health_on is None else one.health_on.isoformat(),
        "contact": one.contact,
        "fields": sum(reach.station_id == one.station_id and reach.inside for reach in found),
        "nearest": [
            {
                "station_id": point.station_id,
                "name": point.name,
                "km": round(distance, 1),
                "error_km": None if point.position_error_m is None else round(point.position_error_m / 1000, 1),
            }
            for point, distance in nearest_geonet(stations, one)
        ],
    }


def _reach(one: FieldReach) -> dict[str, object]:
    growth = one.growth_mm
    return {
        "layer": one.ground.key.layer,
        "field_id": one.ground.key.field_id,
        "name": one.ground.name,
        "oaza": one.ground.oaza,
        "station_id": one.station_id,
        "km": None if one.distance_km is None else round(one.distance_km, 2),
        "growth_mm": None if growth is None else round(growth, 1),
    }


def checks_shown(checks: Sequence[Check], series: Sequence[Series], *, may_edit: bool) -> dict[str, object]:
    """Every check, and the series of those that count."""
    return {
        "may_edit": may_edit,
        "checks": [_check(one) for one in reversed(checks)],
        "series": [
            {
                "known_point": one.known_point,
                "epoch": one.epoch,
                "alarm": one.alarm,
                "trend_mm_a": None if one.trend_mm_a is None else [round(value, 1) for value in one.trend_mm_a],
                "checks": [_check(check) for check in one.checks],
            }
            for one in series
        ],
    }


def _check(one: Check) -> Mapping[str, object]:
    return {
        **{name: getattr(one, name) for name in ("id", "known_point", "epoch", "fixes", "receiver", "note")},
        "measured_at": one.measured_at.isoformat(),
        **{name: _rounded(getattr(one, name)) for name in ("dx", "dy", "dh", "sigma_m", "limit_m")},
        "limit_h_m": _rounded(HEIGHT_FACTOR * one.limit_m),
        "beyond": one.beyond,
        "name": one.made_name,
        "withdrawn_at": None if one.withdrawn_at is None else one.withdrawn_at.isoformat(),
    }


def _rounded(metres: float | None) -> float | None:
    return None if metres is None else round(metres, 4)


def this_year() -> int:
    """The year that it is in Japan."""
    return datetime.now(ZoneInfo("Asia/Tokyo")).year
