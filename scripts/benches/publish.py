"""Publishing 100,000 parcels with tiles to z16, from approved to served, against the three minutes that are allowed."""

import threading
import time

from layers.publication.desk import Desk
from layers.publication.opening import open_desk
from layers.publication.sample import demo_pair
from layers.publication.serving import current_number
from layers.store.database import Database
from scripts.benches.ground import Ground, ground, tell

ALLOWED_S = 180.0


class _Watcher:
    """Asks all the while which edition is served, as the public application does."""

    def __init__(self, url: str) -> None:
        self._database = Database.open(url, size=2)
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self.seen: list[int] = []

    def __enter__(self) -> "_Watcher":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()
        self._database.close()

    def _look(self) -> None:
        while not self._done.wait(0.05):
            self.seen.append(current_number(self._database))


def _approved(desk: Desk) -> int:
    clerk, approver = demo_pair(desk.store.layer("cadastral"))
    return desk.approve(approver, desk.draft(clerk, "cadastral").id).id


def _measure(given: Ground) -> None:
    desk = open_desk(given.store, make=True)
    side = desk.need_side()
    _, approver = demo_pair(given.store.layer("cadastral"))
    with given.store.database.transaction() as connection:
        # as after a load: the simplified shapes are made as part of publishing
        connection.execute("UPDATE bands.state SET ready = false WHERE layer = 'cadastral'")
    began = time.perf_counter()
    wanted = _approved(desk)
    checked = time.perf_counter()
    words: list[tuple[float, str]] = []
    with _Watcher(side.database.web_url) as watcher:
        before = current_number(Database.open(side.database.web_url, size=1))
        number = desk.publish(approver, [wanted], lambda what, share: words.append((share, what)))
        spent = time.perf_counter() - checked
        time.sleep(0.2)
    shares = [share for share, _ in words]
    part = desk.publication(wanted).part
    if part is None:
        raise RuntimeError("nothing was published")
    tell(
        "publish",
        spent,
        ALLOWED_S,
        part.rows,
        tiles=part.tiles,
        max_zoom=part.max_zoom,
        draft_and_approval_s=round(checked - began, 2),
        progress_words=len(words),
        progress_rises=shares == sorted(shares),
        editions_seen=sorted(set(watcher.seen)),
        only_old_and_new=set(watcher.seen) <= {before, number},
        bytes={name: record.bytes for name, record in part.files.items()},
    )


def main() -> None:
    """One run: everything before the approval is told apart."""
    with ground() as given:
        _measure(given)


if __name__ == "__main__":
    main()
