"""`onomap inquire`: a 庁内照会 from the command line."""

import sys
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from api.cli.application import DEFAULT_HOME, Home, application
from gis.errors import OnomapError
from gis.formats.parcel_list import parcel_texts
from layers.inquiries.archive import issue
from layers.inquiries.inquire import InquiryRequest, inquire
from layers.inquiries.render import render
from layers.store.instance import open_store


class FormatName(StrEnum):
    """The forms in which an answer comes."""

    JSON = "json"
    HTML = "html"
    PDF = "pdf"
    XLSX = "xlsx"


class OutputError(OnomapError):
    """The answer cannot be written where it should go."""


@application.command("inquire")
def ask(
    parcels: Annotated[list[str] | None, typer.Argument(help="地番（例: 小野新町字舘廻92-1）。いくつでも")] = None,
    home: Home = DEFAULT_HOME,
    file: Annotated[Path | None, typer.Option("--file", help="地番の一覧（CSVまたはXLSX）")] = None,
    wanted: Annotated[FormatName, typer.Option("--format", help="回答の形式")] = FormatName.JSON,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="書き出すファイル")] = None,
    asker: Annotated[str, typer.Option("--asker", help="照会者")] = "",
    purpose: Annotated[str, typer.Option("--purpose", help="照会の目的")] = "",
    as_of: Annotated[
        datetime | None,
        typer.Option("--as-of", formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"], help="この時点の内容で答える"),
    ] = None,
    keep: Annotated[bool, typer.Option("--issue", help="照会番号を付けて回答を保存する")] = False,
) -> None:
    """土地について、すべてのテーマの該当・非該当を答えます。"""
    texts = [*(parcels or []), *(parcel_texts(file) if file is not None else [])]
    if wanted in (FormatName.PDF, FormatName.XLSX) and output is None and sys.stdout.isatty():
        raise OutputError(f"{wanted.value.upper()} は画面に出せません。-o ファイル名 で書き出し先を指定してください。")
    moment = None if as_of is None else as_of.replace(tzinfo=ZoneInfo("Asia/Tokyo"))
    with open_store(home) as store:
        answer = inquire(store, InquiryRequest(tuple(texts), asker, purpose, moment))
        if keep:
            answer = issue(store, answer)
        link = f"http://127.0.0.1:8000/inquiries/{answer.id}" if answer.id else "http://127.0.0.1:8000/"
        content = render(store, answer, wanted.value, link)
    for text in answer.unresolved:
        print(f"当たる筆がありません: {text}", file=sys.stderr)
    _write(content + b"\n" if wanted is FormatName.JSON else content, output)


def _write(data: bytes, output: Path | None) -> None:
    if output is None:
        sys.stdout.buffer.write(data)
        return
    partial = output.with_name(output.name + ".part")
    try:
        partial.write_bytes(data)
        partial.replace(output)
    except OSError as error:
        raise OutputError(f"{output} に書き出せません（{error.strerror}）。") from error
