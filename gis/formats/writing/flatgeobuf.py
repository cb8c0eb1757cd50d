"""FlatGeobuf through GDAL, with its packed Hilbert R-tree; title and facts are in its header.

FlatGeobuf has no type for a day: GDAL writes midnight. The index cannot hold a row without a place (GDAL refuses it), so
a layer that has such rows goes out without the index, and a list without any place does not go out at all.
"""

from pathlib import Path

from gis.formats.writing import through_gdal
from gis.formats.writing.errors import UnwritableError
from gis.formats.writing.outgoing import Batches, Outgoing


def write(outgoing: Outgoing, batches: Batches, path: Path) -> None:
    """Write one FlatGeobuf. Raises UnwritableError for a list without places."""
    if outgoing.shape is None:
        raise UnwritableError(
            f"{outgoing.title}には位置がないので FlatGeobuf にできません。CSV・XLSX・GeoPackage で書き出してください。"
        )
    options = {
        "SPATIAL_INDEX": "NO" if outgoing.has_gaps else "YES",
        "TEMPORARY_DIR": str(path.parent),
        "TITLE": outgoing.title,
        "DESCRIPTION": outgoing.description,
    }
    through_gdal.write(outgoing, batches, path, through_gdal.Driver("FlatGeobuf", layer_options=options))
