"""What can go wrong between the store and those who ask it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg

from gis.errors import OnomapError


class StoreError(OnomapError):
    """The store cannot do what was asked."""


class StoreUnavailableError(StoreError):
    """The database does not answer."""


class UnknownLayerError(StoreError):
    """No layer has that name."""


class ForbiddenError(StoreError):
    """The asker's post has no right to do that."""

    def __init__(self, sentence: str | None = None) -> None:
        super().__init__(
            sentence or "あなたの職務では、この操作はできません。必要なときは、システム管理者に相談してください。"
        )


class RightsChangedError(StoreError):
    """The written policy was changed since this program read it."""

    def __init__(self) -> None:
        super().__init__("権限の定義が変わりました。管理者がサーバーを起動し直すまで、少しお待ちください。")


class LayerDefinitionError(StoreError):
    """A layer's declaration and its table have grown apart in a way that would lose data."""


class LoadRefusedError(StoreError):
    """A file cannot become an edition of a layer; the edition before it stays as it was."""


class FeatureGoneError(StoreError):
    """The layer has no such feature, or not any more."""


class NotEditableError(StoreError):
    """Features of this layer cannot be edited one by one."""


class LayerBusyError(StoreError):
    """A load of the layer is under way."""


class EditConflictError(StoreError):
    """Somebody else changed the feature first; `version` is the one that stands now."""

    def __init__(self, sentence: str, version: int) -> None:
        super().__init__(sentence)
        self.version = version


class UnconditionalEditError(StoreError):
    """An edit does not say which version it was made from."""


MOST_TOLD = 10
"""Broken rules that one sentence tells; `faults` has the others."""


@dataclass(frozen=True)
class Fault:
    """What is wrong with one part of a feature: a field's name or "geometry", and a sentence without its full stop."""

    name: str
    reason: str


class EditRefusedError(StoreError):
    """A feature breaks rules of its layer; `faults` has every one of them."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        told = "、".join(fault.reason for fault in faults[:MOST_TOLD])
        others = f"、ほか{len(faults) - MOST_TOLD:,}件" if len(faults) > MOST_TOLD else ""
        super().__init__(f"保存していません。{told}{others}。直してからもう一度保存してください。")
        self.faults = tuple(faults)


@contextmanager
def translated() -> Iterator[None]:
    """Turns the driver's errors into ours, in this one place."""
    try:
        yield
    except psycopg.errors.QueryCanceled as error:
        raise StoreError("データベースの処理が時間切れになりました。範囲を絞ってもう一度お試しください。") from error
    except psycopg.errors.InsufficientPrivilege as error:
        raise ForbiddenError() from error
    except psycopg.OperationalError as error:
        raise StoreUnavailableError(
            "データベースに接続できません。`onomap doctor` で状態を確認してください。"
        ) from error
