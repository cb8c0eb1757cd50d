"""`onomap audit`: the log of who saw and did what, verified, asked, and cut."""

import json
from pathlib import Path
from typing import Annotated

import typer

from api.cli.application import DEFAULT_HOME, Home, application
from layers.store.audit.log import Entry, Who, record, seen
from layers.store.audit.retention import cut
from layers.store.audit.verifying import Head, HeadError, head, verify
from layers.store.instance import open_store
from layers.store.parcel_search import resolve_keys

audit = typer.Typer(help="閲覧と操作の記録。", no_args_is_help=True)
application.add_typer(audit, name="audit")


@audit.command("verify")
def verify_log(
    home: Home = DEFAULT_HOME,
    kept: Annotated[Path | None, typer.Option("--head", help="`onomap audit head` の控え（一行に一つ）")] = None,
) -> None:
    """記録が書き換えられていないかを、はじめから確かめます。異常があれば終了コード 1。"""
    heads = _heads(kept) if kept is not None else []
    with open_store(home) as store, store.database.transaction() as connection:
        found = verify(connection, heads)
    for fault in found.faults[:100]:
        print(f"× {fault}")
    print(
        f"{'×' if found.faults else '○'} 記録 {found.entries:,} 件、異常 {len(found.faults):,} 件、控え {len(heads)} 件と照合"
    )
    if found.faults:
        raise typer.Exit(1)


def _heads(file: Path) -> list[Head]:
    try:
        return [Head.read(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise HeadError(f"控え {file} を読めません（{error}）。") from error


@audit.command("head")
def show_head(home: Home = DEFAULT_HOME) -> None:
    """いまの末尾（番号とハッシュ）を一行で出します。別の場所に控えておくと、作り直しにも気づけます。"""
    with open_store(home) as store, store.database.transaction() as connection:
        print(head(connection).as_text())


@audit.command("seen")
def who_has_seen(
    parcel: Annotated[str, typer.Argument(help="地番")],
    home: Home = DEFAULT_HOME,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """この筆の所有者や課税を、誰が、いつ、何のために見たかを出します。調べたことも記録に残ります。"""
    with open_store(home) as store, store.database.transaction() as connection:
        keys = resolve_keys(store, connection, parcel, limit=50).keys or [parcel]
        entries = [one for key in keys for one in seen(connection, key)]
        record(connection, Who.program(), Entry("audit.seen", "audit", rows=keys, count=len(entries)))
    if as_json:
        print(json.dumps(entries, ensure_ascii=False))
        return
    for one in entries:
        print(
            f"{str(one['at'])[:19]} {one['department'] or ''} {one['name']}（{one['account']}、{one['origin'] or '不明'}） "
            f"{one['ledger']} 目的: {one['purpose_label']} {one['note'] or ''}"
        )
    print(f"{len(entries):,} 件")


@audit.command("cut")
def cut_log(home: Home = DEFAULT_HOME) -> None:
    """保存年限（設定 audit_years、はじめは5年）を過ぎた記録を消します。消したことと、続きの確かめ方は残ります。"""
    with open_store(home) as store, store.database.transaction() as connection:
        gone = cut(connection, store.settings.audit_years, Who.program())
    print(f"{gone:,} 件を消しました。")
