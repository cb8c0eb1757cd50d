"""What the gate sees by itself: classes, drawing, numbers, places, and people who can be found by where they are."""

from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest
import shapely

from layers.publication.desk import Desk
from layers.publication.register import Publication as Registered
from layers.store.definitions import ColumnClass, FieldType, Layer, LayerField, LegendEntry, Publication
from layers.store.individual_numbers import check_digit
from layers.store.instance import Store
from tests.layers.publication.people_samples import CLERK
from tests.layers.store.tiles.tile_samples import EAST_M, NORTH_M, insert

A_NUMBER = "12345678901" + str(check_digit("12345678901"))


def drafted(store: Store, change: Callable[[Layer], Layer] = lambda layer: layer) -> Registered:
    """The draft of the shelters as some declaration has them."""
    catalogue = {**store.catalogue, "shelters": change(store.layer("shelters"))}
    return Desk(replace(store, catalogue=catalogue), None).draft(CLERK, "shelters")


def stops(found: Registered) -> list[str]:
    """The checks that stop it, and the state agrees."""
    checks = [finding["check"] for finding in found.findings or () if finding["level"] == "stop"]
    assert (found.state == "refused") == bool(checks)
    return checks


def only(*names: str, about_people: bool = False, **more: object) -> Callable[[Layer], Layer]:
    """The shelters with these published columns, and drawn by none that is not."""

    def change(layer: Layer) -> Layer:
        publication = Publication(names, about_people, **more)  # type: ignore[arg-type]
        return replace(layer, publication=publication, legend=(LegendEntry("避難所", {}),), label_field=None, themes=())

    return change


def test_a_layer_in_order_passes_and_says_which_columns_go_and_how_many_stay(small_store: Store) -> None:
    found = drafted(small_store)
    sentences = " ".join(finding["sentence"] for finding in found.findings or ())

    assert (found.state, stops(found)) == ("checked", [])
    assert "21 列" in sentences


def test_a_whitelisted_column_that_is_not_of_class_public_stops_the_layer(small_store: Store) -> None:
    def widen(layer: Layer) -> Layer:
        staff = [
            replace(field, column_class=ColumnClass.STAFF) if field.name == "remarks" else field
            for field in layer.fields
        ]
        return replace(layer, fields=tuple(staff))

    assert stops(drafted(small_store, widen)) == ["classes"]


def test_a_column_that_declares_no_class_is_never_published(small_store: Store) -> None:
    def add(layer: Layer) -> Layer:
        new = LayerField("note", FieldType.TEXT, "覚え")
        publication = layer.publication
        assert publication is not None
        return replace(
            layer,
            fields=(*layer.fields, new),
            publication=replace(publication, columns=(*publication.columns, "note")),
        )

    found = drafted(small_store, add)

    assert stops(found) == ["classes"]
    assert "note" not in [field["name"] for field in found.definition["fields"]]


def test_colours_and_labels_by_a_hidden_column_stop_the_layer(small_store: Store) -> None:
    def hide(layer: Layer) -> Layer:
        return replace(layer, publication=Publication(("name",), about_people=False))

    assert stops(drafted(small_store, hide)) == ["drawing"]


@pytest.mark.parametrize(
    "written",
    [A_NUMBER, f"{A_NUMBER[:4]}-{A_NUMBER[4:8]}-{A_NUMBER[8:]}", f"番号は１２３４５６７８９０１{A_NUMBER[-1]}です"],
)
def test_an_individual_number_anywhere_in_a_text_stops_the_layer_and_is_not_repeated(
    small_store: Store, written: str
) -> None:
    with small_store.database.transaction() as connection:
        connection.execute("UPDATE layers.shelters SET remarks = %s WHERE name = '避難所1'", [written])
    found = drafted(small_store)

    assert stops(found) == ["individual_number"]
    assert A_NUMBER not in str(found.findings)


def test_an_individual_number_in_a_column_of_whole_numbers_stops_the_layer(small_store: Store) -> None:
    with small_store.database.transaction() as connection:
        connection.execute("UPDATE layers.shelters SET capacity = %s WHERE name = '避難所1'", [int(A_NUMBER)])

    assert stops(drafted(small_store)) == ["individual_number"]


def test_a_column_whose_name_says_individual_number_stops_the_layer(small_store: Store) -> None:
    def rename(layer: Layer) -> Layer:
        fields = [replace(field, label="個人番号") if field.name == "remarks" else field for field in layer.fields]
        return replace(layer, fields=tuple(fields))

    assert stops(drafted(small_store, rename)) == ["individual_number"]


def test_numbers_of_another_register_pass_when_declared_but_not_when_they_all_fit(small_store: Store) -> None:
    others = [f"0752200000{tail:02d}" for tail in range(20)]
    points = [shapely.Point(EAST_M, NORTH_M + 10 * step) for step in range(20)]
    for number, point in zip(others, points, strict=True):
        insert(small_store, "shelters", [point], name=number, common_id=number)
    fitting = [number for number in others if int(number[-1]) == check_digit(number[:11])]

    assert fitting
    assert stops(drafted(small_store, only("common_id", other_numbers=("common_id",)))) == []
    assert stops(drafted(small_store, only("common_id"))) == ["individual_number"]
    with small_store.database.transaction() as connection:
        connection.execute("UPDATE layers.shelters SET common_id = %s", [A_NUMBER])
    assert stops(drafted(small_store, only("common_id", other_numbers=("common_id",)))) == ["individual_number"]


