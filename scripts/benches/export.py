"""100,000 parcels out of the store as GeoPackage and FlatGeobuf, against ogr2ogr from the same table; and the memory it takes.

Memory is what an export adds to a process that has everything imported: `ours` for all rows, `other` for a tenth of them.
"""

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from psycopg import sql

from gis.formats.writing.formats import FORMATS
from layers.store.export import Halt, plan, write_file
from layers.store.instance import Store
from layers.store.selection import whole
from scripts.benches.ground import PARCELS, REPOSITORY, ground, tell

PEERS = {"gpkg": "GPKG", "fgb": "FlatGeobuf"}
WANTED_RATIO = round(1 / 1.5, 2)
MEASURED = ("gpkg", "fgb", "parquet", "shp", "geojson", "csv", "kml")
FEW = PARCELS // 10


def _ours(store: Store, name: str, folder: Path, rows: int | None = None) -> None:
    selection = whole(store.layer("cadastral"))
    if rows is not None:
        selection = replace(selection, condition=sql.SQL("l.fid <= %(rows)s"), parameters={"rows": rows})
    form = FORMATS[name]
    write_file(store, plan(store, selection, form, None), folder / f"ours{form.suffix}", Halt())


def _ogr2ogr(store: Store, url: str, name: str, folder: Path) -> None:
    path = folder / f"peer{FORMATS[name].suffix}"
    path.unlink(missing_ok=True)
    columns = ", ".join(["fid", "version", *(field.name for field in store.layer("cadastral").fields), "geom"])
    query = f"SELECT {columns} FROM layers.cadastral ORDER BY fid"
    command = ["ogr2ogr", "-f", PEERS[name], str(path), f"PG:{url}", "-sql", query, "-nln", "cadastral"]
    subprocess.run(command, check=True)


def _status_mb(line_name: str) -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(line_name):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"no {line_name}")


def _tell_memory(name: str, rows: int) -> None:
    """In a process of its own: how far its memory grew over what it had before the export, in MB."""
    with ground() as stage, TemporaryDirectory() as folder:
        _ours(stage.store, name, Path(folder), 10)
        before = _status_mb("VmRSS")
        _ours(stage.store, name, Path(folder), rows)
        print(round(_status_mb("VmHWM") - before, 1))


def _memory_mb(name: str, rows: int) -> float:
    command = [sys.executable, "-m", "scripts.benches.export", name, str(rows)]
    ran = subprocess.run(command, capture_output=True, text=True, check=True, cwd=REPOSITORY)
    return float(ran.stdout)


def _in_turn(works: Sequence[Callable[[], None]], times: int = 5) -> list[float]:
    """The median of each work's seconds, run in turn so that what else the machine does meets all; one round is not counted."""
    spent: list[list[float]] = [[] for _ in works]
    for _ in range(times + 1):
        for work, seconds in zip(works, spent, strict=True):
            started = time.perf_counter()
            work()
            seconds.append(time.perf_counter() - started)
    return [statistics.median(seconds[1:]) for seconds in spent]


def main() -> None:
    """Write both ways in turn into one folder, and look at the memory of each format."""
    with ground() as stage, TemporaryDirectory() as name:
        folder = Path(name)
        for form in PEERS:
            ours, other = _in_turn(
                [partial(_ours, stage.store, form, folder), partial(_ogr2ogr, stage.store, stage.url, form, folder)]
            )
            tell(f"export.{form}", ours, other, PARCELS, wanted_ratio=WANTED_RATIO)
        for form in MEASURED:
            [seconds] = _in_turn([partial(_ours, stage.store, form, folder)], 1)
            whole_mb, few_mb = _memory_mb(form, PARCELS * 2), _memory_mb(form, FEW)
            tell(f"export.memory_mb.{form}", whole_mb, few_mb, PARCELS, seconds=round(seconds, 2))


if __name__ == "__main__":
    if len(sys.argv) == 3:
        _tell_memory(sys.argv[1], int(sys.argv[2]))
    else:
        main()
