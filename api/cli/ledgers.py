"""`onomap ledgers`: files of owners and taxes into the ledgers."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from api.cli.application import DEFAULT_HOME, Home, application
from layers.ledgers.errors import LedgerRequestError
from layers.ledgers.loading import ledger_named, load_ledger
from layers.store.instance import open_store
from layers.store.ledger_definitions import LEDGERS

ledgers = typer.Typer(help="所有者と課税の台帳。", no_args_is_help=True)
application.add_typer(ledgers, name="ledgers")
screen = Console(stderr=True, highlight=False)


@ledgers.callback()
def group() -> None:
    """所有者と課税の台帳。"""


@ledgers.command("load")
def load(
    name: Annotated[str, typer.Argument(help=f"台帳（{'、'.join(LEDGERS)}）")],
    path: Annotated[Path, typer.Argument(help="CSV または XLSX")],
    home: Home = DEFAULT_HOME,
    encoding: Annotated[str | None, typer.Option("--encoding", help="文字コード（自動で決められないとき）")] = None,
) -> None:
    """台帳を丸ごと入れ替えます。途中で失敗したときは何も変わりません。"""
    if not path.exists():
        raise LedgerRequestError(f"{path} がありません。ファイルの場所を確認してください。")
    with open_store(home) as store:
        report = load_ledger(store, ledger_named(name), path, encoding=encoding)
    screen.print(f"読んだ行 {report.read:,}　取り込み {report.loaded:,}　不採用 {len(report.rejected):,}")
    for place, reason in report.rejected[:20]:
        screen.print(f"不採用: {place} … {reason}")
