"""Fragments joined are one gzip stream that says what the parts say, whatever reads it."""

import gzip
import io
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.mvt import EMPTY, crc32_combine, fragment, from_gzip, inflate, join

contents = st.lists(st.binary(max_size=3_000) | st.text(max_size=800).map(str.encode), max_size=6)


@given(contents)
def test_a_join_unpacks_to_the_parts_in_their_order(parts: list[bytes]) -> None:
    tile = join([fragment(part) for part in parts])

    assert gzip.decompress(tile.gzipped()) == b"".join(parts) == tile.plain()


@given(contents)
def test_a_join_is_a_single_gzip_member_because_a_browser_reads_only_the_first(parts: list[bytes]) -> None:
    reader = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    content = reader.decompress(join([fragment(part) for part in parts]).gzipped())

    assert content == b"".join(parts)
    assert reader.eof
    assert reader.unused_data == b""


@given(st.binary(max_size=5_000), st.binary(max_size=5_000))
def test_the_checksum_of_two_texts_follows_from_theirs(first: bytes, second: bytes) -> None:
    assert crc32_combine(zlib.crc32(first), zlib.crc32(second), len(second)) == zlib.crc32(first + second)


@given(st.binary(min_size=1, max_size=3_000))
def test_a_fragment_stands_on_its_own_and_may_follow_any_other(content: bytes) -> None:
    part = fragment(content)

    assert inflate(part) == content
    assert part.deflated.endswith(b"\x00\x00\xff\xff")


def test_a_damaged_part_is_noticed() -> None:
    good = fragment(b"parcel" * 200)
    wrong = fragment(b"parcel" * 199 + b"parcex")
    mixed = join([type(good)(wrong.deflated, good.crc32, good.length, good.digest)])

    with pytest.raises(gzip.BadGzipFile):
        gzip.GzipFile(fileobj=io.BytesIO(mixed.gzipped())).read()


def test_equal_content_has_an_equal_tag_and_equal_bytes() -> None:
    one, other = join([fragment(b"a"), fragment(b"b")]), join([fragment(b"a"), EMPTY, fragment(b"b")])

    assert one.etag == other.etag
    assert one.gzipped() == other.gzipped()
    assert one.etag != join([fragment(b"b"), fragment(b"a")]).etag
    assert join([fragment(b"a")]).etag != join([fragment(b"b")]).etag


def test_nothing_is_empty_and_what_was_dropped_is_still_told() -> None:
    assert fragment(b"") is EMPTY
    assert join([EMPTY, fragment(b"")]).is_empty
    assert fragment(b"", dropped=3).is_empty
    assert fragment(b"", dropped=3).dropped == 3


def test_a_gzip_member_of_ours_becomes_its_fragment_again_byte_for_byte() -> None:
    first, second = fragment(b"one layer" * 50), fragment(b"another" * 90)
    again = [from_gzip(join([part]).gzipped()) for part in (first, second)]

    assert [part.deflated for part in again] == [first.deflated, second.deflated]
    assert gzip.decompress(join(again).gzipped()) == b"one layer" * 50 + b"another" * 90
    assert again[0].digest != again[1].digest


def test_a_gzip_member_of_another_writer_is_packed_anew_and_what_is_none_is_refused() -> None:
    foreign = from_gzip(gzip.compress(b"a tile" * 100))

    assert gzip.decompress(join([foreign, fragment(b"b")]).gzipped()) == b"a tile" * 100 + b"b"
    for broken in (b"", b"nothing", gzip.compress(b"a tile" * 100)[:-12]):
        with pytest.raises(ValueError, match="gzip"):
            from_gzip(broken)
