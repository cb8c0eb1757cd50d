"""The public side takes a bundle: signature and every hash first, then all rows in one transaction beside what is served."""

import fcntl
import os
import shutil
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import sqlalchemy as sa
from psycopg import sql
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable

from layers.publication.bundle import BundledLayer, Manifest, manifest_document, manifest_of, read_manifest, unpack
from layers.publication.errors import BundleRefusedError, PublicSideError
from layers.publication.keys import TrustedKey
from layers.publication.parts import ROWS, TILES, file_record
from layers.publication.public_database import PublicDatabase, web_role
from layers.publication.rows_file import read_rows
from layers.publication.smoke import smoke_test
from layers.publication.switching import (
    drop_edition,
    edition_before,
    edition_schema,
    forget_old,
    keep_coverages,
    served,
    switch,
)
from layers.store.database import Connection
from layers.store.definitions import Layer
from layers.store.settings import Municipality
from layers.store.tables import current_table, has_area, index_statements

TRUSTED = "trusted.pub"
EDITIONS = "editions"
Tell = Callable[[str, float], None]


@dataclass(frozen=True)
class PublicSide:
    """The public side of one town: its database, its folder, and whose bundles it takes.

    `kept` is how many editions stay for a rollback, the served one among them.
    """

    database: PublicDatabase
    folder: Path
    town: Municipality
    key: TrustedKey
    kept: int = 5

    def edition_folder(self, number: int) -> Path:
        """Where the files of an edition lie."""
        return self.folder / EDITIONS / str(number)


def import_bundle(side: PublicSide, path: Path, tell: Tell) -> int:
    """Verify, import, look whether it works, and switch; returns the number of the edition that is then served.

    Whatever fails or is killed on the way leaves the edition before it served and whole. Raises BundleRefusedError.
    """
    with only_one(side.folder), translated():
        number = _stage(side, path, tell)
        tell("試験", 0.93)
        with psycopg.connect(side.database.owner_url) as connection:
            smoke_test(connection, side.edition_folder(number), number, web_role(side.database))
        tell("切り替え", 0.97)
        with psycopg.connect(side.database.owner_url) as connection:
            switch(connection, number, web_role(side.database))
        forget_old(side.database.owner_url, side.folder / EDITIONS, side.kept)
        tell("完了", 1.0)
        return number


def roll_back(side: PublicSide, number: int | None = None) -> int:
    """Serve an edition that the public side holds, the one before when none is named. Raises UnknownEditionError."""
    with only_one(side.folder), translated(), psycopg.connect(side.database.owner_url) as connection:
        wanted = number or edition_before(connection)
        switch(connection, wanted, web_role(side.database))
        return wanted


def _stage(side: PublicSide, path: Path, tell: Tell) -> int:
    tell("署名の確認", 0.0)
    try:
        with zipfile.ZipFile(path) as archive:
            manifest = read_manifest(archive, side.key)
            _check_address(side, manifest)
            _leave_no_half(side, manifest.number)
            unfinished = side.edition_folder(manifest.number).with_suffix(".new")
            unfinished.mkdir(parents=True)
            tell("ファイルの照合", 0.02)
            unpack(archive, manifest, unfinished)
    except (OSError, zipfile.BadZipFile) as error:
        raise BundleRefusedError(
            f"{path.name} が束として読めません（{error}）。もう一度書き出してください。"
        ) from error
    with psycopg.connect(side.database.owner_url) as connection:
        _import_rows(connection, side, manifest, unfinished, tell)
        statement = "INSERT INTO onomap.editions (number, bundle_sha256, manifest) VALUES (%s, %s, %s::jsonb)"
        connection.execute(statement, [manifest.number, file_record(path).sha256, manifest_document(manifest)])
        unfinished.replace(side.edition_folder(manifest.number))
        _sync_folder(side.folder / EDITIONS)
    return manifest.number


