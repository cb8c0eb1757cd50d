"""What a row says, in the binary form in which COPY takes it and its hash names it."""

from datetime import date

import numpy as np
import psycopg
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql
from shapely import LineString, MultiLineString, MultiPolygon, Point, box
from shapely.geometry.base import BaseGeometry

from layers.store.definitions import FieldType
from layers.store.loading.copied_rows import HEADER, NULL, TRAILER, _extended, _fields, content_hash, numbered

SHAPES = [
    Point(1, 2),
    MultiPolygon([box(0, 0, 1, 1), box(3, 3, 4, 4.5)]),
    MultiLineString([LineString([(0, 0), (1, 1e6)])]),
]
VALUES = {
    FieldType.TEXT: ("text", st.text(st.characters(codec="utf-8", exclude_characters="\0"))),
    FieldType.INTEGER: ("bigint", st.integers(-(2**63), 2**63 - 1)),
    FieldType.NUMBER: ("double precision", st.floats(allow_nan=False)),
    FieldType.BOOLEAN: ("boolean", st.booleans()),
    FieldType.DATE: ("date", st.dates()),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_shape_is_written_with_its_srid_as_geos_writes_it(shape: BaseGeometry) -> None:
    expected = shapely.to_wkb(shapely.set_srid(shape, 6677), include_srid=True, byte_order=1)
    field = _extended(shapely.to_wkb(shape, byte_order=1), (6677).to_bytes(4, "little"))
    assert field == len(expected).to_bytes(4, "big") + expected


@pytest.mark.parametrize("kind", FieldType)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(data=st.data())
def test_values_of_every_type_come_back_from_postgresql_as_they_were(
    database_url: str, kind: FieldType, data: st.DataObject
) -> None:
    sql_type, values = VALUES[kind]
    given_values: list[object] = data.draw(st.lists(st.none() | values, max_size=30))
    with psycopg.connect(database_url) as connection:
        connection.execute(
            sql.SQL("CREATE TEMPORARY TABLE t (content_hash uuid, load_id bigint, v {})").format(sql.SQL(sql_type))
        )
        with connection.cursor().copy("COPY t FROM STDIN (FORMAT BINARY)") as copy:
            copy.write(HEADER)
            for number, field in enumerate(_fields(kind, given_values)):
                copy.write(numbered([field], number, 3, {}))
            copy.write(TRAILER)
        found = [value for (value,) in connection.execute("SELECT v FROM t ORDER BY load_id")]
        connection.rollback()
    assert found == given_values


def test_equal_numbers_of_one_column_are_written_alike() -> None:
    one, nothing, again, zero, negative_zero = _fields(FieldType.NUMBER, [1.5, None, np.float64(1.5).item(), 0.0, -0.0])
    assert one == again != nothing == NULL
    assert zero == negative_zero


def test_a_number_that_is_a_whole_one_is_written_as_a_number() -> None:
    assert _fields(FieldType.NUMBER, [2]) == _fields(FieldType.NUMBER, [2.0])


def test_a_date_field_refuses_what_is_not_a_date() -> None:
    assert _fields(FieldType.DATE, [date(2000, 1, 2)])[0][-1] == 1
    with pytest.raises(TypeError):
        _fields(FieldType.DATE, ["2000-01-02"])


def test_the_second_of_two_identical_rows_has_a_name_of_its_own() -> None:
    seen: dict[bytes, int] = {}
    first, second = content_hash(b"row", seen), content_hash(b"row", seen)
    assert first != second
    assert content_hash(b"row", {}) == first
