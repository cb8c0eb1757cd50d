"""Parcel numbers in the ways people write them, and the one form they are kept in."""

import json
import random
import time
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.errors import ParcelNumberError
from gis.parcel_numbers import (
    Gazetteer,
    ParcelNumber,
    ParcelQuery,
    display,
    fold,
    kana_fold,
    key_of,
    nearest,
    nearness,
    normal_chiban,
    parse,
    sort_key,
)
from gis.parcel_numbers.reading import MAX_CHARACTERS, MAX_NUMBERS

# Names that lie in wait: kanji numerals, ノ and ケ inside names, one-character names, names that begin other names,
# names that two oaza share, an oaza that is also a koaza.
PLACES = {
    "小野新町": ["舘廻", "万景", "万景上", "七合田", "宮ノ脇", "品ノ木", "反町", "本町"],
    "小野山神": ["八舛蒔", "百目木", "日向", "桜沢", "居矢ノ目"],
    "夏井": ["夏井", "原", "南原", "百目木", "都沢", "大平"],
    "飯豊": [
        "中田",
        "中森",
        "二本木",
        "三又",
        "三代内",
        "下道七",
        "一盃森",
        "松ケ崎",
        "堂ノ脇",
        "後ロ田",
        "舘",
        "妻",
        "大妻",
    ],
    "塩庭": ["大六", "品ノ木", "畠井田", "十石"],
    "菖蒲谷": ["菖蒲作", "堂田"],
    "雁股田": ["千保", "表", "表前"],
    "湯沢": ["三斗内"],
    "谷津作": ["谷津", "峰ケ崎", "小治郎"],
    "上羽出庭": [],
}
TOWN = ("福島県", "田村郡", "小野町")
ONO = Gazetteer({f"大字{oaza}": [f"字{name}" for name in names] for oaza, names in PLACES.items()}, TOWN)


def found(text: str, gazetteer: Gazetteer = ONO) -> list[tuple[str | None, str | None, str]]:
    return [(query.oaza, query.koaza, query.chiban) for query in parse(text, gazetteer)]


def one(text: str) -> ParcelQuery:
    (query,) = parse(text, ONO)
    return query


@pytest.mark.parametrize(
    ("parts", "key", "shown"),
    [
        (("大字小野新町", None, "字舘廻", "92-1"), "小野新町/舘廻/92-1", "大字小野新町字舘廻92番1"),
        (("飯豊", "", "", "１２３"), "飯豊//123", "大字飯豊123番"),
        (("みなとみらい", "２丁目", None, "12番地の3"), "みなとみらい2丁目//12-3", "みなとみらい2丁目12番3"),
        (("本町", "十二丁目", "", "5"), "本町12丁目//5", "本町12丁目5番"),
        (("大字夏井", None, "原", "長狭物不明－314"), "夏井/原/長狭物不明-314", "大字夏井字原長狭物不明-314"),
        (("大字夏井", None, "原", "道"), "夏井/原/道", "大字夏井字原道"),
        (("大字夏井", None, "原", "無地番-3187-2"), "夏井/原/無地番-3187-2", "大字夏井字原無地番-3187-2"),
        (("大字飯豊", None, "小字中田", "12番1の2"), "飯豊/中田/12-1-2", "大字飯豊字中田12番1の2"),
        ((None, None, None, None), "//", ""),
    ],
)
def test_a_parcel_has_one_key_and_one_way_to_be_shown(
    parts: tuple[str | None, str | None, str | None, str | None], key: str, shown: str
) -> None:
    assert key_of(*parts) == key
    assert display(key) == shown


def test_the_town_stands_in_front_when_it_is_given() -> None:
    assert display("飯豊/中田/5", town="小野町") == "小野町大字飯豊字中田5番"


