"""Filters over real rows: each predicate finds what it says, values are bound, and what does not fit is one sentence."""

import re
from datetime import date

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from psycopg import sql

from gis.errors import OnomapError
from gis.filters.from_json import from_json
from gis.filters.from_text import from_text
from gis.filters.tree import (
    Box,
    Comparator,
    Comparison,
    Filter,
    In,
    Interval,
    Like,
    Property,
    Spatial,
    SpatialRelation,
    Temporal,
    TemporalRelation,
)
from layers.store.catalogue import load_catalogue
from layers.store.features.columns import columns_of
from layers.store.features.compiled import FilterContext, condition_of
from layers.store.features.errors import FeatureRequestError, UnknownPropertyError
from layers.store.features.values import Bound
from layers.store.instance import Store
from tests.gis.filters.filter_strategies import filters_over
from tests.layers.store.features.feature_samples import (
    CRS84,
    PLANE,
    X,
    Y,
    ask,
    features,
    ids,
    put_facilities,
    put_parcels,
)

CADASTRAL = load_catalogue()["cadastral"]
HOSTILE = [
    "'; DROP TABLE layers.cadastral; --",
    "' OR '1'='1",
    "x') OR 1=1 --",
    '"; SELECT pg_sleep(10); --',
    "\\'; COPY x TO PROGRAM 'id' --",
    "$$; DO $$ BEGIN END $$; --",
    "%s %(f0)s {0} {}",
    "%",
    "_",
    "\\",
    "\\\\",
    "'",
    "''",
    '"',
    "\n--\n",
    "/* */",
    "\u2019; DROP",
    "0x27",
    "chr(39)||chr(59)",
    "\uff07 OR 1=1",
    "E'\\x27'",
    "a\x1fb",
    "😀",
    "null",
    "x" * 5_000,
]


def compiled(tree: Filter) -> tuple[str, dict[str, object]]:
    """The text and the bound values of a filter over the parcels."""
    context = FilterContext(columns_of(CADASTRAL), PLANE, 6677, Bound())
    condition = condition_of(tree, context)
    return condition.as_string(None), context.bound.parameters


