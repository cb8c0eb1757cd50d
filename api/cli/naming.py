"""`onomap town-names`: how the town's 大字 are read, so that a search by kana finds them."""

from pathlib import Path
from typing import Annotated

import typer

from api.cli.application import DEFAULT_HOME, Home, application
from layers.store.instance import open_store
from layers.store.place_readings import load_readings


@application.command("town-names")
def town_names(
    path: Annotated[Path, typer.Argument(help="読みのある町字の表（町字マスター、日本郵便の郵便番号、農業集落など）")],
    home: Home = DEFAULT_HOME,
) -> None:
    """大字の読みを登録します。登録すると、地番や地名をかなで探せます。"""
    with open_store(home) as store:
        kept = load_readings(store.database, store.town, path)
    print(
        f"読み取り {kept.read:,} 件、登録 {kept.kept:,} 件、読みなし {kept.without_kana:,} 件、町外 {kept.elsewhere:,} 件"
    )