def test_a_parcel_number_knows_its_key_and_its_parts() -> None:
    number = ParcelNumber("飯豊", "中田", "12-1")

    assert (number.key, number.display) == ("飯豊/中田/12-1", "大字飯豊字中田12番1")
    assert ParcelNumber.of_key(number.key) == number


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("12番地", "12"),
        ("12番地の1", "12-1"),
        ("12番の1", "12-1"),
        ("１２番地ノ３", "12-3"),
        ("12之3", "12-3"),
        ("12ー3", "12-3"),
        ("12－3", "12-3"),
        ("12−3", "12-3"),
        ("12―3", "12-3"),
        ("12‐3", "12-3"),
        ("12一3", "12-3"),
        ("百二十三番地の四", "123-4"),
        ("一二三番", "123"),
        ("一〇五番", "105"),
        ("千百十一番", "1111"),
        ("拾弐番地之四", "12-4"),
        ("第12番の2", "12-2"),
        ("0012-0003", "12-3"),
        ("12-0", "12"),
        ("123.0", "123"),
        ("12月1日", "12-1"),
        ("2番乙", "2-乙"),
        ("2353番乙1", "2353-乙1"),
        ("2353番乙の1", "2353-乙1"),
        ("甲12番3", "甲12-3"),
        ("2968-ﾛ", "2968-ロ"),
        ("12a", "12-A"),
        ("別図－5", "別図-5"),
        ("地区外-43774", "地区外-43774"),
        ("水", "水"),
        ("", ""),
    ],
)
def test_a_number_is_brought_to_ascii_digits_and_hyphens(written: str, normal: str) -> None:
    assert normal_chiban(written) == normal


@given(st.text(max_size=30))
def test_no_number_of_a_file_is_too_odd_for_a_key_and_a_key_stays_itself(chiban: str) -> None:
    key = key_of("大字飯豊", None, "字中田", chiban)
    number = ParcelNumber.of_key(key)

    assert (number.oaza, number.koaza) == ("飯豊", "中田")
    assert key_of(number.oaza, None, number.koaza, number.chiban) == key
    sort_key(number.chiban)
    display(key)


branches = st.lists(st.integers(1, 999).map(str), max_size=3)
letters = st.sampled_from(["", "", "", "甲", "乙", "イ"])
plain_numbers = st.builds(
    lambda letter, main, rest: "-".join([f"{letter}{main}", *rest]), letters, st.integers(1, 99_999), branches
)
odd_numbers = st.builds(
    lambda word, n: f"{word}-{n}", st.sampled_from(["道", "無地番", "長狭物不明", "地区外"]), branches
)
numbers = plain_numbers | st.sampled_from(["道", "12-乙", "2353-乙1", "別図-1", "無地番-3187-2"])
known_places = st.sampled_from([(o, k) for o, names in PLACES.items() for k in ["", *names]])


@given(known_places, numbers)
def test_number_to_key_to_text_and_back_is_stable(place: tuple[str, str], chiban: str) -> None:
    key = key_of(place[0], None, place[1], chiban)

    (query,) = parse(display(key), ONO)
    (of_key,) = parse(key, ONO)

    assert query.key == key
    assert of_key.key == key
    assert query.known
    assert display(query.key) == display(key)


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_and_reading_what_was_read_changes_nothing(text: str) -> None:
    try:
        queries = parse(text, ONO)
    except ParcelNumberError:
        return
    assert queries
    for query in queries:
        if query.complete and query.chiban_to is None:
            assert parse(display(query.key), ONO)[0].key == query.key


NAME_FORMS = {
    "舘": "館", "沢": "澤", "蒲": "浦", "舛": "升", "塩": "鹽", "桜": "櫻", "畠": "畑", "峰": "峯", "万": "萬", "豊": "豐",
    "ノ": "の", "ケ": "ヶ", "ロ": "口", "堂": "堂", "廻": "廻",
}  # fmt: skip
PREFIXES = ["", "", "福島県田村郡小野町", "福島県小野町", "小野町", "田村郡小野町", "福島県 田村郡 小野町 "]
DIGITS = "〇一二三四五六七八九"


def in_kanji(number: int, *, by_place: bool) -> str:
    if by_place:
        return "".join(DIGITS[int(digit)] for digit in str(number))
    text = ""
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        count, number = divmod(number, unit)
        if count:
            text += ("" if count == 1 and name else DIGITS[count]) + name
    return text


def number_in_some_way(chance: random.Random, main: int, branch: int | None) -> str:
    style = chance.randrange(4)
    if style == 0:
        digits = [str(main), str(branch)]
    elif style == 1:
        digits = [str(main).translate(str.maketrans("0123456789", "０１２３４５６７８９")), str(branch)]
    else:
        digits = [in_kanji(main, by_place=style == 2), in_kanji(branch or 0, by_place=style == 2)]
    if branch is None:
        # A kanji number needs its 番: 中田十二 would be a name as well.
        return digits[0] + chance.choice(["番", "番地"] if style > 1 else ["番", "番地", ""])
    bare = [] if style > 1 else ["-", "－", "ー", "−", "―", "の", "ノ"]
    between = ["番", "番地", "番の", "番地の", "番ノ", "番地ノ", "番地之", "番 ", "番地 ", *bare]
    return digits[0] + chance.choice(between) + digits[1]