def plain(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_hostile_value_leaves_the_statement_as_it_is_and_is_only_bound(empty_store: Store, hostile: str) -> None:
    property_ = Property("chiban")
    for harmless, harmful in (
        (Comparison(Comparator.EQUAL, property_, "1"), Comparison(Comparator.EQUAL, property_, hostile)),
        (In(property_, ("1", "2")), In(property_, (hostile, "2"))),
    ):
        (text, _), (same, bound) = compiled(harmless), compiled(harmful)
        assert text == same
        assert list(bound.values()) in ([hostile], [[hostile, "2"]])
    put_parcels(empty_store, ["POLYGON((0 0,1 0,1 1,0 0))"] * 2, land_category=["田", hostile])
    found = features(ask(empty_store, "cadastral", f"land_category = {plain(hostile)}"))
    assert [feature["properties"]["land_category"] for feature in found] == [hostile]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_hostile_name_never_reaches_the_statement(hostile: str) -> None:
    for tree in (
        Comparison(Comparator.EQUAL, Property(hostile), "1"),
        In(Property(hostile), ("1",)),
        Like(Property(hostile), "1"),
        Spatial(SpatialRelation.INTERSECTS, Property(hostile), Box(0, 0, 1, 1)),
    ):
        with pytest.raises(UnknownPropertyError):
            compiled(tree)


VOCABULARY = {
    *(
        [
            "AND",
            "OR",
            "NOT",
            "LIKE",
            "IS",
            "NULL",
            "IN",
            "BETWEEN",
            "ANY",
            "true",
            "false",
            "lower",
            "infinity",
            "l",
            "distinct",
        ]
    ),
    *(["text", "bigint", "float8", "numeric", "boolean", "date", "timestamptz", "bytea", "ST_GeomFromWKB", "6677"]),
    *(
        [
            "ST_Intersects",
            "ST_Within",
            "ST_Contains",
            "ST_Disjoint",
            "ST_Touches",
            "ST_Crosses",
            "ST_Overlaps",
            "ST_Equals",
            "ST_ContainsProperly",
        ]
    ),
}
NAMES = [*columns_of(CADASTRAL).by_name]


@given(filters_over(st.sampled_from(NAMES)))
@example(Spatial(SpatialRelation.TOUCHES, Property("geom"), Box(140.6, 37.2, 140.7, 37.3)))
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_statement_is_made_of_its_own_words_whatever_is_asked(tree: Filter) -> None:
    try:
        text, bound = compiled(tree)
    except OnomapError:
        return
    placeholders = re.findall(r"%\((f\d+)\)s", text)
    # a shape is bound once, however often a relation names it
    assert list(dict.fromkeys(placeholders)) == list(bound)
    assert set(re.findall(r'"([^"]*)"', text)) <= set(NAMES)
    rest = re.sub(r'%\(f\d+\)s|"[^"]*"', " ", text)
    assert set(re.findall(r"\w+", rest)) <= VOCABULARY
    assert set(re.sub(r"[\w\s]", "", rest)) <= set("().,:[]=<>'-")


@pytest.mark.parametrize("relation", TemporalRelation)
def test_only_the_ends_of_a_period_that_a_relation_names_are_bound_each_where_it_is_named(
    relation: TemporalRelation,
) -> None:
    first, last = date(2000, 1, 1), date(2001, 1, 1)
    for right in (first, Interval(first, last)):
        text, bound = compiled(Temporal(relation, Property("surveyed_on"), right))
        assert re.findall(r"%\((f\d+)\)s", text) == list(bound)
        assert bound


def test_a_hidden_property_answers_as_one_that_does_not_exist(empty_store: Store) -> None:
    shown = tuple(field for field in CADASTRAL.fields if field.name != "land_category")
    columns = columns_of(CADASTRAL, shown)
    sentences = []
    for name in ("land_category", "nothing_here", "fid", "content_hash", "geom_3857"):
        with pytest.raises(UnknownPropertyError) as refused:
            condition_of(from_text(f'"{name}" = 1'), FilterContext(columns, PLANE, 6677))
        sentences.append(str(refused.value).replace(name, "…"))
    assert len(set(sentences)) == 1


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("name = '公民館'", [0]),
        ("name <> '公民館'", [1, 2]),
        ("name LIKE '%館'", [0, 1]),
        ("name NOT LIKE '%館'", [2]),
        ("name LIKE '図__'", [1]),
        ("CASEI(name) = CASEI('PARK')", [2]),
        ("CASEI(name) IN (CASEI('PARK'), '図書館')", [1, 2]),
        ("CASEI(name) LIKE CASEI('pAr%')", [2]),
        ("name IN ('公民館', '図書館')", [0, 1]),
        ("name IS NULL", [3]),
        ("name IS NOT NULL", [0, 1, 2]),
        ("name BETWEEN 'a' AND 'zz'", []),
        ("NOT (name = '公民館' OR name = '図書館')", [2]),
        ("name = kind", [2]),
        ("TRUE", [0, 1, 2, 3]),
        ("name = '公民館' AND FALSE", []),
        ("1 = 1", [0, 1, 2, 3]),
        ("'a' > 'b'", []),
    ],
)
def test_texts_are_compared(empty_store: Store, text: str, found: list[int]) -> None:
    names = ["公民館", "図書館", "Park", None]
    fids = put_facilities(empty_store, names, kind=["a", "b", "Park", None])
    assert ids(ask(empty_store, "facilities", text)) == [fids[number] for number in found]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("registered_area_m2 > 100", [1, 2]),
        ("registered_area_m2 = 100.25", [1]),
        ("registered_area_m2 IN (100, 100.25, 7)", [0, 1]),
        ("registered_area_m2 BETWEEN 100.1 AND 1e4", [1, 2]),
        ("scale_denominator = 500", [0]),
        ("scale_denominator = 500.0", [0]),
        ("scale_denominator > 500.5", [1, 2]),
        ("scale_denominator = 9007199254740993", [2]),
        ("scale_denominator IN (9007199254740992, 99999999999999999999999)", []),
        ("scale_denominator < 99999999999999999999999", [0, 1, 2]),
        ("scale_denominator < registered_area_m2", []),
        ("undetermined = TRUE", [2]),
        ("undetermined <> TRUE", [0, 1]),
        ("surveyed_on = DATE('1999-04-01')", [0]),
        ("surveyed_on > DATE('1999-04-01')", [1]),
        ("surveyed_on IN (DATE('1999-04-01'), DATE('2001-01-01'))", [0]),
        ("T_AFTER(surveyed_on, DATE('1999-12-31'))", [1]),
        ("T_BEFORE(surveyed_on, DATE('2020-06-01'))", [0]),
        ("T_DURING(surveyed_on, INTERVAL('1999-01-01','2000-01-01'))", [0]),
        ("T_INTERSECTS(surveyed_on, INTERVAL('..','2020-06-01'))", [0, 1]),
        ("T_INTERSECTS(INTERVAL('2020-06-01','..'), surveyed_on)", [1]),
        ("T_DISJOINT(surveyed_on, DATE('1999-04-01'))", [1]),
        ("T_EQUALS(surveyed_on, DATE('1999-04-01'))", [0]),
        ("T_AFTER(valid_from, TIMESTAMP('2000-01-01T00:00:00Z'))", [0, 1, 2]),
        ("T_BEFORE(valid_from, DATE('2000-01-01'))", []),
        ("valid_from > TIMESTAMP('2000-01-01T00:00:00+09:00')", [0, 1, 2]),
    ],
)
def test_numbers_truths_and_times_are_compared(empty_store: Store, text: str, found: list[int]) -> None:
    fids = put_parcels(
        empty_store,
        ["POLYGON((0 0,1 0,1 1,0 0))"] * 3,
        registered_area_m2=[100.0, 100.25, 5_000.5],
        scale_denominator=[500, 1_000_000, 9007199254740993],
        undetermined=[False, False, True],
        surveyed_on=[date(1999, 4, 1), date(2020, 6, 1), None],
    )
    assert ids(ask(empty_store, "cadastral", text)) == [fids[number] for number in found]


