"""Values that the database cannot hold are told in the report; they never stop a load with the database's own words."""

import pytest

from layers.store.definitions import FieldType, LayerField
from layers.store.loading.fields import read_column


def _field(kind: FieldType, *, required: bool = False) -> LayerField:
    return LayerField("v", kind, "値", "public", required=required)


@pytest.mark.parametrize("value", [10**30, "1e40", "1e999999999", "-99999999999999999999"])
def test_a_whole_number_beyond_64_bits_is_left_out_and_told(value: object) -> None:
    column = read_column(_field(FieldType.INTEGER), [value, "12"])
    assert column.values == [None, 12]
    assert list(column.left_out) == [0]
    assert "大きすぎる数です" in column.left_out[0]


def test_a_text_with_a_nul_is_left_out_and_the_texts_beside_it_stay() -> None:
    column = read_column(_field(FieldType.TEXT), ["小野\0町", " 湯沢 ", "", None])
    assert column.values == [None, "湯沢", None, None]
    assert list(column.left_out) == [0]
    assert "NUL" in column.left_out[0]


def test_a_required_text_with_a_nul_rejects_its_row() -> None:
    column = read_column(_field(FieldType.TEXT, required=True), ["小野\0町", "湯沢"])
    assert list(column.problems) == [0]
