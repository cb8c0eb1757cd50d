"""What a layer would publish at one moment: its rows in a fixed order, and the hash that names them."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from layers.store.database import Connection, Database
from layers.store.definitions import Layer
from layers.store.instance import Store
from layers.store.selection import Selection

if TYPE_CHECKING:
    import pyarrow as pa

    from gis.formats.writing.outgoing import Batches, Outgoing

STATEMENT_TIMEOUT_S = 300.0


@contextmanager
def snapshot(database: Database) -> Iterator[Connection]:
    """A connection that sees one moment of the store and cannot write."""
    with database.transaction() as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        connection.execute("SELECT set_config('statement_timeout', %s, true)", [str(int(STATEMENT_TIMEOUT_S * 1000))])
        yield connection


@dataclass
class Counted:
    """Rows on their way; when the last is through, `digest` names them all and `rows` says how many they were."""

    rows: int = 0
    digest: str = ""

    def watch(self, batches: "Batches", schema: "pa.Schema") -> "Iterator[pa.RecordBatch]":
        """The batches, hashed in passing."""
        seen = sha256(str(schema).encode())
        for batch in batches:
            seen.update(batch.serialize())
            self.rows += batch.num_rows
            yield batch
        self.digest = seen.hexdigest()


@dataclass(frozen=True)
class Content:
    """The rows of a published layer as one snapshot has them; `counted` is complete when `batches` has ended."""

    sheet: "Outgoing"
    batches: "Iterator[pa.RecordBatch]"
    counted: Counted


@contextmanager
def content(connection: Connection, store: Store, layer: Layer) -> Iterator[Content]:
    """The rows of `layer`, which is one that `as_published` made, by their fid, in the town's plane."""
    # what writes files takes a quarter of the server's memory, and most servers publish once a month
    from layers.store.export_description import outgoing
    from layers.store.row_stream import stream_rows

    selection = Selection(layer, layer.fields)
    sheet = outgoing(connection, store, selection, store.town.srid)
    counted = Counted()
    with closing(stream_rows(connection, selection, sheet.schema, store.town.srid)) as rows:
        yield Content(sheet, counted.watch(rows, sheet.schema), counted)


def digest_now(connection: Connection, store: Store, layer: Layer) -> str:
    """The hash of the rows that would go out now."""
    with content(connection, store, layer) as found:
        for _ in found.batches:
            pass
        return found.counted.digest