def name_in_some_way(chance: random.Random, name: str) -> str:
    return "".join(NAME_FORMS.get(c, c) if chance.random() < 0.5 else c for c in name)


def written_in_some_way(chance: random.Random, oaza: str, koaza: str, number: str) -> str:
    space = chance.choice(["", "", " ", "\u3000"])
    koaza_mark = chance.choice(["字", "字", "小字", ""]) if koaza else ""
    places = [
        chance.choice(PREFIXES) + chance.choice(["大字", ""]) + name_in_some_way(chance, oaza),
        koaza_mark + name_in_some_way(chance, koaza),
    ]
    text = space.join([*places, number]) if koaza else space.join([places[0], number])
    return text + chance.choice(["", "", " ", "\n"])


def resolved_variants(places: dict[str, list[str]], gazetteer: Gazetteer, count: int) -> int:
    chance = random.Random(75221)
    for n in range(count):
        oaza = chance.choice(list(places))
        koaza = chance.choice(places[oaza] or [""])
        main, branch = chance.choice([1, 8, 10, 92, 107, 123, 1020, 2345]) + n % 7, chance.choice([None, 1, 4, 12, 101])
        text = written_in_some_way(chance, oaza, koaza, number_in_some_way(chance, main, branch))
        (query,) = parse(text, gazetteer)
        wanted = key_of(oaza, None, koaza, str(main) if branch is None else f"{main}-{branch}")
        assert (query.key, query.known) == (wanted, True), text
    return count


def test_three_thousand_ways_of_writing_lead_to_the_right_parcel() -> None:
    assert resolved_variants(PLACES, ONO, 3000) == 3000


def test_ways_of_writing_lead_to_the_right_parcel_for_every_name_of_the_town(shared_data: Path) -> None:
    rows = json.loads((shared_data / "address" / "geolonia_japanese-addresses_07522.json").read_text(encoding="utf-8"))
    places: dict[str, list[str]] = {}
    for row in rows:
        places.setdefault(row["town"].removeprefix("大字"), []).append(row["koaza"])
    assert (len(places), sum(map(len, places.values()))) == (17, 293)

    assert resolved_variants(places, Gazetteer(places, TOWN), 3000) == 3000


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("飯豊二本木十二番地三", ("飯豊", "二本木", "12-3")),
        ("飯豊三又一二番", ("飯豊", "三又", "12")),
        ("飯豊下道七十二番", ("飯豊", "下道七", "12")),
        ("塩庭大六六番の二", ("塩庭", "大六", "6-2")),
        ("塩庭十石十番", ("塩庭", "十石", "10")),
        ("湯沢字三斗内十二番", ("湯沢", "三斗内", "12")),
        ("雁股田千保三番", ("雁股田", "千保", "3")),
        ("雁股田千三番", ("雁股田", None, "1003")),
        ("雁股田表前3", ("雁股田", "表前", "3")),
        ("小野新町万景上12", ("小野新町", "万景上", "12")),
        ("小野新町万景12", ("小野新町", "万景", "12")),
        ("小野山神八升蒔1", ("小野山神", "八舛蒔", "1")),
        ("飯豊字舘五番", ("飯豊", "舘", "5")),
        ("飯豊妻1", ("飯豊", "妻", "1")),
        ("飯豊堂脇12", ("飯豊", "堂ノ脇", "12")),
        ("飯豊松が崎1", ("飯豊", "松ケ崎", "1")),
        ("飯豊後口田3ー1", ("飯豊", "後ロ田", "3-1")),
        ("菖浦谷菖浦作7", ("菖蒲谷", "菖蒲作", "7")),
        ("夏井夏井12", ("夏井", "夏井", "12")),
        ("夏井12", ("夏井", None, "12")),
        ("字夏井12", ("夏井", "夏井", "12")),
        ("上羽出庭100番", ("上羽出庭", None, "100")),
    ],
)
def test_numerals_and_marks_inside_names_are_not_eaten(text: str, place: tuple[str, str | None, str]) -> None:
    assert found(text) == [place]


