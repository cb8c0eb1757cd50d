"""Where the rows of a file lie: its coordinates brought into the town's plane, and everything doubtful said aloud."""

from dataclasses import dataclass, field

from gis.crs import Datum, Grids, Transformation, describe, plan, plane_epsg
from gis.errors import MissingCrsError
from gis.formats.table import SourceCrs
from layers.store.settings import Municipality


@dataclass(frozen=True)
class Declared:
    """What the person who loads says of the file: an EPSG code, or just the datum; and where the grid files are."""

    epsg: int | None = None
    datum: Datum | None = None
    grids: Grids = field(default_factory=lambda: Grids(tky2jgd=None, patchjgd=None))


@dataclass(frozen=True)
class Placement:
    """How one table's coordinates become the town's.

    `source_epsg` is what the coordinates were taken to be; `added_error_m` the metres by which that may be wrong, of which
    `undeclared_datum_m` come from a realisation that nobody declared.
    """

    transformation: Transformation
    source_epsg: int
    stated: str
    added_error_m: float
    note: str | None = None
    undeclared_datum_m: float = 0.0

    @property
    def measures_in_metres(self) -> bool:
        """Whether areas may be measured in the file's own coordinates."""
        return describe(self.source_epsg).zone is not None


def place(crs: SourceCrs, declared: Declared, town: Municipality, source: str) -> Placement:
    """Decide how coordinates stated as `crs` reach the town's plane CRS.

    A plane zone without a realisation (map XML of 法務省) is taken as declared, or as the town's own with the difference
    between JGD2000 and JGD2011 added to the accuracy. Raises MissingCrsError when nothing says where the rows lie, and
    MissingGridError when a datum step has no grid file.
    """
    if declared.epsg is not None:
        return _settled(declared.epsg, f"{crs.stated}（EPSG:{declared.epsg} と指定）", declared, town)
    if crs.epsg is not None:
        return _settled(crs.epsg, crs.stated, declared, town)
    if crs.zone is not None:
        return _place_zone(crs, crs.zone, declared, town)
    raise MissingCrsError(
        f"{source} に座標系の記載がありません（{crs.stated}）。--crs EPSG番号 で座標系を指定してください"
        "（例: JGD2011 の緯度経度は 6668、JGD2000 の緯度経度は 4612）。"
    )


def _settled(epsg: int, stated: str, declared: Declared, town: Municipality) -> Placement:
    transformation = plan(epsg, town.srid, declared.grids)
    return Placement(transformation, epsg, stated, transformation.accuracy_m)


def _place_zone(crs: SourceCrs, zone: int, declared: Declared, town: Municipality) -> Placement:
    stated_datum = Datum(crs.datum) if crs.datum is not None else declared.datum
    datum = stated_datum or Datum(town.cadastral_datum)
    epsg = plane_epsg(zone, datum)
    transformation = plan(epsg, town.srid, declared.grids)
    if stated_datum is not None:
        return Placement(transformation, epsg, f"{crs.stated}（{datum} と指定）", transformation.accuracy_m)
    error_m = town.undeclared_datum_error_m
    note = (
        f"測地成果2000か2011かが宣言されていないため {datum} とみなし、両者の差 {error_m:.2f} m を位置の誤差に加えました。"
        "--datum で宣言できます。"
    )
    stated = f"{crs.stated}（測地成果の宣言なし、{datum} とみなす）"
    return Placement(transformation, epsg, stated, max(error_m, transformation.accuracy_m), note, error_m)
