"""Plants canaries in all that the town hall has and the public must not see."""

import psycopg
from psycopg import sql

from layers.publication.errors import NotPublishableError
from layers.publication.published_layer import as_published
from layers.store.definitions import Layer
from layers.store.instance import Store
from scripts.drills.leak_parts.canaries import MARK, Planted, value_sql
from scripts.drills.leak_parts.surveys import plant_surveys

Connection = psycopg.Connection[tuple[object, ...]]
_LEFT_ALONE = {"public", "bands", "layers", "history", "surveys", "pg_catalog", "information_schema"}
_OF_PUBLISHING = "public"
_HISTORY_ROWS = 200


def plant(store: Store) -> Planted:
    """Plant in every column of the layers that is not published, in their history, and in every register and ledger."""
    planted = Planted()
    with psycopg.connect(store.database.url) as connection:
        for layer in store.catalogue.values():
            _in_layer(connection, layer, planted)
            _in_history(connection, layer, planted)
        plant_surveys(connection, planted)
        for schema, table in _registers(connection):
            if not table.startswith(_OF_PUBLISHING):
                _in_register(connection, schema, table, planted)
        for name in ("file_name", "loaded_by"):
            statement = f"UPDATE onomap.loads SET {name} = {value_sql('text', planted.next_number(), 'id')}"
            planted.note(f"onomap.loads.{name}", connection.execute(statement.encode()).rowcount)
    for file in ("onomap.toml.bak", "notes.txt"):
        (store.settings.home / file).write_text(f"{MARK}home", encoding="utf-8")
        planted.note(f"HOME/{file}", 1)
    planted.note("HOME itself, by its name", 1)
    return planted


def plant_behind(store: Store, planted: Planted) -> None:
    """Plant in the registers of publishing itself, which says what it reads there, once it has published."""
    with psycopg.connect(store.database.url) as connection:
        for schema, table in _registers(connection):
            if table.startswith(_OF_PUBLISHING):
                _in_register(connection, schema, table, planted)


def hidden_columns(layer: Layer) -> list[str]:
    """The columns that the public side must not know of: all of a layer that is not published."""
    try:
        shown = {field.name for field in as_published(layer).fields}
    except NotPublishableError:
        shown = set()
    return [field.name for field in layer.fields if field.name not in shown]


def _columns(connection: Connection, schema: str, table: str) -> list[tuple[str, str, bool, bool]]:
    """Name, type, whether it must have a value that nothing gives it, and whether it can be written."""
    rows = connection.execute(
        "SELECT column_name, data_type, is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO', "
        "is_generated = 'NEVER' AND is_identity = 'NO' FROM information_schema.columns "
        "WHERE table_schema = %s AND table_name = %s ORDER BY ordinal_position",
        [schema, table],
    ).fetchall()
    return [(str(name), str(kind), bool(must), bool(can)) for name, kind, must, can in rows]


def _in_layer(connection: Connection, layer: Layer, planted: Planted) -> None:
    kinds = {name: kind for name, kind, _, _ in _columns(connection, "layers", layer.id)}
    for name in hidden_columns(layer):
        value = value_sql(kinds.get(name, ""), planted.next_number(), "fid")
        if value is None:
            continue
        statement = sql.SQL("UPDATE layers.{} SET {} = {}").format(
            sql.Identifier(layer.id), sql.Identifier(name), sql.SQL(value)
        )
        planted.note(f"layers.{layer.id}.{name}", connection.execute(statement).rowcount)


def _in_history(connection: Connection, layer: Layer, planted: Planted) -> None:
    """Versions of rows that were, in which even the public columns said something else."""
    own = {field.name for field in layer.fields}
    columns = [column for column in _columns(connection, "history", layer.id) if column[3]]
    if not columns:
        return
    names, values, planted_here = [], [], []
    for name, kind, _, _ in columns:
        canary = value_sql(kind, planted.next_number(), "fid") if name in own else None
        names.append(sql.Identifier(name))
        values.append(sql.SQL(canary or ("now()" if name == "valid_to" else '"' + name + '"')))
        planted_here += [name] if canary else []
    statement = sql.SQL("INSERT INTO history.{t} ({names}) SELECT {values} FROM layers.{t} LIMIT {most}").format(
        t=sql.Identifier(layer.id),
        names=sql.SQL(", ").join(names),
        values=sql.SQL(", ").join(values),
        most=sql.Literal(_HISTORY_ROWS),
    )
    rows = connection.execute(statement).rowcount
    for name in planted_here:
        planted.note(f"history.{layer.id}.{name}", rows)


def _registers(connection: Connection) -> list[tuple[str, str]]:
    """Every other table of the store: registers, ledgers, accounts, drafts, whatever there is."""
    rows = connection.execute(
        "SELECT table_schema, table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE' "
        "AND table_schema <> ALL(%s) ORDER BY 1, 2",
        [list(_LEFT_ALONE)],
    ).fetchall()
    own = {("onomap", "loads"), ("onomap", "coverages"), ("onomap", "alembic_version")}
    return [(str(schema), str(table)) for schema, table in rows if (schema, table) not in own]


def _in_register(connection: Connection, schema: str, table: str, planted: Planted) -> None:
    """One row whose every text is a canary; where the table takes none, its texts column by column."""
    columns = [column for column in _columns(connection, schema, table) if column[3]]
    wanted = [(name, _told(kind, planted.next_number()), kind, must) for name, kind, must, _ in columns]
    names = [(name, value or _filler(kind)) for name, value, kind, must in wanted if value or must]
    place = sql.SQL("{}.{}").format(sql.Identifier(schema), sql.Identifier(table))
    insert = sql.SQL("INSERT INTO {} ({}) SELECT {}").format(
        place,
        sql.SQL(", ").join(sql.Identifier(name) for name, _ in names),
        sql.SQL(", ").join(sql.SQL(value) for _, value in names),
    )
    rows = _tried(connection, insert)
    for name, value, kind, _ in wanted:
        if value is None:
            continue
        if rows:
            planted.note(f"{schema}.{table}.{name}", rows)
        elif kind in {"text", "jsonb"}:
            update = sql.SQL("UPDATE {} SET {} = {}").format(place, sql.Identifier(name), sql.SQL(value))
            planted.note(f"{schema}.{table}.{name}", _tried(connection, update))


def _told(kind: str, number: int) -> str | None:
    """A canary that says something; the numbers of a register count its entries, and would become the next edition's."""
    return value_sql(kind, number, "1") if kind in {"text", "character varying", "jsonb", "json"} else None


def _filler(kind: str) -> str:
    fillers = {
        "boolean": "false",
        "uuid": "gen_random_uuid()",
        "ARRAY": "'{}'",
        "bytea": f"'{MARK}'::bytea",
        "timestamp with time zone": "now()",
        "date": "current_date",
        "bigint": "0",
        "integer": "0",
        "double precision": "0",
    }
    return fillers.get(kind, "NULL")


def _tried(connection: Connection, statement: sql.Composed) -> int:
    """Rows that a statement wrote, none where the table's own rules refuse it."""
    try:
        with connection.transaction():
            return connection.execute(statement).rowcount
    except psycopg.Error:
        return 0
