"""What can go wrong between the store and those who ask it."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from gis.errors import OnomapError


class StoreError(OnomapError):
    """The store cannot do what was asked."""


class StoreUnavailableError(StoreError):
    """The database does not answer."""


class UnknownLayerError(StoreError):
    """No layer has that name."""


class LayerDefinitionError(StoreError):
    """A layer's declaration and its table have grown apart in a way that would lose data."""


class LoadRefusedError(StoreError):
    """A file cannot become an edition of a layer; the edition before it stays as it was."""


@contextmanager
def translated() -> Iterator[None]:
    """Turns the driver's errors into ours, in this one place."""
    try:
        yield
    except psycopg.errors.QueryCanceled as error:
        raise StoreError("データベースの処理が時間切れになりました。範囲を絞ってもう一度お試しください。") from error
    except psycopg.OperationalError as error:
        raise StoreUnavailableError(
            "データベースに接続できません。`onomap doctor` で状態を確認してください。"
        ) from error