def _check_address(side: PublicSide, manifest: Manifest) -> None:
    town = manifest.town
    if town.code != side.town.code or town.srid != side.town.srid:
        raise BundleRefusedError(
            f"この束は{town.full_name}（{town.code}）のものです。{side.town.full_name}の公開側には取り込みません。"
        )
    with psycopg.connect(side.database.owner_url) as connection:
        newest = connection.execute("SELECT coalesce(max(number), 0) FROM onomap.editions").fetchone()
    if newest is not None and manifest.number <= newest[0]:
        raise BundleRefusedError(
            f"この束は第{manifest.number}版で、すでにある第{newest[0]}版より新しくありません。"
            "前の版に戻すには `onomap publish rollback` を使ってください。"
        )


def _leave_no_half(side: PublicSide, number: int) -> None:
    """Clear what a killed import left: files without an edition in the database."""
    for folder in (side.edition_folder(number), side.edition_folder(number).with_suffix(".new")):
        shutil.rmtree(folder, ignore_errors=True)


def _import_rows(connection: Connection, side: PublicSide, manifest: Manifest, folder: Path, tell: Tell) -> None:
    schema = edition_schema(manifest.number)
    drop_edition(connection, manifest.number)
    connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(schema)))
    before = _same_as_before(connection)
    for position, bundled in enumerate(manifest.layers):
        tell(bundled.title, 0.1 + 0.8 * position / max(1, len(manifest.layers)))
        layer = manifest.catalogue()[bundled.id]
        _create(connection, layer, schema, manifest.town.srid)
        load = load_number(manifest, position)
        if before.get(bundled.id) == _identity(bundled):
            rows = _copy_served(connection, layer, schema, load, manifest.number)
            _link_served(connection, side, bundled, folder)
        else:
            rows = _copy_file(connection, layer, (schema, load, manifest), folder / bundled.files[ROWS].path)
        if rows != bundled.rows:
            raise BundleRefusedError(
                f"束の「{bundled.title}」は {bundled.rows:,} 件のはずが {rows:,} 件でした。取り込みません。"
            )
        for statement in index_statements(layer, schema):
            connection.execute(statement.encode())
        connection.execute(sql.SQL("ANALYZE {}.{}").format(sql.Identifier(schema), sql.Identifier(layer.id)))
    keep_coverages(connection, manifest, folder)
    _grant(connection, schema, web_role(side.database))


def load_number(manifest: Manifest, position: int) -> int:
    """The number of the load that the rows of a layer name: no load of the store, which the public side does not know."""
    return manifest.number * 1000 + position


def _create(connection: Connection, layer: Layer, schema: str, srid: int) -> None:
    table = current_table(layer, srid, sa.MetaData()).to_metadata(sa.MetaData(), schema=schema)
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    connection.execute(str(CreateTable(table).compile(dialect=dialect)).encode())


def _columns(layer: Layer) -> list[str]:
    return ["fid", *(field.name for field in layer.fields), "geom"]


def _copy_file(connection: Connection, layer: Layer, target: tuple[str, int, Manifest], path: Path) -> int:
    """The rows of the file, first into a table of the session, since what is derived from a row is not in the file."""
    schema, load, manifest = target
    arriving = sql.Identifier(f"arriving_{layer.id}")
    names = [sql.Identifier(name) for name in _columns(layer)]
    place = sql.SQL("{}.{}").format(sql.Identifier(schema), sql.Identifier(layer.id))
    connection.execute(
        sql.SQL("CREATE TEMPORARY TABLE {} ON COMMIT DROP AS SELECT {} FROM {} LIMIT 0").format(
            arriving, sql.SQL(", ").join(names), place
        )
    )
    rows = 0
    with connection.cursor().copy(
        sql.SQL("COPY {} ({}) FROM STDIN").format(arriving, sql.SQL(", ").join(names))
    ) as copy:
        for *values, wkb in read_rows(path, layer):
            copy.write_row((*values, _extended(wkb, manifest.town.srid)))
            rows += 1
    _settle(connection, layer, place, arriving, (load, manifest.number))
    return rows


