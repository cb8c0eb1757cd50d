"""マイナンバー never comes in: by name, by check digit, by any way of loading."""

from pathlib import Path

import pytest

from layers.store.errors import LoadRefusedError
from layers.store.individual_numbers import check_digits, has_check_digit, refuse_individual_numbers
from layers.store.instance import Store
from layers.store.loading.load import LoadRequest, load

# numbers that only satisfy the rule of the check digit; they are nobody's
STEMS = ("98765432109", "55555000011", "10000000007")
VALID = [stem + next(digit for digit in "0123456789" if has_check_digit(stem + digit)) for stem in STEMS]


def test_the_check_digit_is_that_of_the_ordinance() -> None:
    assert has_check_digit("123456789018")
    assert [digit for digit in "0123456789" if has_check_digit(f"12345678901{digit}")] == ["8"]


@pytest.mark.parametrize("name", ["個人番号", "世帯主のマイナンバー", "MyNumber", "ｍｙ＿ｎｕｍｂｅｒ", "ﾏｲﾅﾝﾊﾞｰ"])
def test_a_column_is_refused_by_its_name(name: str) -> None:
    with pytest.raises(LoadRefusedError, match="マイナンバー"):
        refuse_individual_numbers({"備考": ["a"], name: [None]}, "名簿.csv")


@pytest.mark.parametrize(
    "values",
    [
        VALID,
        [int(VALID[0]), int(VALID[1])],
        [float(VALID[0]), float(VALID[1])],
        [f"{n[:4]}-{n[4:8]}-{n[8:]}" for n in VALID],
        [f"本人 {n[:4]} {n[4:8]} {n[8:]} 確認済" for n in VALID],
        [n.translate(str.maketrans("0123456789", "０１２３４５６７８９")) for n in VALID],
        [*["なし"] * 50_000, *VALID],
    ],
    ids=["texts", "whole numbers", "floats", "hyphens", "in a sentence", "full width", "rare"],
)
def test_a_column_is_refused_by_what_it_holds(values: list[object]) -> None:
    with pytest.raises(LoadRefusedError, match="12桁"):
        refuse_individual_numbers({"備考": values}, "名簿.csv")


def test_other_numbers_of_twelve_digits_and_longer_ones_pass() -> None:
    codes = [f"{7 * number + 100_000_000_000}" for number in range(2_000)]
    found, valid = check_digits(codes)
    assert found == 2_000
    assert 0 < valid < 400
    refuse_individual_numbers(
        {"code": codes, "法人番号": [f"1{n}" for n in VALID], "ratio": [f"0.{n}" for n in VALID]}, "a.csv"
    )


def test_no_file_with_such_a_column_becomes_rows_not_even_rejected_ones(empty_store: Store, tmp_path: Path) -> None:
    file = tmp_path / "shelters.csv"
    lines = ["名称,緯度,経度,備考", *(f"集会所{i},37.28,140.62,{n}" for i, n in enumerate(VALID))]
    file.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(LoadRefusedError, match="備考"):
        load(empty_store.database, empty_store.town, LoadRequest(empty_store.layer("shelters"), (file,)))
    with empty_store.database.transaction() as connection:
        counts = connection.execute(
            "SELECT (SELECT count(*) FROM layers.shelters), (SELECT count(*) FROM onomap.load_rows), "
            "(SELECT count(*) FROM onomap.loads)"
        ).fetchone()
    assert counts == (0, 0, 0)
