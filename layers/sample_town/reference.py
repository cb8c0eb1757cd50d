"""The hand-made tables under data/sample_town: 大字, 字 and rivers."""

import csv
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "data" / "sample_town"


@dataclass(frozen=True)
class Oaza:
    """A 大字: `lon`, `lat` roughly its middle, `survey` how far the cadastral survey went (full, part, none)."""

    name: str
    kana: str
    code: str
    lon: float
    lat: float
    survey: str


@dataclass(frozen=True)
class River:
    """A river drawn by hand: half-widths of its valley floor in m, `course` as (lon, lat) from the mouth up."""

    name: str
    kana: str
    order: int
    mouth_width_m: float
    head_width_m: float
    course: tuple[tuple[float, float], ...]


def _rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@lru_cache(maxsize=1)
def oaza() -> tuple[Oaza, ...]:
    """The 17 大字 of the town (real names; the places are rounded to about 100 m)."""
    return tuple(
        Oaza(row["oaza"], row["kana"], row["code"], float(row["lon"]), float(row["lat"]), row["survey"])
        for row in _rows("oaza.csv")
    )


@lru_cache(maxsize=1)
def koaza() -> tuple[str, ...]:
    """Made-up names for 字, some of them beginning with a numeral (三斗内, 二本木, 十石)."""
    return tuple(row["koaza"] for row in _rows("koaza.csv"))


@lru_cache(maxsize=1)
def rivers() -> tuple[River, ...]:
    """The made-up rivers."""
    return tuple(
        River(
            row["name"], row["kana"], int(row["order"]), float(row["mouth_width_m"]), float(row["head_width_m"]),
            tuple((float(lon), float(lat)) for lon, lat in (pair.split() for pair in row["course"].split(";"))),
        )
        for row in _rows("rivers.csv")
    )  # fmt: skip
