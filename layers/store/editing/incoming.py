"""What a client sent: a GeoJSON feature or a merge patch of one, taken apart but not yet judged."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import orjson

from gis.errors import OnomapError
from layers.store.errors import EditRefusedError, Fault

PATCHABLE = frozenset({"type", "id", "bbox", "links", "geometry", "properties"})


class BodyError(OnomapError):
    """A request's body is not the JSON it claims to be."""


@dataclass(frozen=True)
class Incoming:
    """Properties and geometry as sent; `has_geometry` tells a geometry of null from none that was sent."""

    properties: Mapping[str, object]
    geometry: Mapping[str, object] | None
    has_geometry: bool


def parse_feature(body: bytes) -> Incoming:
    """A whole feature; other members than its own are ignored (RFC 7946, 6.1), its id too: the server numbers features.

    Raises BodyError for what is no JSON object, EditRefusedError for one that is no feature.
    """
    document = _object(body)
    faults = []
    if document.get("type") != "Feature":
        faults.append(Fault("type", "GeoJSON の Feature（type が Feature）ではありません"))
    if "geometry" not in document:
        faults.append(Fault("geometry", "geometry がありません（図形がないときは null と書きます）"))
    return _taken_apart(document, faults)


def parse_patch(body: bytes) -> Incoming:
    """A merge patch (RFC 7396): properties that change, a null to empty one; a geometry is given whole.

    Raises BodyError for what is no JSON object, EditRefusedError for members that no feature has, since they would change
    nothing without a word.
    """
    document = _object(body)
    faults = [Fault(name, f"{name} は変更できません") for name in document if name not in PATCHABLE]
    if document.get("type", "Feature") != "Feature":
        faults.append(Fault("type", "type は Feature から変えられません"))
    geometry = document.get("geometry")
    if isinstance(geometry, dict) and not {"type", "coordinates"} <= set(geometry):
        faults.append(Fault("geometry", "geometry は type と coordinates をそろえて送ってください"))
    return _taken_apart(document, faults)


def _object(body: bytes) -> dict[str, object]:
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BodyError(f"本文が JSON として正しくありません（{error.lineno} 行 {error.colno} 文字目）。") from error
    if not isinstance(document, dict):
        raise BodyError("本文は JSON のオブジェクト（GeoJSON の Feature）にしてください。")
    return cast(dict[str, object], document)


def _taken_apart(document: Mapping[str, object], faults: list[Fault]) -> Incoming:
    properties, geometry = document.get("properties"), document.get("geometry")
    if properties is not None and not isinstance(properties, dict):
        faults.append(Fault("properties", "properties がオブジェクトではありません"))
    if geometry is not None and not isinstance(geometry, dict):
        faults.append(Fault("geometry", "geometry がオブジェクトでも null でもありません"))
    if faults:
        raise EditRefusedError(faults)
    return Incoming(
        cast(Mapping[str, object], properties or {}),
        cast(Mapping[str, object] | None, geometry),
        "geometry" in document,
    )
