"""Smooth noise over the ground."""

from dataclasses import dataclass

import numpy as np

from layers.sample_town.mesh import Floats


@dataclass(frozen=True)
class Waves:
    """A sum of plane waves: `number` (k, 2) in 1/m and `phase` (k,)."""

    number: Floats
    phase: Floats

    def at(self, points: Floats) -> Floats:
        """Value at places (n, 2)."""
        total = np.zeros(len(points))
        for number, phase in zip(self.number, self.phase, strict=True):
            total += np.sin(points[:, 0] * number[0] + points[:, 1] * number[1] + phase)
        return np.asarray(total / (0.5 * len(self.phase)) ** 0.5 / 2.0)


def waves(rng: np.random.Generator, wavelength_m: float, count: int = 7) -> "Waves":
    """A smooth noise of about that wavelength, between −1 and 1."""
    angle = rng.uniform(0, 2 * np.pi, count)
    number = 2 * np.pi / (wavelength_m * rng.uniform(0.75, 1.6, count))
    return Waves(np.column_stack((np.cos(angle), np.sin(angle))) * number[:, None], rng.uniform(0, 2 * np.pi, count))
