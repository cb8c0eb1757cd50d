"""大字, 字 and 地番 of the parcels: numbered along the ground, with splits and gaps as a century of registration leaves them."""

from dataclasses import dataclass

import numpy as np
import shapely

from layers.sample_town import reference
from layers.sample_town.blocks import Ground
from layers.sample_town.mesh import Bools, Floats, Ints
from layers.sample_town.outline import to_plane
from layers.sample_town.parcelling import Parcels

PARCELS_PER_KOAZA = 140
_UNDETERMINED_SHARE = 0.0015


@dataclass(frozen=True)
class Addresses:
    """For each parcel (islands last): `oaza` and `koaza` numbers, `chiban` text, `members` of a 筆界未定 ("" none).

    `koaza_names` holds for each 字 its 大字 number and its name.
    """

    oaza: Ints
    koaza: Ints
    koaza_names: tuple[tuple[int, str], ...]
    chiban: tuple[str, ...]
    members: tuple[str, ...]

    def oaza_name(self, parcel: int) -> str:
        """大字 of a parcel."""
        return reference.oaza()[int(self.oaza[parcel])].name

    def koaza_name(self, parcel: int) -> str:
        """字 of a parcel."""
        return self.koaza_names[int(self.koaza[parcel])][1]


def addresses(made: Parcels, rng: np.random.Generator) -> Addresses:
    """Names and numbers every parcel."""
    centres = _centres(made)
    blocks = int(made.block.max()) + 1
    weight = np.bincount(made.block, minlength=blocks)
    block_centre = np.column_stack(
        [np.bincount(made.block, weights=centres[: made.faces, axis], minlength=blocks) for axis in (0, 1)]
    ) / np.maximum(weight, 1)[:, None]  # fmt: skip
    seats = to_plane(np.array([(oaza.lon, oaza.lat) for oaza in reference.oaza()]))
    block_oaza = np.argmin(np.hypot(*(block_centre[:, None] - seats[None]).transpose(2, 0, 1)), axis=1)
    block_oaza = _tidied(made, block_oaza)
    block_koaza, names = _koaza(block_centre, block_oaza, weight, rng)
    face_of = np.concatenate((np.arange(made.faces), made.island_in))
    koaza = block_koaza[made.block[face_of]]
    oaza = block_oaza[made.block[face_of]]
    chiban, members = _numbers(made, face_of, koaza, centres, rng)
    return Addresses(oaza, koaza, names, chiban, members)


def _tidied(made: Parcels, labels: Ints) -> Ints:
    """Gives each block the label that most of its boundary lies against, its own counting half more: fewer exclaves."""
    side, other = made.mesh.pairs
    a, b = made.block[made.mesh.owner[side]], made.block[made.mesh.owner[other]]
    apart = a != b
    ends = (
        made.mesh.points[made.mesh.ring[side[apart]]],
        made.mesh.points[made.mesh.ring[made.mesh.following[side[apart]]]],
    )
    length = np.hypot(*(ends[1] - ends[0]).T)
    a, b = np.concatenate((a[apart], b[apart])), np.concatenate((b[apart], a[apart]))
    length = np.concatenate((length, length))
    around = np.bincount(a, weights=length, minlength=len(labels))
    kinds = int(labels.max()) + 1
    for _ in range(4):
        own = np.arange(len(labels)) * kinds + labels
        where, weight = np.concatenate((a * kinds + labels[b], own)), np.concatenate((length, 0.5 * around))
        votes = np.bincount(where, weights=weight, minlength=len(labels) * kinds).reshape(-1, kinds)
        labels = np.argmax(votes, axis=1)
    return labels


def _centres(made: Parcels) -> Floats:
    return np.asarray(shapely.get_coordinates(shapely.centroid(made.shapes)))


