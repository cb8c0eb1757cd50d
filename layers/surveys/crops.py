"""The crops that a field can be planned for: the words of 水田台帳 and 営農計画書, with a look that needs no colour."""

import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from gis.map_symbols import FeatureStyle
from layers.surveys.crop_errors import UnknownCropError

LIST = Path(__file__).with_name("crops.toml")
_THIN = 1.2


@dataclass(frozen=True)
class Crop:
    """One crop: `short` is written on the field, `pattern` and `width` tell it from others where there is no colour."""

    id: str
    label: str
    short: str
    group: str
    aliases: tuple[str, ...]
    fill: str
    line: str
    pattern: str
    width: float

    @property
    def style(self) -> FeatureStyle:
        """How a field with it looks on paper."""
        return FeatureStyle(f"{self.short}　{self.label}", self.fill, self.line, self.width, self.pattern)

    def as_json(self) -> dict[str, object]:
        """The crop as a page has it: a row of a legend."""
        return {
            "id": self.id,
            "label": self.label,
            "short": self.short,
            "group": self.group,
            "fill": self.fill,
            "line": self.line,
            "pattern": self.pattern,
            "width": self.width,
        }


@cache
def crops() -> Mapping[str, Crop]:
    """Every crop by its id, in the order of the list."""
    written = tomllib.loads(LIST.read_text(encoding="utf-8"))["crop"]
    return {
        one["id"]: Crop(**{**one, "aliases": tuple(one["aliases"]), "width": float(one.get("width", _THIN))})
        for one in written
    }


def crop_of(identifier: str) -> Crop:
    """The crop of that id. Raises UnknownCropError."""
    if identifier not in crops():
        raise UnknownCropError(f"作物「{identifier[:30]}」は一覧にありません。一覧にある作物を選んでください。")
    return crops()[identifier]


def crop_named(written: str) -> Crop:
    """The crop that a ledger means by a name: its label, its id or one of its other names, full width or half.

    Raises UnknownCropError with the labels that there are.
    """
    found = _names().get(_plain(written))
    if found is None:
        labels = "、".join(crop.label for crop in crops().values())
        raise UnknownCropError(f"作物「{written[:30]}」は一覧にありません。次のどれかで書いてください: {labels}")
    return found


@cache
def _names() -> Mapping[str, Crop]:
    return {_plain(name): crop for crop in crops().values() for name in (*crop.aliases, crop.id, crop.label)}


def _plain(written: str) -> str:
    return unicodedata.normalize("NFKC", written).strip().replace(" ", "").lower()
