"""The files that make the page: pinned, free of addresses, and free of ways to turn data into markup."""

import json
import re
from pathlib import Path

import pytest

from api.public.page import page_html
from api.public.words import FIRST, languages

WEBMAP = Path(__file__).resolve().parents[2] / "webmap"
MODULES = sorted(path for folder in ("staff", "public", "field", "shared") for path in (WEBMAP / folder).glob("*.js"))
MARKUP = re.compile(
    r"\b(innerHTML|outerHTML|insertAdjacentHTML|setHTML|setHTMLUnsafe|createContextualFragment|document\.write|eval|new Function)\b"
)


def test_there_are_modules_to_look_at() -> None:
    assert len(MODULES) > 15


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.name)
def test_a_module_is_checked_for_types_and_never_makes_markup_of_text(module: Path) -> None:
    text = module.read_text(encoding="utf-8")
    assert text.startswith("// @ts-check\n")
    assert MARKUP.findall(text) == []
    assert len(text.splitlines()) <= 400


def test_third_party_files_are_those_that_are_pinned() -> None:
    pinned = json.loads((WEBMAP / "package.json").read_text(encoding="utf-8"))["dependencies"]
    listing = json.loads((WEBMAP / "vendor.json").read_text(encoding="utf-8"))
    assert {name: entry["version"] for name, entry in listing.items()} == pinned


@pytest.mark.parametrize(("page", "least"), [("staff", 4), ("public", 2)])
def test_the_page_loads_only_third_party_files_that_are_listed(page: str, least: int) -> None:
    listing = json.loads((WEBMAP / "vendor.json").read_text(encoding="utf-8"))
    allowed = {f"{name}/{entry['version']}/{file}" for name, entry in listing.items() for file in entry["files"]}
    # what the words do not need is asked for by the script
    texts = [(WEBMAP / page / name).read_text(encoding="utf-8") for name in ("index.html", "main.js")]
    asked = re.findall(r"\./vendor/([^\"]+)", "".join(texts))
    assert len(asked) >= least
    assert set(asked) <= allowed


def test_the_lock_file_names_no_registry() -> None:
    lock = json.loads((WEBMAP / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert packages
    assert all("integrity" in entry and "resolved" not in entry for entry in packages.values())


@pytest.mark.parametrize("page", ["staff", "public", "field"])
def test_a_page_points_nowhere_outside(page: str) -> None:
    written = (WEBMAP / page / "index.html").read_text(encoding="utf-8")
    text = page_html(languages()[FIRST]) if page == "public" else written
    assert "://" not in text.replace("http://www.w3.org/2000/svg", "")
    assert 'lang="ja"' in text
    assert "架空サンプル" in text
