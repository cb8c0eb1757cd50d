"""NMEA logs: what is taken, what is refused, and that nothing depends on how the bytes arrive."""

import random
import re
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.errors import UnreadableFileError
from gis.positioning.model import Fix, FixQuality
from gis.positioning.nmea import MAX_SENTENCE, NmeaReader, Refused, read
from tests.gis.positioning.walking import checked, checksum, sentences

LON, LAT = 140.6267, 37.2868
NOON = datetime(2026, 11, 27, 3, 0, tzinfo=UTC)


def log(*lines: str) -> bytes:
    return "".join(f"{line}\r\n" for line in lines).encode()


def moment(second: float, quality: int = 4, sigma_m: float | None = 0.015) -> list[str]:
    return sentences(NOON + timedelta(seconds=second), LON + second * 1e-6, LAT, quality, sigma_m)


@pytest.mark.parametrize(
    ("name", "qualities", "sentences_of_the_file"),
    [
        ("gpsd_nmea-rtk.log", {FixQuality.DIFFERENTIAL: 104, FixQuality.RTK_FIXED: 18}, 244),
        ("gpsd_skytraq-PX1172RH_DS.log", {FixQuality.RTK_FLOAT: 9}, 195),
    ],
)
def test_a_real_log_gives_the_fixes_that_its_provenance_states(
    shared_data: Path, name: str, qualities: dict[FixQuality, int], sentences_of_the_file: int
) -> None:
    file = shared_data / "gnss" / name
    if not file.is_file():
        pytest.skip(f"the real log is not here: {file}")
    got = read(file.read_bytes())

    assert got.counts.qualities == qualities
    assert got.counts.accepted == got.counts.sentences == sentences_of_the_file
    assert len(got.fixes) == sum(qualities.values())
    assert all(fix.at is not None and fix.geoid_separation_m is not None for fix in got.fixes)


def test_a_real_log_in_japan_s_east_and_the_americas_west_keeps_its_signs(shared_data: Path) -> None:
    first = read((shared_data / "gnss/gpsd_nmea-rtk.log").read_bytes()).fixes[0]

    assert (first.lon, first.lat) == (pytest.approx(-(93 + 45.03431408 / 60)), pytest.approx(41 + 34.49795459 / 60))
    assert read(log(*moment(0))).fixes[0].lon == pytest.approx(LON, abs=1e-9)


def test_proprietary_and_other_sentences_are_counted_and_skipped(shared_data: Path) -> None:
    counts = read((shared_data / "gnss/gpsd_skytraq-PX1172RH_DS.log").read_bytes()).counts

    assert counts.proprietary == 54
    assert counts.others["GAGSV"] == 15
    assert counts.kinds == {"GGA": 9, "RMC": 9, "GSA": 36}


def test_a_fix_has_height_geoid_satellites_and_the_sigma_of_its_own_moment() -> None:
    first, second = read(log(*moment(0, sigma_m=0.011), *moment(1, sigma_m=0.3))).fixes

    assert first == Fix(
        pytest.approx(LON, abs=1e-9), pytest.approx(LAT, abs=1e-9), NOON, FixQuality.RTK_FIXED, 431.25, 41.3, 0.7, 18,
        0.011, pytest.approx(0.0001852),
    )  # fmt: skip
    assert second.sigma_m == 0.3


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (2, 1, 0), (1, 2, 0)])
def test_gst_and_rmc_may_stand_before_or_after_their_gga(order: tuple[int, ...]) -> None:
    lines = [moment(second, sigma_m=0.01 + second / 100) for second in range(3)]
    fixes = read(log(*(group[place] for group in lines for place in order))).fixes

    assert [fix.sigma_m for fix in fixes] == [pytest.approx(0.01), pytest.approx(0.02), pytest.approx(0.03)]
    assert [fix.at for fix in fixes] == [NOON + timedelta(seconds=second) for second in range(3)]


def test_a_gst_of_another_moment_is_given_to_nobody_and_counted() -> None:
    gga, rmc, _ = moment(0)
    late = moment(5)[2]
    got = read(log(rmc, gga, late))

    assert got.fixes[0].sigma_m is None
    assert got.counts.stray_gst == 1


def test_the_joint_gst_is_taken_before_those_of_single_systems() -> None:
    gga, rmc, joint = moment(0, sigma_m=0.02)
    clock = gga.split(",")[1]
    gps, galileo = (checked(f"{talker}GST,{clock},,,,,0.5,0.6,0.9") for talker in ("GPGST"[:2], "GA"))

    assert read(log(gga, rmc, gps, joint, galileo)).fixes[0].sigma_m == 0.02
    assert read(log(gga, rmc, gps, galileo)).fixes[0].sigma_m == 0.6