def _koaza(
    centre: Floats, oaza: Ints, weight: Ints, rng: np.random.Generator
) -> tuple[Ints, tuple[tuple[int, str], ...]]:
    """Gathers the blocks of each 大字 about random seats into 字 of some 140 parcels; a name occurs once in a 大字."""
    koaza = np.zeros(len(centre), dtype=np.int64)
    names: list[tuple[int, str]] = []
    pool = reference.koaza()
    for number in range(len(reference.oaza())):
        member = np.flatnonzero(oaza == number)
        if not len(member):
            continue
        size = weight[member].sum()
        count = int(np.clip(round(size / PARCELS_PER_KOAZA), 1, min(len(member), len(pool) - 25)))
        share = weight[member] ** 0.5 / (weight[member] ** 0.5).sum()
        seats = centre[rng.choice(member, size=count, replace=False, p=share)]
        nearest = np.argmin(np.hypot(*(centre[member][:, None] - seats[None]).transpose(2, 0, 1)), axis=1)
        used, nearest = np.unique(nearest, return_inverse=True)
        koaza[member] = len(names) + nearest
        numeral = rng.permutation(24)[: max(1, len(used) // 8)]
        others = 24 + rng.permutation(len(pool) - 24)
        chosen = [pool[index] for index in np.concatenate((numeral, others))[: len(used)]]
        names += [(number, name) for name in rng.permutation(chosen).tolist()]
    return koaza, tuple(names)


def _numbers(
    made: Parcels, face_of: Ints, koaza: Ints, centres: Floats, rng: np.random.Generator
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """地番 of each parcel and the members of those with an undetermined boundary.

    Parcels of one cut often share a number and differ by branch (分筆); some numbers are missing (合筆); roads and water carry
    道, 水 or 無地番-n, a few of them a number.
    """
    total = len(koaza)
    ground = np.concatenate((made.ground, np.full(total - made.faces, int(Ground.UPLAND))))
    unnumbered = ((ground == Ground.ROAD) | (ground == Ground.WATER)) & (rng.random(total) > 0.12)
    order = np.lexsort((_along_curve(centres), made.block[face_of], koaza))
    order = order[~unnumbered[order]]
    undetermined = np.zeros(total, dtype=bool)
    may = order[np.isin(ground[order], (Ground.PADDY, Ground.UPLAND, Ground.FOREST)) & (order < made.faces)]
    undetermined[rng.choice(may, size=max(4, int(total * _UNDETERMINED_SHARE)), replace=False)] = True
    family = _families(made, face_of, undetermined, rng)
    base, branch, size = _ranked(koaza[order], family[order], undetermined[order], rng)
    chiban = np.full(total, "", dtype=object)
    members = np.full(total, "", dtype=object)
    deep = rng.random(total) < 0.08
    for place, parcel in enumerate(order.tolist()):
        number, step = int(base[place]), int(branch[place])
        if undetermined[parcel]:
            chiban[parcel] = f"{number}-1"
            members[parcel] = f"{number}-1,{number}-2,{number + 1}"
        elif size[place] == 1:
            chiban[parcel] = str(number)
        elif step > 1 and deep[parcel]:
            chiban[parcel] = f"{number}-1-{step}"
        else:
            chiban[parcel] = f"{number}-{step}"
    _name_unnumbered(chiban, np.flatnonzero(unnumbered), ground, koaza, rng)
    return tuple(chiban.tolist()), tuple(members.tolist())


def _families(made: Parcels, face_of: Ints, undetermined: Bools, rng: np.random.Generator) -> Ints:
    """Which parcels share a number: those of one cut, sometimes of the cut before too; islands and the undetermined stand alone."""
    cuts = int(max(made.last_cut.max(), made.cut_before.max())) + 2
    luck = rng.random(cuts)
    total = len(face_of)
    last, before = made.last_cut[face_of], made.cut_before[face_of]
    alone = 2 * cuts + np.arange(total)
    family = np.where((last >= 0) & (luck[last] < 0.28), last, alone)
    family = np.where((before >= 0) & (luck[before] < 0.16), cuts + before, family)
    single = undetermined | (np.arange(total) >= made.faces)
    return np.where(single, alone, family)


def _ranked(koaza: Ints, family: Ints, undetermined: Bools, rng: np.random.Generator) -> tuple[Ints, Ints, Ints]:
    """In order of the ground: base number within the 字 (with gaps), branch within the family, and size of the family."""
    key = koaza * (int(family.max()) + 1) + family
    groups, first, inverse, size = np.unique(key, return_index=True, return_inverse=True, return_counts=True)
    rank = np.empty(len(groups), dtype=np.int64)
    in_order = np.argsort(first, kind="stable")
    step = 1 + (rng.random(len(groups)) < 0.05) + (rng.random(len(groups)) < 0.01) * rng.integers(2, 9, len(groups))
    step = np.concatenate(([1], (step + undetermined[first][in_order])[:-1]))
    running = np.cumsum(step)
    of_koaza = koaza[first][in_order]
    begins = np.concatenate(([True], of_koaza[1:] != of_koaza[:-1]))
    start = np.maximum.accumulate(np.where(begins, running - 1, 0))
    rank[in_order] = running - start
    by_group = np.argsort(inverse, kind="stable")
    starts = np.concatenate(([0], np.cumsum(size)[:-1]))
    branch = np.empty(len(key), dtype=np.int64)
    branch[by_group] = np.arange(len(key)) - np.repeat(starts, size) + 1
    branch += (branch > 2) & (rng.random(len(key)) < 0.1) & (branch == size[inverse])
    return rank[inverse], branch, size[inverse]


def _name_unnumbered(
    chiban: np.ndarray[tuple[int], np.dtype[np.object_]],
    parcels: Ints,
    ground: Ints,
    koaza: Ints,
    rng: np.random.Generator,
) -> None:
    """道 and 水, or 無地番-n counted within the 字."""
    counted: dict[int, int] = {}
    plain = rng.random(len(parcels)) < 0.6
    for parcel, is_plain in zip(parcels.tolist(), plain.tolist(), strict=True):
        if is_plain:
            chiban[parcel] = "道" if ground[parcel] == Ground.ROAD else "水"
            continue
        place = int(koaza[parcel])
        counted[place] = counted.get(place, 0) + 1
        chiban[parcel] = f"無地番-{counted[place]}"


def _along_curve(points: Floats) -> Ints:
    """Place of each point on a Hilbert curve of 1,024 cells a side: what is near in number is near on the ground."""
    low, high = points.min(axis=0), points.max(axis=0)
    x, y = (np.clip((points - low) / (high - low) * 1023, 0, 1023).astype(np.int64)).T
    place = np.zeros(len(points), dtype=np.int64)
    side = 512
    while side:
        right, upper = (x & side) > 0, (y & side) > 0
        place += side * side * ((3 * right) ^ upper)
        flip = ~upper
        swap_x = np.where(flip & right, 1023 - x, x)
        swap_y = np.where(flip & right, 1023 - y, y)
        x, y = np.where(flip, swap_y, swap_x), np.where(flip, swap_x, swap_y)
        side //= 2
    return place
