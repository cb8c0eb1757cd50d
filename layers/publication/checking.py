"""The gate's look at the rows: one snapshot, every row once, compared with what is public."""

from dataclasses import dataclass
from pathlib import Path

from layers.publication.content import content, digest_now, snapshot
from layers.publication.difference_map import draw
from layers.publication.differences import Before, Comparison
from layers.publication.errors import ChangedSinceCheckError
from layers.publication.findings import Finding, Level
from layers.publication.gate import NumberWatch, row_findings
from layers.publication.parts import ROWS, file_record
from layers.publication.published_layer import as_published, digest_of
from layers.publication.register import Publication
from layers.store.definitions import FieldType, Layer
from layers.store.instance import Store

_SHRUNK = 0.5
_CAN_HOLD_NUMBERS = frozenset({FieldType.TEXT, FieldType.INTEGER})


@dataclass(frozen=True)
class RowsChecked:
    """What the rows are, what was found in them, and how they differ from the public ones."""

    digest: str
    rows: int
    findings: list[Finding]
    difference: dict[str, object]
    drawing: str


def definition_holds(layer: Layer, found: Publication) -> None:
    """Raises ChangedSinceCheckError when the layer is not declared as it was when the draft was made."""
    if digest_of(as_published(layer)) != found.definition_sha256:
        raise ChangedSinceCheckError(
            f"「{layer.title}」の公開する列や凡例の決まりが、下書きのあとで変わりました。もう一度下書きから始めてください。"
        )


def digest_of_rows(store: Store, layer: Layer) -> str:
    """The hash of the rows that would go out now, of a layer as the store has it."""
    with snapshot(store.database) as connection:
        return digest_now(connection, store, as_published(layer))


def check_rows(store: Store, layer: Layer, published: tuple[Publication, Path] | None) -> RowsChecked:
    """Look at every row of `layer`, one that `as_published` made."""
    comparison = Comparison(layer, _before(published))
    watch = NumberWatch(layer)
    with snapshot(store.database) as connection:
        with content(connection, store, layer) as found:
            for batch in found.batches:
                _see(batch.to_pydict(), layer, comparison, watch)
        findings = [*watch.findings(), *row_findings(connection, layer, store.town)]
    difference = comparison.finish()
    if difference.removed > _SHRUNK * (difference.removed + difference.same + difference.changed):
        findings.append(
            Finding(
                "shrunk", Level.LOOK, f"いま公開している地物の半分より多く（{difference.removed:,} 件）がなくなります。"
            )
        )
    return RowsChecked(found.counted.digest, found.counted.rows, findings, difference.to_document(), draw(difference))


def _before(published: tuple[Publication, Path] | None) -> Before | None:
    if published is None:
        return None
    found, folder = published
    part = found.part
    if part is None or found.edition is None or not _is_whole(folder, part.files[ROWS]):
        return None
    return Before(found.published_layer, folder, found.edition)


def _is_whole(folder: Path, record: object) -> bool:
    """Whether the published rows still lie beside the register as they were made; without them all counts as new."""
    return (folder / ROWS).is_file() and file_record(folder / ROWS) == record


def _see(columns: dict[str, list[object]], layer: Layer, comparison: Comparison, watch: NumberWatch) -> None:
    values = [columns[field.name] for field in layer.fields]
    for field, held in zip(layer.fields, values, strict=True):
        if field.type in _CAN_HOLD_NUMBERS:
            watch.look(field.name, held)
    for fid, place, *said in zip(columns["fid"], columns["geom"], *values, strict=True):
        assert isinstance(fid, int)  # noqa: S101 - the rows' own number
        assert place is None or isinstance(place, bytes)  # noqa: S101 - WKB
        comparison.see(fid, tuple(said), place)
