"""`onomap bands`: the simplified shapes from which small scales are drawn, made again where they are out of date."""

from typing import Annotated

import typer

from api.cli.application import DEFAULT_HOME, Home, application
from api.progress import told_progress
from layers.store.instance import open_store
from layers.store.tiles.band_filling import fill, layers_to_fill
from layers.store.tiles.band_plan import bands_of


@application.command("bands")
def fill_bands(
    names: Annotated[list[str] | None, typer.Argument(help="レイヤ名。省くと、作り直しが要るものすべて")] = None,
    home: Home = DEFAULT_HOME,
) -> None:
    """小さい縮尺で描くための簡略図形を作ります（サーバの起動中は自動で作られます）。"""
    with open_store(home) as store:
        wanted = [store.layer(name) for name in names] if names else layers_to_fill(store.database, store.catalogue)
        with told_progress() as tell:
            filled = fill(
                store.database,
                [layer for layer in wanted if bands_of(layer)],
                tell,
            )
    print("、".join(filled) if filled else "作り直すものはありません。")
