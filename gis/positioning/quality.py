"""What a class of fix is worth: its name, its rank, and how small its standard error may honestly be said to be.

The figures are standard errors of one axis for one fix, as makers state them for open sky, and no receiver's own word or
lucky scatter goes below them. RTK fixed: 8 mm + 1 ppm of the baseline (Trimble R12i, horizontal RMS; u-blox ZED-F9P says
10 mm + 1 ppm CEP), which is 18 mm at the 10 km to a base station, taken as 2 cm. RTK float: decimetres. Differential and
single: the 1 m and 3 m classes. A source that names no class (a browser) is taken at the accuracy it states, and for a
telephone where it states none.
"""

import math
from collections.abc import Iterable, Sequence

from gis.positioning.model import FixQuality

CENTRING_M = 0.01
"""One axis of everything that does not average out while one stands there: the pole off its vertical by a quarter of a
degree at 2 m, and the base station's own coordinates."""

_NOISE_M: dict[FixQuality | None, float] = {
    FixQuality.RTK_FIXED: 0.02,
    FixQuality.RTK_FLOAT: 0.40,
    FixQuality.PRECISE: 1.0,
    FixQuality.DIFFERENTIAL: 1.0,
    FixQuality.SINGLE: 3.0,
    None: 5.0,
}
_UNMEASURED = (FixQuality.ESTIMATED, FixQuality.MANUAL, FixQuality.SIMULATOR, FixQuality.INVALID)
_BEST_FIRST = (*(quality for quality in _NOISE_M if quality is not None), *_UNMEASURED, None)

NAMES: dict[FixQuality | None, str] = {
    FixQuality.INVALID: "無効",
    FixQuality.SINGLE: "単独",
    FixQuality.DIFFERENTIAL: "DGPS",
    FixQuality.PRECISE: "PPS",
    FixQuality.RTK_FIXED: "RTK FIX",
    FixQuality.RTK_FLOAT: "RTK FLOAT",
    FixQuality.ESTIMATED: "推測航法",
    FixQuality.MANUAL: "手入力",
    FixQuality.SIMULATOR: "模擬",
    None: "不明",
}


def is_measured(quality: FixQuality | None) -> bool:
    """Whether a fix of this class is a measurement at all: dead reckoning, simulators and invalid ones are not."""
    return quality in _NOISE_M


def noise_m(quality: FixQuality | None) -> float:
    """The least standard error of one axis of one fix of a class, in metres. KeyError for a class that is not measured."""
    return _NOISE_M[quality]


def told_noise_m(quality: FixQuality | None, told_m: Sequence[float | None]) -> float:
    """The standard error of one fix by its class and by what the source says of each: the root mean square of the latter.

    A receiver's word counts where it is larger than its class; the word of a source without a class counts as it is.
    """
    told = [sigma for sigma in told_m if sigma is not None]
    said = math.sqrt(sum(sigma * sigma for sigma in told) / len(told)) if told else 0.0
    return said if quality is None and told else max(noise_m(quality), said)


def worst(qualities: Iterable[FixQuality | None]) -> FixQuality | None:
    """The least trustworthy class; a silent source is less than any that speaks."""
    return max(qualities, key=_BEST_FIRST.index)


def best(qualities: Iterable[FixQuality | None]) -> FixQuality | None:
    """The most trustworthy class."""
    return min(qualities, key=_BEST_FIRST.index)
