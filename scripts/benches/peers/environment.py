"""An environment of its own for the peers, made once from the hash-locked list beside this file."""

import subprocess
import sys
from hashlib import sha256
from pathlib import Path

from scripts.benches.ground import REPOSITORY

LOCK = Path(__file__).with_name("requirements.txt")
FOLDER = REPOSITORY / ".cache" / "peers"


def peers_python() -> Path:
    """The Python of the peers' environment; exits with one sentence when it cannot be made."""
    python, stamp = FOLDER / "bin" / "python", FOLDER / "stamp"
    wanted = sha256(LOCK.read_bytes()).hexdigest()
    if stamp.is_file() and stamp.read_text() == wanted:
        return python
    try:
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(FOLDER)], check=True)
        install = [
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--require-hashes",
            "-r",
            str(LOCK),
        ]
        subprocess.run([str(python), *install], check=True)
    except subprocess.CalledProcessError:
        sys.exit("比べる相手（tipg など）を入れられませんでした。ネットワークを確認して、もう一度実行してください。")
    stamp.write_text(wanted)
    return python
