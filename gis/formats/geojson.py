"""GeoJSON and line-delimited GeoJSON, parsed here: GDAL would look into the text and may take it for something else."""

import json
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.errors import ShapelyError
from shapely.geometry import shape

from gis.errors import UnreadableFileError, UnsupportedFileError
from gis.formats.archive import Member
from gis.formats.positions import reject, without_unusable
from gis.formats.source_crs import from_geojson
from gis.formats.table import SourceCrs, SourceTable

BATCH_ROWS = 50_000
MAX_BYTES = 512 * 1024**2

_GEOMETRY_TYPES = frozenset(
    {"Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection"}
)
_Json = dict[str, Any]


def read(member: Member) -> Iterator[SourceTable]:
    """The features of a GeoJSON file, in tables of at most 50,000 rows, x east or longitude, y north or latitude.

    Raises UnreadableFileError with line and column when the text is not JSON, UnsupportedFileError when it is JSON of
    another kind.
    """
    document = _parsed(_text(member), member.label, 1)
    features = _features(document, member.label)
    crs = from_geojson(document.get("crs"))
    yield from _tables(features, crs, member.label)


def read_sequence(member: Member) -> Iterator[SourceTable]:
    """The features of line-delimited GeoJSON (RFC 8142 or plain lines); always WGS 84 longitude and latitude."""
    lines = _text(member).split("\n")
    stripped = ((number, line.strip().lstrip("\x1e")) for number, line in enumerate(lines, start=1))
    features = [
        feature
        for number, line in stripped
        if line
        for feature in _features(_parsed(line, member.label, number), member.label)
    ]
    yield from _tables(features, from_geojson(None), member.label)


def _text(member: Member) -> str:
    if member.size > MAX_BYTES:
        raise UnreadableFileError(
            f"{member.label} は GeoJSON としては大きすぎます（{member.size:,} バイト）。"
            "GeoPackage か FlatGeobuf に変えてください。"
        )
    try:
        text = member.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableFileError(
            f"{member.label} は UTF-8 ではありません（{error.start + 1} バイト目）。UTF-8 で保存し直してください。"
        ) from error
    if not text.strip():
        raise UnreadableFileError(f"{member.label} は空です。もう一度取得してください。")
    return text


def _parsed(text: str, label: str, first_line: int) -> _Json:
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        line = first_line + error.lineno - 1
        raise UnreadableFileError(
            f"{label} は JSON として正しくありません（{line} 行 {error.colno} 文字目）。"
            "余分なカンマや閉じ忘れを直してください。"
        ) from error
    except RecursionError as error:
        raise UnreadableFileError(f"{label} は入れ子が深すぎるため読みません。") from error
    if not isinstance(document, dict):
        raise UnsupportedFileError(f"{label} は GeoJSON ではありません。")
    return document


def _features(document: _Json, label: str) -> list[_Json]:
    kind = document.get("type")
    if kind == "FeatureCollection" and isinstance(document.get("features"), list):
        features: list[_Json] = document["features"]
    elif kind == "Feature":
        features = [document]
    elif kind in _GEOMETRY_TYPES:
        features = [{"geometry": document, "properties": None}]
    else:
        raise UnsupportedFileError(f"{label} は GeoJSON の地物の集まりではありません（type は {str(kind)[:40]}）。")
    if not all(isinstance(feature, dict) for feature in features):
        raise UnreadableFileError(f"{label} の features に地物でないものが混ざっています。")
    return features


def _tables(features: list[_Json], crs: SourceCrs, label: str) -> Iterator[SourceTable]:
    names = list(dict.fromkeys(name for feature in features for name in feature.get("properties") or {}))
    for start in range(0, max(len(features), 1), BATCH_ROWS):
        rows = features[start : start + BATCH_ROWS]
        properties = [feature.get("properties") or {} for feature in rows]
        columns = {name: [_plain(values.get(name)) for values in properties] for name in names}
        geometry, faults = geometries([feature.get("geometry") for feature in rows])
        refs = [f"{start + number} 番目" for number in range(1, len(rows) + 1)]
        table = SourceTable(label, columns, geometry, crs, refs)
        yield without_unusable(reject(table, faults) if faults else table)


def _plain(value: object) -> object:
    """Nested values (the `history` of a 筆ポリゴン) are kept as JSON text."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (dict, list)) else value


def geometries(objects: list[Any]) -> tuple[NDArray[np.object_], dict[int, str]]:
    """GeoJSON geometries as shapely geometries (None stays None), and why each row that failed could not be built."""
    built = np.empty(len(objects), dtype=object)
    faults: dict[int, str] = {}
    by_kind: dict[str, list[int]] = {}
    for row, item in enumerate(objects):
        if item is not None:
            by_kind.setdefault(str(item.get("type")) if isinstance(item, dict) else "", []).append(row)
    for kind, rows in by_kind.items():
        try:
            built[rows] = _BUILDERS[kind]([objects[row]["coordinates"] for row in rows])
        except (KeyError, TypeError, ValueError, IndexError, ShapelyError):
            # One bad row spoils a batch: build them singly to learn which.
            for row in rows:
                try:
                    built[row] = shapely.force_2d(shape(objects[row]))
                except (KeyError, TypeError, ValueError, IndexError, AttributeError, ShapelyError):
                    faults[row] = "形状を組み立てられない"
    return built, faults


def _positions(positions: list[list[float]]) -> NDArray[np.float64]:
    flat = np.fromiter(chain.from_iterable(positions), dtype=np.float64)
    if len(flat) == 2 * len(positions) and all(len(position) == 2 for position in positions):
        return flat.reshape(-1, 2)
    # Heights are left out: no layer of ours holds any.
    return np.array([(position[0], position[1]) for position in positions], dtype=np.float64).reshape(-1, 2)


def _offsets(parts: Iterable[list[Any]]) -> NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum([len(part) for part in parts], dtype=np.int64)]).astype(np.int64)


def _builder(kind: shapely.GeometryType, depth: int) -> Callable[[list[Any]], NDArray[np.object_]]:
    """A builder for many geometries of one kind at once, whose coordinates are nested `depth` lists deep."""

    def build(items: list[Any]) -> NDArray[np.object_]:
        offsets: list[NDArray[np.int64]] = []
        for _level in range(depth):
            offsets.append(_offsets(items))
            items = list(chain.from_iterable(items))
        made: NDArray[np.object_] = shapely.from_ragged_array(kind, _positions(items), tuple(reversed(offsets)) or None)
        return made

    return build


_BUILDERS: dict[str, Callable[[list[Any]], NDArray[np.object_]]] = {
    "Point": _builder(shapely.GeometryType.POINT, 0),
    "MultiPoint": _builder(shapely.GeometryType.MULTIPOINT, 1),
    "LineString": _builder(shapely.GeometryType.LINESTRING, 1),
    "MultiLineString": _builder(shapely.GeometryType.MULTILINESTRING, 2),
    "Polygon": _builder(shapely.GeometryType.POLYGON, 2),
    "MultiPolygon": _builder(shapely.GeometryType.MULTIPOLYGON, 3),
}
