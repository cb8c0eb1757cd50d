"""`onomap export`: a layer into a file of an open format."""

from datetime import datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.console import Console

from api.cli.application import DEFAULT_HOME, Home, application
from gis.formats.writing.formats import FORMATS, format_named, format_of_suffix
from layers.store.instance import open_store
from layers.store.selection import Selection, readable_fields

screen = Console(stderr=True, highlight=False)


@application.command("export")
def export(
    layer: Annotated[str, typer.Argument(help="レイヤ名（onomap layers で一覧）")],
    output: Annotated[Path, typer.Option("-o", "--output", help="書き出すファイル")],
    home: Home = DEFAULT_HOME,
    wanted: Annotated[
        str | None, typer.Option("--format", help=f"形式（{'、'.join(FORMATS)}）。なければ拡張子で決める")
    ] = None,
    crs: Annotated[str | None, typer.Option("--crs", help="座標系（EPSG の番号または CRS84）")] = None,
    as_of: Annotated[
        datetime | None,
        typer.Option("--as-of", formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"], help="この時点の内容を書き出す"),
    ] = None,
) -> None:
    """レイヤをファイルに書き出します。途中で失敗したときは、ファイルはできません。"""
    # Arrow and GDAL take a second to import, which no other command should wait for
    from layers.store.export import Halt, plan, srid_named, write_file

    file_format = format_of_suffix(output) if wanted is None else format_named(wanted)
    srid = None if crs is None else srid_named(crs)
    moment = None if as_of is None else as_of.replace(tzinfo=ZoneInfo("Asia/Tokyo"))
    written = 0
    with open_store(home) as store, screen.status("書き出し中…") as status:

        def show(rows: int) -> None:
            nonlocal written
            written = rows
            status.update(f"書き出し中… {rows:,} 行")

        chosen = store.layer(layer)
        selection = Selection(chosen, readable_fields(chosen), as_of=moment)
        write_file(store, plan(store, selection, file_format, srid), output, Halt(), show)
    screen.print(f"{chosen.title}: {written:,} 行を {output} に書き出しました（{file_format.title}）。")
