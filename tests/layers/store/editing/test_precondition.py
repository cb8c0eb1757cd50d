"""If-Match by the rules of RFC 9110: what holds for a version, and what never does."""

import pytest

from layers.store.editing.precondition import if_match
from layers.store.selection import version_tag


@pytest.mark.parametrize(
    "header",
    [
        '"3.json"',
        '"3.html"',
        '"1.json", "3.json"',
        ' "3.json" , "9.x"',
        '"3.json-a1b2+c"',
        "*",
        " * ",
        version_tag(3, "fg"),
    ],
)
def test_a_tag_of_the_version_in_any_representation_holds(header: str) -> None:
    match = if_match(header)
    assert match is not None
    assert match.holds(3)


@pytest.mark.parametrize(
    "header",
    [
        "",
        '"2.json"',
        'W/"3.json"',
        '"3"',
        "3.json",
        '"x3.json"',
        '"3.json',
        '"-3.json"',
        '"33.json"',
        '"3.", "*"',
        '"٣.json"',
    ],
)
def test_any_other_tag_does_not_and_a_weak_one_never(header: str) -> None:
    match = if_match(header)
    assert match is not None
    assert not match.holds(3)


def test_without_the_header_there_is_no_precondition() -> None:
    assert if_match(None) is None
