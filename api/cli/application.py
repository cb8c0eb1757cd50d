"""The command line's frame: its name, its options that hold for every command."""

from pathlib import Path
from typing import Annotated

import typer

application = typer.Typer(
    name="onomap",
    help="おのマップ: 町の地図の台帳と庁内照会。",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)

Home = Annotated[
    Path, typer.Option("--home", envvar="ONOMAP_HOME", help="データを置いたフォルダ（scripts/start の --home と同じ）")
]
DEFAULT_HOME = Path(".onomap")
