"""GeoJSON (RFC 7946) and newline-delimited GeoJSON, as pieces of text.

Positions are CRS84 to nine decimals and rings follow the right-hand rule. A sequence has one feature a line without the
RS character of RFC 8142, because that is what `.geojsonl` files in the wild hold and all of GDAL, QGIS and jq read.
A number that JSON cannot say (NaN, infinity) is null. `version` stands beside `id`, as a member of the feature.
"""

from collections.abc import Iterator

import orjson
import pyarrow as pa
import shapely

from gis.formats.writing.outgoing import (
    DEGREE_DECIMALS,
    FID,
    VERSION,
    Batches,
    Outgoing,
    geometries,
    rounded,
    values,
)


def collection(outgoing: Outgoing, batches: Batches) -> Iterator[bytes]:
    """One FeatureCollection; the facts are its foreign members (RFC 7946 §6.1). The closing bracket comes last."""
    head = {"type": "FeatureCollection", "name": outgoing.name} | {fact.key: fact.value for fact in outgoing.facts}
    yield orjson.dumps(head)[:-1] + b',"features":[\n'
    between = b""
    for batch in batches:
        if batch.num_rows:
            yield between + b",\n".join(_features(outgoing, batch))
            between = b",\n"
    yield b"\n]}\n"


def sequence(outgoing: Outgoing, batches: Batches) -> Iterator[bytes]:
    """One feature a line."""
    for batch in batches:
        yield b"".join(feature + b"\n" for feature in _features(outgoing, batch))


def _features(outgoing: Outgoing, batch: pa.RecordBatch) -> Iterator[bytes]:
    names = [column.name for column in outgoing.columns]
    shapes = rounded(geometries(batch, outgoing), DEGREE_DECIMALS)
    texts = shapely.to_geojson(shapely.orient_polygons(shapes))
    for text, *row in zip(texts, *values(batch, outgoing), strict=True):
        properties = dict(zip(names, row, strict=True))
        feature = {
            "type": "Feature",
            "id": properties.pop(FID),
            "version": properties.pop(VERSION),
            "geometry": None if text is None else orjson.Fragment(text),
            "properties": properties,
        }
        yield orjson.dumps(feature)
