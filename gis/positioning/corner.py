"""Standing still on a corner: many fixes → one vertex, with a standard error that does not flatter.

* Only the best class counts when it has at least three fixes and half of all; otherwise all count, as the worst of them.
* An outlier is a fix more than 3 · 1.4826 · MAD from the median on either axis (the Hampel identifier; Leys et al. 2013,
  doi:10.1016/j.jesp.2013.03.013), the scale never taken for less than the class's own noise.
* Fixes of a second apart share their multipath and atmosphere, so N of them are not N observations. Their correlation is
  taken as exp(−Δt/60 s), which gives the variance of the mean exactly for any spacing; without times they count as one.
* The scatter seen, the receiver's own word and the class's least noise: the largest is taken for the noise of one fix.
* What does not average out (centring, datum step) is added after, so that no long stand gets below it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from gis.positioning.model import FixQuality, Vertex
from gis.positioning.plane import PlaneFix
from gis.positioning.quality import CENTRING_M, NAMES, best, is_measured, told_noise_m, worst
from gis.positioning.refusal import BoundaryRefused, Reason

CORRELATION_S = 60.0
_OUTLIER_SCALES = 3.0
_MAD_TO_SIGMA = 1.4826
_MOST_OUTLIERS = 1 / 3
_STILL_NOISES = 5.0


@dataclass(frozen=True)
class Corner:
    """A corner, and what became of its fixes: `scatter_m` is their standard deviation on the worse axis.

    `effective` is how many independent fixes they are worth; the left-out ones are counted by why.
    """

    vertex: Vertex
    height_m: float | None
    scatter_m: float
    effective: float
    lesser_left_out: int
    outliers: int
    unmeasured: int


def corner_of(fixes: Sequence[PlaneFix]) -> Corner:
    """The corner that fixes of one stand make. Raises BoundaryRefused where they make none."""
    measured = [fix for fix in fixes if is_measured(fix.quality)]
    if not measured:
        raise BoundaryRefused(
            Reason.NO_FIXES,
            "この角には測位した位置がありません。受信機が測位しているか確かめて、もう一度測ってください。",
        )
    kept = _of_one_trust(measured)
    places = np.array([(fix.x, fix.y) for fix in kept], np.float64)
    quality = worst(fix.quality for fix in kept)
    good = _not_outlying(places, _least_m(kept, quality))
    if len(kept) >= 3 and not good.sum() >= len(kept) * (1 - _MOST_OUTLIERS):
        raise BoundaryRefused(
            Reason.TOO_MANY_OUTLIERS,
            "この角の測位は二つ以上の場所に分かれています。立ち止まって、もう一度測ってください。",
            [_place(np.median(places, axis=0))],
        )
    used = [fix for fix, is_good in zip(kept, good, strict=True) if is_good]
    return Corner(
        *_mean(used, places[good], quality),
        lesser_left_out=len(measured) - len(kept),
        outliers=len(kept) - len(used),
        unmeasured=len(fixes) - len(measured),
    )


def _of_one_trust(fixes: list[PlaneFix]) -> list[PlaneFix]:
    top = best(fix.quality for fix in fixes)
    of_best = [fix for fix in fixes if fix.quality == top]
    return of_best if len(of_best) >= 3 and 2 * len(of_best) >= len(fixes) else fixes


def _not_outlying(places: NDArray[np.float64], least_m: float) -> NDArray[np.bool_]:
    """Which of the positions (n, 2) are within three robust scales of the median on both axes."""
    off = np.abs(places - np.median(places, axis=0))
    scale = np.maximum(_MAD_TO_SIGMA * np.median(off, axis=0), least_m)
    return np.asarray((off <= _OUTLIER_SCALES * scale).all(axis=1), np.bool_)


def _mean(
    used: list[PlaneFix], places: NDArray[np.float64], quality: FixQuality | None
) -> tuple[Vertex, float | None, float, float]:
    """The vertex, its height, its scatter and the effective number of fixes."""
    mean = places.mean(axis=0)
    scatter = float(places.std(axis=0, ddof=1).max()) if len(places) > 1 else 0.0
    share = variance_share([fix.at for fix in used])
    least = _least_m(used, quality)
    noise = max(least, _seen(scatter, share))
    if quality is not None and scatter > _STILL_NOISES * least:
        raise BoundaryRefused(
            Reason.NOT_STILL,
            f"測っている間に {scatter:.2f} m 動いています（{NAMES[quality]}）。立ち止まって、もう一度測ってください。",
            [_place(mean)],
        )
    # A silent source (a browser) is worth what it says or what is seen, however many fixes there are.
    averaged = noise if quality is None else noise * math.sqrt(share)
    sigma = math.hypot(averaged, CENTRING_M, max(fix.placing_m for fix in used))
    heights = [fix.height_m for fix in used if fix.height_m is not None]
    return (
        Vertex(float(mean[0]), float(mean[1]), sigma, quality, len(used)),
        sum(heights) / len(heights) if heights else None,
        scatter,
        1 / share,
    )


def _least_m(fixes: Sequence[PlaneFix], quality: FixQuality | None) -> float:
    return told_noise_m(quality, [fix.fix.sigma_m for fix in fixes])


def _seen(scatter_m: float, share: float) -> float:
    """The noise that a scatter speaks of: correlated fixes scatter less than they are wrong, by √(1 − share)."""
    return scatter_m / math.sqrt(1 - share) if share <= 0.5 else scatter_m


def variance_share(times: Sequence[datetime | None]) -> float:
    """The variance of the mean of fixes at those times over the variance of one, 0 to 1.

    (1/n²) ΣΣ exp(−|tᵢ − tⱼ| / 60 s): 1/n for fixes hours apart, 1 for fixes of one moment or without times.
    """
    known = sorted(at for at in times if at is not None)
    if len(known) < len(times) or not known:
        return 1.0
    pairs = behind = 0.0
    for before, at in pairwise(known):
        behind = (behind + 1.0) * math.exp(-(at - before).total_seconds() / CORRELATION_S)
        pairs += behind
    return (len(known) + 2 * pairs) / len(known) ** 2


def _place(at: NDArray[np.float64]) -> tuple[float, float]:
    return float(at[0]), float(at[1])
