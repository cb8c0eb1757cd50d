"""The whole sample town in memory, from one seed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import shapely

from layers.sample_town.addresses import Addresses, addresses
from layers.sample_town.blocks import blocks
from layers.sample_town.landform import Landform, landform
from layers.sample_town.mesh import Floats, Geometries, Ints, dissolve
from layers.sample_town.network import Network, network
from layers.sample_town.outline import outline
from layers.sample_town.parcelling import Parcels, parcels
from layers.sample_town.streams import draw_streams
from layers.sample_town.warp import Warp, warp

Progress = Callable[[str, float], None]
FEWEST_PARCELS = 1400
RESURVEYED = 40


@dataclass(frozen=True)
class Town:
    """Ground, roads, parcels and their names; `land` and `roads` are as drawn, `bend` moves them to where the parcels are.

    `resurveyed` parcels come as a map XML sheet of their own and are not in the main cadastral file.
    """

    seed: int
    today: date
    outline: shapely.Polygon
    land: Landform
    roads: Network
    bend: Warp
    parcels: Parcels
    addresses: Addresses
    centres: Floats
    resurveyed: Ints

    def random(self, theme: str) -> np.random.Generator:
        """Chance of a theme's own, so that a change in one theme leaves the others as they were."""
        return np.random.default_rng([self.seed, *theme.encode()])

    def days_ago(self, days: int) -> date:
        """A date before today."""
        return self.today - timedelta(days=days)

    def dissolved(self, labels: Ints) -> dict[int, Geometries]:
        """Polygons made of whole parcels; `labels` per face, negative = leave out."""
        return dissolve(self.parcels.mesh, labels)

    @property
    def shapes(self) -> Geometries:
        """Shapes of all parcels, islands last."""
        return self.parcels.shapes


def build(seed: int, count: int, today: date, progress: Progress) -> Town:
    """Makes the town with exactly `count` parcels (at least 1,400), and 40 more for the resurveyed sheet.

    Blocks get larger as `count` gets smaller, so that a small town has the same look.
    """
    if count < FEWEST_PARCELS:
        raise ValueError(f"the sample town has at least {FEWEST_PARCELS} parcels")
    rng = np.random.default_rng(seed)
    coarse = max(0.8, (60000 / count) ** 0.5)
    progress("地形をつくっています", 0.0)
    limits = outline(rng)
    land = landform(limits, draw_streams(limits, 1000.0 * min(1.8, max(1.0, coarse / 2.0)), count // 100, rng), rng)
    progress("道路と川をつくっています", 0.08)
    roads = network(land, limits, 200.0 * coarse, rng)
    progress("区画をつくっています", 0.15)
    found = blocks(limits, land, roads, 110.0 * coarse, rng)
    bend = warp(limits, land, rng)
    progress("筆をつくっています", 0.35)
    made = parcels(found, land, bend, roads.centre_axis, count + RESURVEYED, rng)
    progress("地番をつけています", 0.6)
    named = addresses(made, rng)
    centres = shapely.get_coordinates(shapely.centroid(made.shapes))
    return Town(seed, today, limits, land, roads, bend, made, named, centres, _resurveyed(made, land, centres))


def _resurveyed(made: Parcels, land: Landform, centres: Floats) -> Ints:
    """The parcels about a field on a valley floor that has an island, with that island and no other."""
    beyond = land.beyond_at(centres[made.island_in])
    island = int(np.argmin(np.abs(beyond + 40.0)))
    seat = int(made.island_in[island])
    away = np.hypot(*(centres[: made.faces] - centres[seat]).T)
    away[np.delete(made.island_in, island)] = np.inf
    faces = np.argsort(away, kind="stable")[: RESURVEYED - 1]
    return np.sort(np.append(faces, made.faces + island))