@pytest.mark.parametrize("talker", ["GN", "GP", "GA", "GB", "GQ", "GL"])
def test_every_system_s_talker_is_heard(talker: str) -> None:
    lines = [checked(talker + line[3:].split("*")[0]) for line in moment(0)]

    assert read(log(*lines)).fixes == read(log(*moment(0))).fixes


def test_midnight_turns_the_date_even_before_the_rmc_of_the_new_day() -> None:
    midnight = datetime(2026, 11, 28, tzinfo=UTC)
    before = sentences(midnight - timedelta(seconds=1), LON, LAT, 4, None)
    after = [sentences(midnight + timedelta(seconds=second), LON, LAT, 4, None)[0] for second in range(3)]

    assert [fix.at for fix in read(log(*before, *after)).fixes] == [
        midnight + timedelta(seconds=second) for second in range(-1, 3)
    ]


def test_without_an_rmc_a_fix_has_no_date_unless_one_is_given() -> None:
    gga = moment(0)[0]
    undated = read(log(gga))

    assert undated.fixes[0].at is None
    assert undated.counts.undated == 1
    assert read(log(gga), day=date(2026, 11, 27)).fixes[0].at == NOON


def test_a_void_rmc_gives_no_date() -> None:
    gga = moment(0)[0]
    clock = gga.split(",")[1]

    assert read(log(gga, checked(f"GNRMC,{clock},V,,,,,,,060180,,,N"))).fixes[0].at is None


def test_the_qualities_are_kept_apart() -> None:
    got = read(log(*(line for second, quality in enumerate((4, 5, 2, 1, 4)) for line in moment(second, quality))))

    assert [fix.quality for fix in got.fixes] == [4, 5, 2, 1, 4]
    assert got.counts.qualities == {4: 2, 5: 1, 2: 1, 1: 1}


def test_a_receiver_without_a_position_is_counted_and_gives_no_fix() -> None:
    got = read(log(checked("GNGGA,030000.00,,,,,0,00,99.9,,M,,M,,"), *moment(1)))

    assert got.counts.qualities == {0: 1, 4: 1}
    assert len(got.fixes) == 1


def test_gsa_gives_the_hdop_that_gga_leaves_out() -> None:
    gga, rmc, _ = moment(0)
    bare = checked(gga[1:].split("*")[0].replace(",18,0.7,", ",18,,"))
    gsa = checked("GNGSA,A,3,05,12,25,29,,,,,,,,,1.7,0.9,1.6,1")

    assert read(log(bare, rmc, gsa)).fixes[0].hdop == 0.9


