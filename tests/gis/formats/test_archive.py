"""Zips are opened without trusting their names, sizes or links."""

import stat
import struct
import zipfile
from pathlib import Path

import pytest

from gis.errors import UnreadableFileError
from gis.formats import archive
from gis.formats.archive import folder_members, unzipped


def zip_of(path: Path, *entries: tuple[str | zipfile.ZipInfo, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in entries:
            made.writestr(name, content)
    return path


def names_in(path: Path) -> list[str]:
    with unzipped(path, path.name) as members:
        return [member.name for member in members]


def renamed(path: Path, old: bytes, new: bytes) -> Path:
    """The zip with a member's raw name changed, as another program would have written it (same length)."""
    assert len(old) == len(new)
    path.write_bytes(path.read_bytes().replace(old, new))
    return path


def test_backslashes_become_folders(shared_data: Path) -> None:
    assert names_in(shared_data / "address/isj_45000-17.0b.zip")[0] == "45000-17.0b/45_2023.csv"


def test_a_name_in_cp932_is_read_and_its_second_bytes_are_no_folders(tmp_path: Path) -> None:
    raw = "表ソ能.csv".encode("cp932")
    assert raw.count(b"\\") == 3
    path = zip_of(tmp_path / "a.zip", ("x" * len(raw), b"1"))
    assert names_in(renamed(path, b"x" * len(raw), raw)) == ["表ソ能.csv"]


def test_a_name_in_utf_8_is_read_with_and_without_its_flag(tmp_path: Path) -> None:
    assert names_in(zip_of(tmp_path / "flag.zip", ("小野町.csv", b""))) == ["小野町.csv"]
    raw = "小野町.csv".encode()
    path = zip_of(tmp_path / "mac.zip", ("x" * len(raw), b""))
    assert names_in(renamed(path, b"x" * len(raw), raw)) == ["小野町.csv"]


@pytest.mark.parametrize(
    "name", ["../out.csv", "a/../../out.csv", "/etc/passwd", "..\\out.csv", "C:\\out.csv", "C:/out"]
)
def test_a_name_that_leads_outside_refuses_the_whole_zip(tmp_path: Path, name: str) -> None:
    path = zip_of(tmp_path / "a.zip", ("good.csv", b""), (name, b""))
    with pytest.raises(UnreadableFileError, match="安全でないファイル名"):
        names_in(path)


def test_a_symbolic_link_inside_is_refused(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("link.csv")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with pytest.raises(UnreadableFileError, match="シンボリックリンク"):
        names_in(zip_of(tmp_path / "a.zip", (link, b"/etc/passwd")))


def test_a_password_is_asked_to_be_taken_off(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "a.zip", ("a.csv", b"1"))
    raw = bytearray(path.read_bytes())
    raw[raw.index(b"PK\1\2") + 8] |= 1  # general purpose flag of the central entry: encrypted
    path.write_bytes(raw)
    with pytest.raises(UnreadableFileError, match="パスワード"):
        names_in(path)


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "bomb.zip", ("zeros.shp", bytes(30 * 1024**2)))
    assert path.stat().st_size < 40_000
    with pytest.raises(UnreadableFileError, match="圧縮率"):
        names_in(path)


def test_too_many_members_and_too_many_bytes_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = zip_of(tmp_path / "a.zip", *((f"{number}.csv", b"12345") for number in range(5)))
    monkeypatch.setattr(archive, "MAX_MEMBERS", 4)
    with pytest.raises(UnreadableFileError, match="5 個のファイル"):
        names_in(path)
    monkeypatch.setattr(archive, "MAX_MEMBERS", 5)
    monkeypatch.setattr(archive, "MAX_TOTAL_BYTES", 24)
    with pytest.raises(UnreadableFileError, match="25 バイト"):
        names_in(path)


@pytest.mark.parametrize("kept", [0, 10, 100, -1])
def test_a_zip_cut_short_is_one_sentence(tmp_path: Path, kept: int) -> None:
    path = zip_of(tmp_path / "a.zip", ("a.csv", bytes(range(256)) * 40))
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(
        UnreadableFileError, match=r"^a\.zip は壊れているか途中で切れています。もう一度取得してください。$"
    ):
        names_in(path)


def test_damage_met_while_reading_is_told_with_the_member_s_name(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "a.zip", ("a.csv", bytes(range(256)) * 40))
    raw = bytearray(path.read_bytes())
    start = 30 + struct.unpack("<H", raw[26:28])[0]
    raw[start : start + 60] = bytes(60)
    path.write_bytes(raw)
    with (
        unzipped(path, path.name) as (member,),
        pytest.raises(UnreadableFileError, match=r"a\.zip/a\.csv は壊れている"),
    ):
        member.read()


def test_a_folder_gives_its_files_in_order_without_links_and_hidden_ones(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    for name in ("b/2.csv", "a.csv", ".DS_Store"):
        (tmp_path / name).write_text("x")
    (tmp_path / "link.csv").symlink_to("/etc/passwd")
    assert [member.name for member in folder_members(tmp_path)] == ["a.csv", "b/2.csv"]


def test_an_index_with_any_wrong_byte_ends_in_a_sentence_or_reads(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("田.txt", "abc" * 50)
    sound = path.read_bytes()
    for at in range(sound.index(b"PK\x01\x02"), len(sound)):
        for value in (0x00, 0x01, 0x40, 0xFF):
            wrong = bytearray(sound)
            wrong[at] = value
            try:
                with unzipped(bytes(wrong), "a.zip") as members:
                    for member in members:
                        member.read()
            except UnreadableFileError:
                continue
