"""Town limits, 行政区, and areas made of whole parcels."""

from pathlib import Path

import numpy as np
import shapely

from layers.sample_town import reference
from layers.sample_town.files import SampleFile, write_features
from layers.sample_town.mesh import Ints
from layers.sample_town.town import Town

DISTRICTS = 36


def limits(town: Town) -> shapely.Geometry:
    """The town's area with every corner that a parcel has on its boundary."""
    labels = np.zeros(town.parcels.faces, dtype=np.int64)
    return shapely.multipolygons(town.dissolved(labels)[0])


def write_limits(town: Town, folder: Path) -> list[SampleFile]:
    """Writes the municipality and its 行政区."""
    municipality = write_features(
        folder / "municipality_sample.fgb",
        np.array([limits(town)], dtype=object),
        {
            "code": ["075221"],
            "prefecture": ["福島県"],
            "county": ["田村郡"],
            "name": ["小野町（架空サンプル）"],
        },
    )
    labels = district_labels(town)
    found = town.dissolved(labels[: town.parcels.faces])
    numbers = sorted(found)
    names = district_names(town, labels)
    districts = write_features(
        folder / "districts_sample.fgb",
        np.array([shapely.multipolygons(found[number]) for number in numbers], dtype=object),
        {
            "code": [f"{number + 1:03d}" for number in numbers],
            "name": [names[number][0] for number in numbers],
            "name_kana": [names[number][1] for number in numbers],
        },
    )
    return [
        SampleFile("municipality", municipality, town.days_ago(200)),
        SampleFile("districts", districts, town.days_ago(230)),
    ]


def district_labels(town: Town) -> Ints:
    """The 行政区 of each parcel: the 字 of a 大字 gathered into one to five districts of some equal number of parcels."""
    names = town.addresses
    label_of = np.zeros(len(names.koaza_names), dtype=np.int64)
    oaza_of = np.array([oaza for oaza, _ in names.koaza_names])
    size = np.bincount(names.koaza, minlength=len(oaza_of))
    centre = np.column_stack(
        [np.bincount(names.koaza, weights=town.centres[:, axis], minlength=len(oaza_of)) for axis in (0, 1)]
    ) / np.maximum(size, 1)[:, None]  # fmt: skip
    next_label = 0
    for number in range(len(reference.oaza())):
        member = np.flatnonzero(oaza_of == number)
        if not len(member):
            continue
        share = size[member].sum() / size.sum()
        parts = int(np.clip(round(share * DISTRICTS), 1, min(5, len(member))))
        spread = centre[member] - centre[member].mean(axis=0)
        _, _, axes = np.linalg.svd(spread, full_matrices=False)
        order = np.argsort(spread @ axes[0], kind="stable")
        running = np.cumsum(size[member][order]) - size[member][order] / 2.0
        label_of[member[order]] = next_label + np.minimum(parts - 1, (running / size[member].sum() * parts).astype(int))
        next_label += parts
    return np.asarray(label_of[names.koaza])


def district_names(town: Town, labels: Ints) -> dict[int, tuple[str, str]]:
    """Name and kana of each 行政区: the 大字's, with 第n区 where it has several."""
    of_label: dict[int, int] = dict(zip(labels.tolist(), town.addresses.oaza.tolist(), strict=True))
    count: dict[int, int] = {}
    total = {oaza: list(of_label.values()).count(oaza) for oaza in set(of_label.values())}
    names: dict[int, tuple[str, str]] = {}
    for label in sorted(of_label):
        oaza = of_label[label]
        count[oaza] = count.get(oaza, 0) + 1
        place = reference.oaza()[oaza]
        if total[oaza] == 1:
            names[label] = (f"{place.name}区", f"{place.kana}ク")
        else:
            names[label] = (f"{place.name}第{count[oaza]}区", f"{place.kana}ダイ{count[oaza]}ク")
    return names
