"""The public side: a database of its own, the bundle from the stick, and the public server."""

import json
import shutil
import sys
from pathlib import Path

import httpx

from api.serve import free_port, public_environment
from layers.publication.importing import TRUSTED, import_bundle
from layers.publication.opening import public_side_in_use
from layers.publication.public_database import public_folder
from scripts.drills.gap_parts.process import running_server, whole_file


def main(home: Path, stick: Path) -> None:
    """Stand until standard input ends."""
    folder = public_folder(home)
    folder.mkdir(parents=True)
    shutil.copy(stick / "trusted.pub", folder / TRUSTED)
    with public_side_in_use(home) as side:
        import_bundle(side, stick / "bundle.zip", lambda *_: None)
        port = free_port()
        with running_server("public", port, public_environment(side.database.web_url, side.folder)):
            answer = httpx.get(f"http://127.0.0.1:{port}/layers").json()
            said = {"edition": answer["edition"]["number"], "layers": [layer["id"] for layer in answer["layers"]]}
            whole_file(stick / "public.json", json.dumps(said))
            sys.stdin.read()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
