"""Loading 100,000 parcels with checks, history and indexes, against ogr2ogr of the same file into the same cluster."""

import os
import subprocess
import tempfile
import time
from datetime import date
from pathlib import Path

from layers.sample_town import generate
from layers.store.catalogue import load_catalogue
from layers.store.cluster import temporary_cluster
from layers.store.database import Database
from layers.store.loading.load import LoadRequest, load
from layers.store.migrate import migrate
from layers.store.settings import Municipality
from scripts.benches.ground import PARCELS, tell

WANTED = 1 / 3
RUNS = 5


def _ogr2ogr(url: str, file: Path) -> float:
    started = time.perf_counter()
    subprocess.run(
        [
            "ogr2ogr",
            "-f",
            "PostgreSQL",
            f"PG:{url}",
            str(file),
            "-nln",
            "peer",
            "-nlt",
            "MULTIPOLYGON",
            "-lco",
            "OVERWRITE=YES",
        ],
        check=True,
        env={**os.environ, "PG_USE_COPY": "YES"},
    )
    return time.perf_counter() - started


def _ours(url: str, file: Path) -> float:
    catalogue, town = load_catalogue(), Municipality()
    migrate(url, catalogue, town.srid)
    database = Database.open(url)
    try:
        started = time.perf_counter()
        load(database, town, LoadRequest(catalogue["cadastral"], (file,), mode="replace", data_date=date(2026, 4, 1)))
        return time.perf_counter() - started
    finally:
        database.close()


def main() -> None:
    """Make the file, load it both ways into fresh databases of one durable cluster, five times each."""
    with tempfile.TemporaryDirectory() as folder, temporary_cluster() as cluster:
        files = generate(Path(folder), parcels=PARCELS)
        file = next(f.path for f in files if f.layer == "cadastral" and f.path.suffix == ".fgb")
        peer, ours = [], []
        for run in range(RUNS):
            peer.append(_ogr2ogr(cluster.create_database(f"peer{run}", template="onomap"), file))
            ours.append(_ours(cluster.create_database(f"ours{run}", template="onomap"), file))
        tell("load", sorted(ours)[RUNS // 2], sorted(peer)[RUNS // 2], PARCELS, wanted_ratio=round(WANTED, 2))


if __name__ == "__main__":
    main()
