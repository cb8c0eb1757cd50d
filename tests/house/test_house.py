"""The house keeps its own rules: what the documents promise exists, and nothing of this machine is in the files."""

import ast
import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main

from layers.store.catalogue import load_catalogue
from layers.store.settings import Municipality, Settings

ROOT = Path(__file__).resolve().parents[2]
PAGES = (
    "README.md",
    "CHANGELOG.md",
    "docs/api.md",
    "docs/decisions.md",
    "docs/operations.md",
    "docs/for_departments.md",
    "docs/for_farmers.md",
)
PACKAGES = ("gis", "layers", "api")
LOCKS = ("requirements.txt", "requirements-test.txt")
# Put together here, so that this file does not find itself.
REGISTRIES = tuple(
    f"{host}.{end}"
    for host, end in (
        ("registry.npmjs", "org"),
        ("pypi", "org/simple"),
        ("files.pythonhosted", "org"),
        ("deb.debian", "org"),
    )
)
MACHINE_PATHS = re.compile(r"(?<![\w./-])/(?:wor" + r"k|root|home/\w+)(?=/|\b(?![\w-]))")
WHOLE_FILE_LIMIT = 400
FUNCTION_LIMIT = 60


def _tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def _tracked_texts() -> Iterator[tuple[Path, str]]:
    for path in _tracked():
        try:
            yield path.relative_to(ROOT), path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue


def _page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def _modules() -> Iterator[tuple[Path, ast.Module, str]]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            yield path.relative_to(ROOT), ast.parse(text), text


def test_the_readme_gives_exactly_two_commands_and_both_can_be_run() -> None:
    blocks = re.findall(r"```sh\n(.*?)```", _page("README.md"), flags=re.DOTALL)
    commands = [line for block in blocks for line in block.splitlines() if line.strip()]

    assert commands == ["scripts/start", "scripts/test"]
    assert all(os.access(ROOT / command, os.X_OK) for command in commands)


def test_every_script_that_a_page_names_exists() -> None:
    named = {name for page in PAGES for name in re.findall(r"`(scripts/[a-z]+)", _page(page))}

    assert named >= {"scripts/start", "scripts/test", "scripts/setup", "scripts/bench", "scripts/drill"}
    assert [name for name in sorted(named) if not os.access(ROOT / name, os.X_OK)] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_link_of_a_page_leads_somewhere(page: str) -> None:
    targets = re.findall(r"\]\(([^)#]+)\)", _page(page))

    assert [target for target in targets if not ((ROOT / page).parent / target).exists()] == []


def test_every_room_of_the_readme_exists() -> None:
    rooms = re.findall(r"^\| (`[^|]+) \|", _page("README.md"), flags=re.MULTILINE)
    folders = [folder for room in rooms for folder in re.findall(r"`([\w/]+)`", room)]

    assert len(folders) >= 8
    assert [folder for folder in folders if not (ROOT / folder).is_dir()] == []


def test_no_tracked_file_names_a_place_on_the_machine_it_was_written_on() -> None:
    found = [f"{path}: {hit.group()}" for path, text in _tracked_texts() for hit in MACHINE_PATHS.finditer(text)]

    assert found == []


def test_no_tracked_file_names_a_package_registry() -> None:
    found = [f"{path}: {host}" for path, text in _tracked_texts() for host in REGISTRIES if host in text]

    assert found == []


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_python_package_has_a_version_and_a_hash_and_no_address(lock: str) -> None:
    entries = re.sub(r"\\\n", " ", _page(lock)).splitlines()
    packages = [entry for entry in entries if entry.strip() and not entry.lstrip().startswith("#")]

    assert len(packages) > 40
    assert [
        entry for entry in packages if not re.match(r"^[\w.\[\],-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", entry)
    ] == []


def test_the_tests_packages_contain_those_that_run_with_the_same_versions() -> None:
    pins = [set(re.findall(r"^[\w.\[\],-]+==\S+", _page(lock), flags=re.MULTILINE)) for lock in LOCKS]

    assert pins[0] - pins[1] == set()


def test_every_locked_browser_package_has_a_hash_and_no_address() -> None:
    lock = json.loads(_page("webmap/package-lock.json"))
    packages = {name: entry for name, entry in lock["packages"].items() if name}

    assert packages
    assert [name for name, entry in packages.items() if not entry.get("integrity")] == []
    assert [name for name, entry in packages.items() if "resolved" in entry] == []


def test_every_dependency_of_the_project_is_in_the_lock() -> None:
    project = tomllib.loads(_page("pyproject.toml"))["project"]
    names = {re.split(r"[\[>=<]", requirement)[0] for requirement in project["dependencies"]}
    locked = {
        re.sub(r"[-_.]+", "-", name).lower()
        for name in re.findall(r"^([\w.-]+)(?:\[[\w,-]+\])?==", _page("requirements.txt"), flags=re.MULTILINE)
    }

    assert {re.sub(r"[-_.]+", "-", name).lower() for name in names} - locked == set()


