"""The staff side: a store with the sample town, a bundle on the stick, the staff server, and one listener planted on purpose."""

import json
import socket
import sys
from pathlib import Path

from api.serve import free_port
from layers.publication import register
from layers.publication.desk import Desk
from layers.publication.keys import public_half, signing_key
from layers.publication.rules import ADMINISTRATOR
from layers.publication.sample import demo_pair
from layers.sample_town.install import install
from layers.store.cluster import database_in_use
from layers.store.instance import Store, connect
from layers.store.rights.caller import Caller, Post
from layers.store.settings import load_settings
from scripts.drills.gap_parts.process import running_server, whole_file

PUBLISHED = ("shelters", "districts", "roads")
PARCELS = 1_400


def main(home: Path, stick: Path) -> None:
    """Stand until standard input ends."""
    with database_in_use(home) as address:
        store = connect(load_settings(home), address.url)
        install(store, lambda *_: None, parcels=PARCELS)
        _to_stick(store, stick)
        port = free_port()
        with running_server("staff", port, {}, "--home", str(home)), socket.create_server(("0.0.0.0", 0)) as planted:  # noqa: S104 - on purpose
            said = {
                "database": address.port,
                "staff": port,
                "planted": planted.getsockname()[1],
                "password": address.url,
            }
            whole_file(stick / "staff.json", json.dumps(said))
            sys.stdin.read()
        store.database.close()


def _to_stick(store: Store, stick: Path) -> None:
    """Three layers from draft over the second person into a bundle, and the public half of the key."""
    desk = Desk(store, None, max_zoom=12)
    approved = []
    for name in PUBLISHED:
        clerk, approver = demo_pair(store.layer(name))
        draft = desk.draft(clerk, name)
        if draft.state != register.CHECKED:
            raise RuntimeError(f"the gate refused {name}: {draft.findings}")
        approved.append(desk.approve(approver, draft.id).id)
    carrier = Caller("carrier", "運ぶ人", Post("総務課", frozenset({ADMINISTRATOR})))
    desk.export(carrier, approved, stick / "bundle.zip")
    key = public_half(signing_key(desk.folder))
    (stick / "trusted.pub").write_text(key.pem(), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
