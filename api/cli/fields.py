"""`onomap fields …`: what a receiver recorded, and what it says just now."""

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.application import application
from gis.errors import UnreadableFileError

if TYPE_CHECKING:
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
