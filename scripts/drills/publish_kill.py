"""Kills publishing and importing with SIGKILL at random moments, and looks each time whether one whole edition is served.

Whole means: the pointer's number, the version of every row of every table, the files of that edition by the hashes of its
manifest, and the tiles in them are of one edition; and it is the one before, or the new one where the kill came after the
switch. Afterwards the same step is taken again and must succeed.
"""

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from layers.accounts.keys import issue_key
from layers.accounts.persons import add_person
from layers.publication.desk import Desk
from layers.publication.importing import PublicSide
from layers.publication.opening import open_desk
from layers.publication.public_database import NAME
from layers.publication.sample import demo_pair
from layers.publication.serving import open_public
from layers.sample_town import generate
from layers.store.catalogue import load_catalogue
from layers.store.cluster import Cluster, database_in_use
from layers.store.instance import Store, connect
from layers.store.loading.load import LoadRequest, load
from layers.store.rights.caller import EVERY_VERB, Post
from layers.store.settings import load_settings

TIMES = 20
PARCELS = 3_000
LAYER = "cadastral"
_COMMAND = [sys.executable, "-m", "api.cli.run", "publish"]


@dataclass(frozen=True)
class Ground:
    """The store under the drill, its desk and its home."""

    home: Path
    store: Store
    desk: Desk
    key: str

    @property
    def side(self) -> PublicSide:
        return self.desk.need_side()


def faults(side: PublicSide) -> tuple[int, list[str]]:
    """The number that is served, and everything about it that does not fit together."""
    edition = open_public(side.database.web_url, side.folder, size=1)
    found = []
    try:
        with edition.database.transaction() as connection:
            for name, told in edition.layers.items():
                statement = sql.SQL("SELECT count(*), min(version), max(version) FROM layers.{}")
                row = connection.execute(statement.format(sql.Identifier(name))).fetchone()
                if row != (told.rows, edition.number, edition.number):
                    found.append(f"{name}: {row} of edition {edition.number} with {told.rows} rows")
    except psycopg.Error as error:
        found.append(str(error))
    finally:
        edition.database.close()
    for told in edition.layers.values():
        for file in told.files.values():
            path = edition.folder / file.path
            if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != file.sha256:
                found.append(f"{path.name} is not the one of edition {edition.number}")
    return edition.number, found


def _approve(ground: Ground, mark: int) -> int:
    """Change the layer a little and approve it: every round publishes something else."""
    clerk, approver = demo_pair(ground.store.layer(LAYER))
    with ground.store.database.transaction() as connection:
        connection.execute(
            "UPDATE layers.cadastral SET map_number = %s WHERE fid = (SELECT min(fid) FROM layers.cadastral)",
            [str(mark)],
        )
    return ground.desk.approve(approver, ground.desk.draft(clerk, LAYER).id).id


def _command(ground: Ground, identifier: int) -> list[str]:
    return [*_COMMAND, "go", str(identifier), "--key", ground.key, "--home", str(ground.home)]


def _key(store: Store) -> str:
    """A key of somebody who may publish what two others have agreed to."""
    login = "publish-kill"
    add_person(store, login, "訓練 係", Post("税務課", frozenset({"viewer", "approver"})))
    return issue_key(store, login, "訓練", EVERY_VERB, days=1)


def _settled(*urls: str) -> None:
    """Wait until both servers have noticed that the client is gone and have rolled back."""
    for url in urls:
        with psycopg.connect(url, autocommit=True) as connection:
            for _ in range(600):
                busy = connection.execute(
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
                    "AND (state <> 'idle' OR application_name = 'onomap publish')"
                ).fetchone()
                if busy is not None and busy[0] == 0:
                    break
                time.sleep(0.1)


@dataclass
class Count:
    """What twenty kills came upon: `too_late` are rounds in which the command had ended before."""

    moments: list[float]
    faults: list[str]
    old_served: int = 0
    new_served: int = 0
    too_late: int = 0


def _undisturbed(ground: Ground, identifier: int) -> float:
    """Seconds of a publication that nobody kills."""
    began = time.perf_counter()
    subprocess.run(_command(ground, identifier), check=True, capture_output=True)
    return time.perf_counter() - began


def _killed(ground: Ground, identifier: int, moment: float) -> float | None:
    """Kill the command then; seconds that it took when it was faster, None when it was killed."""
    began = time.perf_counter()
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(_command(ground, identifier), start_new_session=True, **quiet)
    try:
        process.wait(moment)
        return time.perf_counter() - began
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        _settled(*(Cluster(ground.home).superuser_url(name) for name in ("onomap", NAME)))
        return None


def _round(ground: Ground, count: Count, whole_s: float, chance: random.Random) -> float:
    """One kill and what is served after it; returns how long a publication takes as far as is known now."""
    before, _ = faults(ground.side)
    identifier = _approve(ground, len(count.moments) + count.too_late + 1)
    # every second kill falls into the last third, where bundle, import and switch are
    moment = chance.uniform(0.65 if len(count.moments) % 2 else 0.15, 1.0) * whole_s
    finished_s = _killed(ground, identifier, moment)
    now, wrong = faults(ground.side)
    count.faults += [f"after {moment:.2f} of {whole_s:.2f} s: {one}" for one in wrong]
    if finished_s is not None:
        count.too_late += 1
        return finished_s
    count.moments.append(round(moment, 2))
    count.old_served += now == before
    count.new_served += now > before
    if now > before:
        return whole_s
    whole_s = _undisturbed(ground, identifier)
    count.faults += [f"taken again after {moment:.2f} s: {one}" for one in faults(ground.side)[1]]
    return whole_s


def _drill(ground: Ground, chance: random.Random) -> dict[str, object]:
    _undisturbed(ground, _approve(ground, -1))
    whole_s = _undisturbed(ground, _approve(ground, 0))
    count = Count([], [])
    while len(count.moments) < TIMES:
        whole_s = _round(ground, count, whole_s, chance)
    return {
        "drill": "publish_kill",
        "tried": len(count.moments),
        "planted": len(count.moments),
        "found": len(count.faults),
        "old_served": count.old_served,
        "new_served": count.new_served,
        "after_the_end": count.too_late,
        "whole_s": round(whole_s, 2),
        "moments_s": count.moments,
        "faults": count.faults[:10],
    }


def main() -> None:
    """Publish once, then publish and kill, twenty times; exit 1 when anything was mixed."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o711)
        home = Path(folder) / "home"
        files = generate(Path(folder) / "files", parcels=PARCELS)
        file = next(f.path for f in files if f.layer == LAYER and f.path.suffix == ".fgb")
        with database_in_use(home) as address:
            store = connect(load_settings(home), address.url)
            load(store.database, store.town, LoadRequest(load_catalogue()[LAYER], (file,), mode="replace"))
            ground = Ground(home, store, open_desk(store, make=True), _key(store))
            result = _drill(ground, random.Random(75221))
            store.database.close()
        Cluster(home).remove()
    print(json.dumps(result, ensure_ascii=False))
    sys.exit(1 if result["found"] else 0)


if __name__ == "__main__":
    main()
