"""The automatic gate: what a machine can see before a person is asked. One finding that stops is enough to refuse."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime

from psycopg import sql

from layers.publication.errors import NotPublishableError
from layers.publication.findings import Finding, Level
from layers.publication.people import people_findings
from layers.publication.published_layer import as_published, hidden_in_drawing
from layers.store.database import Connection
from layers.store.definitions import ColumnClass, Layer
from layers.store.editions import editions
from layers.store.individual_numbers import check_digits, is_forbidden_name
from layers.store.settings import Municipality

_FAR_DEGREES = 0.3
"""Farther than this from the town's box, a row is not where it should be: about 30 km."""


def definition_findings(layer: Layer) -> Iterator[Finding]:
    """What the declaration of a layer, as the store has it, says of its publication."""
    publication = layer.publication
    try:
        shown = as_published(layer)
    except NotPublishableError as error:
        yield Finding("whitelist", Level.STOP, str(error))
        return
    assert publication is not None  # noqa: S101 - as_published has asked
    private = [
        field for field in layer.fields if field.name in publication.columns and not _is_public(field.column_class)
    ]
    for one in private:
        yield Finding(
            "classes",
            Level.STOP,
            f"公開する列の一覧にある「{one.label}」は公開の区分ではありません（{one.column_class}）。一覧から外してください。",
        )
    hidden = [layer.field(name).label for name in hidden_in_drawing(layer)]
    if hidden:
        yield Finding(
            "drawing",
            Level.STOP,
            f"公開しない列（{'、'.join(hidden)}）で色分け・注記・まとめをしています。凡例を直してください。",
        )
    if not private and not hidden:
        kept = len(layer.fields) - len(shown.fields)
        yield Finding(
            "classes",
            Level.GOOD,
            f"公開するのは {len(shown.fields)} 列です（{'、'.join(field.label for field in shown.fields)}）。"
            f"ほかの {kept} 列は庁内に残ります。",
        )
    for one in shown.fields:
        if any(map(is_forbidden_name, (one.name, one.label))):
            yield Finding(
                "individual_number", Level.STOP, f"列「{one.label}」は個人番号を示す名前です。公開できません。"
            )


def row_findings(connection: Connection, layer: Layer, town: Municipality) -> Iterator[Finding]:
    """What the rows of `layer`, one that `as_published` made, say in this snapshot."""
    yield from _shape_findings(connection, layer, town)
    yield from people_findings(connection, layer)
    edition = editions(connection).get(layer.id)
    if edition is not None and edition.is_stale(layer, datetime.now(UTC).date()):
        yield Finding(
            "freshness",
            Level.LOOK,
            f"データが更新の周期（{layer.update_cycle_days}日）より古くなっています。公開してよいか確かめてください。",
        )


def _is_public(column_class: ColumnClass) -> bool:
    return column_class is ColumnClass.PUBLIC


def _shape_findings(connection: Connection, layer: Layer, town: Municipality) -> Iterator[Finding]:
    west, south, east, north = town.bbox
    row = connection.execute(
        sql.SQL(
            "SELECT count(*), count(*) FILTER (WHERE geom IS NULL OR ST_IsEmpty(geom)), "
            "count(*) FILTER (WHERE NOT ST_IsValid(geom)), count(*) FILTER (WHERE ST_SRID(geom) <> %(srid)s), "
            "count(*) FILTER (WHERE NOT geom && ST_Transform(ST_MakeEnvelope(%(w)s, %(s)s, %(e)s, %(n)s, 6668), %(srid)s)) "
            "FROM layers.{}"
        ).format(sql.Identifier(layer.id)),
        {
            "srid": town.srid,
            "w": west - _FAR_DEGREES,
            "s": south - _FAR_DEGREES,
            "e": east + _FAR_DEGREES,
            "n": north + _FAR_DEGREES,
        },
    ).fetchone()
    assert row is not None  # noqa: S101 - an aggregate always answers one row
    rows, without, invalid, foreign, far = row
    if not rows or without == rows:
        yield Finding("rows", Level.STOP, "公開できる地物が一つもありません。先に読み込んでください。")
        return
    if invalid or foreign:
        yield Finding(
            "validity",
            Level.STOP,
            f"形の正しくない地物（{invalid:,} 件）か座標系の違う地物（{foreign:,} 件）があります。",
        )
    else:
        yield Finding("validity", Level.GOOD, f"{rows:,} 件の形と座標系（EPSG:{town.srid}）は正しいです。")
    if without:
        yield Finding("rows", Level.LOOK, f"位置のない地物が {without:,} 件あります。地図には出ません。")
    if far:
        level = Level.STOP if far * 2 > rows else Level.LOOK
        yield Finding(
            "place",
            level,
            f"町から30 km 以上離れた地物が {far:,} 件あります。座標系を確かめてください。",
        )


MOST_BY_CHANCE = 0.3
"""Of another register's numbers a tenth has a fitting check digit; where more have, they are 個人番号 whatever is declared."""


@dataclass
class NumberWatch:
    """Looks for 個人番号 in every value that goes by: by column, how many numbers of twelve digits, and how many fit."""

    layer: Layer
    seen: dict[str, tuple[int, int]] = field(default_factory=dict)

    def look(self, column: str, values: list[object]) -> None:
        """Count what the values of a column hold."""
        found, fitting = check_digits(values)
        if found:
            before = self.seen.get(column, (0, 0))
            self.seen[column] = (before[0] + found, before[1] + fitting)

    def findings(self) -> Iterator[Finding]:
        """What was found; the numbers themselves are told nowhere."""
        fitting = {column: counts for column, counts in self.seen.items() if counts[1]}
        for column, counts in fitting.items():
            yield self._finding(column, *counts)
        if not fitting:
            yield Finding("individual_number", Level.GOOD, "個人番号として成り立つ番号はありません。")

    def _finding(self, column: str, numbers: int, fitting: int) -> Finding:
        label = self.layer.field(column).label
        publication = self.layer.publication
        declared = publication is not None and column in publication.other_numbers
        if declared and fitting <= MOST_BY_CHANCE * numbers:
            sentence = (
                f"列「{label}」の12桁の番号 {numbers:,} 件は、個人番号ではない番号とされています（other_numbers）。"
            )
            return Finding("individual_number", Level.LOOK, sentence)
        return Finding(
            "individual_number",
            Level.STOP,
            f"列「{label}」に、個人番号として成り立つ12桁の番号が {fitting:,} 件あります。番号を取り除いてください。",
        )


def passes(findings: list[Finding]) -> bool:
    """Whether nothing stops the layer."""
    return all(finding.level is not Level.STOP for finding in findings)


def as_documents(findings: list[Finding]) -> list[dict[str, str]]:
    """The findings as the register keeps them."""
    return [asdict(finding) for finding in findings]
