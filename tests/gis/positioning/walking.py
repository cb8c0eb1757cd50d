"""A walk with a receiver, made up from a known truth: plane corners → noise → NMEA text. It uses nothing of ours.

Positions go from the plane to degrees by pyproj alone. Noise is white, or a Gauss–Markov process; a stand may have jumps
and a spell of RTK float.
"""

import functools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray
from pyproj import Transformer

Floats = NDArray[np.float64]
Degrees = Callable[[Floats], Floats]


@dataclass(frozen=True)
class Noise:
    """How a receiver errs: standard deviation of one axis, how long it remembers, shares of jumps and of float spells."""

    sigma_m: float = 0.02
    memory_s: float = 0.0
    jumps: float = 0.0
    float_spells: float = 0.0
    gst: bool = True


@dataclass(frozen=True)
class Stand:
    """From when to when somebody stood on which corner of the truth."""

    begin: datetime
    end: datetime
    corner: int


@dataclass
class Walk:
    """The text a receiver wrote, and the diary of the one who carried it."""

    text: list[str] = field(default_factory=list)
    stands: list[Stand] = field(default_factory=list)

    @property
    def log(self) -> bytes:
        return "".join(f"{line}\r\n" for line in self.text).encode()


def degrees_of_jgd2011(places: Floats) -> Floats:
    """Longitude and latitude (n, 2) of plane metres (n, 2) in zone IX."""
    return np.column_stack(_transformer().transform(places[:, 0], places[:, 1]))


@functools.lru_cache(maxsize=1)
def _transformer() -> Transformer:
    return Transformer.from_crs(6677, 6668, always_xy=True)


def walk(
    corners: Sequence[tuple[float, float]],
    noise: Noise,
    rng: np.random.Generator,
    start: datetime = datetime(2026, 11, 27, 0, 0, tzinfo=UTC),
    *,
    fixes: int = 10,
    pace_m_s: float = 1.2,
    degrees: Degrees = degrees_of_jgd2011,
) -> Walk:
    """Stands on every corner for `fixes` seconds and walks on to the next, once round."""
    made, times, truth, standing = Walk(), [], [], []
    at = start
    for number, corner in enumerate(corners):
        stand = [at + timedelta(seconds=second) for second in range(fixes)]
        made.stands.append(Stand(stand[0], stand[-1], number))
        times += stand
        truth += [corner] * fixes
        standing += [True] * fixes
        onward = corners[(number + 1) % len(corners)]
        seconds = max(2, math.ceil(math.dist(corner, onward) / pace_m_s))
        for second in range(0, seconds, 5):
            share = (second + 1) / (seconds + 1)
            times.append(stand[-1] + timedelta(seconds=second + 1))
            truth.append((corner[0] + share * (onward[0] - corner[0]), corner[1] + share * (onward[1] - corner[1])))
            standing.append(False)
        at = stand[-1] + timedelta(seconds=seconds + 1)
    off, quality = _errors(times, np.array(standing), noise, rng)
    where = degrees(np.array(truth) + off)
    for moment, (lon, lat), kind in zip(times, where, quality, strict=True):
        made.text += sentences(moment, lon, lat, int(kind), noise.sigma_m if noise.gst else None)
    return made


def drive(
    edge: Sequence[tuple[float, float]],
    noise: Noise,
    rng: np.random.Generator,
    start: datetime = datetime(2026, 11, 27, 0, 0, tzinfo=UTC),
    *,
    pace_m_s: float = 2.0,
    seconds: float = 0.2,
) -> Walk:
    """Once round along the edge and a little on, a sentence every fifth of a second."""
    ring = np.array([*edge, edge[0], edge[1]])
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(ring, axis=0).T))])
    driven = np.arange(0, along[-2] + 2.0, pace_m_s * seconds)
    truth = np.column_stack([np.interp(driven, along, ring[:, axis]) for axis in (0, 1)])
    times = [start + timedelta(seconds=number * seconds) for number in range(len(truth))]
    off, quality = _errors(times, np.zeros(len(times), dtype=bool), noise, rng)
    made = Walk()
    for moment, (lon, lat), kind in zip(times, degrees_of_jgd2011(truth + off), quality, strict=True):
        made.text += sentences(moment, lon, lat, int(kind), noise.sigma_m if noise.gst else None)
    return made


def _errors(
    times: Sequence[datetime], standing: NDArray[np.bool_], noise: Noise, rng: np.random.Generator
) -> tuple[Floats, NDArray[np.int64]]:
    off = rng.normal(0, noise.sigma_m, (len(times), 2))
    if noise.memory_s:
        for index in range(1, len(times)):
            kept = math.exp(-(times[index] - times[index - 1]).total_seconds() / noise.memory_s)
            off[index] = kept * off[index - 1] + math.sqrt(1 - kept * kept) * off[index]
    quality = np.full(len(times), 4)
    jumping = standing & (rng.random(len(times)) < noise.jumps)
    for index in np.flatnonzero(jumping):
        # More than three bad ones in a stand, and the one who carries the pole measures it again.
        jumping[index] = jumping[max(0, index - 9) : index].sum() < 3
    off[jumping] += rng.uniform(0.3, 2.0, (jumping.sum(), 1)) * _directions(rng, int(jumping.sum()))
    spells = np.flatnonzero(standing & (rng.random(len(times)) < noise.float_spells / 4))
    for begin in spells:
        spell = slice(begin, begin + int(rng.integers(2, 12)))
        off[spell] += rng.normal(0, 0.25, 2)
        quality[spell] = 5
    return off, quality


def _directions(rng: np.random.Generator, count: int) -> Floats:
    angle = rng.uniform(0, 2 * math.pi, count)
    return np.column_stack([np.cos(angle), np.sin(angle)])


def sentences(at: datetime, lon: float, lat: float, quality: int, sigma_m: float | None) -> list[str]:
    """GGA, RMC and, with a standard error, GST of one moment."""
    clock = at.strftime("%H%M%S.") + f"{at.microsecond // 10_000:02d}"
    north, east = _minutes(abs(lat), 2), _minutes(abs(lon), 3)
    hemispheres = "N" if lat >= 0 else "S", "E" if lon >= 0 else "W"
    position = f"{north},{hemispheres[0]},{east},{hemispheres[1]}"
    lines = [
        checked(f"GNGGA,{clock},{position},{quality},18,0.7,431.250,M,41.300,M,1.0,0001"),
        checked(f"GNRMC,{clock},A,{position},0.10,,{at:%d%m%y},,,R"),
    ]
    if sigma_m is not None:
        lines.append(checked(f"GNGST,{clock},6.1,,,,{sigma_m:.3f},{sigma_m:.3f},0.031"))
    return lines


def checked(content: str) -> str:
    """The sentence with its dollar sign and checksum."""
    return f"${content}*{checksum(content.encode()):02X}"


def checksum(content: bytes) -> int:
    """The exclusive or of the bytes between the dollar sign and the star."""
    return functools.reduce(lambda total, byte: total ^ byte, content, 0)


def _minutes(degrees: float, digits: int) -> str:
    whole, rest = divmod(round(degrees * 60 * 10**7), 60 * 10**7)
    return f"{whole:0{digits}d}{rest // 10**7:02d}.{rest % 10**7:07d}"