@pytest.mark.parametrize("decimals", [4, 5, 7])
def test_a_fix_knows_how_many_digits_it_was_written_with(decimals: int) -> None:
    gga = checked(f"GNGGA,030000.00,3717.{'2' * decimals},N,14037.{'6' * decimals},E,4,18,0.7,431.2,M,41.3,M,,")

    assert read(log(gga)).fixes[0].resolution_m == pytest.approx(1852 / 10**decimals)


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        ("$GNGGA,030000.00,3717.2080000,N,14037.60", Refused.CUT_SHORT),
        ("$GNGGA,030000.00,3717.2080000,N,14037.6020000,E,4,18,0.7,431.250,M,41.300,M,1.0,0001*", Refused.CUT_SHORT),
        ("$GNGGA,030000.00,3717.2080000,N,14037.6020000,E,4,18,0.7,431.250,M,41.300,M,1.0,0001", Refused.CUT_SHORT),
        ("$GNGGA,030000.00,3717.2080000,N,14037.6020000,E,4,18,0.7,431.250,M,41.300,M,1.0,0001*00", Refused.BAD_CHECKSUM),
        (checked("GNGGA,030000.00,3717.2080000,N"), Refused.MALFORMED),
        (checked("GNGGA,030000.00,3761.2080000,N,14037.6020000,E,4,18,0.7,431.250,M,41.300,M,1.0,0001"), Refused.MALFORMED),
        (checked("GNGGA,250000.00,3717.2080000,N,14037.6020000,E,4,18,0.7,431.250,M,41.300,M,1.0,0001"), Refused.MALFORMED),
        (checked("GNGGA,030000.00,3717.2080000,N,18137.6020000,E,4,18,0.7,431.250,M,41.300,M,1.0,0001"), Refused.MALFORMED),
        (checked("GNGGA,030000.00,3717.2080000,E,14037.6020000,N,4,18,0.7,431.250,M,41.300,M,1.0,0001"), Refused.MALFORMED),
        (checked("GNGGA,030000.00,3717.2080000,N,14037.6020000,E,9,18,0.7,431.250,M,41.300,M,1.0,0001"), Refused.MALFORMED),
        (checked("GNGGA,030000.00,3717.2080000,N,14037.6020000,E,4,18,nan,431.250,M,41.300,M,1.0,0001"), Refused.MALFORMED),
        (checked("GNGGA,030000.00,3717.2080000,N,14037.6020000,E,4,1_8,.7,431.250,M,41.300,M,1.0,0001"), Refused.MALFORMED),
        (checked("GNGGA,030000.00,3717.2080000,N,14037.6020000,E,4,18,0.7,431.250,F,41.300,M,1.0,0001"), Refused.MALFORMED),
        (checked("GNGGA,030000.00,,,,,4,18,0.7,431.250,M,41.300,M,1.0,0001"), Refused.NO_POSITION),
        (checked("GNRMC,030000.00,A,3717.2,N,14037.6,E,0.1,,320226,,,R"), Refused.MALFORMED),
        (checked("GNRMC,030000.00,A,3717.2,N,14037.6,E,0.1,,310226,,,R"), Refused.MALFORMED),
        (checked("GNGST,030000.00,,,,,-0.02,0.02,0.03"), Refused.MALFORMED),
        (checked("GNGGA," + "1" * MAX_SENTENCE), Refused.TOO_LONG),
        (checked("GNTXT,01,01,02,\x01"), Refused.NOT_TEXT),
    ],
)  # fmt: skip
def test_a_sentence_that_is_cut_short_or_corrupt_changes_nothing_and_is_counted(broken: str, why: Refused) -> None:
    good = [moment(second) for second in range(2)]
    whole = read(log(*good[0], *good[1]))
    got = read(log(*good[0], broken, *good[1]))

    assert got.fixes == whole.fixes
    assert got.counts.refused == {why: 1}
    assert got.counts.problems[0].line == 4
    assert got.counts.qualities == whole.counts.qualities


def test_a_sentence_cut_off_by_the_next_one_does_not_take_it_along() -> None:
    gga, rmc, _ = moment(0)
    got = read(log(gga[:40] + gga, rmc))

    assert len(got.fixes) == 1
    assert got.counts.refused == {Refused.CUT_SHORT: 1}


def test_binary_of_another_protocol_between_sentences_is_passed_over() -> None:
    gga, rmc, gst = (line.encode() for line in moment(0))
    noise = bytes(byte for byte in range(256) if byte not in b"$\r\n") * 20
    got = read(noise + gga + b"\r\n" + noise + rmc + b"\r\n" + noise + gst + b"\r\n")

    assert got.fixes == read(log(*moment(0))).fixes
    assert got.counts.skipped_bytes == 3 * len(noise)


@pytest.mark.parametrize("content", [b"", b"name,x,y\n1,2,3\n", b"\x00" * 5000, b"$GNGGA,1*00\r\n"])
def test_a_file_without_nmea_is_refused_with_a_sentence(content: bytes) -> None:
    with pytest.raises(UnreadableFileError, match="NMEA"):
        read(content)


WHOLE = (
    log("# a note", *(line for second in range(4) for line in moment(second, 4 + second % 2)), "$GNGGA,cut") + b"$GN"
)


@settings(deadline=None)
@given(st.lists(st.integers(0, len(WHOLE)), max_size=40))
def test_however_the_bytes_are_cut_up_the_fixes_and_counts_are_the_same(cuts: list[int]) -> None:
    ends = [0, *sorted(cuts), len(WHOLE)]
    got = read(WHOLE[begin:end] for begin, end in pairwise(ends))

    assert got == read(WHOLE)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from([b"$", b"\r", b"\n", b"*", b"GN", b"GGA,", b"\xff", WHOLE[9:90], b"0" * 700])))
def test_no_bytes_whatever_are_read_differently_in_pieces(parts: list[bytes]) -> None:
    whole, pieces = NmeaReader(), NmeaReader()
    at_once = whole.feed(b"".join(parts)) + whole.close()
    bit_by_bit = [fix for part in parts for byte in part for fix in pieces.feed(bytes([byte]))] + pieces.close()

    assert bit_by_bit == at_once
    assert pieces.counts == whole.counts