# three squares of 10 m in a row, the last one apart; in plane order the northing comes first
SQUARES = [f"POLYGON(({x} 0,{x + 10} 0,{x + 10} 10,{x} 10,{x} 0))" for x in (0, 10, 40)]


def square(x: float, y: float, side: float) -> str:
    """A square in metres from the corner, as a filter in the zone's own axis order writes it."""
    corners = [(x, y), (x + side, y), (x + side, y + side), (x, y + side), (x, y)]
    return "POLYGON((" + ",".join(f"{Y + north} {X + east}" for east, north in corners) + "))"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"S_INTERSECTS(geom, {square(5, 5, 2)})", [0]),
        (f"S_INTERSECTS(geom, {square(-5, -5, 5)})", [0]),
        (f"S_WITHIN(geom, {square(-1, -1, 30)})", [0, 1]),
        (f"S_CONTAINS(geom, {square(12, 2, 1)})", [1]),
        (f"S_CONTAINS({square(-1, -1, 30)}, geom)", [0, 1]),
        (f"S_WITHIN({square(12, 2, 1)}, geom)", [1]),
        (f"S_DISJOINT(geom, {square(-1, -1, 30)})", [2]),
        (f"S_TOUCHES(geom, {square(0, 0, 10)})", [1]),
        (f"S_EQUALS(geom, {square(10, 0, 10)})", [1]),
        (f"S_OVERLAPS(geom, {square(5, 5, 3)})", []),
        (f"S_OVERLAPS(geom, {square(5, 5, 7)})", [0, 1]),
        (f"S_CROSSES(geom, LINESTRING({Y + 5} {X - 5},{Y + 5} {X + 5}))", [0]),
        (f"S_INTERSECTS(geom, BBOX({Y}, {X + 45}, {Y + 1}, {X + 46}))", [2]),
        (f"S_INTERSECTS(geom, MULTIPOINT(({Y + 1} {X + 1}),({Y + 1} {X + 41})))", [0, 2]),
        ("S_EQUALS(geom, geom)", [0, 1, 2]),
    ],
)
def test_places_are_compared_in_the_plane_of_the_store(empty_store: Store, text: str, found: list[int]) -> None:
    fids = put_parcels(empty_store, SQUARES)
    assert ids(ask(empty_store, "cadastral", text)) == [fids[number] for number in found]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("S_INTERSECTS(geom, POLYGON((-180 -90,180 -90,180 90,-180 90,-180 -90)))", [0, 1, 2]),
        ("S_WITHIN(geom, BBOX(-180,-90,180,90))", [0, 1, 2]),
        ("S_DISJOINT(geom, POINT(-70 -30))", [0, 1, 2]),
        ("S_INTERSECTS(geom, POINT(-70 -30))", []),
        ("S_CONTAINS(geom, POINT(-70 -30))", []),
        ("NOT S_CONTAINS(geom, POINT(-70 -30))", [0, 1, 2]),
        ("S_EQUALS(geom, POLYGON((-180 -90,180 -90,180 90,-180 90,-180 -90)))", []),
        ("S_INTERSECTS(geom, BBOX(179,-90,178,90))", [0, 1, 2]),
    ],
)
def test_shapes_as_large_as_the_world_or_far_away_are_read_right(
    empty_store: Store, text: str, found: list[int]
) -> None:
    fids = put_parcels(empty_store, SQUARES)
    assert ids(ask(empty_store, "cadastral", text, reference=CRS84)) == [fids[number] for number in found]


