"""A TOML table that is read key by key: each value has its type, and a key nobody asked for is an error."""

import tomllib
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from gis.errors import OnomapError

Choice = TypeVar("Choice", bound=StrEnum)


class CatalogueError(OnomapError):
    """A `layer.toml` cannot be understood; the sentence names the file and the key."""


class TomlTable:
    """One table of a file; `file` and `place` stand in every sentence, so that the reader finds the line."""

    def __init__(self, data: Mapping[str, object], file: str, place: str = "") -> None:
        self.file = file
        self.place = place
        self._data = data
        self._asked: set[str] = set()

    @classmethod
    def of_file(cls, path: Path) -> "TomlTable":
        """The whole file, named by its folder and name; CatalogueError when it is not TOML in UTF-8."""
        file = f"{path.parent.name}/{path.name}"
        try:
            return cls(tomllib.loads(path.read_text(encoding="utf-8-sig")), file)
        except UnicodeDecodeError as error:
            raise CatalogueError(f"{file} は UTF-8 で保存してください。") from error
        except tomllib.TOMLDecodeError as error:
            raise CatalogueError(f"{file} は TOML として読めません（{error}）。書き方を直してください。") from error

    def error(self, key: str, what: str) -> CatalogueError:
        """The error of one key: 「file の place の key は what」."""
        place = f"{self.place} の " if self.place else ""
        return CatalogueError(f"{self.file} の {place}{key} {what}")

    def text(self, key: str) -> str:
        """A string that must be there and not be blank."""
        value = self._take(key)
        if not isinstance(value, str) or not value.strip():
            raise self.error(key, "には空でない文字列を書いてください。")
        return value

    def optional_text(self, key: str) -> str | None:
        """A string, or None when the key is absent."""
        return self.text(key) if self._has(key) else None

    def integer(self, key: str, default: int | None = None) -> int:
        """A whole number."""
        value = self._take(key, default)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.error(key, "には整数を書いてください。")
        return value

    def number(self, key: str, default: float | None = None) -> float:
        """A finite number that is not negative (metres, square metres, shares and widths all are)."""
        value = self._take(key, default)
        if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value < float("inf"):
            raise self.error(key, "には0以上の数を書いてください。")
        return float(value)

    def optional_number(self, key: str) -> float | None:
        """A number, or None when the key is absent."""
        return self.number(key) if self._has(key) else None

    def boolean(self, key: str, default: bool | None = None) -> bool:
        """true or false."""
        value = self._take(key, default)
        if not isinstance(value, bool):
            raise self.error(key, "には true か false を書いてください。")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of strings, empty when the key is absent; none twice."""
        value = self._take(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.error(key, 'には文字列の並び（例: ["a", "b"]）を書いてください。')
        if len(set(value)) != len(value):
            raise self.error(key, "に同じ値が二度あります。")
        return tuple(value)

    def numbers(self, key: str) -> tuple[float, ...]:
        """A rising list of numbers, empty when the key is absent."""
        value = self._take(key, [])
        if not isinstance(value, list) or not all(
            isinstance(item, int | float) and not isinstance(item, bool) for item in value
        ):
            raise self.error(key, "には数の並び（例: [4.0, 8.0]）を書いてください。")
        if sorted(set(value)) != value:
            raise self.error(key, "の数は小さい順に書いてください。")
        return tuple(float(item) for item in value)

    def mapping(self, key: str) -> dict[str, str]:
        """A table of strings, empty when the key is absent."""
        value = self._take(key, {})
        if not isinstance(value, dict) or not all(isinstance(item, str) for item in value.values()):
            raise self.error(key, 'には文字列の表（例: { 1 = "田" }）を書いてください。')
        return value

    def choice(self, key: str, choices: type[Choice], default: Choice | None = None) -> Choice:
        """One of the values of an enumeration."""
        value = self._take(key, default)
        if isinstance(value, str) and value in set(choices):
            return choices(value)
        raise self.error(key, f"は {'・'.join(choices)} のどれかにしてください。")

    def table(self, key: str) -> "TomlTable":
        """The table `[key]`, empty when it is absent."""
        value = self._take(key, {})
        if not isinstance(value, dict):
            raise self.error(key, f"は [{key}] という表にしてください。")
        return TomlTable(value, self.file, self._inside(f"[{key}]"))

    def tables(self, key: str, name: str) -> list["TomlTable"]:
        """The tables `[[key]]`, each known by its key `name` or, while that is missing, by its position."""
        value = self._take(key, [])
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise self.error(key, f"は [[{key}]] という表の並びにしてください。")
        places = [f"[[{key}]]（{item.get(name, f'{position}番目')}）" for position, item in enumerate(value, start=1)]
        return [TomlTable(item, self.file, self._inside(place)) for item, place in zip(value, places, strict=True)]

    def names(self) -> list[str]:
        """The keys of the table, in the order of the file."""
        return list(self._data)

    def finish(self) -> None:
        """Ends the reading: CatalogueError names the first key that nothing has asked for."""
        for key in self._data:
            if key not in self._asked:
                raise self.error(key, "という項目はありません。つづりを確かめてください。")

    def _has(self, key: str) -> bool:
        self._asked.add(key)
        return key in self._data

    def _take(self, key: str, default: object = None) -> object:
        if self._has(key):
            return self._data[key]
        if default is None:
            raise self.error(key, "がありません。書き足してください。")
        return default

    def _inside(self, place: str) -> str:
        return f"{self.place} の {place}" if self.place else place
