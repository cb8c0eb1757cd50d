"""`onomap base-stations …`: lists of reference stations into the layer of base stations."""

from pathlib import Path
from typing import Annotated

import typer

from api.cli.application import DEFAULT_HOME, Home, application

base_stations = typer.Typer(help="RTK基準局の一覧を取り込む（点検と状態は庁内の画面 /fields で）", no_args_is_help=True)
application.add_typer(base_stations, name="base-stations")


@base_stations.command("geonet")
def geonet(
    file: Annotated[Path, typer.Argument(help="電子基準点の一覧（CSV。CP932 か UTF-8）")],
    within_km: Annotated[
        float, typer.Option("--within-km", min=1, max=4_000, help="町の中央から何 km までを取り込むか")
    ] = 100.0,
    home: Home = DEFAULT_HOME,
) -> None:
    """国土地理院の電子基準点の一覧を取り込みます。位置は番号の3次メッシュの中心で、±0.6 km です。"""
    from gis.errors import UnreadableFileError
    from layers.store.instance import open_store
    from layers.surveys.geonet_loading import load_geonet

    if not file.is_file():
        raise UnreadableFileError(f"{file} がありません。ファイルの場所を確認してください。")
    with open_store(home) as store:
        done = load_geonet(store, file, within_km)
    for reason in done.rejected[:10]:
        print(f"読み飛ばし: {reason}")
    if len(done.rejected) > 10:
        print(f"読み飛ばし: ほか {len(done.rejected) - 10} 行")
    print(
        f"電子基準点 {done.taken} 点を取り込みました（{within_km:g} km より遠い {done.beyond} 点は取り込んでいません）。"
        f"位置は3次メッシュの中心で、±0.6 km です。読み込み番号 {done.load_id}"
    )
