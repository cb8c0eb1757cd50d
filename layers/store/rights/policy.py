"""The written policy, read and asked: which verbs a post has on which classes of column of which layers."""

import dataclasses
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from gis.errors import OnomapError
from layers.store.definitions import ColumnClass, Layer
from layers.store.rights.caller import Caller, Post, Verb

SHIPPED = Path(__file__).with_name("policy.toml")
TOWN_POLICY = "policy.toml"
"""The file of that name in the home directory is read instead of the shipped one."""
ALL, OWN = "all", "own"


class PolicyError(OnomapError):
    """The written policy cannot be read as one."""


@dataclass(frozen=True)
class Duty:
    """A kind of work that a post may include."""

    id: str
    label: str


@dataclass(frozen=True)
class Grant:
    """One line of the policy. `layers` is "all", "own" or the names; no `departments` means every department."""

    duty: str
    verbs: frozenset[Verb]
    classes: frozenset[ColumnClass]
    layers: str | frozenset[str]
    departments: frozenset[str] = frozenset()

    def reaches(self, post: Post, layer: Layer) -> bool:
        """Whether this line gives that post anything on that layer."""
        if self.duty not in post.duties or not self.is_of(post):
            return False
        if self.layers == OWN:
            return division(layer.department) == division(post.department)
        return self.layers == ALL or layer.id in self.layers

    def is_of(self, post: Post) -> bool:
        """Whether this line is for the post's department."""
        return not self.departments or post.department in self.departments


def division(department: str) -> str:
    """The 課 of a name that also says which desk: 地域整備課（水道） → 地域整備課."""
    return department.split("（", maxsplit=1)[0]


@dataclass(frozen=True)
class Policy:
    """Every duty and every grant; what no line gives, nobody has."""

    duties: Mapping[str, Duty]
    grants: tuple[Grant, ...]

    def classes(self, post: Post, verb: Verb, layer: Layer) -> frozenset[ColumnClass]:
        """The classes of columns of `layer` on which the post has the verb; empty when it has it on none."""
        lines = (grant for grant in self.grants if verb in grant.verbs and grant.reaches(post, layer))
        return frozenset().union(*(grant.classes for grant in lines))

    def allows(self, caller: Caller, verb: Verb, layer: Layer) -> bool:
        """Whether the caller may do that with at least one class of the layer's columns."""
        return verb in caller.verbs and bool(self.classes(caller.post, verb, layer))

    def may_switch(self, caller: Caller) -> bool:
        """Whether the caller sets the situation on the day of a disaster."""
        return self._has(caller, Verb.SWITCH)

    def may_survey(self, caller: Caller) -> bool:
        """Whether the caller measures fields of their own."""
        return self._has(caller, Verb.SURVEY)

    def is_confined(self, post: Post) -> bool:
        """Whether the post only measures own fields: such a one is no member of the town hall, and is shown nothing of it."""
        lines = [grant for grant in self.grants if grant.duty in post.duties and grant.is_of(post)]
        return bool(lines) and all(grant.verbs == {Verb.SURVEY} for grant in lines)

    def _has(self, caller: Caller, verb: Verb) -> bool:
        lines = (grant for grant in self.grants if verb in grant.verbs and grant.duty in caller.post.duties)
        return verb in caller.verbs and any(grant.is_of(caller.post) for grant in lines)

    def seen(self, layer: Layer, post: Post) -> Layer | None:
        """The layer as that post may read it, without the columns it may not see; None when it may not read it at all."""
        return seen_with(layer, self.classes(post, Verb.READ, layer))


def seen_with(layer: Layer, classes: frozenset[ColumnClass]) -> Layer | None:
    """The layer with only the columns of those classes; None when there are none of them."""
    fields = tuple(field for field in layer.fields if field.column_class in classes)
    if not classes or (layer.fields and not fields):
        return None
    return layer if len(fields) == len(layer.fields) else dataclasses.replace(layer, fields=fields)


def load_policy(home: Path | None = None) -> Policy:
    """The town's own policy where HOME has one, else the shipped one. Raises PolicyError with the line that is wrong."""
    own = home / TOWN_POLICY if home else None
    return _read(own if own and own.is_file() else SHIPPED)


@cache
def _read(file: Path) -> Policy:
    try:
        written = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise PolicyError(f"権限の定義 {file} を読めません（{error}）。") from error
    duties = {one["id"]: Duty(one["id"], one["label"]) for one in written.get("duty", ())}
    return Policy(duties, tuple(_grant(one, duties, file) for one in written.get("grant", ())))


def _grant(written: Mapping[str, object], duties: Mapping[str, Duty], file: Path) -> Grant:
    try:
        layers = written["layers"]
        grant = Grant(
            duty=str(written["duty"]),
            verbs=frozenset(Verb(verb) for verb in _texts(written["verbs"])),
            classes=frozenset(ColumnClass(one) for one in _texts(written["classes"])),
            layers=layers if isinstance(layers, str) else frozenset(_texts(layers)),
            departments=frozenset(_texts(written.get("departments", []))),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise PolicyError(f"権限の定義 {file} の grant {dict(written)} に誤りがあります（{error}）。") from error
    if grant.duty not in duties:
        raise PolicyError(f"権限の定義 {file} の grant にある職務 {grant.duty} が、duty にありません。")
    if isinstance(grant.layers, str) and grant.layers not in (ALL, OWN):
        raise PolicyError(f"権限の定義 {file} の layers は all、own、または名前の並びにしてください。")
    return grant


def _texts(written: object) -> list[str]:
    if not isinstance(written, list) or not all(isinstance(one, str) for one in written):
        raise TypeError(f"{written} は文字の並びではありません")
    return written