def test_a_koaza_that_only_one_oaza_has_is_enough() -> None:
    assert found("舘廻92-1") == [("小野新町", "舘廻", "92-1")]


def test_a_koaza_that_two_oaza_share_leaves_the_oaza_open() -> None:
    assert found("百目木5番") == [(None, "百目木", "5")]


def test_a_number_alone_leaves_the_place_open() -> None:
    assert found("12-3") == [(None, None, "12-3")]


@pytest.mark.parametrize(
    "text",
    [
        "大字飯豊字中田12番1、13番、14番2",
        "大字飯豊字中田12番1,13番，14番2",
        "大字飯豊字中田12番1\n13番\r\n14番2",
        "大字飯豊字中田\n12番1\n13番\n14番2",
        "大字飯豊字中田12-1 13 14-2",
        "大字飯豊字中田12番1 13番 14番2",
        "大字飯豊字中田12番1、同所13番、同字14番2",
        "大字飯豊字中田12番1及び13番並びに14番2",
        "大字飯豊字中田12番1；13番・14番2",
        "飯豊/中田/12-1, 13/14-2",
        "① 大字飯豊字中田12番1\n② 13番\n③ 14番2",
        "(1) 大字飯豊字中田12番1\n(2) 13番\n(3) 14番2",
        "・大字飯豊字中田12番1\n・13番\n・14番2",
        "所在 大字飯豊字中田 地番: 12番1、13番、14番2",
        "大字飯豊字中田12番1（田 1,234㎡）、13番（畑）、14番2",
        "大字飯豊字中田12番1 田 1,234㎡\n13番 畑 50.12㎡\n14番2 宅地",
        "飯豊\t中田\t12-1\n飯豊\t中田\t13\n飯豊\t中田\t14-2",
        "大字\t字\t地番\n大字飯豊\t字中田\t12番1\n\t\t13番\n\t\t14番2",
        "1\t飯豊\t中田\t12\t1\t田\n2\t飯豊\t中田\t13\t\t田\n3\t飯豊\t中田\t14\t2\t田",
        "大字飯豊字中田12番1\t田\t345\n大字飯豊字中田13番\t田\t90.12\n大字飯豊字中田14番2\t畑\t3",
        "地番\n大字飯豊字中田12-1\n13.0\n14-2",
    ],
)
def test_several_at_once_inherit_the_place(text: str) -> None:
    assert found(text) == [("飯豊", "中田", "12-1"), ("飯豊", "中田", "13"), ("飯豊", "中田", "14-2")]


def test_another_koaza_keeps_the_oaza_and_another_oaza_drops_the_koaza() -> None:
    assert found("大字飯豊字中田1、字中森2、大字夏井3、4") == [
        ("飯豊", "中田", "1"),
        ("飯豊", "中森", "2"),
        ("夏井", None, "3"),
        ("夏井", None, "4"),
    ]


def test_a_shared_koaza_is_looked_for_in_the_oaza_named_before() -> None:
    assert found("大字夏井字原1、百目木5番") == [("夏井", "原", "1"), ("夏井", "百目木", "5")]


def test_the_same_lot_gives_its_branch() -> None:
    assert found("飯豊字中田12番1、同番2") == [("飯豊", "中田", "12-1"), ("飯豊", "中田", "12-2")]


def test_a_hyphen_is_a_branch_and_never_a_range() -> None:
    assert (one("飯豊中田12-15").chiban, one("飯豊中田12-15").chiban_to) == ("12-15", None)


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("12番から15番まで", ("12", "15")),
        ("12番から15番", ("12", "15")),
        ("12〜15", ("12", "15")),
        ("１２～１５番", ("12", "15")),
        ("12 ~ 15", ("12", "15")),
        ("12番乃至15番", ("12", "15")),
        ("12番ないし15番", ("12", "15")),
        ("十二番から十五番まで", ("12", "15")),
        ("12-1〜12-5", ("12-1", "12-5")),
        ("12番1から5まで", ("12-1", "12-5")),
        ("12番1から同番5まで", ("12-1", "12-5")),
        ("12番1から15番まで", ("12-1", "15")),
        ("15〜12", ("12", "15")),
    ],
)
def test_a_range_keeps_both_its_ends(text: str, ends: tuple[str, str]) -> None:
    query = one(f"大字飯豊字中田{text}")

    assert (query.oaza, query.koaza, query.chiban, query.chiban_to) == ("飯豊", "中田", *ends)


