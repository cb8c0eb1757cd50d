"""Map XML sheets of the sample town: three without a place on earth and one in zone 9, all with numbers of their own."""

from pathlib import Path

import numpy as np
import shapely

from layers.sample_town import reference
from layers.sample_town.files import SampleFile
from layers.sample_town.mesh import Floats, Geometries, Ints, from_polygons
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
        return np.round(np.column_stack((x, np.full_like(x, y) + sway)), 3)

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
    """Some 40 parcels in zone 9 with an island, an undetermined boundary, 地区外 and 別図: a resurvey of one 字.

    They lie over parcels of the main file, with numbers of their own, as a sheet that came later does.
    """
    faces = _neighbourhood(town)
    parcels: list[MojParcel] = []
    oaza = reference.oaza()[int(town.addresses.oaza[faces[0]])]
    for index, face in enumerate(faces.tolist()):
        chiban = {len(faces) - 1: "地区外-1", len(faces) - 2: "別図-1"}.get(index, str(8001 + index))
        members = f"{8001 + index},{8101 + index}-1,{8101 + index}-2" if index == 5 else ""
        parcels.append(
            MojParcel(town.shapes[face], chiban, oaza.name, oaza.code, "見本沢", "甲三", "測量成果", members)
        )
    for index, island in enumerate(np.flatnonzero(np.isin(town.parcels.island_in, faces)).tolist()):
        shape = town.shapes[town.parcels.faces + island]
        parcels.append(MojParcel(shape, str(8901 + index), oaza.name, oaza.code, "見本沢", "甲三", "測量成果"))
    corner = town.centres[faces[0]]
    points = tuple((f"見本{n + 1}", *np.round(corner + rng.normal(0, 60, 2), 3).tolist()) for n in range(6))
    return MojSheet(
        "見本再調査1", "公共座標9系", tuple(parcels), "X-1", datum="測量", map_type="地籍図", map_class="法第14条1項地図（国調法19-5指定）",
        material="電磁的記録媒体", control_points=points,
    )  # fmt: skip


def _neighbourhood(town: Town) -> Ints:
    """The faces nearest to one that has an island and lies in a field."""
    fields = town.parcels.island_in
    beyond = town.land.beyond_at(town.centres[fields])
    seat = town.centres[fields[int(np.argmin(np.abs(beyond + 60.0)))]]
    away = np.hypot(*(town.centres[: town.parcels.faces] - seat).T)
    return np.asarray(np.argsort(away, kind="stable")[:PARCELS])
