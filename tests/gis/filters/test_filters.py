"""CQL2 in both forms: what is read is what was meant, it stays the same, and what is wrong is one sentence."""

import time

import cql2
import orjson
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.errors import FilterError
from gis.filters.as_json import as_json
from gis.filters.from_json import from_json
from gis.filters.from_text import from_text
from gis.filters.to_text import to_text
from gis.filters.tree import (
    And,
    Box,
    Comparator,
    Comparison,
    Filter,
    Folded,
    IsNull,
    Like,
    Not,
    Or,
    Property,
    Shape,
    Spatial,
    SpatialRelation,
)
from tests.gis.filters.filter_strategies import filters


def told(text: str) -> str:
    """The sentence with which a text is refused."""
    with pytest.raises(FilterError) as refused:
        from_text(text)
    sentence = str(refused.value)
    assert "\n" not in sentence
    return sentence


@given(filters)
@settings(max_examples=400, deadline=None)
def test_a_tree_written_as_text_and_as_json_is_read_as_the_same_tree(tree: Filter) -> None:
    assert from_text(to_text(tree)) == tree
    assert from_json(orjson.dumps(as_json(tree))) == tree
    assert to_text(from_text(to_text(tree))) == to_text(tree)


@pytest.mark.parametrize(
    "text",
    [
        "oaza = '小野新町' AND NOT chiban LIKE '12%' OR area >= 3",
        "a IN (1, 2.5, -3) AND b NOT IN ('x', 'y''s')",
        "a BETWEEN -1 AND 1e3 OR b NOT BETWEEN 1 AND 2",
        "a IS NULL AND b IS NOT NULL",
        "CASEI(name) LIKE CASEI('%Park%')",
        "CASEI(name) IN (CASEI('a'), CASEI('B'))",
        "S_INTERSECTS(geom, POLYGON((0 0,1 0,1 1,0 0))) AND S_WITHIN(geom, BBOX(1,2,3,4))",
        "T_DURING(d, INTERVAL('2020-01-01','..')) OR T_AFTER(d, DATE('2020-01-01'))",
        "T_INTERSECTS(t, TIMESTAMP('2020-01-01T00:00:00Z'))",
        '(a = 1 OR b = 2) AND (c = TRUE OR "大 字" = FALSE)',
        "A = 1 or B = 2 and C = 3",
        "1 = a AND 'x' <> b",
        "not a = 1",
    ],
)
def test_the_other_reader_of_cql2_reads_the_same(text: str) -> None:
    assert from_json(orjson.dumps(cql2.parse_text(text).to_json())) == from_text(text)


@given(filters)
@settings(max_examples=200, deadline=None)
def test_the_other_reader_takes_the_text_that_is_written(tree: Filter) -> None:
    assert from_json(orjson.dumps(cql2.parse_text(to_text(tree)).to_json())) == from_json(orjson.dumps(as_json(tree)))


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
@settings(deadline=None)
def test_a_coordinate_keeps_fifteen_digits(x: float, y: float) -> None:
    tree = Spatial(SpatialRelation.WITHIN, Property("geom"), Shape(shapely.Point(x, y)))
    for again in (from_text(to_text(tree)), from_json(orjson.dumps(as_json(tree)))):
        assert isinstance(again, Spatial)
        assert isinstance(again.right, Shape)
        assert shapely.get_coordinates(again.right.geometry)[0].tolist() == pytest.approx([x, y], rel=1e-15)


def test_and_binds_closer_than_or_and_not_closest() -> None:
    a, b, c = (Comparison(Comparator.EQUAL, Property(name), 1) for name in "abc")
    assert from_text("a=1 OR b=1 AND NOT c=1") == Or((a, And((b, Not(c)))))


def test_conjunctions_in_parentheses_are_one_conjunction() -> None:
    a, b, c = (IsNull(Property(name)) for name in "abc")
    assert from_text("((a IS NULL AND b IS NULL) AND c IS NULL)") == And((a, b, c))


def test_a_whole_number_of_seventeen_digits_keeps_its_last() -> None:
    assert from_text("a = 9007199254740993") == Comparison(Comparator.EQUAL, Property("a"), 9007199254740993)


def test_quotes_inside_texts_and_names_are_doubled() -> None:
    assert from_text("\"a\"\"b\" = 'it''s'") == Comparison(Comparator.EQUAL, Property('a"b'), "it's")


def test_upper_and_lower_case_of_words_and_functions_do_not_matter() -> None:
    assert from_text("casei(a) like 'x'") == from_text("CASEI(a) LIKE 'x'") == Like(Folded(Property("a")), "x")


