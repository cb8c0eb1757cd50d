"""`onomap account` and `onomap token`: people and keys from the command line of the machine that holds the store."""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from api.cli.application import DEFAULT_HOME, Home, application
from layers.accounts import lockout
from layers.accounts.changes import Change, note_change
from layers.accounts.errors import AccountError
from layers.accounts.keys import USUAL_DAYS, issue_key
from layers.accounts.links import issue_link
from layers.accounts.persons import add_person, checked_post, lock, person, persons, transfer, unlock
from layers.store.audit.log import Who
from layers.store.instance import open_store
from layers.store.rights.caller import Verb

account = typer.Typer(help="利用者（一覧、追加、異動、一回限りのリンク、停止）。", no_args_is_help=True)
application.add_typer(account, name="account")

Login = Annotated[str, typer.Argument(help="利用者名")]
Department = Annotated[str, typer.Option("--department", help="課")]
Duties = Annotated[str, typer.Option("--duties", help="職務の id をコンマで区切って（例: viewer,editor）")]


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


@account.command("list")
def list_accounts(home: Home = DEFAULT_HOME) -> None:
    """利用者の一覧を表示します。"""
    table = Table("利用者名", "氏名", "課", "職務", "状態", "最後のログイン")
    with open_store(home) as store:
        for one in persons(store):
            state = "停止中" if one.locked_at else "未設定" if not one.has_password and one.directory == "local" else ""
            seen = f"{one.signed_in_at:%Y-%m-%d %H:%M}" if one.signed_in_at else ""
            table.add_row(one.login, one.name, one.post.department, ",".join(sorted(one.post.duties)), state, seen)
    Console(highlight=False).print(table)


@account.command("add")
def add(login: Login, name: Annotated[str, typer.Argument(help="氏名")], department: Department, duties: Duties = "viewer",
        home: Home = DEFAULT_HOME) -> None:  # fmt: skip
    """利用者を加え、パスワードを決める一回限りのリンクを出します。"""
    with open_store(home) as store:
        add_person(store, login, name, checked_post(store, department, _parts(duties)))
        note_change(store, Who.program(), login, Change.ADD)
        print(_link(issue_link(store, login)))


@account.command("link")
def link(login: Login, home: Home = DEFAULT_HOME) -> None:
    """パスワードを決め直す一回限りのリンクを出します。"""
    with open_store(home) as store:
        made = issue_link(store, login)
        note_change(store, Who.program(), login, Change.LINK)
        print(_link(made))


def _link(token: str) -> str:
    return f"http://127.0.0.1:8000/login/link/{token}"


@account.command("transfer")
def move(login: Login, department: Department, duties: Duties, home: Home = DEFAULT_HOME) -> None:
    """異動: 課と職務を変えます。"""
    with open_store(home) as store:
        transfer(store, login, checked_post(store, department, _parts(duties)))
        note_change(store, Who.program(), login, Change.TRANSFER)


@account.command("lock")
def shut(login: Login, home: Home = DEFAULT_HOME) -> None:
    """停止します。ログイン中の画面も鍵も使えなくなります。"""
    with open_store(home) as store:
        lock(store, login)
        note_change(store, Who.program(), login, Change.LOCK)


@account.command("unlock")
def reopen(login: Login, home: Home = DEFAULT_HOME) -> None:
    """停止を解き、ログインの待ち時間も解除します。"""
    with open_store(home) as store:
        unlock(store, login)
        lockout.lift(store, login)
        note_change(store, Who.program(), login, Change.UNLOCK)


@application.command("token")
def token(
    login: Login,
    home: Home = DEFAULT_HOME,
    verbs: Annotated[
        str, typer.Option("--verbs", help="できること（read, export, edit, approve, survey）")
    ] = "read,export",
    days: Annotated[int, typer.Option("--days", help="期限までの日数")] = USUAL_DAYS,
    label: Annotated[str, typer.Option("--label", help="何に使うか")] = "コマンドで発行",
) -> None:
    """QGIS やスクリプトのための鍵を発行します。鍵は一度だけ表示します。"""
    try:
        wanted = frozenset(Verb(verb) for verb in _parts(verbs))
    except ValueError as error:
        raise AccountError(f"--verbs には {'、'.join(Verb)} をコンマで区切って書いてください。") from error
    with open_store(home) as store:
        person(store, login)
        key = issue_key(store, login, label, wanted, days)
        note_change(store, Who.program(), login, Change.KEY)
        print(key)
