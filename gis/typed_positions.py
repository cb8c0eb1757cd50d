"""A position as people type it: degrees with a point, or 度分秒, with latitude or longitude first."""

import re
import unicodedata

_LATITUDES = (20.0, 46.0)
_LONGITUDES = (122.0, 154.0)
_DECIMAL = r"(\d{1,3}(?:\.\d+)?)"
_SEXAGESIMAL = re.compile(
    r"(\d{1,3})\s*[°度]\s*(\d{1,2})\s*['′’分]\s*(?:(\d{1,2}(?:\.\d+)?)\s*(?:\"|″|”|秒|''|′′|’’)?)?"
)
_MARKS = r"(?:北緯|東経|緯度|経度|lat(?:itude)?|lon(?:gitude)?|[NE])?\s*[:=：]?\s*"
_PAIR = re.compile(
    rf"{_MARKS}{_DECIMAL}\s*[°度]?\s*[NE]?\s*[,、;\s]\s*{_MARKS}{_DECIMAL}\s*[°度]?\s*[NE]?", re.IGNORECASE
)


def typed_position(text: str) -> tuple[float, float] | None:
    """Longitude and latitude in degrees that a text names, whichever was written first; None where it names none in Japan.

    >>> typed_position("37.2868, 140.6267")
    (140.6267, 37.2868)
    >>> typed_position("東経140度37分30秒 北緯37度15分0秒")
    (140.625, 37.25)
    """
    clean = unicodedata.normalize("NFKC", text).strip()
    found = _sexagesimal(clean) or _pair(clean)
    return None if found is None else _ordered(*found)


def _sexagesimal(text: str) -> tuple[float, float] | None:
    found = _SEXAGESIMAL.findall(text)
    if len(found) != 2:
        return None
    first, second = (
        int(degrees) + int(minutes) / 60 + float(seconds or 0) / 3600 for degrees, minutes, seconds in found
    )
    return first, second


def _pair(text: str) -> tuple[float, float] | None:
    found = _PAIR.fullmatch(text)
    return (float(found[1]), float(found[2])) if found is not None and "." in text else None


def _ordered(first: float, second: float) -> tuple[float, float] | None:
    for lon, lat in ((second, first), (first, second)):
        if _LATITUDES[0] <= lat <= _LATITUDES[1] and _LONGITUDES[0] <= lon <= _LONGITUDES[1]:
            return lon, lat
    return None
