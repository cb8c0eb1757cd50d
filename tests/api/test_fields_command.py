"""`onomap fields`: a log counted as a table and as JSON, and a receiver listened to over TCP and the standard input."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from api.cli import main
from tests.gis.positioning.walking import sentences

START = datetime(2026, 11, 27, 1, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Ran:
    """What a command said and how it ended."""

    code: int | None
    out: str
    told: str


Fields = Callable[..., Ran]


@pytest.fixture
def fields(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Fields:
    """`onomap fields …` within this process, which spares a start of several seconds."""

    def run(*arguments: str) -> Ran:
        monkeypatch.setattr(sys, "argv", ["onomap", "fields", *arguments])
        monkeypatch.setenv("ONOMAP_HOME", str(tmp_path))
        before = signal.getsignal(signal.SIGTERM)
        with pytest.raises(SystemExit) as ended:
            main()
        signal.signal(signal.SIGTERM, before)
        said = capfd.readouterr()
        return Ran(ended.value.code if isinstance(ended.value.code, int) else None, said.out, said.err)

    return run


def started(home: Path, *arguments: str) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "api.cli.run", "fields", *arguments]
    environment = {**os.environ, "ONOMAP_HOME": str(home)}
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    )


def refused(ran: Ran) -> str:
    assert ran.code == 2, ran.told
    assert ran.out == ""
    assert len(ran.told.strip().splitlines()) == 1
    return ran.told.strip()


def spoken(first: int, count: int, quality: int = 4) -> bytes:
    seconds = range(first, first + count)
    lines = [
        line for n in seconds for line in sentences(START + timedelta(seconds=n), 140.6267, 37.2868, quality, 0.01)
    ]
    return "".join(f"{line}\r\n" for line in lines).encode()


@pytest.fixture
def log(tmp_path: Path) -> Path:
    file = tmp_path / "drive.nmea"
    broken = b"$GNGGA,010005.00,3717.2\r\n$GNRMC,wrong*00\r\n$PSTI,030*2E\r\n"
    file.write_bytes(spoken(0, 3) + broken + spoken(3, 2, quality=5))
    return file


def test_a_log_is_counted_by_class_and_its_broken_sentences_are_shown_with_their_lines(
    log: Path, fields: Fields
) -> None:
    ran = fields("read", str(log))
    table = ran.out

    assert ran.code == 0, ran.told
    assert "4 RTK FIX\t3" in table
    assert "5 RTK FLOAT\t2" in table
    assert "10 行目 途中で切れています" in table
    assert "11 行目 チェックサムが合いません" in table


def test_a_log_as_json_says_the_same(log: Path, fields: Fields) -> None:
    answer = json.loads(fields("read", str(log), "--format", "json").out)

    assert answer["fixes"] == 5
    assert answer["qualities"] == [
        {"quality": 4, "name": "RTK FIX", "count": 3},
        {"quality": 5, "name": "RTK FLOAT", "count": 2},
    ]
    assert answer["refused"] == {"bad_checksum": 2, "cut_short": 1}
    assert (answer["first"], answer["last"]) == ("2026-11-27T01:00:00+00:00", "2026-11-27T01:00:04+00:00")
    assert [problem["line"] for problem in answer["problems"]] == [10, 11, 12]


def test_the_real_log_is_counted_as_its_provenance_states(shared_data: Path, fields: Fields) -> None:
    ran = fields("read", str(shared_data / "gnss/gpsd_nmea-rtk.log"), "--format", "json")

    assert [(row["quality"], row["count"]) for row in json.loads(ran.out)["qualities"]] == [(2, 104), (4, 18)]


def test_a_file_that_is_none_and_one_without_nmea_are_one_sentence_each(tmp_path: Path, fields: Fields) -> None:
    (tmp_path / "notes.txt").write_text("今日は晴れ")

    assert "ありません" in refused(fields("read", str(tmp_path / "nothing.log")))
    assert "NMEA" in refused(fields("read", str(tmp_path / "notes.txt")))


def test_a_stream_on_the_standard_input_gives_a_line_a_position(tmp_path: Path) -> None:
    running = started(tmp_path, "listen", "-")
    said, told = running.communicate(spoken(0, 12) + b"$GNGGA,cut", timeout=60)
    lines = said.decode().splitlines()

    assert running.returncode == 0, told.decode()
    assert len(lines) == 12
    assert lines[-1].startswith("01:00:11.0Z  RTK FIX  北 143078.245  東 70346.342 m")
    assert "ばらつき 0.000 m（10 点）" in lines[-1]
    assert "前から 0.000 m" in lines[-1]
    assert "不採用 1" in told.decode()


@pytest.mark.parametrize("source", ["here", "host:", "host:99999", ":9000", "host:ねこ"])
def test_an_address_that_is_none_is_refused(fields: Fields, source: str) -> None:
    assert "192.168.1.20:9000" in refused(fields("listen", source))


def test_a_receiver_that_does_not_answer_is_refused_and_so_is_an_unknown_datum(fields: Fields) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        assert "つながりません" in refused(fields("listen", address))
    assert "測地系" in refused(fields("listen", address, "--datum", "ITRF"))


def test_today_s_epoch_without_its_file_is_refused_naming_it(fields: Fields) -> None:
    with receiver(spoken(0, 2)) as address:
        ran = fields("listen", address, "--current-epoch")

    assert ran.code == 2
    assert "SemiDyna2026.par" in ran.told


@contextmanager
def receiver(*parts: bytes, hold: threading.Event | None = None) -> Iterator[str]:
    """A receiver that sends one part to each who connects and then breaks off, the last one held open on demand."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            for number, part in enumerate(parts):
                connection, _ = server.accept()
                with connection:
                    connection.sendall(part)
                    if hold is not None and number == len(parts) - 1:
                        hold.wait(30)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"127.0.0.1:{server.getsockname()[1]}"
        thread.join(30)


def test_a_lost_connection_is_made_again_and_no_position_is_said_twice(fields: Fields) -> None:
    with receiver(spoken(0, 3) + b"$GNGGA,0100", spoken(10, 3)) as address:
        ran = fields("listen", address, "--count", "6")
    lines = ran.out.splitlines()

    assert ran.code == 0, ran.told
    assert [line[6:8] for line in lines] == ["00", "01", "02", "10", "11", "12"]
    assert "つなぎ直します" in ran.told
    assert "前から" not in lines[3]


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_it_is_ended_cleanly_from_the_keyboard_and_by_the_system(tmp_path: Path, sign: signal.Signals) -> None:
    hold = threading.Event()
    with receiver(spoken(0, 3), hold=hold) as address:
        running = started(tmp_path, "listen", address)
        assert running.stdout is not None
        heard = [running.stdout.readline() for _ in range(3)]
        running.send_signal(sign)
        _, told = running.communicate(timeout=30)
        hold.set()

    assert all(b"RTK FIX" in line for line in heard)
    assert running.returncode == 0
    assert "終わりました" in told.decode()
    assert "Traceback" not in told.decode()
