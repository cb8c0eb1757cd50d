"""schemathesis: what the definition says is what the server does, with all of its checks, valid values and invalid ones.

`ONOMAP_SCHEMATHESIS_CASES=5000` runs more of it, `ONOMAP_SCHEMATHESIS_SEED` the same again.
"""

import os
import random
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.api.conftest import Town
from tests.signing import SIGNED

CASES = int(os.environ.get("ONOMAP_SCHEMATHESIS_CASES", "200"))
SEED = int(os.environ.get("ONOMAP_SCHEMATHESIS_SEED", random.randrange(10**6)))
CASES_FOR_EACH_EXAMPLE = 40
"""An example asked for is tried on some forty operations, alone and after others."""
ROOT = Path(__file__).resolve().parents[2]
SHELTERS = 60
STREAM = "^/events$"
"""It never ends, so nothing could be said of its answer; tests/api/test_events_http.py reads it."""
# How many parcels a text names depends on the town; an answer about more than can be printed is told as 413,
# a character for which there is no font as 422.
# Whether a headland of a width leaves anything of a field depends on the field: 400; a town may have no field yet: 422.
# A scale of a planting map that is not offered is told as 400, a year without plans as 422.
READING_CONFIGURATION = """
[[operations]]
include-path = "/inquiries"
checks.positive_data_acceptance.expected-statuses = ["2xx", 404, 413, 422]

[[operations]]
include-path-regex = "^/surveys/(fields/.*/)?machine$"
checks.positive_data_acceptance.expected-statuses = ["2xx", 400, 404, 422]

[[operations]]
include-path-regex = "^/fields/"
checks.positive_data_acceptance.expected-statuses = ["2xx", 400, 404, 422]
"""
PLANNING_CONFIGURATION = """
[checks.positive_data_acceptance]
expected-statuses = ["2xx", 400, 403, 404, 412, 415, 422, 428]
"""
# Whether a drawn line crosses itself or has a length cannot be said of its form.
QUESTIONS_CONFIGURATION = """
[checks.positive_data_acceptance]
expected-statuses = ["2xx", 400, 404]
"""
# Hardly any body is a file of a machine; what is wrong with one is told as 400, what cannot be kept of it as 412, 422 or 428.
MACHINE_FILES_CONFIGURATION = """
[checks.positive_data_acceptance]
expected-statuses = ["2xx", 400, 404, 412, 422, 428]
"""
# A layer's rules (which properties, which kind of shape, where it may lie) are told as 422; its state as 405, 409, 412, 428.
EDITS_CONFIGURATION = """
[checks.positive_data_acceptance]
expected-statuses = ["2xx", 404, 405, 409, 412, 422, 428]
"""


@dataclass(frozen=True)
class Run:
    """What schemathesis said, and how many requests it made."""

    output: str
    generated: int


def schemathesis(url: str, folder: Path, hooks: str, *choice: str) -> Run:
    """Hold the operations that `choice` names against the definition; nothing may be found."""
    command = [
        *(str(Path(sys.executable).parent / "schemathesis"), "run", f"{url}/api/openapi.json"),
        *("--checks", "all", "--continue-on-failure", "--suppress-health-check", "all"),
        *("--max-examples", str(max(1, CASES // CASES_FOR_EACH_EXAMPLE)), "--seed", str(SEED), *choice),
        *("--header", f"Authorization: {SIGNED['Authorization']}"),
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "SCHEMATHESIS_HOOKS": hooks, "COLUMNS": "200"}
    run = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    sys.stdout.write(f"schemathesis seed {SEED}\n{run.stdout}{run.stderr}")
    assert run.returncode == 0, f"seed {SEED}: {run.stdout[-6000:]}{run.stderr[-2000:]}"
    generated = re.search(r"(\d+) generated", run.stdout)
    assert generated is not None
    return Run(run.stdout, int(generated[1]))


def test_every_reading_does_what_the_definition_says(staff_url: str, tmp_path: Path) -> None:
    hooks = "tests.api.schemathesis_hooks"
    (tmp_path / "schemathesis.toml").write_text(READING_CONFIGURATION, encoding="utf-8")
    # the sample town is everybody's: nothing is written to it
    run = schemathesis(staff_url, tmp_path, hooks, "--include-method", "GET", "--exclude-path-regex", STREAM)
    assert run.generated >= CASES


def test_every_question_with_a_body_does_what_the_definition_says(staff_url: str, tmp_path: Path) -> None:
    hooks = "tests.api.schemathesis_hooks"
    (tmp_path / "schemathesis.toml").write_text(QUESTIONS_CONFIGURATION, encoding="utf-8")
    # an inquiry may issue an answer, so it is asked of a town of its own, with the edits
    questions = ("--include-path-regex", "^/(parcels|parcels/in|rasters/.*)$", "--exclude-method", "GET")
    assert schemathesis(staff_url, tmp_path, hooks, *questions).generated >= CASES // 20


def test_every_file_of_a_machine_is_answered_as_the_definition_says(town: Town, tmp_path: Path) -> None:
    (tmp_path / "schemathesis.toml").write_text(MACHINE_FILES_CONFIGURATION, encoding="utf-8")
    files = ("--include-path", "/surveys/machine", "--exclude-method", "GET")
    assert schemathesis(town.url, tmp_path, "tests.api.schemathesis_hooks", *files).generated >= CASES // 20


def test_every_edit_does_what_the_definition_says(town: Town, tmp_path: Path) -> None:
    for number in range(SHELTERS):
        town.add_shelter(f"集会所{number}").raise_for_status()
    (tmp_path / "schemathesis.toml").write_text(EDITS_CONFIGURATION, encoding="utf-8")
    edits = ("--exclude-method", "GET", "--include-path-regex", "^/(inquiries|api/collections/.*)$")
    run = schemathesis(town.url, tmp_path, "tests.api.schemathesis_edit_hooks", *edits)
    assert run.generated >= CASES // 4
    assert _edits_made(town) > SHELTERS + run.generated // 20


def test_every_survey_does_what_the_definition_says(town: Town, tmp_path: Path) -> None:
    (tmp_path / "schemathesis.toml").write_text(EDITS_CONFIGURATION, encoding="utf-8")
    surveys = r"^/surveys($|/records$|/fields$|/fields/\{field_id\}(/owner)?$|/\{session\}.*)"
    run = schemathesis(town.url, tmp_path, "tests.api.schemathesis_edit_hooks", "--include-path-regex", surveys)
    assert run.generated >= CASES // 4


def test_every_change_of_a_plan_does_what_the_definition_says(town: Town, tmp_path: Path) -> None:
    (tmp_path / "schemathesis.toml").write_text(PLANNING_CONFIGURATION, encoding="utf-8")
    plans = ("--include-path-regex", "^/fields/")
    assert schemathesis(town.url, tmp_path, "tests.api.schemathesis_hooks", *plans).generated >= CASES // 10


def _edits_made(town: Town) -> int:
    with town.store.database.transaction() as connection:
        row = connection.execute("SELECT count(*) FROM onomap.edits").fetchone()
    assert row is not None
    return int(row[0])
