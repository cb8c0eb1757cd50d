"""What would change on the public side: counts and sentences, and the shapes for a drawn map."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path

from layers.publication.parts import ROWS
from layers.publication.rows_file import read_rows
from layers.store.definitions import Layer

MOST_DRAWN = 4_000
"""Shapes of one kind that a map is given; more would be a stain, and the sentence has the number."""
Row = tuple[object, ...]


@dataclass(frozen=True)
class Before:
    """A layer as it is published now: its definition, and the folder with its files."""

    layer: Layer
    folder: Path
    edition: int


@dataclass
class Shapes:
    """WKB of what came, went, changed and stayed, each at most MOST_DRAWN times."""

    added: list[bytes] = field(default_factory=list)
    removed: list[bytes] = field(default_factory=list)
    changed: list[bytes] = field(default_factory=list)
    same: list[bytes] = field(default_factory=list)


@dataclass
class Difference:
    """Rows that differ from the published ones; `moved` are those of the changed whose shape is another."""

    edition: int | None
    added: int = 0
    removed: int = 0
    changed: int = 0
    moved: int = 0
    same: int = 0
    new_columns: tuple[str, ...] = ()
    lost_columns: tuple[str, ...] = ()
    shapes: Shapes = field(default_factory=Shapes)

    @property
    def is_none(self) -> bool:
        """Whether the public side would look exactly as it does."""
        changes = self.added + self.removed + self.changed
        return self.edition is not None and not changes and not self.new_columns and not self.lost_columns

    def sentences(self) -> list[str]:
        """The difference in words."""
        if self.edition is None:
            return [f"初めての公開です。{self.added:,} 件が地図に現れます。"]
        told = [
            (
                f"いま公開している第{self.edition}版と比べて、増える {self.added:,} 件、なくなる {self.removed:,} 件、"
                f"変わる {self.changed:,} 件（うち形の変わる {self.moved:,} 件）、同じ {self.same:,} 件です。"
            )
        ]
        if self.new_columns:
            told.append(f"新しく公開する列: {'、'.join(self.new_columns)}。")
        if self.lost_columns:
            told.append(f"公開をやめる列: {'、'.join(self.lost_columns)}。")
        if self.is_none:
            told.append("公開しても何も変わりません。")
        return told

    def to_document(self) -> dict[str, object]:
        """The difference without its shapes, as the register keeps it."""
        return {
            "edition": self.edition,
            "added": self.added,
            "removed": self.removed,
            "changed": self.changed,
            "moved": self.moved,
            "same": self.same,
            "new_columns": list(self.new_columns),
            "lost_columns": list(self.lost_columns),
            "sentences": self.sentences(),
        }


class Comparison:
    """Compares rows as they go by with those that are published; rows are told apart by their fid."""

    def __init__(self, layer: Layer, before: Before | None) -> None:
        self._common = _common(layer, before)
        self._positions = {field.name: position for position, field in enumerate(layer.fields)}
        self._before = {} if before is None else dict(self._read(before))
        self.difference = Difference(before.edition if before else None)
        if before is not None:
            was, now = _labels(before.layer), _labels(layer)
            self.difference.new_columns = tuple(now[name] for name in now if name not in was)
            self.difference.lost_columns = tuple(was[name] for name in was if name not in now)

    def see(self, fid: int, values: Row, wkb: bytes | None) -> None:
        """One row that would be published: its fields in the layer's order and its place."""
        found, shapes = self.difference, self.difference.shapes
        known = self._before.pop(fid, None)
        if known is None:
            found.added += 1
            _draw(shapes.added, wkb)
            return
        said, was = _digest([values[self._positions[name]] for name in self._common]), known[1]
        if known[0] == said and wkb == was:
            found.same += 1
            _draw(shapes.same, wkb)
            return
        found.changed += 1
        found.moved += wkb != was
        _draw(shapes.changed, wkb)

    def finish(self) -> Difference:
        """The difference, once every row has gone by: what is left of the published ones is gone."""
        self.difference.removed = len(self._before)
        for _, wkb in self._before.values():
            _draw(self.difference.shapes.removed, wkb)
        return self.difference

    def _read(self, before: Before) -> Iterator[tuple[int, tuple[bytes, bytes | None]]]:
        positions = {field.name: position for position, field in enumerate(before.layer.fields)}
        for row in read_rows(before.folder / ROWS, before.layer):
            values, wkb = row[1:-1], row[-1]
            assert isinstance(row[0], int)  # noqa: S101 - a fid
            assert wkb is None or isinstance(wkb, bytes)  # noqa: S101 - as read_rows says
            yield row[0], (_digest([values[positions[name]] for name in self._common]), wkb)


def _common(layer: Layer, before: Before | None) -> list[str]:
    names = {field.name for field in before.layer.fields} if before else set()
    return [field.name for field in layer.fields if field.name in names]


def _labels(layer: Layer) -> dict[str, str]:
    return {field.name: field.label for field in layer.fields}


def _digest(values: list[object]) -> bytes:
    return blake2b(repr([_plain(value) for value in values]).encode(), digest_size=16).digest()


def _plain(value: object) -> str | None:
    """A value as both a file and the database have it: 3, 3.0 and True, 1 are the same, days are texts."""
    if value is None:
        return None
    if isinstance(value, bool | int | float):
        return f"{float(value):.17g}"
    return str(value)


def _draw(shapes: list[bytes], wkb: bytes | None) -> None:
    if wkb is not None and len(shapes) < MOST_DRAWN:
        shapes.append(wkb)
