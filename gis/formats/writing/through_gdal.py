"""Arrow batches into a file by one of GDAL's drivers, with the error that ended the rows told as it was."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyogrio.errors
import pyogrio.raw

from gis.formats.writing.errors import FailedWriteError
from gis.formats.writing.outgoing import GEOMETRY, Batches, Outgoing, Pulled

_ERRORS = (
    pyogrio.errors.DataSourceError,
    pyogrio.errors.DataLayerError,
    pyogrio.errors.FeatureError,
    pyogrio.errors.FieldError,
    pyogrio.errors.GeometryError,
    pyogrio.errors.CRSError,
    pa.ArrowException,
    OSError,
    RuntimeError,
)


@dataclass(frozen=True)
class Driver:
    """One of GDAL's drivers by name, and the creation options it is given."""

    name: str
    dataset_options: Mapping[str, str] = field(default_factory=dict)
    layer_options: Mapping[str, str] = field(default_factory=dict)
    metadata: Mapping[str, str] | None = None


def write(outgoing: Outgoing, batches: Batches, path: Path, driver: Driver) -> None:
    """Write all batches to `path`. Raises what the batches raise, and FailedWriteError when GDAL cannot write."""
    pulled = Pulled(batches)
    try:
        pyogrio.raw.write_arrow(
            pa.RecordBatchReader.from_batches(outgoing.schema, iter(pulled)),
            path,
            layer=outgoing.name,
            driver=driver.name,
            geometry_name=GEOMETRY if outgoing.shape else None,
            geometry_type=outgoing.shape,
            crs=outgoing.wkt if outgoing.shape else None,
            layer_metadata=None if driver.metadata is None else dict(driver.metadata),
            dataset_options=dict(driver.dataset_options),
            layer_options=dict(driver.layer_options),
        )
    except _ERRORS as error:
        if pulled.error is not None:
            raise pulled.error from error
        raise FailedWriteError(
            f"{outgoing.title}を書き出せませんでした（{driver.name}: {error}）。空き容量を確かめてください。"
        ) from error
    if pulled.error is not None:
        raise pulled.error
