"""FlatGeobuf through GDAL, then put in Hilbert order under a packed R-tree; title and facts are in its header.

GDAL would build the index from rows that it holds in memory (700 bytes a parcel). It writes a file without one here, row
by row, and `flatgeobuf_index` orders that file. FlatGeobuf has no type for a day: GDAL writes midnight. The index cannot
hold a row without a place, so a layer that has such rows goes out without it, and a list without any place not at all.
"""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
import shapely

from gis.formats.writing import through_gdal
from gis.formats.writing.errors import FailedWriteError, UnwritableError
from gis.formats.writing.flatgeobuf_index import IndexingError, write_indexed
from gis.formats.writing.outgoing import Batches, Outgoing, geometries


def write(outgoing: Outgoing, batches: Batches, path: Path) -> None:
    """Write one FlatGeobuf. Raises UnwritableError for a list without places, FailedWriteError."""
    if outgoing.shape is None:
        raise UnwritableError(
            f"{outgoing.title}には位置がないので FlatGeobuf にできません。CSV・XLSX・GeoPackage で書き出してください。"
        )
    options = {"SPATIAL_INDEX": "NO", "TITLE": outgoing.title, "DESCRIPTION": outgoing.description}
    bounds = bytearray()
    with TemporaryDirectory(prefix=".fgb-", dir=path.parent) as folder:
        plain = Path(folder) / path.name
        driver = through_gdal.Driver("FlatGeobuf", layer_options=options)
        through_gdal.write(outgoing, _measured(batches, outgoing, bounds), plain, driver)
        boxes = np.frombuffer(bounds).reshape(-1, 4)
        if not np.isfinite(boxes).all():
            plain.replace(path)
            return
        try:
            write_indexed(plain, boxes, path)
        except (OSError, IndexingError) as error:
            raise FailedWriteError(
                f"{outgoing.title}を書き出せませんでした（FlatGeobuf: {error}）。空き容量を確かめてください。"
            ) from error


def _measured(batches: Batches, outgoing: Outgoing, bounds: bytearray) -> Iterator[pa.RecordBatch]:
    """The batches; the box of each row (four float64) is added to `bounds` in passing."""
    for batch in batches:
        bounds.extend(shapely.bounds(geometries(batch, outgoing)).data)
        yield batch
