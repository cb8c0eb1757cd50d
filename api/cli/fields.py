"""`onomap fields …`: what a receiver recorded, and what it says just now."""

import json
import signal
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.application import DEFAULT_HOME, Home, application
from api.cli.listening import Piece, Quiet, pieces
from gis.errors import UnreadableFileError

if TYPE_CHECKING:
    from gis.positioning.live import LivePositions, LiveState
    from gis.positioning.nmea import NmeaLog

fields = typer.Typer(help="RTK で測った圃場: 受信機のログを読む・いまの位置を見る", no_args_is_help=True)
application.add_typer(fields, name="fields")

_PIECE = 1 << 16


class LogFormat(StrEnum):
    """How `fields read` answers."""

    TABLE = "table"
    JSON = "json"


@fields.command("read")
def read(
    file: Annotated[Path, typer.Argument(help="受信機の NMEA ログ")],
    form: Annotated[LogFormat, typer.Option("--format", help="表か JSON か")] = LogFormat.TABLE,
) -> None:
    """NMEA ログを読み、測位の種類ごとの点数と、読めなかった文を出します。何も保存しません。"""
    from gis.positioning.nmea import read as read_log

    if not file.is_file():
        raise UnreadableFileError(f"{file} がありません。NMEA ログのファイルを指定してください。")
    with file.open("rb") as stream:
        log = read_log(iter(lambda: stream.read(_PIECE), b""))
    if form is LogFormat.JSON:
        print(json.dumps(_as_json(log), ensure_ascii=False, indent=2))
    else:
        _print_table(log)


@fields.command("listen")
def listen(
    source: Annotated[str, typer.Argument(help="受信機の HOST:PORT、標準入力なら -", metavar="HOST:PORT|-")],
    datum: Annotated[str, typer.Option("--datum", help="基準局の測地系: JGD2011、JGD2000、WGS84")] = "JGD2011",
    current_epoch: Annotated[bool, typer.Option("--current-epoch", help="基準局の座標が今期のとき")] = False,
    antenna_height: Annotated[float, typer.Option("--antenna-height", min=0, help="アンテナの高さ（m）")] = 0.0,
    count: Annotated[int | None, typer.Option("--count", min=1, help="この数の位置を出したら終わる")] = None,
    home: Home = DEFAULT_HOME,
) -> None:
    """受信機の NMEA を聞き、位置を一行ずつ出します。切れたらつなぎ直し、Ctrl+C で終わります。何も保存しません。"""
    from gis.positioning.live import LivePositions
    from gis.positioning.model import Epoch, Station
    from gis.positioning.plane import Antenna
    from layers.store.settings import load_settings

    settings = load_settings(home)
    epoch = Epoch.CURRENT if current_epoch else Epoch.REFERENCE
    live = LivePositions(
        Station("", "", datum, epoch, source), settings.municipality.srid, settings.grids, Antenna(antenna_height)
    )
    # a shell that starts it in the background has told it to ignore the first of them
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, signal.default_int_handler)
    try:
        _print_states(live, source, count)
    except KeyboardInterrupt:
        _tell("終わりました。")
    refused = live.counts.refused.total()
    _tell(f"文 {live.counts.sentences:,}（不採用 {refused:,}）、位置 {live.counts.qualities.total():,} 点")


def _print_states(live: "LivePositions", source: str, count: int | None) -> None:
    printed = 0
    for piece in pieces(source, _tell):
        for state in _states(live, piece):
            print(_line(state), flush=True)
            printed += 1
            if printed == count:
                return


def _states(live: "LivePositions", piece: Piece) -> list["LiveState"]:
    if isinstance(piece, bytes):
        return live.feed(piece)
    return live.interrupted() if piece is Quiet.LOST else live.settle()


def _line(state: "LiveState") -> str:
    from gis.positioning.quality import NAMES

    place = state.place
    clock = place.at.strftime("%H:%M:%S.%f")[:-5] + "Z" if place.at is not None else "時刻なし"
    height = "" if place.height_m is None else f"  標高 {place.height_m:.3f} m"
    scatter = "" if state.scatter_m is None else f"  ばらつき {state.scatter_m:.3f} m（{state.of} 点）"
    moved = "" if state.from_last_m is None else f"  前から {state.from_last_m:.3f} m"
    return f"{clock}  {NAMES[place.quality]}  北 {place.y:.3f}  東 {place.x:.3f} m{height}{scatter}{moved}"


def _tell(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


def _as_json(log: "NmeaLog") -> dict[str, object]:
    from gis.positioning.quality import NAMES

    counts = log.counts
    times = [fix.at for fix in log.fixes if fix.at is not None]
    return {
        "sentences": counts.sentences,
        "accepted": counts.accepted,
        "fixes": len(log.fixes),
        "first": min(times).isoformat() if times else None,
        "last": max(times).isoformat() if times else None,
        "qualities": [
            {"quality": int(quality), "name": NAMES[quality], "count": count}
            for quality, count in sorted(counts.qualities.items())
        ],
        "kinds": dict(sorted(counts.kinds.items())),
        "others": dict(sorted(counts.others.items())),
        "proprietary": counts.proprietary,
        "refused": {why.value: count for why, count in sorted(counts.refused.items())},
        "undated": counts.undated,
        "gst_without_gga": counts.stray_gst,
        "skipped_bytes": counts.skipped_bytes,
        "problems": [
            {"line": problem.line, "why": problem.why.value, "text": problem.text} for problem in counts.problems
        ],
    }


def _print_table(log: "NmeaLog") -> None:
    from gis.positioning.nmea import WHY
    from gis.positioning.quality import NAMES

    counts = log.counts
    print(
        f"文 {counts.sentences:,}（採用 {counts.accepted:,}、不採用 {counts.refused.total():,}）、位置 {len(log.fixes):,} 点"
    )
    print("測位の種類")
    for quality, count in sorted(counts.qualities.items()):
        print(f"  {int(quality)} {NAMES[quality]}\t{count:,}")
    kinds = "、".join(f"{kind} {count:,}" for kind, count in sorted(counts.kinds.items()))
    print(
        f"読んだ文: {kinds or 'なし'}（メーカー独自 {counts.proprietary:,}、その他 {counts.others.total():,} は読み飛ばし）"
    )
    if counts.undated:
        print(f"日付の分からない位置: {counts.undated:,} 点（RMC の文がありません）")
    for why, count in sorted(counts.refused.items()):
        print(f"読めなかった文: {WHY[why]} {count:,}")
    for problem in counts.problems:
        print(f"  {problem.line} 行目 {WHY[problem.why]}: {problem.text}")
    if counts.refused.total() > len(counts.problems):
        print(f"  ほかに {counts.refused.total() - len(counts.problems):,} 文")