def test_a_stream_without_an_end_of_line_takes_no_memory() -> None:
    reader = NmeaReader()
    for _ in range(200):
        reader.feed(b"$" + b"A" * 100_000)
        assert reader.feed(b"") == []
        assert len(reader._sentence or b"") <= MAX_SENTENCE

    assert reader.counts.refused == {Refused.TOO_LONG: 199}


@pytest.mark.parametrize("clock", ["030000", "030000.0", "030000.000", "030000.00"])
def test_a_clock_may_have_any_number_of_decimals(clock: str) -> None:
    lines = [line.replace("030000.00", clock) for line in moment(0)]

    assert read(log(*(checked(line[1:].split("*")[0]) for line in lines))).fixes[0].at == NOON


def test_a_silent_stream_gives_its_last_fix_when_asked() -> None:
    reader = NmeaReader()

    assert reader.feed(log(*moment(0))) == []
    assert len(reader.settle()) == 1
    assert reader.close() == []


MUTATIONS = 100_000
HEX = b"0123456789ABCDEFabcdef"


def _mutated(rng: random.Random, lines: list[bytes]) -> bytes:
    """A sentence with one to three things done to it; now and then its checksum is made right again."""
    line = rng.choice(lines)
    for _ in range(rng.randint(1, 3)):
        place = rng.randrange(len(line) + 1)
        head, tail = line[:place], line[place:]
        line = rng.choice(
            [
                head + bytes([rng.randrange(256)]) + tail[1:],
                head + bytes([rng.randrange(256)]) + tail,
                head + tail[rng.randint(1, 6) :],
                head,
                head + rng.choice(lines)[: rng.randint(1, 90)] + tail,
                line[:-1] + bytes([rng.choice(HEX)]),
                head + rng.choice([b",", b",,", b"*", b"-", b"nan", b"1_0", b"1e9", b"\x00", b"99999999999"]) + tail,
                head + bytes([rng.choice(b"0123456789.,-")]) + tail[1:],
            ]
        )
    if rng.random() < 0.3 and b"*" in line:
        content = line.split(b"*", maxsplit=1)[0].removeprefix(b"$")
        return b"$%b*%02X" % (content, checksum(content))
    return line


def _right_ones(data: bytes) -> int:
    """How many sentences in these bytes have a right checksum, counted without the reader."""
    right = 0
    for piece in re.split(rb"(?=\$)|[\r\n]", data):
        body, star, ending = piece.rpartition(b"*")
        two = ending.rstrip(b" \t")
        if piece.startswith(b"$") and star and len(two) == 2 and set(two) <= set(HEX):
            right += checksum(body[1:]) == int(two, 16)
    return right


@pytest.fixture(scope="module")
def mutations() -> list[bytes]:
    rng = random.Random(75221)
    lines = [line.encode() for second in range(20) for line in moment(second, rng.choice([1, 2, 4, 5]))]
    lines += [checked("GNGSA,A,3,05,12,25,29,,,,,,,,,1.7,0.8,1.6,1").encode(), checked("PSTI,030,1,A").encode()]
    return [_mutated(rng, lines) for _ in range(MUTATIONS)]


def test_of_a_hundred_thousand_mutated_sentences_none_crashes_and_none_gets_in_with_a_wrong_checksum(
    mutations: list[bytes],
) -> None:
    reader = NmeaReader()
    taken = 0
    for mutation in mutations:
        before = reader.counts.accepted
        fixes = reader.feed(mutation + b"\r\n")
        assert reader.counts.accepted - before <= _right_ones(mutation)
        assert all(-180 <= fix.lon <= 180 and -90 <= fix.lat <= 90 and 0 <= (fix.sigma_m or 0) < 1e6 for fix in fixes)
        taken += reader.counts.accepted - before

    assert 1_000 < taken < MUTATIONS
    assert reader.counts.refused.total() > MUTATIONS / 2


def test_mutated_sentences_between_good_ones_change_no_fix(mutations: list[bytes]) -> None:
    wrong = [mutation for mutation in mutations if not _right_ones(mutation)][:4000]
    good = [moment(second) for second in range(200)]
    rng = random.Random(1)
    noisy = b"".join(
        line.encode() + b"\r\n" + b"".join(rng.choice(wrong) + b"\r\n" for _ in range(6))
        for group in good
        for line in group
    )
    clean = read(log(*(line for group in good for line in group)))

    assert len(clean.fixes) == 200
    assert read(noisy).fixes == clean.fixes
    assert read(noisy).counts.accepted == clean.counts.accepted
