"""Map XML sheets of the sample town: three without a place on earth and one in zone 9, all with numbers of their own."""

from pathlib import Path

import numpy as np
import shapely

from layers.sample_town import reference
from layers.sample_town.files import SampleFile
from layers.sample_town.mesh import Floats, Geometries, from_polygons
from layers.sample_town.moj_writer import MojParcel, MojSheet, write_sheet
from layers.sample_town.subdivide import Rules, subdivide
from layers.sample_town.town import Town

PARCELS = 40


def write_moj_sheets(town: Town, folder: Path) -> list[SampleFile]:
    """Writes four zips, to be added to the cadastral layer."""
    rng = town.random("moj")
    wanting = [oaza for oaza in reference.oaza() if oaza.survey != "full"]
    files: list[SampleFile] = []
    for number in range(3):
        oaza = wanting[number % len(wanting)]
        offset = np.array([(300.0, 2500.0), (0.0, 0.0), (21450.0, -60350.0)][number])
        shapes = _local_sheet(rng)
        placed = shapely.transform(shapes, lambda points, by=offset: np.round(points + by, 3))
        sheet = MojSheet(
            f"見本{oaza.name}{number + 1}号",
            "任意座標系",
            _local_parcels(placed, oaza, number),
            str(181 + number),
            scale=600,
        )
        path = write_sheet(sheet, folder, f"07522-9901-{number + 1}")
        files.append(SampleFile("cadastral", path, town.days_ago(40), {"add": True}))
    path = write_sheet(_public_sheet(town, rng), folder, "07522-9901-4")
    files.append(SampleFile("cadastral", path, town.days_ago(40), {"add": True, "datum": "JGD2011"}))
    return files


def _local_sheet(rng: np.random.Generator) -> Geometries:
    """About 40 parcels of a hamlet as an old drawing shows it: a road and a ditch through fields, in local metres."""
    faces = [
        _wavy(0.0, 92.0, rng),
        _wavy(92.0, 97.0, rng),
        _wavy(97.0, 168.0, rng),
        _wavy(168.0, 170.5, rng),
        _wavy(170.5, 250.0, rng),
    ]
    mesh = from_polygons(np.array(faces, dtype=object))
    long = np.array([1.0, 0.0])
    target = np.array([900.0, 1e6, 650.0, 1e6, 800.0])
    rules = Rules(target, np.full(5, 1.6), np.full(5, 1.0), lambda points, _origin: np.tile(long, (len(points), 1)))
    return subdivide(mesh, rules, PARCELS, rng).mesh.polygons()


def _wavy(low: float, high: float, rng: np.random.Generator) -> shapely.Polygon:
    """A strip between two wavy lines; equal heights give equal lines, so that strips fit together."""
    x = np.arange(0.0, 321.0, 16.0)

    def line(y: float) -> Floats:
        sway = 0.0 if y in (0.0, 250.0) else 4.0 * np.sin(x / 55.0) + 2.0 * np.sin(x / 21.0 + 1.0)
        return np.asarray(np.round(np.column_stack((x, y + sway + 0.0 * x)), 3))

    return shapely.Polygon(np.vstack((line(low), line(high)[::-1])))


def _local_parcels(shapes: Geometries, oaza: reference.Oaza, sheet: int) -> tuple[MojParcel, ...]:
    """Numbers from 5001 up, which the main file does not have; road and ditch without one; one 別図 at the edge."""
    parcels: list[MojParcel] = []
    number = 5001 + sheet * 100
    koaza = ("見本前", "見本向", "見本入")[sheet]
    for index, shape in enumerate(shapes):
        if index in (1, 3):
            chiban = "道" if index == 1 else "水"
        elif index == len(shapes) - 1:
            chiban = "別図-1"
        else:
            chiban = f"{number}-{index % 3 + 1}" if index % 5 == 0 else str(number)
            number += 1
        parcels.append(MojParcel(shape, chiban, oaza.name, oaza.code, koaza))
    return tuple(parcels)


def _public_sheet(town: Town, rng: np.random.Generator) -> MojSheet:
    """The resurveyed parcels in zone 9: an island, an undetermined boundary, and around them neighbours as 地区外 and 別図."""
    numbered = [p for p in town.resurveyed.tolist() if town.addresses.chiban[p].isdigit() and p < town.parcels.faces]
    members = {numbered[0]: "{0},{0}-1,{0}-2".format(town.addresses.chiban[numbered[0]])} if numbered else {}
    parcels = [_resurveyed(town, parcel, members.get(parcel, "")) for parcel in town.resurveyed.tolist()]
    around = [
        MojParcel(town.shapes[face], name) for face, name in zip(_neighbours(town), ("地区外-1", "別図-1"), strict=True)
    ]
    corner = town.centres[town.resurveyed[0]]
    points = tuple((f"見本{n + 1}", *np.round(corner + rng.normal(0, 60, 2), 3).tolist()) for n in range(6))
    return MojSheet(
        "見本再調査1", "公共座標9系", (*parcels, *around), "X-1", datum="測量", map_type="地籍図",
        map_class="法第14条1項地図（国調法19-5指定）", material="電磁的記録媒体", control_points=points,
    )  # fmt: skip


def _resurveyed(town: Town, parcel: int, members: str) -> MojParcel:
    names = town.addresses
    oaza = reference.oaza()[int(names.oaza[parcel])]
    return MojParcel(
        town.shapes[parcel], names.chiban[parcel], oaza.name, oaza.code, names.koaza_name(parcel), "甲三", "測量成果",
        members or names.members[parcel],
    )  # fmt: skip


def _neighbours(town: Town) -> list[int]:
    """The two faces nearest to the resurveyed ones that are not among them and have no island."""
    middle = town.centres[town.resurveyed].mean(axis=0)
    away = np.hypot(*(town.centres[: town.parcels.faces] - middle).T)
    away[town.resurveyed[town.resurveyed < town.parcels.faces]] = np.inf
    away[town.parcels.island_in] = np.inf
    return [int(face) for face in np.argsort(away, kind="stable")[:2]]