def test_an_empty_layer_is_stopped(empty_store: Store) -> None:
    assert stops(drafted(empty_store)) == ["rows"]


def test_rows_that_lie_far_from_the_town_stop_the_layer_when_they_are_most_of_it(small_store: Store) -> None:
    far = [shapely.Point(EAST_M + 200_000, NORTH_M + 10 * step) for step in range(4)]
    insert(small_store, "shelters", far[:1], name="遠い")
    looked = drafted(small_store)
    insert(small_store, "shelters", far[1:], name="遠い")

    assert [finding["check"] for finding in looked.findings or () if finding["level"] == "look"] == ["place"]
    assert stops(drafted(small_store)) == ["place"]


def houses(store: Store, opinions: Iterable[str], apart_m: float) -> None:
    """Dots with an opinion each."""
    with store.database.transaction() as connection:
        connection.execute("DELETE FROM layers.shelters")
    for number, opinion in enumerate(opinions):
        point = shapely.Point(EAST_M + apart_m * number, NORTH_M)
        insert(store, "shelters", [point], name=opinion, other_matters=f"{number}", capacity=1)


def test_the_map_of_kamakura_without_a_single_name_is_stopped(small_store: Store) -> None:
    houses(small_store, ["賛成", "反対"] * 20, apart_m=20.0)

    assert stops(drafted(small_store, only("name", about_people=True, smallest_group=5))) == ["people"]


def test_a_place_that_stands_for_enough_people_passes_and_one_person_less_does_not(small_store: Store) -> None:
    houses(small_store, ["賛成"] * 5 + ["反対"] * 5, apart_m=0.0)

    assert stops(drafted(small_store, only("name", about_people=True, smallest_group=5))) == []
    assert stops(drafted(small_store, only("name", about_people=True, smallest_group=6))) == ["people"]


def test_another_published_column_can_tell_people_apart_that_one_column_could_not(small_store: Store) -> None:
    houses(small_store, ["賛成"] * 10, apart_m=0.0)

    assert stops(drafted(small_store, only("name", about_people=True, smallest_group=5))) == []
    assert stops(drafted(small_store, only("name", "other_matters", about_people=True, smallest_group=5))) == ["people"]


def test_counts_of_people_are_taken_from_the_column_that_says_so(small_store: Store) -> None:
    houses(small_store, ["賛成", "反対"], apart_m=500.0)
    counted = only("name", "capacity", about_people=True, count_field="capacity", smallest_group=10)
    with small_store.database.transaction() as connection:
        connection.execute("UPDATE layers.shelters SET capacity = CASE name WHEN '賛成' THEN 12 ELSE 9 END")
    refused = drafted(small_store, counted)
    with small_store.database.transaction() as connection:
        connection.execute("UPDATE layers.shelters SET capacity = 10 WHERE name = '反対'")

    assert stops(refused) == ["people"]
    assert "1 組が 10 人に足りません（最も少ない組は 9 人）" in str(refused.findings)
    assert stops(drafted(small_store, counted)) == []


def test_an_unknown_count_counts_for_nobody(small_store: Store) -> None:
    with small_store.database.transaction() as connection:
        connection.execute("UPDATE layers.shelters SET capacity = NULL")

    counted = only("name", "capacity", about_people=True, count_field="capacity", smallest_group=2)
    assert stops(drafted(small_store, counted)) == ["people"]


@pytest.mark.parametrize("label", ["要介護度", "世帯の意見", "滞納の有無", "賛否"])
def test_a_layer_that_speaks_of_people_without_saying_so_is_stopped(small_store: Store, label: str) -> None:
    def rename(layer: Layer) -> Layer:
        fields = [replace(field, label=label) if field.name == "remarks" else field for field in layer.fields]
        return replace(layer, fields=tuple(fields))

    assert stops(drafted(small_store, rename)) == ["people"]


def test_every_layer_of_the_catalogue_that_is_public_passes_what_its_declaration_says(empty_store: Store) -> None:
    from layers.publication.findings import Level
    from layers.publication.gate import definition_findings
    from layers.publication.people import people_findings
    from layers.publication.published_layer import as_published
    from layers.store.definitions import GeometryKind

    public = [
        layer
        for layer in empty_store.catalogue.values()
        if layer.published and layer.geometry is not GeometryKind.RASTER
    ]
    told = []
    with empty_store.database.transaction() as connection:
        for layer in public:
            told += [(layer.id, one) for one in definition_findings(layer) if one.level is Level.STOP]
            told += [(layer.id, one) for one in people_findings(connection, as_published(layer))]

    assert len(public) >= 14
    assert told == []


def test_the_difference_is_told_in_words_and_drawn(small_store: Store) -> None:
    found = drafted(small_store)
    with small_store.database.transaction() as connection:
        row = connection.execute("SELECT difference_svg FROM onomap.publications WHERE id = %s", [found.id]).fetchone()
    assert row is not None
    assert found.difference is not None

    assert found.difference["sentences"] == ["初めての公開です。3 件が地図に現れます。"]
    assert row[0].startswith("<svg ")
    assert "増える 3 件" in row[0]
    assert row[0].count("<path ") == 1
