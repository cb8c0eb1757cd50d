"""What a row says, in the form in which COPY takes it and its hash names it."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString, MultiLineString, MultiPolygon, Point, box
from shapely.geometry.base import BaseGeometry

from layers.store.loading.swap import _copy_texts, _ewkb

SHAPES = [
    Point(1, 2),
    MultiPolygon([box(0, 0, 1, 1), box(3, 3, 4, 4.5)]),
    MultiLineString([LineString([(0, 0), (1, 1e6)])]),
]


@pytest.mark.parametrize("shape", SHAPES)
def test_a_shape_is_written_with_its_srid_as_geos_writes_it(shape: BaseGeometry) -> None:
    expected = shapely.to_wkb(shapely.set_srid(shape, 6677), hex=True, include_srid=True, byte_order=1)
    assert _ewkb(shapely.to_wkb(shape, byte_order=1), 6677).decode().upper() == expected


@given(st.lists(st.none() | st.text(st.characters(codec="utf-8", exclude_characters="\0"))))
def test_texts_come_back_from_copys_text_form(values: list[object]) -> None:
    unescape = {"\\\\": "\\", "\\t": "\t", "\\n": "\n", "\\r": "\r"}
    texts = _copy_texts(values)
    assert not any(set(text) & set("\t\n\r") for text in texts)
    for value, text in zip(values, texts, strict=True):
        pairs = [text[at : at + 2] for at in range(len(text))]
        back, at = "", 0
        while at < len(text):
            step = unescape.get(pairs[at])
            back += step if step is not None else text[at]
            at += 1 if step is None else 2
        assert (None if text == "\\N" else back) == value


def test_equal_numbers_of_one_column_are_written_alike() -> None:
    assert _copy_texts([1.5, None, np.float64(1.5).item(), -0.25]) == ["1.5", "\\N", "1.5", "-0.25"]
