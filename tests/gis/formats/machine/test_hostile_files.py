"""Files made to hurt: bombs, entities, other people's paths, cuts and noise end in one sentence, never in a crash."""

import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.errors import OnomapError, UnreadableFileError, UnsupportedFileError
from gis.formats import machine
from gis.formats.archive import Member
from gis.formats.machine import Asked, safe_xml
from gis.formats.machine.model import Position
from tests.gis.formats.machine.samples import PLAIN

ZONE_9 = Asked(zone_epsg=6677)
WRITTEN = {name: machine.write(name, [PLAIN]).content for name in machine.FORMATS}
ROOTS = {"ISO11783_TaskData": "TASKDATA.XML", "kml": "x.kml", "gpx": "x.gpx"}


@pytest.mark.parametrize("root", list(ROOTS))
def test_a_document_type_is_refused_before_any_entity_is_known(root: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("あ")
    lol = "".join(f'<!ENTITY l{at} "{f"&l{at - 1};" * 10}">' for at in range(1, 10))
    for declared in (f'<!ENTITY x SYSTEM "{secret.as_uri()}">', f'<!ENTITY l0 "lol">{lol}', ""):
        raw = f'<!DOCTYPE {root} [{declared}]><{root} VersionMajor="4" a="&x;&l9;">&l9;</{root}>'
        with pytest.raises(UnreadableFileError, match=r"DOCTYPE|XML として読めません"):
            machine.read(raw.encode(), ROOTS[root])


def test_a_document_type_behind_a_long_comment_is_refused_too() -> None:
    raw = f"<!--{'x' * 70_000}--><!DOCTYPE kml []><kml/>"
    with pytest.raises((UnreadableFileError, UnsupportedFileError)):
        machine.read(raw.encode(), "x.kml")


def test_other_encodings_hide_no_document_type() -> None:
    raw = '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE kml [<!ENTITY a "b">]><kml>&a;</kml>'.encode("utf-16")
    with pytest.raises(UnreadableFileError, match="DOCTYPE"):
        machine.read(raw, "x.kml")


def test_a_zip_bomb_is_not_unpacked() -> None:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("TASKDATA/TASKDATA.XML", b" " * (60 * 1024**2))
    with pytest.raises(UnreadableFileError, match="圧縮率"):
        machine.read(buffer.getvalue(), "bomb.zip")


def test_a_zip_within_a_zip_is_not_followed() -> None:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("inner.zip", WRITTEN["isoxml4"])
    with pytest.raises(UnsupportedFileError, match="読める圃場のファイルがありません"):
        machine.read(buffer.getvalue(), "outer.zip")


@pytest.mark.parametrize("name", ["../TASKDATA.XML", "/etc/TASKDATA.XML", "C:\\TASKDATA.XML"])
def test_a_zip_that_points_outside_is_refused(name: str) -> None:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, b"<x/>")
    with pytest.raises(UnreadableFileError, match="安全でない"):
        machine.read(buffer.getvalue(), "x.zip")


@pytest.mark.parametrize("name", ["TASKDATA.XML", "x.kml", "x.gpx"])
def test_a_document_beyond_the_limit_is_refused_unread(name: str) -> None:
    root = next(root for root, file in ROOTS.items() if file == name)
    raw = f'<{root} VersionMajor="4">'.encode() + b" " * safe_xml.MOST_BYTES
    with pytest.raises(UnreadableFileError, match="大きすぎます"):
        machine.read(raw, name)


@pytest.mark.parametrize("name", ["x.geojson", "x.sim"])
def test_a_text_beyond_the_limit_is_refused_unread(name: str) -> None:
    raw = (b"{" if name == "x.geojson" else b"A00,\n") + b" " * safe_xml.MOST_BYTES
    with pytest.raises(UnreadableFileError, match="大きすぎます"):
        machine.read(raw, name, ZONE_9)


def test_deep_nesting_is_refused() -> None:
    deep = b"<kml>" + b"<Folder>" * 100_000
    with pytest.raises(UnreadableFileError, match="XML として読めません"):
        machine.read(deep, "x.kml")
    with pytest.raises(UnreadableFileError, match=r"深すぎる|JSON として正しくありません"):
        machine.read(b'{"a":' * 200_000, "x.geojson")


@pytest.mark.parametrize(
    "raw", [b"", b"PK\x03\x04", b"\x00\x00\x27\x0a", b"hello", b"<", b"{", b"[1,2]", b"\xff" * 100]
)
def test_what_is_nothing_is_refused(raw: bytes) -> None:
    with pytest.raises((UnreadableFileError, UnsupportedFileError)):
        machine.read(raw, "x")


@pytest.mark.parametrize("name", ["isoxml4", "isoxml3", "shp", "kml", "gpx", "geojson", "sima"])
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_a_file_cut_short_is_refused_or_reads_as_before(name: str, data: st.DataObject) -> None:
    raw = WRITTEN[name]
    cut = raw[: data.draw(st.integers(0, len(raw) - 1))]
    try:
        found = machine.read(cut, "x", ZONE_9)
    except OnomapError:
        return
    assert [len(item.outer) for item in found] == [len(PLAIN.outer)]


@pytest.mark.parametrize("name", ["isoxml4", "shp", "kml", "gpx", "geojson", "sima"])
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_noise_never_crashes_and_never_leaves_the_earth(name: str, data: st.DataObject) -> None:
    raw = bytearray(WRITTEN[name] if name == "shp" else _plain(name))
    for place in data.draw(st.lists(st.integers(0, len(raw) - 1), min_size=1, max_size=6)):
        raw[place] = data.draw(st.integers(0, 255))
    for lon, lat in _corners_or_sentence(bytes(raw)):
        assert abs(lat) <= 90
        assert abs(lon) <= 180


def _corners_or_sentence(raw: bytes) -> list[Position]:
    """The corners of all fields; none when the file is refused, which it must be in a sentence."""
    try:
        return [place for item in machine.read(raw, "x", ZONE_9) for place in item.outer]
    except OnomapError as error:
        if not str(error).endswith("。"):
            raise AssertionError(f"no sentence: {error}") from error
        return []


def _plain(name: str) -> bytes:
    """The text itself, so that noise meets the reader and not the zip's checksum."""
    if name != "isoxml4":
        return WRITTEN[name]
    with zipfile.ZipFile(BytesIO(WRITTEN[name])) as archive:
        return archive.read("TASKDATA/TASKDATA.XML")


def test_a_member_that_lies_about_its_size_is_not_read_beyond_it() -> None:
    lying = Member("x.kml", "x.kml", safe_xml.MOST_BYTES + 1, lambda: BytesIO(b"<kml/>"))
    with pytest.raises(UnreadableFileError, match="大きすぎます"):
        safe_xml.root_of(lying)
