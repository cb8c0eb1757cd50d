"""Which edition is served: one transaction renames the schemas and moves the pointer, forward after an import or back.

A rename touches no table, so readers neither wait nor are waited for; whoever prepares a statement again finds the tables
of the new edition under the same names (PostgreSQL drops cached plans when a schema is renamed).
"""

import json
import shutil
from pathlib import Path
from typing import Any

import psycopg
import shapely
from psycopg import sql

from layers.publication.bundle import Manifest, manifest_of
from layers.publication.errors import UnknownEditionError
from layers.publication.parts import COVERAGE
from layers.store.database import Connection

CHANNEL = "onomap_public"
"""Every switch is told here with the number of the edition, to whoever listens in the public database."""


def edition_schema(number: int) -> str:
    """Where the tables of an edition stand while it is not served."""
    return f"edition_{number}"


def served(connection: Connection) -> tuple[int, dict[str, Any]] | None:
    """Number and manifest of the edition that is served; None before the first."""
    row = connection.execute("SELECT number, manifest FROM onomap.current_edition").fetchone()
    return None if row is None else (row[0], row[1])


def edition_before(connection: Connection) -> int:
    """The newest edition that is older than the served one. Raises UnknownEditionError when there is none."""
    row = connection.execute(
        "SELECT max(e.number) FROM onomap.editions e JOIN onomap.current_edition c ON e.number < c.number"
    ).fetchone()
    if row is None or row[0] is None:
        raise UnknownEditionError("戻せる前の版がありません。")
    return int(row[0])


def switch(connection: Connection, number: int, web: str) -> None:
    """Serve that edition from the commit on. Raises UnknownEditionError when the public side does not hold it."""
    connection.execute("SELECT number FROM onomap.current_edition FOR UPDATE")
    current = served(connection)
    if current is not None and current[0] == number:
        return
    row = connection.execute("SELECT manifest FROM onomap.editions WHERE number = %s", [number]).fetchone()
    if row is None:
        raise UnknownEditionError(f"第{number}版は公開側にありません。`onomap publish list` で確かめてください。")
    layers, reader = sql.Identifier("layers"), sql.Identifier(web)
    coming = sql.Identifier(edition_schema(number))
    if current is None:
        connection.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(layers))
    else:
        going = sql.Identifier(edition_schema(current[0]))
        connection.execute(sql.SQL("ALTER SCHEMA {} RENAME TO {}").format(layers, going))
        connection.execute(sql.SQL("REVOKE ALL ON SCHEMA {} FROM {}").format(going, reader))
    connection.execute(sql.SQL("ALTER SCHEMA {} RENAME TO {}").format(coming, layers))
    connection.execute(sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(layers, reader))
    manifest = manifest_of(row[0])
    _tell_loads(connection, manifest)
    connection.execute(
        "INSERT INTO onomap.current_edition (number, manifest) VALUES (%s, %s::jsonb) ON CONFLICT (only_row) "
        "DO UPDATE SET number = excluded.number, manifest = excluded.manifest, switched_at = now()",
        [number, json.dumps(row[0])],
    )
    connection.execute("SELECT pg_notify(%s, %s)", [CHANNEL, str(number)])


def _tell_loads(connection: Connection, manifest: Manifest) -> None:
    """How old the layers are, in the form in which the store's register says it."""
    connection.execute("DELETE FROM onomap.loads")
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO onomap.loads (id, layer, file_sha256, data_date, loaded_at, added_error_m) "
            "VALUES (%s, %s, %s, %s, %s, %s)",
            [
                (
                    manifest.number * 1000 + position,
                    one.id,
                    one.content,
                    one.data_date,
                    one.approved_at,
                    one.added_error_m,
                )
                for position, one in enumerate(manifest.layers)
            ],
        )


def keep_coverages(connection: Connection, manifest: Manifest, folder: Path) -> None:
    """The areas that the layers of an edition speak for, beside their rows, to be shown with the switch."""
    for position, one in enumerate(manifest.layers):
        file = one.files.get(COVERAGE)
        content = (folder / file.path).read_bytes() if file is not None else b""
        if content:
            shape = shapely.from_wkb(content)
            connection.execute(
                "INSERT INTO onomap.coverages (id, layer, load_id, geom) VALUES (%s, %s, %s, ST_GeomFromWKB(%s, %s))",
                [
                    manifest.number * 1000 + position,
                    one.id,
                    manifest.number * 1000 + position,
                    shape.wkb,
                    manifest.town.srid,
                ],
            )


def drop_edition(connection: Connection, number: int) -> None:
    """Remove the tables of an edition that is not served, and its entry."""
    connection.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(edition_schema(number))))
    connection.execute("DELETE FROM onomap.coverages WHERE id / 1000 = %s", [number])
    connection.execute("DELETE FROM onomap.editions WHERE number = %s", [number])


def forget_old(owner_url: str, folder: Path, kept: int) -> None:
    """Remove all but the newest `kept` editions and the served one; what a reader still holds open is left for later."""
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute("SET lock_timeout = '2s'")
        current = served(connection)
        rows = connection.execute("SELECT number FROM onomap.editions ORDER BY number DESC").fetchall()
        numbers = [row[0] for row in rows]
        for number in numbers[kept:]:
            if current is not None and number == current[0]:
                continue
            try:
                with connection.transaction():
                    drop_edition(connection, number)
            except psycopg.errors.LockNotAvailable:
                continue
            shutil.rmtree(folder / str(number), ignore_errors=True)
