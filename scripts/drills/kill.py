"""Kills a load with SIGKILL at random moments and looks whether the edition before it is whole each time."""

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg

from layers.sample_town import generate
from layers.store.catalogue import load_catalogue
from layers.store.cluster import Cluster, database_in_use
from layers.store.instance import connect
from layers.store.loading.load import LoadRequest, load
from layers.store.settings import load_settings

Result = dict[str, object]
TIMES = 20
PARCELS = 20_000


def _state(url: str) -> tuple[str, str]:
    """What a reader sees of the layer, as a hash of its content; and the store's own books on it, its history included.

    The books name rows by content, not by fid: an identity that a rolled-back load used up says nothing.
    """
    with psycopg.connect(url) as connection:
        content = _hash(connection, "SELECT content_hash, ST_AsBinary(geom) FROM layers.cadastral ORDER BY 1, 2")
        books = _hash(connection, "SELECT id, superseded_by, report FROM onomap.loads ORDER BY id") + _hash(
            connection, "SELECT content_hash, load_id, valid_from, valid_to FROM history.cadastral ORDER BY 1, 2, 4"
        )
    return content, books


def _hash(connection: "psycopg.Connection[tuple[object, ...]]", statement: str) -> str:
    digest = hashlib.sha256()
    for row in connection.execute(statement.encode()):
        digest.update(repr(row).encode())
    return digest.hexdigest()


def _edition(folder: Path, seed: int) -> Path:
    return next(
        f.path
        for f in generate(folder, seed=seed, parcels=PARCELS)
        if f.layer == "cadastral" and f.path.suffix == ".fgb"
    )


def _settled(url: str) -> None:
    """Wait until the server has noticed that the client is gone and has rolled back."""
    with psycopg.connect(url, autocommit=True) as connection:
        for _ in range(600):
            busy = connection.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            ).fetchone()
            if busy is not None and busy[0] == 0:
                return
            time.sleep(0.1)
    raise RuntimeError("the killed load's transaction did not end")


def main() -> None:
    """Load one edition, then start loading another and kill it, twenty times; exit 1 when anything differs."""
    chance = random.Random(75221)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        first, second = _edition(Path(folder) / "a", 1), _edition(Path(folder) / "b", 2)
        with database_in_use(home) as address:
            store = connect(load_settings(home), address.url)
            load(store.database, store.town, LoadRequest(load_catalogue()["cadastral"], (first,), mode="replace"))
            store.database.close()
            undisturbed = _undisturbed(home, address.url, second, first)
            result = _drill(home, address.url, (first, second), undisturbed, chance)
        Cluster(home).remove()
    print(json.dumps(result, ensure_ascii=False))
    sys.exit(1 if result["found"] else 0)


def _command(home: Path, file: Path) -> list[str]:
    return [sys.executable, "-m", "api.cli.run", "load", "cadastral", str(file), "--replace", "--home", str(home)]


def _undisturbed(home: Path, url: str, second: Path, first: Path) -> tuple[float, str]:
    """How long the load takes when nobody kills it, and what the layer then holds; the first edition is put back."""
    started = time.perf_counter()
    subprocess.run(_command(home, second), check=True)
    spent = time.perf_counter() - started
    whole, _ = _state(url)
    subprocess.run(_command(home, first), check=True)
    _settled(url)
    return spent, whole


def _drill(
    home: Path, url: str, files: tuple[Path, Path], undisturbed: tuple[float, str], chance: random.Random
) -> Result:
    """Kill until twenty kills came before the commit; one that came after it left the whole new edition, which is undone."""
    (first, second), (whole_s, new) = files, undisturbed
    old = _state(url)
    mixed, too_late, moments = 0, 0, []
    while len(moments) < TIMES:
        process = subprocess.Popen(_command(home, second), start_new_session=True)
        moment = chance.uniform(0.1, 0.97) * whole_s
        time.sleep(moment)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        _settled(url)
        content, books = _state(url)
        if content == new:
            too_late += 1
            subprocess.run(_command(home, first), check=True)
            _settled(url)
            old = _state(url)
            continue
        moments.append(round(moment, 2))
        mixed += (content, books) != old
    return {
        "drill": "kill",
        "tried": len(moments),
        "planted": len(moments),
        "found": mixed,
        "after_commit": too_late,
        "whole_s": round(whole_s, 2),
        "moments_s": moments,
    }


if __name__ == "__main__":
    main()