def test_a_row_without_geometry_is_in_no_place_and_in_no_absence(empty_store: Store) -> None:
    put_parcels(empty_store, SQUARES[:1])
    with empty_store.database.transaction() as connection:
        connection.execute("UPDATE layers.cadastral SET geom = NULL")
    for text in ("S_DISJOINT(geom, POINT(0 0))", "S_INTERSECTS(geom, POINT(0 0))", "NOT S_CONTAINS(geom, POINT(0 0))"):
        assert ids(ask(empty_store, "cadastral", text, reference=CRS84)) == []
    assert len(ids(ask(empty_store, "cadastral", "geom IS NULL"))) == 1


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("scale_denominator = '500'", "整数"),
        ("chiban = 5", "文字列"),
        ("chiban IN (1, 2)", "文字列"),
        ("chiban IN ('1', 2)", "文字列"),
        ("chiban BETWEEN 1 AND 2", "文字列"),
        ("scale_denominator LIKE '5%'", "整数"),
        ("CASEI(scale_denominator) = 'x'", "CASEI"),
        ("undetermined > TRUE", "真偽値"),
        ("undetermined BETWEEN TRUE AND TRUE", "真偽値"),
        ("undetermined = 1", "真偽値"),
        ("surveyed_on = '2020-01-01'", "日付"),
        ("surveyed_on = TIMESTAMP('2020-01-01T00:00:00Z')", "日時"),
        ("T_AFTER(surveyed_on, TIMESTAMP('2020-01-01T00:00:00Z'))", "DATE"),
        ("T_AFTER(surveyed_on, valid_from)", "日付"),
        ("T_AFTER(chiban, DATE('2020-01-01'))", "文字列"),
        ("T_AFTER(DATE('2020-01-01'), DATE('2020-01-01'))", "項目"),
        ("geom = 'x'", "図形"),
        ("geom = geom", "図形"),
        ("S_WITHIN(chiban, POINT(1 1))", "文字列"),
        ("S_WITHIN(POINT(1 1), POINT(1 1))", "図形"),
        ("S_WITHIN(geom, GEOMETRYCOLLECTION(POINT(1 1)))", "GEOMETRYCOLLECTION"),
        ("chiban = surveyed_on", "比べられません"),
    ],
)
def test_values_of_another_kind_are_refused_in_a_sentence(text: str, part: str) -> None:
    with pytest.raises(FeatureRequestError) as refused:
        compiled(from_text(text))
    assert part in str(refused.value)
    assert "\n" not in str(refused.value)


@given(filters_over(st.sampled_from(NAMES)))
@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
def test_any_filter_runs_or_is_refused(sample_store: Store, tree: Filter) -> None:
    context = FilterContext(columns_of(CADASTRAL), CRS84, 6677, Bound())
    try:
        condition = condition_of(tree, context)
    except OnomapError:
        return
    with sample_store.database.transaction(timeout_s=20) as connection:
        statement = sql.SQL("SELECT count(*) FROM (SELECT * FROM layers.cadastral LIMIT 50) l WHERE {}").format(
            condition
        )
        connection.execute(statement, context.bound.parameters)


def test_json_filters_find_the_same(empty_store: Store) -> None:
    put_facilities(empty_store, ["公民館", "図書館"])
    tree = from_json('{"op":"like","args":[{"property":"name"},"公%"]}')
    assert tree == from_text("name LIKE '公%'")