def test_a_range_takes_the_branches_of_its_ends_and_nothing_else() -> None:
    query = one("飯豊中田12〜15")

    assert [n for n in ["11-9", "12", "12-1", "13", "15", "15-3", "16", "道", "甲13"] if query.takes(n)] == [
        "12",
        "12-1",
        "13",
        "15",
        "15-3",
    ]


def test_a_range_of_branches_stays_in_its_lot() -> None:
    query = one("飯豊中田12-2〜12-5")

    assert [n for n in ["12", "12-1", "12-2", "12-5", "12-5-2", "12-6", "13"] if query.takes(n)] == [
        "12-2",
        "12-5",
        "12-5-2",
    ]


def test_a_single_number_takes_only_itself() -> None:
    assert one("飯豊中田12").takes("12")
    assert not one("飯豊中田12").takes("12-1")


@pytest.mark.parametrize(
    "text", ["12番1の一部", "12番1の内", "12番1内", "12番1のうち", "12番1（一部）", "12番1 の一部", "12番1の各一部"]
)
def test_a_part_of_a_parcel_is_said_to_be_one(text: str) -> None:
    query = one(f"大字飯豊字中田{text}")

    assert (query.chiban, query.partial) == ("12-1", True)


@pytest.mark.parametrize(
    ("text", "remark"), [("12番1地先", "地先"), ("12番1外3筆", "外3筆"), ("12番1ほか2筆", "ほか2筆")]
)
def test_words_after_a_number_are_kept_but_make_no_part(text: str, remark: str) -> None:
    query = one(f"大字飯豊字中田{text}")

    assert (query.chiban, query.partial, query.remark) == ("12-1", False, remark)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("大字平沢字三斗内十二番", ("平沢", "三斗内", "12")),
        ("平沢12番", ("平沢", None, "12")),
        ("大字飯豊字三合内12番3", ("飯豊", "三合内", "12-3")),
        ("飯豊九石12番3", ("飯豊", "九石", "12-3")),
        ("郡山市朝日一丁目23番7", ("郡山市朝日1丁目", None, "23-7")),
        ("飯豊/三合内/5", ("飯豊", "三合内", "5")),
        ("こんにちは", ("こんにちは", None, "")),
    ],
)
def test_a_place_the_town_has_not_got_is_said_to_be_unknown(text: str, place: tuple[str, str | None, str]) -> None:
    query = one(text)

    assert (query.oaza, query.koaza, query.chiban, query.known) == (*place, False)


def test_a_number_after_an_unknown_place_does_not_slip_back_to_a_known_one() -> None:
    queries = parse("大字飯豊字中田1、大字平沢2、3", ONO)

    assert [(query.oaza, query.chiban, query.known) for query in queries] == [
        ("飯豊", "1", True),
        ("平沢", "2", False),
        ("平沢", "3", False),
    ]


def test_a_number_that_cannot_be_read_is_not_lost() -> None:
    query = one("大字飯豊字中田12番?x")

    assert (query.known, query.raw) == (False, "大字飯豊字中田12番?x")


def test_a_place_alone_is_asked_for_itself() -> None:
    assert found("大字飯豊\n大字夏井字原") == [("飯豊", None, ""), ("夏井", "原", "")]


def test_a_place_over_its_numbers_is_no_question_of_its_own() -> None:
    assert found("大字飯豊\n字中田\n12") == [("飯豊", "中田", "12")]


def test_an_empty_koaza_of_a_key_says_that_there_is_none() -> None:
    assert found("飯豊//123") == [("飯豊", "", "123")]
    assert found("大字飯豊123番") == [("飯豊", None, "123")]


def test_before_any_layer_is_loaded_marked_names_are_still_read() -> None:
    (query,) = parse("大字飯豊字中田12番1", Gazetteer({}))

    assert (query.oaza, query.koaza, query.chiban, query.known) == ("飯豊", "中田", "12-1", False)


@pytest.mark.parametrize("text", ["", "  \n\t\u3000", "、,、", "大字\t字\t地番"])
def test_an_empty_text_is_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(ParcelNumberError, match="入力されていません"):
        parse(text, ONO)


