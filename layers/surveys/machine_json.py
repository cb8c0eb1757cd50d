"""The fields of a file as GeoJSON for a look at them: what was found, what was left out, and whether it can be kept."""

from collections.abc import Sequence

from gis.formats.machine import MachineField
from gis.formats.machine.files import NOT_A_BOUNDARY
from gis.formats.machine.geojson_writing import features
from gis.formats.machine.rings import CROSSING, is_ring
from layers.surveys.machine import hindrance, measured_m2


def brought_json(fields: Sequence[MachineField], epsg: int) -> dict[str, object]:
    """A FeatureCollection: areas, headlands and guidance lines, each with the `number` of its field; `fields` lists those.

    A boundary that crosses itself is told once, as the `hindrance`. `area_m2` is what the file states and `measured_m2` what
    the boundary encloses in the town's plane.
    """
    shown: list[dict[str, object]] = []
    for number, item in enumerate(fields, start=1):
        if is_ring(item.outer):
            for feature in features(item):
                properties = feature["properties"]
                assert isinstance(properties, dict)  # noqa: S101 - made above
                shown.append({**feature, "properties": {"number": number, **properties}})
    return {
        "type": "FeatureCollection",
        "features": shown,
        "fields": [_told(number, item, epsg) for number, item in enumerate(fields, start=1)],
        "note": NOT_A_BOUNDARY,
    }


def _told(number: int, item: MachineField, epsg: int) -> dict[str, object]:
    area = measured_m2(item, epsg)
    return {
        "number": number,
        "id": item.id,
        "name": item.name,
        "farmer": item.farmer,
        "area_m2": item.area_m2,
        "measured_m2": None if area is None else round(area, 2),
        "corners": len(item.outer),
        "inner_boundaries": len(item.inners),
        "has_headland": item.headland is not None,
        "guidance_lines": len(item.guidance),
        "hindrance": hindrance(item),
        "notes": [note for note in item.notes if note != CROSSING],
    }
