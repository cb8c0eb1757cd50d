"""The rows of a layer that a theme reads: which of them count, what their codes mean, what is shown of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from math import isnan

import numpy as np
import shapely
from numpy.typing import NDArray

from layers.inquiries.engine import labels
from layers.inquiries.engine.evidence_types import Evidence, EvidenceError
from layers.store.definitions import Theme

LISTED_FEATURES = 20
"""How many features a finding lists; the count of all is always given beside them."""

Codes = tuple[str | None, ...]


def code_of(value: object) -> str | None:
    """A stored value as a `layer.toml` writes its code: 2 → "2", 2.0 → "2", True → "true", a date in ISO form."""
    if type(value) is str:
        return value
    if value is None or (isinstance(value, float) and isnan(value)):
        return None
    if isinstance(value, (bool, np.bool_)):
        return "true" if value else "false"
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        return str(int(value))
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


@dataclass(frozen=True)
class Rows:
    """The rows of the evidence that pass the theme's `where`. `index` are their positions in the evidence."""

    evidence: Evidence
    theme: Theme
    index: NDArray[np.intp]

    @property
    def geometry(self) -> NDArray[np.object_]:
        """The shapes of the rows; None for a row of a list."""
        chosen: NDArray[np.object_] = self.evidence.geometry[self.index]
        return chosen

    def drawn(self) -> "Rows":
        """The rows that have a shape."""
        shapes = self.geometry
        has_shape = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
        return Rows(self.evidence, self.theme, self.index[has_shape])

    def column(self, name: str) -> list[object]:
        """The values of a column, one per row; EvidenceError if the layer has no such column."""
        values = values_of(self.evidence, self.theme, name)
        return [values[position] for position in self.index]

    def numbers(self, name: str) -> NDArray[np.float64]:
        """A column of numbers, NaN where unknown."""
        return np.array([_number(value) for value in self.column(name)], dtype=np.float64)

    @cached_property
    def groups(self) -> tuple[list[Codes], NDArray[np.intp]]:
        """The groups that the theme tells apart, and for each row the position of its own."""
        columns = [[code_of(value) for value in self.column(name)] for name in self.theme.group_by]
        per_row: list[Codes] = list(zip(*columns, strict=True)) if columns else [()] * len(self.index)
        positions: dict[Codes, int] = {}
        members = [positions.setdefault(codes, len(positions)) for codes in per_row]
        return list(positions), np.array(members, dtype=np.intp)

    def gravity(self, codes: Codes) -> int:
        """The place of a group in the theme's order, 0 the gravest; a code that the order does not name comes last."""
        theme = self.theme
        if theme.rank_by is None or theme.rank_by not in theme.group_by:
            return 0
        code = codes[theme.group_by.index(theme.rank_by)]
        return theme.rank_order.index(code) if code in theme.rank_order else len(theme.rank_order)

    def meanings(self, codes: Codes) -> dict[str, str]:
        """The Japanese labels of a group's codes, by field."""
        if codes not in self._meanings:
            self._meanings[codes] = {
                name: self.meaning(name, code) for name, code in zip(self.theme.group_by, codes, strict=True)
            }
        return self._meanings[codes]

    def meaning(self, name: str, value: object) -> str:
        """What a value says to a reader: the label of its code, or else the value itself."""
        code = code_of(value)
        return labels.UNKNOWN if code is None else self._codes.get(name, {}).get(code, code)

    def label(self, chosen: Sequence[int], codes: Codes, extra: Mapping[str, str] | None = None) -> str:
        """The theme's label for a group: its placeholders filled from the codes, or else from the rows named."""
        if extra is None and self._named_by_codes:
            if codes not in self._group_labels:
                self._group_labels[codes] = labels.fill(self.theme.label_applies, self.meanings(codes))
            return self._group_labels[codes]
        values = {**self.meanings(codes), **(extra or {})}
        for name in self._placeholders:
            if name not in values and self.has(name):
                values[name] = self.texts(name, chosen)
        said = tuple([values.get(name) for name in self._placeholders])
        if said not in self._labels:
            self._labels[said] = labels.fill(self.theme.label_applies, values)
        return self._labels[said]

    def texts(self, name: str, chosen: Iterable[int]) -> str:
        """The different values of a column among some of the rows, for a label; at most three are named."""
        values = self.column_of(name, chosen)
        return labels.enumerate_some(list(dict.fromkeys(self.meaning(name, value) for value in values)))

    def column_of(self, name: str, chosen: Iterable[int]) -> list[object]:
        """The values of a column for some of the rows."""
        values = values_of(self.evidence, self.theme, name)
        return [values[self.index[position]] for position in chosen]

    def has(self, name: str) -> bool:
        """Whether the layer holds the column."""
        return name in self.evidence.attributes

    def show(self, position: int) -> dict[str, object]:
        """One row as a finding lists it: its fid and the columns that the theme shows, codes as their labels."""
        if position not in self._listed:
            self._listed[position] = self._shown_row(position)
        return self._listed[position]

    def _shown_row(self, position: int) -> dict[str, object]:
        at = self.index[position]
        shown: dict[str, object] = {"fid": int(self.evidence.fids[at])}
        for name, column in self._shown_columns:
            shown[name] = self._shown(name, column[at])
        return shown

    def listing(
        self, chosen: Sequence[int], extra: Mapping[int, Mapping[str, object]] | None = None
    ) -> dict[str, object]:
        """The first `LISTED_FEATURES` of some rows, each with what `extra` adds, and the count of all."""
        added = extra or {}
        features = [{**self.show(position), **added.get(position, {})} for position in chosen[:LISTED_FEATURES]]
        return {"features": features, "feature_count": len(chosen)}

    # what is said of a row or a group is said again for every parcel that it touches

    @cached_property
    def _meanings(self) -> dict[Codes, dict[str, str]]:
        return {}

    @cached_property
    def _labels(self) -> dict[tuple[str | None, ...], str]:
        return {}

    @cached_property
    def _group_labels(self) -> dict[Codes, str]:
        return {}

    @cached_property
    def _named_by_codes(self) -> bool:
        return all(name in self.theme.group_by or not self.has(name) for name in self._placeholders)

    @cached_property
    def _listed(self) -> dict[int, dict[str, object]]:
        return {}

    @cached_property
    def _codes(self) -> dict[str, Mapping[str, str]]:
        return {field.name: field.codes for field in self.evidence.layer.fields if field.codes}

    @cached_property
    def _placeholders(self) -> list[str]:
        return labels.placeholders(self.theme.label_applies)

    @cached_property
    def _shown_columns(self) -> list[tuple[str, list[object]]]:
        return [(name, values_of(self.evidence, self.theme, name)) for name in self.theme.show]

    def _shown(self, name: str, value: object) -> object:
        codes = self._codes.get(name)
        if codes is None and isinstance(value, (str, int)):
            return value
        code = code_of(value)
        if code is None:
            return None
        if codes is not None:
            return codes.get(code, code)
        return value.isoformat() if isinstance(value, date) else _plain(value)


def choose(evidence: Evidence, theme: Theme) -> Rows:
    """The rows that pass the theme's `where`: every named column holds one of the named codes."""
    keep = np.ones(len(evidence.fids), dtype=np.bool_)
    for name, wanted in theme.where.items():
        codes = set(wanted)
        keep &= np.array([code_of(value) in codes for value in values_of(evidence, theme, name)], dtype=np.bool_)
    return Rows(evidence, theme, np.flatnonzero(keep))


def values_of(evidence: Evidence, theme: Theme, name: str) -> list[object]:
    """A column of the layer; EvidenceError, naming the theme, if the layer has none of that name."""
    try:
        return evidence.attributes[name]
    except KeyError as error:
        raise EvidenceError(labels.missing_column(evidence.layer.title, theme.title, name)) from error


def _number(value: object) -> float:
    return float(value) if isinstance(value, (int, float, np.number)) else float("nan")


def _plain(value: object) -> object:
    """A value that JSON can hold."""
    if isinstance(value, np.generic):
        return value.item()
    return value if isinstance(value, (str, int, float, bool)) else str(value)
