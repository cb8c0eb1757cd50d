"""GeoPackage 1.2 through GDAL: `fid` is the row's own, the R-tree is there, title and facts are in its tables.

Version 1.2 because GDAL of Debian 12 and older desktop programs warn of later ones. The Schema extension (OGC 12-128r14,
annex F.9), which GDAL's Arrow door cannot write, is added afterwards: labels of columns, and codes as enumerations,
which QGIS shows as a list of values.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from gis.formats.writing import through_gdal
from gis.formats.writing.errors import FailedWriteError
from gis.formats.writing.outgoing import FID, GEOMETRY, Batches, Outgoing

_SCHEMA_TABLES = """
CREATE TABLE IF NOT EXISTS gpkg_extensions (table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL,
  definition TEXT NOT NULL, scope TEXT NOT NULL, CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name));
CREATE TABLE gpkg_data_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT, title TEXT,
  description TEXT, mime_type TEXT, constraint_name TEXT, CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name),
  CONSTRAINT gdc_tn UNIQUE (table_name, name));
CREATE TABLE gpkg_data_column_constraints (constraint_name TEXT NOT NULL, constraint_type TEXT NOT NULL, value TEXT,
  min NUMERIC, min_is_inclusive BOOLEAN, max NUMERIC, max_is_inclusive BOOLEAN, description TEXT,
  CONSTRAINT gdcc_ntv UNIQUE (constraint_name, constraint_type, value));
"""
_TABLES_OF_THE_EXTENSION = ("gpkg_data_columns", "gpkg_data_column_constraints")
_DEFINITION = "http://www.geopackage.org/spec121/#extension_schema"


def write(outgoing: Outgoing, batches: Batches, path: Path) -> None:
    """Write one GeoPackage with one table."""
    options = {"IDENTIFIER": outgoing.title, "DESCRIPTION": outgoing.description, "FID": FID}
    if outgoing.shape is not None:
        options |= {"GEOMETRY_NAME": GEOMETRY, "SPATIAL_INDEX": "YES"}
    driver = through_gdal.Driver(
        "GPKG",
        dataset_options={"VERSION": "1.2"},
        layer_options=options,
        metadata={fact.key: fact.value for fact in outgoing.facts} or None,
    )
    through_gdal.write(outgoing, batches, path, driver)
    try:
        with closing(sqlite3.connect(path)) as file, file:
            _describe_columns(file, outgoing)
    except sqlite3.Error as error:
        raise FailedWriteError(f"{outgoing.title}の列の説明を書き込めませんでした（{error}）。") from error


def _describe_columns(file: sqlite3.Connection, outgoing: Outgoing) -> None:
    file.executescript(_SCHEMA_TABLES)
    file.executemany(
        "INSERT INTO gpkg_extensions VALUES (?, NULL, 'gpkg_schema', ?, 'read-write')",
        [(table, _DEFINITION) for table in _TABLES_OF_THE_EXTENSION],
    )
    headings = [column.heading for column in outgoing.columns]
    file.executemany(
        "INSERT INTO gpkg_data_columns (table_name, column_name, name, title, description, constraint_name) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        [
            (
                outgoing.name,
                column.name,
                column.heading if headings.count(column.heading) == 1 else f"{column.heading} [{column.name}]",
                column.heading,
                f"単位: {column.unit}" if column.unit else None,
                _domain(outgoing, column.name) if column.codes else None,
            )
            for column in outgoing.columns
            if column.name != FID
        ],
    )
    file.executemany(
        "INSERT INTO gpkg_data_column_constraints (constraint_name, constraint_type, value, description) "
        "VALUES (?, 'enum', ?, ?)",
        list(_enumerations(outgoing)),
    )


def _domain(outgoing: Outgoing, column: str) -> str:
    return f"{outgoing.name}_{column}"


def _enumerations(outgoing: Outgoing) -> Iterator[tuple[str, str, str]]:
    for column in outgoing.columns:
        for code, label in column.codes.items():
            yield _domain(outgoing, column.name), code, label
