"""What is sent to the database arrives there as it was."""

import numpy as np
import pytest

from layers.store.instance import Store


@pytest.mark.parametrize("numbers", [[], [0.1], [-1e308, 5e-324, -0.0, np.inf], list(np.linspace(-5, 5, 5_000))])
def test_an_array_of_floats_arrives_whole_and_to_the_last_bit(empty_store: Store, numbers: list[float]) -> None:
    with empty_store.database.transaction() as connection:
        row = connection.execute(
            "SELECT array_agg(n ORDER BY at) FROM unnest(%s::float8[]) WITH ORDINALITY AS u(n, at)",
            [np.array(numbers, dtype=np.float64)],
        ).fetchone()
    assert row is not None
    assert (row[0] or []) == numbers


def test_every_other_column_of_an_array_of_boxes_is_sent_as_its_own_numbers(empty_store: Store) -> None:
    boxes = np.arange(12, dtype=np.float64).reshape(3, 4)
    with empty_store.database.transaction() as connection:
        row = connection.execute("SELECT %s::float8[]", [boxes[:, 2]]).fetchone()
    assert row is not None
    assert row[0] == [2.0, 6.0, 10.0]
