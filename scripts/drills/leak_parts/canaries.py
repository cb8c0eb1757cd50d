"""Values that occur nowhere else in the world, one kind for each type of column, and how they are recognised again.

A text says which column and row it is of; a number and a date can only say that they are planted. None of them can come
about by chance: not by rounding a coordinate, and not as a part of a longer number.
"""

import re
from dataclasses import dataclass, field

MARK = "kanaria7x"
"""How every text begins; letters that no word of the town has, and that no encoding changes."""
NUMBERS = 864_210_000
DATES = 1871
"""A year before any municipality of today."""

FOUND = re.compile(
    rb"kanaria7x[0-9a-z]*|(?<![\d.])86421\d{4}(?!\d)(?:\.97531)?|(?<!\d)1871-\d\d-\d\d|"
    + b"|".join(re.escape(MARK.encode(encoding)) for encoding in ("utf-16-le", "utf-16-be"))
)


@dataclass
class Planted:
    """What was planted: the places, and in how many rows each."""

    rows: dict[str, int] = field(default_factory=dict)
    _last: int = 0

    def next_number(self) -> int:
        """A number for one more place."""
        self._last += 1
        return self._last

    def note(self, place: str, rows: int) -> None:
        """That a place holds so many canaries."""
        if rows:
            self.rows[place] = self.rows.get(place, 0) + rows

    @property
    def places(self) -> int:
        """Columns and files that hold any."""
        return len(self.rows)

    @property
    def values(self) -> int:
        """All canaries together."""
        return sum(self.rows.values())


def value_sql(kind: str, number: int, row: str) -> str | None:
    """SQL for the canary of a place in a column of that PostgreSQL type; None where none can be told from a chance value.

    `row` is SQL that tells the rows apart.
    """
    match kind:
        case "text" | "character varying":
            return f"'{MARK}c{number}r' || ({row})::text"
        case "bigint" | "integer":
            return f"{NUMBERS + number}"
        case "double precision" | "numeric":
            return f"{NUMBERS + number}.97531"
        case "date":
            return f"date '{DATES}-01-01' + {number % 360}"
        case "jsonb" | "json":
            return f"jsonb_build_object('{MARK}c{number}', '{MARK}c{number}r' || ({row})::text)::{kind}"
    return None


def canaries_in(content: bytes) -> set[str]:
    """Every canary in some bytes."""
    return {found.decode("utf-8", "replace") for found in FOUND.findall(content)}
