"""schemathesis: what the definition says is what the server does, with all of its checks, valid values and invalid ones.

`ONOMAP_SCHEMATHESIS_CASES=5000` runs more of it, `ONOMAP_SCHEMATHESIS_SEED` the same again.
"""

import os
import random
import re
import subprocess
import sys
from pathlib import Path

CASES = int(os.environ.get("ONOMAP_SCHEMATHESIS_CASES", "300"))
SEED = int(os.environ.get("ONOMAP_SCHEMATHESIS_SEED", random.randrange(10**6)))
CASES_FOR_EACH_EXAMPLE = 15
"""An example asked for is tried on some eight operations, alone and after others."""
ROOT = Path(__file__).resolve().parents[3]


def test_the_definition_says_what_the_server_does(staff_url: str, tmp_path: Path) -> None:
    command = [
        *(str(Path(sys.executable).parent / "schemathesis"), "run", f"{staff_url}/api/openapi.json"),
        # the sample town is everybody's: nothing is written to it
        *("--include-method", "GET"),
        *("--include-path-regex", r"^/api(/conformance|/collections.*)?$", "--checks", "all", "--continue-on-failure"),
        *("--max-examples", str(max(1, CASES // CASES_FOR_EACH_EXAMPLE)), "--seed", str(SEED)),
        *("--suppress-health-check", "all"),
    ]
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "SCHEMATHESIS_HOOKS": "tests.api.schemathesis_hooks",
        "COLUMNS": "200",
    }
    run = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    sys.stdout.write(f"schemathesis seed {SEED}\n{run.stdout}{run.stderr}")
    assert run.returncode == 0, f"seed {SEED}: {run.stdout[-4000:]}"
    generated = re.search(r"(\d+) generated", run.stdout)
    assert generated is not None
    assert int(generated[1]) >= CASES
