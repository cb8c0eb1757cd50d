"""Columns of a file into the columns of a layer: matched by name, never by position, and each value read by its type."""

import math
import re
import unicodedata
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import partial

from layers.store.definitions import FieldType, Layer, LayerField

TRUE_WORDS = frozenset({"1", "true", "t", "yes", "y", "○", "◯", "有", "あり", "該当"})
FALSE_WORDS = frozenset({"0", "false", "f", "no", "n", "×", "無", "なし", "非該当"})
ERA_STARTS = {
    "明治": 1868,
    "大正": 1912,
    "昭和": 1926,
    "平成": 1989,
    "令和": 2019,
    "M": 1868,
    "T": 1912,
    "S": 1926,
    "H": 1989,
    "R": 2019,
}
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T ].*)?$")
_COMPACT_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})$")
_ERA_DATE = re.compile(r"(明治|大正|昭和|平成|令和|[MTSHR])\.?(\d{1,2}|元)[年./-](\d{1,2})[月./-](\d{1,2})日?$")


NUL = "\0"  # the one character that PostgreSQL cannot store


class ValueProblem(ValueError):  # noqa: N818 - a problem of one value, told in the load report, not an error of the load
    """A value cannot be read as its field's type."""


def _text(value: object) -> str | None:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    text = value.strip() if isinstance(value, str) else str(value)
    if NUL in text:
        raise ValueProblem("読めない文字（NUL）を含みます")
    return text or None


def _number(value: object) -> Decimal | None:
    text = _text(value)
    if text is None:
        return None
    try:
        number = Decimal(unicodedata.normalize("NFKC", text).replace(",", ""))
    except InvalidOperation as error:
        raise ValueProblem("数ではありません") from error
    if not number.is_finite():
        return None
    return number


def read_text(value: object) -> str | None:
    """Text without surrounding blanks; empty is None. A float that is whole loses its `.0` (spreadsheets add it)."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, (datetime, date)):
        return value.isoformat()[:10]
    return _text(value)


def read_integer(value: object) -> int | None:
    """A whole number in any width of digits; `12.0` is 12, `12.5` is a problem."""
    number = int(value) if isinstance(value, int) else _number(value)
    if number is None:
        return None
    if not -(2**63) <= number < 2**63:
        raise ValueProblem("大きすぎる数です")
    if number != int(number):
        raise ValueProblem("整数ではありません")
    return int(number)


def read_number(value: object) -> float | None:
    """A finite number."""
    if isinstance(value, float):
        return None if math.isnan(value) else value
    number = _number(value)
    return None if number is None else float(number)


def read_boolean(value: object) -> bool | None:
    """1/○/有 and 0/×/無 in their usual spellings; empty is None."""
    if isinstance(value, bool):
        return value
    text = _text(value)
    if text is None:
        return None
    word = unicodedata.normalize("NFKC", text).casefold().removesuffix(".0")
    if word in TRUE_WORDS:
        return True
    if word in FALSE_WORDS:
        return False
    raise ValueProblem("有無（1・0）ではありません")


def read_date(value: object) -> date | None:
    """A date as ISO, with slashes, as eight digits, or in a Japanese era."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    text = _text(value)
    if text is None:
        return None
    compact = unicodedata.normalize("NFKC", text).replace(" ", "")
    try:
        if found := _DATE.match(compact) or _COMPACT_DATE.match(compact):
            return date(*(int(part) for part in found.groups()))
        if found := _ERA_DATE.match(compact):
            era, year, month, day = found.groups()
            first = ERA_STARTS[era]
            return date(first + (1 if year == "元" else int(year)) - 1, int(month), int(day))
    except ValueError as error:
        raise ValueProblem("暦にない日付です") from error
    raise ValueProblem("日付として読めません")


PLAIN_TYPES = {str, int, float, bool, date}
"""Types whose values may stand in a set as they are, as long as all are of one type: 1, 1.0 and True would become one."""

Reader = Callable[[object], object]
READERS: Mapping[FieldType, Reader] = {
    FieldType.TEXT: read_text,
    FieldType.INTEGER: read_integer,
    FieldType.NUMBER: read_number,
    FieldType.BOOLEAN: read_boolean,
    FieldType.DATE: read_date,
}


