"""Texts that a spreadsheet could run."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.formats.writing.formulas import defused, restored


@pytest.mark.parametrize(
    "text", ["=1+1", "+1|a", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1", "＋１|a", "－１|a", "＠SUM"]
)
def test_a_text_that_a_spreadsheet_could_run_no_longer_begins_with_its_sign(text: str) -> None:
    assert defused(text) == f"'{text}"


@pytest.mark.parametrize(
    "text", ["-5", "-12.5", "+3", "1-2", "−5", "a=b", "", "'", "－", "1e-3", "-1e-3", "大字小野新町"]
)
def test_a_number_and_a_harmless_text_stay_as_they_are(text: str) -> None:
    assert defused(text) == text


@given(st.text(alphabet="'=+-@\t\r\n＝－1.a", max_size=6))
def test_every_text_is_safe_afterwards_and_comes_back(text: str) -> None:
    safe = defused(text)
    assert not re.match(r"[=+\-@\t\r]", safe) or re.fullmatch(r"[+-]?\d+(\.\d+)?", safe)
    assert restored(safe) == text