def test_a_box_of_six_numbers_leaves_its_heights_out() -> None:
    tree = from_text("S_INTERSECTS(geom, BBOX(1,2,-5,3,4,9))")
    assert tree == Spatial(SpatialRelation.INTERSECTS, Property("geom"), Box(1, 2, 3, 4))


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "終わり"),
        ("a = ", "終わり"),
        ("a", "比較"),
        ("a == 1", "4文字目"),
        ("a = 'x", "引用符"),
        ("a = 1; DROP TABLE x", "6文字目の「;」"),
        ("a = 1 b = 2", "7文字目の「b」"),
        ("(a = 1", "終わり"),
        ("a = 1)", "6文字目"),
        ("a > 1 + 2", "計算"),
        ("pg_sleep(9) = 1", "関数"),
        ("a = upper('x')", "関数"),
        ("ACCENTI(a) = 'x'", "関数"),
        ("a LIKE 'x\\'", "LIKE"),
        ("a LIKE 7", "LIKE"),
        ("a IN ()", "7文字目"),
        ("a IN (b)", "値だけ"),
        ("a = NULL", "NULL"),
        ("a = DATE('2020-13-45')", "暦"),
        ("a = DATE('20200101')", "YYYY-MM-DD"),
        ("a = TIMESTAMP('2020-01-01')", "日時"),
        ("T_DURING(a, INTERVAL('2021-01-01','2020-01-01'))", "後"),
        ("T_DURING(a, INTERVAL('2021-01-01','2022-01-01T00:00:00Z'))", "どちらも"),
        ("S_INTERSECTS(geom, POINT EMPTY)", "座標"),
        ("S_INTERSECTS(geom, POINT(1))", "WKT"),
        ("S_INTERSECTS(geom, POINT(1e300 1))", "座標"),
        ("S_WITHIN(geom, POLYGON((0 0,1 1,0 1,1 0,0 0)))", "交わって"),
        ("S_WITHIN(geom, BBOX(1,2,3))", "4つ"),
        ("a = 1e999", "範囲"),
        ("a = " + "9" * 50, "長すぎ"),
        ("a = 'x\x00'", "文字"),
    ],
)
def test_what_is_wrong_is_told_in_a_sentence_that_names_the_place(text: str, part: str) -> None:
    assert part in told(text)


@pytest.mark.parametrize(
    "document",
    [
        "",
        "[",
        "null",
        "7",
        '"a"',
        "{}",
        '{"op":"and","args":[]}',
        '{"op":"and","args":{}}',
        '{"op":"=","args":[{"property":"a"}]}',
        '{"op":"=","args":[{"property":"a"},null]}',
        '{"op":"=","args":[{"property":7},1]}',
        '{"op":"=","args":[{"property":"a"},1e300]}',
        '{"op":"=","args":[{"property":"a"},{"op":"+","args":[1,2]}]}',
        '{"op":"=","args":[{"property":"a"},"\\u0000"]}',
        '{"op":"=","args":[{"property":"a"},{"date":7}]}',
        '{"op":"drop","args":[]}',
        '{"op":["x"],"args":[]}',
        '{"op":"in","args":[{"property":"a"},[]]}',
        '{"op":"in","args":[{"property":"a"},[{"property":"b"}]]}',
        '{"op":"isNull","args":["a"]}',
        '{"op":"like","args":["a","b"]}',
        '{"op":"s_within","args":[{"property":"g"},{"type":"Feature"}]}',
        '{"op":"s_within","args":[{"property":"g"},{"type":"Point","coordinates":["a"]}]}',
        '{"op":"s_within","args":[{"property":"g"},{"bbox":[1,2,3,true]}]}',
        '{"op":"t_after","args":[{"property":"d"},{"interval":["..","2020-01-01","x"]}]}',
        '{"op":"not","args":[' * 500 + "true" + "]}" * 500,
    ],
)
def test_json_that_is_no_filter_is_one_sentence(document: str) -> None:
    with pytest.raises(FilterError) as refused:
        from_json(document)
    assert "\n" not in str(refused.value)


@given(st.text(max_size=80))
@settings(max_examples=300, deadline=None)
def test_any_text_is_a_tree_or_a_sentence(text: str) -> None:
    for read in (from_text, from_json):
        try:
            tree = read(text)
        except FilterError:
            continue
        assert from_text(to_text(tree)) == tree


@pytest.mark.parametrize(
    "text",
    ["(" * 90_000, "(" * 59 + "a = 1", "not " * 20_000 + "a=1", "casei(" * 59 + "a", "s_within(g," + "POLYGON(" * 59],
)
def test_a_filter_made_to_exhaust_the_reader_is_refused_in_time(text: str) -> None:
    started = time.perf_counter()
    told(text)
    assert time.perf_counter() - started < 5


def test_as_many_pairs_of_parentheses_as_a_desktop_program_writes_are_read() -> None:
    text = "a0 = 1"
    for number in range(1, 50):
        text = f"({text} AND a{number} = 1)"
    tree = from_text(text)
    assert isinstance(tree, And)
    assert len(tree.parts) == 50


def test_more_values_than_anyone_lists_are_refused() -> None:
    assert "多すぎ" in told("a IN (" + ",".join(["1"] * 2_001) + ")")