def _fold(name: str) -> str:
    return unicodedata.normalize("NFKC", name).strip().casefold()


def match_columns(layer: Layer, names: list[str]) -> dict[str, str]:
    """Field name → column of the file: by the field's own name, then its label, then each of its `sources` in order."""
    folded: dict[str, str] = {}
    for name in names:
        folded.setdefault(_fold(name), name)
    found = {}
    for field in layer.fields:
        for candidate in (field.name, field.label, *field.sources):
            if (column := folded.get(_fold(candidate))) is not None:
                found[field.name] = column
                break
    return found


def _coded(value: object, *, read: Reader, field: LayerField, by_label: Mapping[str, str]) -> object:
    text = read_text(value)
    if text is None:
        return None
    code = by_label.get(_fold(text), text)
    result = read(code)
    if str(result) not in field.codes:
        raise ValueProblem("定義にない値です")
    return result


def _reader_of(field: LayerField) -> Reader:
    read = READERS[field.type]
    if not field.codes:
        return read
    by_label = {_fold(label): code for code, label in field.codes.items()}
    return partial(_coded, read=read, field=field, by_label=by_label)


@dataclass(frozen=True)
class Column:
    """One field's values; for rows that cannot be taken without it, why; for rows that lose just this value, what it said."""

    values: list[object]
    problems: dict[int, str]
    left_out: dict[int, str]


def read_column(field: LayerField, raw: list[object]) -> Column:
    """Read every value of a field; one among its `null_values` is unknown, a missing required one a problem.

    Files repeat themselves, so each distinct value is read once.
    """
    types = set(map(type, raw)) - {type(None)}
    if field.type is FieldType.TEXT and types <= {str} and not field.codes and not field.null_values:
        distinct = set(raw)
        if NUL not in "".join(map(str, distinct)):
            return _texts(field, raw, distinct)
    if len(types) > 1 or not types <= PLAIN_TYPES:
        raw = list(map(_hashable, raw))
    nulls = {_fold(value) for value in field.null_values}
    read = _reader_of(field)
    results: dict[object, object] = {}
    problems: dict[object, str] = {}
    for value in set(raw):
        results[value], problem = _outcome(field, read, nulls, value)
        if problem is not None:
            problems[value] = problem
    values = list(map(results.__getitem__, raw))
    told = {index: problems[value] for index, value in enumerate(raw) if value in problems} if problems else {}
    return Column(values, told, {}) if field.required else Column(values, {}, told)


def is_null_word(field: LayerField, value: object) -> bool:
    """Whether a value is one of the field's words for unknown."""
    return _fold(str(value)) in {_fold(word) for word in field.null_values}


def _texts(field: LayerField, raw: list[object], distinct: set[object]) -> Column:
    """The same for texts that can only be blank or as they are: most of a large file, at a fifth of the time."""
    read = {value: value.strip() or None if isinstance(value, str) else None for value in distinct}
    values = list(map(read.__getitem__, raw))
    missing = [index for index, value in enumerate(values) if value is None] if field.required else []
    return Column(list(values), dict.fromkeys(missing, f"{field.label}がありません"), {})


def empty_column(field: LayerField, rows: int) -> Column:
    """A column that the file does not have."""
    missing = dict.fromkeys(range(rows), f"{field.label}がありません") if field.required else {}
    return Column([None] * rows, missing, {})


def _hashable(value: object) -> object:
    """The value itself, but 1, 1.0 and True kept apart, and lists as text."""
    if type(value) is str or value is None:
        return value
    return (type(value), value) if isinstance(value, Hashable) else str(value)


def _outcome(field: LayerField, read: Reader, nulls: set[str], boxed: object) -> tuple[object, str | None]:
    value = boxed[1] if isinstance(boxed, tuple) else boxed
    try:
        result = None if nulls and _fold(str(value)) in nulls else read(value)
    except ValueProblem as problem:
        return None, f"{field.label}「{value}」は{problem}"
    if result is None and field.required:
        return None, f"{field.label}がありません"
    return result, None
