"""The geometry of one feature brought into the town's plane: refused with its reason where loading would repair it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import orjson
import shapely
from numpy.typing import NDArray

from gis.crs import Grids, describe, plan
from gis.validity import as_multi, fault, repair
from layers.store.definitions import GeometryKind, Layer
from layers.store.editing.request_crs import RequestCrs
from layers.store.errors import EditRefusedError, Fault
from layers.store.loading.rows import areas_of, may_lack_geometry, wrong_shapes
from layers.store.settings import Municipality

SAME_M = 0.001
"""A geometry that comes back within a millimetre of the stored one, vertex by vertex, was not edited but only carried
through other coordinates; the stored one stays, so that editing a name does not move a boundary."""
FAR_DEGREES = 0.5
"""Half a degree (45 to 55 km) around the town's box: beyond it, axes were swapped or the system is not the one named."""
GEOGRAPHIC = 6668
_CHECK_CRS = "座標の順序と座標系（Content-Crs）を確かめてください"
_SIMPLE = frozenset({"Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon"})


@dataclass(frozen=True)
class Shape:
    """A geometry in plane metres (None where the layer allows none), its area as loading measures it (NaN without a
    geometry, None where the layer has no areas), the metres its coordinates may be off by what was done to them, and
    what its sender should know."""

    geometry: shapely.Geometry | None
    area_m2: float | None
    added_error_m: float = 0.0
    notes: tuple[str, ...] = ()

    def or_stored(self, stored: "Shape") -> "Shape":
        """The stored one when this one is the same to the millimetre."""
        if self.geometry is None or stored.geometry is None:
            return self if self.geometry is not stored.geometry else stored
        return stored if shapely.equals_exact(self.geometry, stored.geometry, SAME_M) else self


def read_shape(layer: Layer, town: Municipality, geometry: Mapping[str, object] | None, crs: RequestCrs) -> Shape:
    """The geometry that was sent, placed in the town's plane. Raises EditRefusedError with what is wrong with it."""
    if layer.geometry is GeometryKind.NONE:
        if geometry is not None:
            raise _refused(f"{layer.title} は図形を持たないレイヤです。geometry を null にしてください")
        return Shape(None, None)
    if geometry is None:
        if not may_lack_geometry(layer):
            raise _refused("図形がありません")
        return Shape(None, _area(layer, _one(None)))
    sent = _parsed(layer, geometry)
    flat = shapely.force_2d(sent)
    if crs.north_first:
        flat = shapely.transform(flat, lambda points: points[:, ::-1])
    notes = ("高さ（Z）は保存していません。",) if shapely.has_z(sent) else ()
    return _placed(layer, town, flat, crs, notes)


def _refused(reason: str) -> EditRefusedError:
    return EditRefusedError([Fault("geometry", reason)])


def _one(geometry: shapely.Geometry | None) -> NDArray[np.object_]:
    return np.array([geometry], dtype=object)


def _area(layer: Layer, geometry: NDArray[np.object_]) -> float | None:
    areas = areas_of(layer, geometry)
    return None if areas is None else float(areas[0])


def _parsed(layer: Layer, geometry: Mapping[str, object]) -> shapely.Geometry:
    kind = geometry.get("type")
    if not isinstance(kind, str) or kind not in _SIMPLE:
        raise _refused(f"図形の種類「{str(kind)[:40]}」は {layer.title} に入りません")
    try:
        parsed: shapely.Geometry | None = shapely.from_geojson(orjson.dumps(geometry))
    except (shapely.errors.ShapelyError, ValueError, TypeError) as error:
        raise _refused("図形を読めません（輪が閉じていない、頂点が足りない、座標が数でないなど）") from error
    if parsed is None or parsed.is_empty:
        raise _refused("図形が空です")
    wrong = wrong_shapes(layer, _one(parsed))
    if wrong:
        raise _refused(wrong[0])
    return parsed


def _placed(layer: Layer, town: Municipality, flat: shapely.Geometry, crs: RequestCrs, notes: tuple[str, ...]) -> Shape:
    if (cause := fault(flat)) is not None:
        raise _refused(f"図形が正しくありません：{cause}")
    cleaned = repair(_one(flat))[0]
    transformation = plan(crs.epsg, town.srid, Grids(None, None))
    moved, lost = transformation.apply(cleaned)
    if lost.any():
        raise _refused(f"図形の位置を町の平面直角座標に変換できません。{_CHECK_CRS}")
    if (cause := fault(moved[0])) is not None:
        raise _refused(f"図形が正しくありません：{cause}")
    cast = as_multi(moved, layer.geometry.value)
    measured = cleaned if describe(crs.epsg).zone is not None else cast
    return Shape(cast[0], _area(layer, measured), transformation.accuracy_m, (*notes, *_where(town, moved)))


def _where(town: Municipality, moved: NDArray[np.object_]) -> tuple[str, ...]:
    """A word when the feature lies outside the town, as loading gives one; refused when it cannot belong to it."""
    degrees, lost = plan(town.srid, GEOGRAPHIC, Grids(None, None)).apply(moved)
    box = shapely.bounds(degrees[0])
    west, south, east, north = town.bbox
    beyond = max(west - box[2], box[0] - east, south - box[3], box[1] - north)
    if lost.any() or not beyond <= FAR_DEGREES:
        raise _refused(f"図形が {town.name} から離れすぎています。{_CHECK_CRS}")
    return ("町の範囲の外にあります（そのまま保存しました）。",) if beyond > 0 else ()
