"""`onomap situation …`: the situation on a stick to a public side behind a gap, and what both sides have."""

from pathlib import Path
from typing import Annotated

import typer

from api.cli.application import DEFAULT_HOME, Home, application

situation = typer.Typer(
    help="災害時の状態を公開側へ運ぶ・確かめる（切り替えは庁内の画面 /bosai で）", no_args_is_help=True
)
application.add_typer(situation, name="situation")


@situation.command("export")
def export(
    file: Annotated[Path, typer.Argument(help="書き出すファイル（json）")],
    above: Annotated[
        int, typer.Option("--above", min=0, help="公開側にある番号。庁内を古いバックアップから戻したあとだけ指定する")
    ] = 0,
    home: Home = DEFAULT_HOME,
) -> None:
    """いまの災害時の状態を、署名したファイルに書き出します（離れた公開側へ運ぶため）。"""
    from api.situation_sending import signed
    from layers.publication.signed_document import write_file
    from layers.situation.desk import current_for_program, note_sent
    from layers.store.audit.log import Who
    from layers.store.instance import open_store

    with open_store(home) as store:
        revision = current_for_program(store, above)
        write_file(file, signed(store, revision))
        note_sent(store, Who.program(), revision.number, "file")
    print(
        f"災害時の状態 {revision.number} 番を {file} に書き出しました。"
        f"公開側で onomap situation import {file.name} を実行してください。"
    )


@situation.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="取り込むファイル（json）")], home: Home = DEFAULT_HOME
) -> None:
    """公開側で、署名と番号を確かめてから取り込みます。合わなければ何も変えません。"""
    from api.situation_sending import take
    from layers.publication.opening import public_side_in_use
    from layers.publication.signed_document import read_file

    with public_side_in_use(home) as side:
        number = take(side, read_file(file))
    print(f"災害時の状態 {number} 番を公開しました。")


@situation.command("show")
def show(home: Home = DEFAULT_HOME) -> None:
    """庁内の状態と、公開側にある状態を並べて出します。"""
    from layers.publication.opening import has_public_side, public_side_in_use
    from layers.situation.desk import current_for_program
    from layers.store.instance import open_store
    from layers.store.settings import load_settings

    settings = load_settings(home)
    if settings.database_url is not None or settings.public_database_url is None:
        with open_store(home) as store:
            inside = current_for_program(store)
        print(f"庁内: {_told(inside.number, inside.content.model_dump(mode='json'))}")
    if has_public_side(settings):
        from api.situation_sending import held

        with public_side_in_use(home) as side:
            found = held(side)
        print(f"公開側: {_told(found.number, found.content)}" if found else "公開側: まだ何も届いていません")


def _told(number: int, content: dict[str, object]) -> str:
    counts = [f"{label} {len(list(_list(content[key])))}" for key, label in _LISTS.items()]
    exercise = "（訓練）" if content["exercise"] else ""
    return f"{number} 番 {content['phase']}{exercise} {content['headline']} {' '.join(counts)}"


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


_LISTS = {"shelters": "避難所等", "closures": "通行止め", "notices": "お知らせ"}
