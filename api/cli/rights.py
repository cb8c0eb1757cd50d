"""`onomap rights`: what a database's administrator needs for the posts' roles."""

import typer

from api.cli.application import DEFAULT_HOME, Home, application
from layers.store.cluster import ROLE
from layers.store.rights.keeper import keeper_script, keeper_script_for
from layers.store.settings import load_settings

rights = typer.Typer(help="職務の権限とデータベースの役割。", no_args_is_help=True)
application.add_typer(rights, name="rights")


@rights.callback()
def group() -> None:
    """職務の権限とデータベースの役割。"""


@rights.command("keeper")
def keeper(home: Home = DEFAULT_HOME) -> None:
    """管理者（スーパーユーザー）がデータベースで一度だけ実行する SQL を出します。何も変えません。"""
    url = load_settings(home).database_url
    print(keeper_script_for(url) if url else keeper_script(ROLE))