def _extended(wkb: object, srid: int) -> str | None:
    """EWKB as hexadecimal text: WKB whose type says that the SRID stands behind it."""
    if not isinstance(wkb, bytes):
        return None
    if wkb[:1] != b"\x01":
        raise BundleRefusedError("束の図形の書き方（バイト順）が扱えません。取り込みません。")
    return (wkb[:4] + b"\x20" + srid.to_bytes(4, "little") + wkb[5:]).hex()


def _copy_served(connection: Connection, layer: Layer, schema: str, load: int, number: int) -> int:
    """The rows of the served edition again, where the bundle has the same file for them."""
    place = sql.SQL("{}.{}").format(sql.Identifier(schema), sql.Identifier(layer.id))
    rows = sql.SQL("layers.{}").format(sql.Identifier(layer.id))
    return _settle(connection, layer, place, rows, (load, number))


def _settle(
    connection: Connection, layer: Layer, place: sql.Composable, rows: sql.Composable, told: tuple[int, int]
) -> int:
    """Rows into their table with what is derived from them; the version is the edition's, so that ETags change with it."""
    load, number = told
    names = sql.SQL(", ").join(map(sql.Identifier, _columns(layer)))
    area = (sql.SQL(", area_m2"), sql.SQL(", ST_Area(geom)")) if has_area(layer) else (sql.SQL(""), sql.SQL(""))
    done = connection.execute(
        sql.SQL(
            "INSERT INTO {place} (load_id, version, content_hash{area}, {names}) OVERRIDING SYSTEM VALUE "
            "SELECT {load}, {number}, md5(fid::text)::uuid{measured}, {names} FROM {rows}"
        ).format(
            place=place,
            area=area[0],
            names=names,
            load=sql.Literal(load),
            number=sql.Literal(number),
            measured=area[1],
            rows=rows,
        )
    )
    return done.rowcount


def _identity(bundled: BundledLayer) -> tuple[object, ...]:
    return bundled.files[ROWS].sha256, bundled.files[TILES].sha256, bundled.definition


def _same_as_before(connection: Connection) -> dict[str, tuple[object, ...]]:
    current = served(connection)
    if current is None:
        return {}
    return {bundled.id: _identity(bundled) for bundled in manifest_of(current[1]).layers}


def _link_served(connection: Connection, side: PublicSide, bundled: BundledLayer, folder: Path) -> None:
    """One file on disk for equal tiles of two editions."""
    current = served(connection)
    path = bundled.files[TILES].path
    if current is None or not (side.edition_folder(current[0]) / path).is_file():
        return
    (folder / path).unlink()
    os.link(side.edition_folder(current[0]) / path, folder / path)


def _grant(connection: Connection, schema: str, web: str) -> None:
    """The right to read the tables; the schema opens with the switch."""
    connection.execute(
        sql.SQL("GRANT SELECT ON ALL TABLES IN SCHEMA {} TO {}").format(sql.Identifier(schema), sql.Identifier(web))
    )


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """One import or rollback at a time; the kernel lets go when a process dies. Raises PublicSideError for the second."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "import.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise PublicSideError(
                "別の取り込みか切り替えが進んでいます。終わってからもう一度実行してください。"
            ) from error
        yield


@contextmanager
def translated() -> Iterator[None]:
    """The driver's errors on the public side as ours."""
    try:
        yield
    except psycopg.errors.DataError as error:
        raise BundleRefusedError(
            f"束の地物が表に入りません（{error.diag.message_primary}）。取り込みません。"
        ) from error
    except psycopg.errors.IntegrityError as error:
        raise BundleRefusedError(
            f"束の地物が表の決まりに合いません（{error.diag.message_primary}）。取り込みません。"
        ) from error
    except psycopg.Error as error:
        raise PublicSideError(
            f"公開用のデータベースが応じません（{str(error).splitlines()[0] if str(error) else type(error).__name__}）。"
        ) from error


__all__ = ["PublicSide", "import_bundle", "only_one", "translated"]