def test_the_licence_that_is_declared_is_the_one_that_is_enclosed() -> None:
    declared = tomllib.loads(_page("pyproject.toml"))["project"]["license"]
    first, *rest = _page("LICENSE").splitlines()

    assert declared == "EUPL-1.2" == json.loads(_page("webmap/package.json"))["license"]
    assert first == "EUROPEAN UNION PUBLIC LICENCE v. 1.2"
    assert "15.Applicable Law" in rest
    assert "EUPL" in _page("README.md")


def test_every_setting_and_its_variable_is_documented() -> None:
    page = _page("docs/operations.md")
    plain = {name for name in Settings.model_fields if name not in {"home", "municipality"}}
    town = set(Municipality.model_fields)
    variables = {"DATABASE_URL"} | {f"ONOMAP_{name.upper()}" for name in plain - {"database_url"}}
    variables |= {f"ONOMAP_MUNICIPALITY__{name.upper()}" for name in town}
    wanted = plain | {f"municipality.{name}" for name in town} | variables

    assert [name for name in sorted(wanted) if f"`{name}`" not in page] == []


def test_every_command_and_flag_of_onomap_is_documented() -> None:
    from api.cli import application

    page = _page("docs/operations.md")
    rows = {row.split("`")[1].split()[1]: row for row in page.splitlines() if row.startswith("| `onomap ")}
    commands = getattr(typer.main.get_command(application), "commands")  # noqa: B009 - a click group, untyped here
    missing = []
    for name, command in commands.items():
        flags = [flag for option in command.params for flag in option.opts if flag.startswith("-")]
        missing += [f"{name} {flag}" for flag in flags if flag != "--home" and f"`{flag}`" not in rows.get(name, "")]
        missing += [] if name in rows else [name]

    assert missing == []
    assert set(rows) == set(commands)


def test_every_test_and_drill_that_the_page_on_security_names_exists() -> None:
    page = _page("docs/security.md")
    there = {
        node.name
        for file in (ROOT / "tests").rglob("test_*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
    }
    named = re.findall(r"`(test_\w+)`", page)
    drills = re.findall(r"`scripts/drill (\w+)`", page)

    assert len(named) > 25
    assert [name for name in named if name not in there] == []
    assert [name for name in drills if not (ROOT / "scripts" / "drills" / f"{name}.py").is_file()] == []


def test_a_server_starts_without_the_libraries_that_only_files_or_sign_in_services_need() -> None:
    asked = "import sys, api.staff.app; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    ran = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True)

    assert {"pandas", "geopandas", "pyogrio", "pyarrow", "openpyxl", "authlib", "httpx"} & set(
        ran.stdout.split()
    ) == set()


def test_every_flag_of_start_is_documented() -> None:
    flags = set(re.findall(r'add_argument\("(--[a-z-]+)"', _page("api/serve.py")))

    assert flags >= {"--home", "--port", "--public-port", "--check"}
    assert [flag for flag in sorted(flags) if f"`{flag}" not in _page("docs/operations.md")] == []


def test_departments_find_each_layer_with_its_owner_and_its_cycle() -> None:
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \| (\d+)年 \|$", _page("docs/for_departments.md"), flags=re.MULTILINE)
    told = {title: (department, int(years)) for title, department, years in rows}

    assert told == {
        layer.title: (layer.department, round(layer.update_cycle_days / 365)) for layer in load_catalogue().values()
    }


def test_every_decision_says_why_and_what_it_costs() -> None:
    entries = re.split(r"^## ", _page("docs/decisions.md"), flags=re.MULTILINE)[1:]

    assert len(entries) >= 5
    assert [
        entry.splitlines()[0] for entry in entries if "Given up" not in entry or "ould change it" not in entry
    ] == []


def test_modules_and_functions_stay_small_enough_to_read() -> None:
    long = []
    for path, tree, text in _modules():
        if text.count("\n") > WHOLE_FILE_LIMIT:
            long.append(f"{path}: {text.count(chr(10))} lines")
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                long += [f"{path}: {node.name} has {lines} lines"] if lines > FUNCTION_LIMIT else []

    assert long == []


def test_every_public_module_class_and_function_says_what_it_is() -> None:
    silent = []
    for path, tree, text in _modules():
        if text.strip() and not ast.get_docstring(tree):
            silent.append(str(path))
        for node in tree.body:
            public = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
            if public and not node.name.startswith("_") and not ast.get_docstring(node):
                silent.append(f"{path}: {node.name}")

    assert silent == []


def test_no_module_is_called_by_a_name_that_says_nothing() -> None:
    names = {path.name for path, _, _ in _modules()}

    assert names & {"utils.py", "helpers.py", "common.py", "misc.py"} == set()
