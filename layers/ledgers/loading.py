"""A ledger's file in: the whole ledger is replaced in one transaction, or nothing is."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from psycopg import sql

from gis.formats.reader import open_source
from gis.formats.table import SourceTable
from gis.parcel_numbers import Gazetteer, parse
from layers.ledgers.errors import UnknownLedgerError
from layers.store.audit.log import Entry, Who, record
from layers.store.database import Connection
from layers.store.definitions import FieldType, Layer, LayerField
from layers.store.errors import LoadRefusedError
from layers.store.individual_numbers import refuse_individual_numbers
from layers.store.instance import Store
from layers.store.ledger_definitions import LEDGERS
from layers.store.loading.fields import match_columns
from layers.store.loading.report import LoadReport
from layers.store.loading.rows import read_fields
from layers.store.parcel_search import gazetteer

KEY = "parcel_key"
_PARTS = (("oaza", "大字", ("大字名", "町名")), ("koaza", "字", ("小字", "字名", "小字名")), ("chiban", "地番", ()))


@dataclass
class LedgerReport:
    """What a load did; `rejected` are places in the file with the reason, and nothing of what the row said."""

    read: int = 0
    loaded: int = 0
    rejected: list[tuple[str, str]] = field(default_factory=list)


def ledger_named(name: str) -> Layer:
    """The ledger of that name. Raises UnknownLedgerError with those that exist."""
    if name not in LEDGERS:
        raise UnknownLedgerError(f"台帳「{name}」はありません。あるのは {'、'.join(LEDGERS)} です。")
    return LEDGERS[name]


def load_ledger(
    store: Store, ledger: Layer, path: Path, *, encoding: str | None = None, who: Who | None = None
) -> LedgerReport:
    """Replace the ledger by the rows of a CSV or XLSX with 大字・字・地番, 所在地番 or parcel_key; the load is logged.

    Raises LoadRefusedError for a file without a row that can be taken or with マイナンバー; the ledger then stays.
    """
    report = LedgerReport()
    reading = _as_file(ledger)
    with store.database.transaction() as connection:
        connection.execute(sql.SQL("LOCK ledgers.{} IN SHARE ROW EXCLUSIVE MODE").format(sql.Identifier(ledger.id)))
        connection.execute(sql.SQL("DELETE FROM ledgers.{}").format(sql.Identifier(ledger.id)))
        names = gazetteer(store, connection)
        for table in open_source(path, encoding=encoding):
            refuse_individual_numbers(table.columns, table.source)
            _copy(connection, ledger, _rows(reading, ledger, table, names, report))
        if not report.loaded:
            first = f"最初の理由: {report.rejected[0][1]}" if report.rejected else "行が一つもありません"
            raise LoadRefusedError(f"{path.name} から{ledger.title}の台帳に取り込める行がありません（{first}）。")
        entry = Entry("ledger.load", ledger.id, note=path.name, count=report.loaded)
        record(connection, who or Who.program(), entry)
    return report


def _as_file(ledger: Layer) -> Layer:
    """The ledger as files write it: the key may come in parts."""
    parts = tuple(LayerField(name, FieldType.TEXT, label, sources=sources) for name, label, sources in _PARTS)
    own = tuple(replace(one, required=False) if one.name == KEY else one for one in ledger.fields)
    return replace(ledger, fields=(*own, *parts))


def _rows(
    reading: Layer, ledger: Layer, table: SourceTable, names: Gazetteer, report: LedgerReport
) -> Iterator[tuple[object, ...]]:
    matches = match_columns(reading, list(table.columns))
    if KEY not in matches and "chiban" not in matches:
        raise LoadRefusedError(f"{table.source} に、地番の列（大字・字・地番、または所在地番）がありません。")
    if not matches.keys() & {one.name for one in ledger.fields if one.name != KEY}:
        raise LoadRefusedError(f"{table.source} には{ledger.title}の台帳の列が一つもありません。")
    columns, problems = read_fields(reading, table, matches, LoadReport())
    report.read += table.read
    report.rejected += [(f"{table.source} {note.ref}", note.reason) for note in table.rejected]
    keys: dict[object, str | None] = {}
    for index, ref in enumerate(table.refs):
        written = columns[KEY][index]
        if written not in keys:
            keys[written] = _key(written, names)
        if index in problems or keys[written] is None:
            report.rejected.append((f"{table.source} {ref}", problems.get(index, "地番を読み取れません")))
            continue
        report.loaded += 1
        yield (keys[written], *(columns[one.name][index] for one in ledger.fields if one.name != KEY))


def _key(written: object, names: Gazetteer) -> str | None:
    """The key of a parcel: as it is, or read as people write it."""
    text = str(written or "")
    if text.count("/") >= 2:
        return text if text.split("/", 2)[2] else None
    found = parse(text, names) if text else []
    return found[0].key if len(found) == 1 and found[0].complete and found[0].chiban_to is None else None


def _copy(connection: Connection, ledger: Layer, rows: Iterator[tuple[object, ...]]) -> None:
    names = [KEY, *(one.name for one in ledger.fields if one.name != KEY)]
    statement = sql.SQL("COPY ledgers.{} ({}) FROM STDIN").format(
        sql.Identifier(ledger.id), sql.SQL(", ").join(map(sql.Identifier, names))
    )
    with connection.cursor().copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
