"""`onomap publish …`: a layer from draft to public and back, by bundle only; for scripts, and for a public side behind a gap."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from api.cli.application import DEFAULT_HOME, Home, application
from api.progress import told_progress
from layers.accounts.askers import asker_of_key
from layers.accounts.errors import SignInError
from layers.accounts.persons import ADMINISTRATOR
from layers.accounts.tokens import digest
from layers.store.instance import Store, open_store
from layers.store.rights.caller import Caller, Post

screen = Console(stderr=True, highlight=False)
publishing = typer.Typer(help="レイヤを公開側へ出す・戻す（下書き→承認→署名した束→取り込み）", no_args_is_help=True)
application.add_typer(publishing, name="publish")

OPERATOR = Caller("operator", "サーバの管理者", Post("", frozenset({ADMINISTRATOR})))
"""Whoever may enter the server: may take the public side back to what two people once agreed to, and nothing else."""
Key = Annotated[
    str,
    typer.Option(
        "--key", envvar="ONOMAP_KEY", help="操作する人の鍵（onomap token 利用者名 --verbs read,edit,approve）"
    ),
]
Number = Annotated[int, typer.Argument(help="公開の記録の番号（onomap publish list で一覧）")]
Numbers = Annotated[list[int], typer.Argument(help="承認された公開の記録の番号")]


def _caller(store: Store, key: str) -> Caller:
    """Whose key it is: two people are two keys, so that nobody approves for another by writing their name."""
    asker = asker_of_key(store, digest(key))
    if asker is None:
        raise SignInError(
            "この鍵では入れません。期限が切れたか、取り消されています。onomap token で作り直してください。"
        )
    return asker.caller


@publishing.callback(invoke_without_command=True)
def publish(
    context: typer.Context,
    static: Annotated[
        Path | None, typer.Option("--static", help="公開中の版を、どの Web サーバーにも置けるフォルダに書き出す")
    ] = None,
    news: Annotated[
        str | None,
        typer.Option("--news", help="--static のページから案内する、避難所の開設状況などを載せた町の画面のアドレス"),
    ] = None,
    home: Home = DEFAULT_HOME,
) -> None:
    """レイヤを公開側へ出す・戻す。--static DIR は公開中の版をフォルダに書き出します。"""
    if static is None or context.invoked_subcommand is not None:
        return
    from api.public.editions import opened
    from api.static_edition import write_static
    from layers.publication.opening import public_side_in_use
    from layers.publication.serving import open_public

    with public_side_in_use(home) as side, told_progress() as tell:
        published = open_public(side.database.web_url, side.folder, size=2)
        try:
            files = write_static(published, opened(published), static, tell, news)
        finally:
            published.database.close()
    print(f"第{published.number}版を {static} に書き出しました（{files} ファイル）。")


@publishing.command("draft")
def draft(
    layer: Annotated[str, typer.Argument(help="レイヤ名（onomap layers で一覧）")],
    key: Key,
    home: Home = DEFAULT_HOME,
) -> None:
    """いまの内容で公開の下書きを作り、確かめます。"""
    from layers.publication.opening import open_desk

    with open_store(home) as store, told_progress() as tell:
        made = open_desk(store, make=True).draft(_caller(store, key), layer, tell)
    _show_findings(made.id, made.state, made.findings, made.difference)


@publishing.command("check")
def check(number: Number, home: Home = DEFAULT_HOME) -> None:
    """下書きをもう一度確かめます。"""
    from layers.publication.opening import open_desk

    with open_store(home) as store, told_progress() as tell:
        found = open_desk(store, make=True).check(number, tell)
    _show_findings(found.id, found.state, found.findings, found.difference)


@publishing.command("approve")
def approve(number: Number, key: Key, home: Home = DEFAULT_HOME) -> None:
    """下書きを作った人とは別の、同じ課の承認者として承認します。"""
    from layers.publication.opening import open_desk

    with open_store(home) as store:
        open_desk(store, make=True).approve(_caller(store, key), number)
    print(f"{number} を承認しました。onomap publish go {number} で公開します。")


@publishing.command("go")
def go(numbers: Numbers, key: Key, home: Home = DEFAULT_HOME) -> None:
    """承認されたものを束にして、この機械の公開側に取り込み、切り替えます。"""
    from layers.publication.opening import open_desk

    with open_store(home) as store, told_progress() as tell:
        edition = open_desk(store, make=True).publish(_caller(store, key), numbers, tell)
    print(f"第{edition}版を公開しました。")


@publishing.command("export")
def export(
    file: Annotated[Path, typer.Argument(help="書き出す束（zip）")],
    key: Key,
    numbers: Annotated[
        list[int] | None, typer.Argument(help="承認された公開の記録の番号。なければいまの公開分だけ")
    ] = None,
    home: Home = DEFAULT_HOME,
) -> None:
    """承認されたものといまの公開分を、署名した束に書き出します（離れた公開側へ運ぶため）。"""
    from layers.publication.opening import open_desk

    with open_store(home) as store, told_progress() as tell:
        edition = open_desk(store, make=True).export(_caller(store, key), numbers or [], file, tell)
    print(
        f"第{edition}版の束を {file} に書き出しました。公開側で onomap publish import {file.name} を実行してください。"
    )


@publishing.command("import")
def import_file(file: Annotated[Path, typer.Argument(help="取り込む束（zip）")], home: Home = DEFAULT_HOME) -> None:
    """公開側で、束の署名と中身を確かめてから取り込み、切り替えます。合わなければ何も変えません。"""
    from layers.publication.importing import import_bundle
    from layers.publication.opening import public_side_in_use

    with public_side_in_use(home) as side, told_progress() as tell:
        edition = import_bundle(side, file, tell)
    print(f"第{edition}版を公開しました。")


@publishing.command("rollback")
def rollback(
    edition: Annotated[int | None, typer.Argument(help="戻す版。なければ一つ前")] = None,
    key: Annotated[
        str, typer.Option("--key", envvar="ONOMAP_KEY", help="操作する人の鍵。なければ、この機械の管理者として戻す")
    ] = "",
    home: Home = DEFAULT_HOME,
) -> None:
    """前の版の公開に戻します。庁内のデータがない機械では、公開側だけを戻します。"""
    from layers.publication.importing import roll_back
    from layers.publication.opening import open_desk, public_side_in_use
    from layers.store.settings import load_settings

    if load_settings(home).public_database_url and not key:
        with public_side_in_use(home) as side:
            served = roll_back(side, edition)
    else:
        with open_store(home) as store:
            served = open_desk(store, make=True).rollback(_caller(store, key) if key else OPERATOR, edition)
    print(f"第{served}版の公開に戻しました。")


@publishing.command("withdraw")
def withdraw(
    layer: Annotated[str, typer.Argument(help="公開を終えるレイヤ名")],
    key: Key,
    home: Home = DEFAULT_HOME,
) -> None:
    """一つのレイヤの公開を終えます。"""
    from layers.publication.opening import open_desk

    with open_store(home) as store, told_progress() as tell:
        edition = open_desk(store, make=True).withdraw(_caller(store, key), layer, tell)
    print(f"公開を終えました（第{edition}版）。")


@publishing.command("list")
def list_publications(home: Home = DEFAULT_HOME) -> None:
    """公開の記録と、公開側にある版を一覧にします。"""
    from layers.publication.opening import open_desk
    from layers.publication.register import STATE_LABELS, public_number, publications

    with open_store(home) as store:
        desk = open_desk(store, make=True)
        with store.database.transaction() as connection:
            found, now = publications(connection, 50), public_number(connection)
        held = desk.held()
    for one in found:
        rows = f"{one.rows:,} 件" if one.rows is not None else ""
        print(
            f"{one.id}\t{STATE_LABELS[one.state]}\t{one.layer}\t{rows}\t{one.requested_name} → {one.approved_name or '―'}"
        )
    print(f"公開中: 第{now}版（戻せる版: {'、'.join(str(number) for number in held) or 'なし'}）")


@publishing.command("pull")
def pull_lines(home: Home = DEFAULT_HOME) -> None:
    """公開側の受け箱にたまった知らせを庁内に取り込みます。"""
    from layers.publication.inbox import pull
    from layers.publication.opening import open_desk

    with open_store(home) as store:
        pulled = pull(store.database, open_desk(store, make=True).need_side().database)
    print(f"{pulled.taken} 件を取り込みました（うち読めないもの {pulled.refused} 件）。")


@publishing.command("key")
def show_key(home: Home = DEFAULT_HOME) -> None:
    """公開側に渡す公開鍵を出します（公開側の HOME/public/trusted.pub に置く）。"""
    from layers.publication.keys import public_half, signing_key
    from layers.store.settings import load_settings

    print(public_half(signing_key(load_settings(home).home / "publication")).pem(), end="")


def _show_findings(
    number: int, state: str, findings: list[dict[str, str]] | None, difference: dict[str, object] | None
) -> None:
    marks = {"stop": "✕", "look": "△", "good": "○"}
    for finding in findings or ():
        print(f"{marks[finding['level']]} {finding['sentence']}")
    sentences = (difference or {}).get("sentences", ())
    if isinstance(sentences, list):
        print("\n".join(sentences))
    if state == "refused":
        print(f"公開の記録 {number}: 公開できません。✕ の点を直してから、もう一度下書きを作ってください。")
        raise typer.Exit(1)
    print(f"公開の記録 {number}: 同じ課のもう一人が onomap publish approve {number} で承認します。")
