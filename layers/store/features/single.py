"""One feature by its id."""

from dataclasses import dataclass

from psycopg import sql

from layers.store.editions import rows_at
from layers.store.features.errors import UnknownFeatureError
from layers.store.features.feature_json import Feature, FeatureForm, feature_maker
from layers.store.features.pages import FEATURE_TIMEOUT_S
from layers.store.readable import Readable
from layers.store.selection import Selection


@dataclass(frozen=True)
class SingleFeature:
    """A feature and the version of its row."""

    feature: Feature
    version: int


def read_feature(store: Readable, selection: Selection, form: FeatureForm, identifier: str) -> SingleFeature:
    """The feature with that id among the selection's layer at its moment. Raises UnknownFeatureError for any other text."""
    if not (identifier.isascii() and identifier.isdecimal() and len(identifier) < 20 and int(identifier) < 2**63):
        raise _unknown(selection, identifier)
    is_current = selection.as_of is None
    maker = feature_maker(selection.layer, selection.fields, form, store.town.srid, is_current=is_current)
    statement = sql.SQL("SELECT {feature}, l.version FROM {rows} l WHERE l.fid = {fid}").format(
        feature=maker.columns, rows=rows_at(selection.layer, selection.as_of), fid=sql.Placeholder("fid")
    )
    parameters = {"fid": int(identifier), "as_of": selection.as_of}
    with (
        store.database.transaction(timeout_s=FEATURE_TIMEOUT_S) as connection,
        connection.cursor(binary=True) as reading,
    ):
        row = reading.execute(statement, parameters).fetchone()
    if row is None:
        raise _unknown(selection, identifier)
    (feature,) = maker.features([row])
    return SingleFeature(feature, row[maker.width])


def _unknown(selection: Selection, identifier: str) -> UnknownFeatureError:
    return UnknownFeatureError(f"「{selection.layer.title}」に番号 {identifier[:40]} の地物はありません。")