@pytest.mark.parametrize("text", ["1" * (MAX_CHARACTERS + 1), "1\n" * (MAX_NUMBERS + 1)])
def test_more_than_can_be_read_at_once_is_refused_and_not_cut(text: str) -> None:
    with pytest.raises(ParcelNumberError, match="分けて入力"):
        parse(text, ONO)


@pytest.mark.parametrize(
    "unit", ["大字", "(", "\u3000", "1-", "甲1", " から", "12番 - ", "一", "[]", "同", "〜", "12番1の一部"]
)
def test_a_hostile_text_is_read_in_moderate_time(unit: str) -> None:
    text = unit * (300_000 // len(unit))
    begun = time.process_time()
    with suppress(ParcelNumberError):
        parse(text, ONO)
    # Quadratic reading would take minutes.
    assert time.process_time() - begun < 10


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("菖蒲谷", "菖浦谷"),
        ("松ケ崎", "松が崎"),
        ("松ケ崎", "松ヶ崎"),
        ("北ノ内", "北の内"),
        ("舘廻", "館廻"),
        ("桜沢", "櫻澤"),
        ("高﨑", "髙崎"),
        ("渡邊", "渡辺"),
        ("ツブラタ", "つぶらた"),
        ("ﾂﾌﾞﾗﾀ", "ツブラタ"),
        ("八舛蒔", "八升 蒔"),
        ("後ロ田", "後口田"),
    ],
)
def test_forms_of_one_name_compare_equal(a: str, b: str) -> None:
    assert fold(a) == fold(b)


def test_different_names_stay_different_in_the_real_town(shared_data: Path) -> None:
    rows = json.loads((shared_data / "address" / "geolonia_japanese-addresses_07522.json").read_text(encoding="utf-8"))
    names = {(row["town"], row["koaza"]) for row in rows}

    assert len({(fold(town), fold(koaza)) for town, koaza in names}) == len(names) == 293


@given(st.text(max_size=20))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert kana_fold(kana_fold(text)) == kana_fold(text)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("オノマチ", "おのまち"),
        ("ｵﾉﾏﾁ　ｺｳﾐﾝｶﾝ", "おのまちこうみんかん"),
        ("スキー", "すき"),
        ("ヂュウ", "じゆう"),
        ("コミュニティ・センター", "こみゅにていせんた"),
    ],
)
def test_readings_compare_whatever_kana_they_are_written_in(a: str, b: str) -> None:
    assert kana_fold(a) == kana_fold(b)


def test_numbers_are_ordered_as_in_a_register() -> None:
    ordered = ["2", "10", "10-1", "10-2", "10-2-1", "10-乙", "11", "甲3", "道", "無地番-1"]

    assert sorted([*ordered[5:], *ordered[:5]], key=sort_key) == sorted(ordered, key=sort_key)
    assert sorted(ordered[:7], key=sort_key) == ordered[:7]
    assert sorted(ordered, key=sort_key)[-2:] == ["無地番-1", "道"]


def test_what_a_split_left_behind_is_nearer_than_the_neighbours() -> None:
    keys = ["飯豊/中田/11", "飯豊/中田/12-1", "飯豊/中田/12-2", "飯豊/中田/13", "飯豊/中森/12", "夏井/原/12"]

    assert nearest("飯豊/中田/12", keys, limit=4) == [
        "飯豊/中田/12-1",
        "飯豊/中田/12-2",
        "飯豊/中田/11",
        "飯豊/中田/13",
    ]


def test_a_name_of_almost_the_same_characters_is_nearer_than_another() -> None:
    assert nearest("飯豊/中多/12", ["飯豊/二本木/12", "飯豊/中田/12", "飯豊/舘/12"], limit=1) == ["飯豊/中田/12"]


def test_a_name_that_was_not_stated_makes_no_difference() -> None:
    assert nearness("//12", "飯豊/中田/12")[:4] == (0.0, 0.0, 0.0, 0.0)


def test_ten_thousand_numbers_of_a_pasted_column_are_all_read() -> None:
    text = "\n".join(f"大字飯豊字中田{n}番{n % 7 + 1}" for n in range(1, 10_001))

    queries = parse(text, ONO)

    assert [query.chiban for query in queries] == [f"{n}-{n % 7 + 1}" for n in range(1, 10_001)]
    assert {(query.oaza, query.koaza) for query in queries} == {("飯豊", "中田")}
