"""`onomap fields export` and `onomap fields import`: surveyed fields to machines' files and back."""

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from api.cli.application import DEFAULT_HOME, Home
from api.cli.fields import fields
from gis.errors import UnreadableFileError
from gis.formats.machine.files import FORMATS

if TYPE_CHECKING:
    from gis.formats.machine import MachineField
    from layers.store.instance import Store
    from layers.store.rights.caller import Caller
    from layers.surveys.machine import Brought

screen = Console(stderr=True, highlight=False)
_BY_SUFFIX = {".sim": "sima", ".kml": "kml", ".geojson": "geojson", ".gpx": "gpx", ".zip": "isoxml4"}


@fields.command("export")
def export(
    output: Annotated[Path, typer.Option("-o", "--output", help="書き出すファイル")],
    field_ids: Annotated[list[str] | None, typer.Argument(metavar="[FIELD]...", help="圃場ID。なければ全部")] = None,
    home: Home = DEFAULT_HOME,
    form: Annotated[
        str | None,
        typer.Option("--format", help=f"形式（{'、'.join(FORMATS)}）。なければ拡張子で決める（zip は isoxml4）"),
    ] = None,
    headland_m: Annotated[float | None, typer.Option("--headland", help="枕地の幅（m）")] = None,
    width_m: Annotated[float | None, typer.Option("--width", help="作業幅（m）。誘導線を入れる")] = None,
) -> None:
    """圃場を、トラクターやドローンのファイルに書き出します。ファイルに入らないものは文で知らせます。"""
    from layers.store.instance import open_store
    from layers.surveys.fields import note_export
    from layers.surveys.machine import Wish, machine_file

    wish = Wish(form or _BY_SUFFIX.get(output.suffix.lower(), output.suffix or "なし"), headland_m, width_m)
    with open_store(home) as store:
        operator = _operator(store)
        file, found = machine_file(store, operator, field_ids or [], wish)
        try:
            output.write_bytes(file.content)
        except OSError as error:
            raise UnreadableFileError(
                f"{output} に書き出せません（{error.strerror}）。場所を確かめてください。"
            ) from error
        note_export(store, operator, None, found, wish.form)
    screen.print(f"圃場 {len(found)}筆を {output} に書き出しました（{FORMATS[wish.form].title}）。")
    for note in file.notes:
        screen.print(f"・{note}")


@fields.command("import")
def import_file(
    file: Annotated[
        Path, typer.Argument(help="ISOXML（フォルダ、zip、TASKDATA.XML）、SIMA、Shapefile、KML、GeoJSON、GPX")
    ],
    home: Home = DEFAULT_HOME,
    keep: Annotated[bool, typer.Option("--keep", help="圃場として保存する（なければ中身を見せるだけ）")] = False,
    surveyed_on: Annotated[
        datetime | None, typer.Option("--surveyed-on", formats=["%Y-%m-%d"], help="測った日")
    ] = None,
    accuracy_m: Annotated[float | None, typer.Option("--accuracy", help="角の標準誤差（m）")] = None,
    numbers: Annotated[list[int] | None, typer.Option("--number", help="保存する圃場の番号（何度でも）")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="GeoJSON で見せる")] = False,
) -> None:
    """機械のファイルの圃場を見ます。--keep を付けると圃場として保存し、途中で合わないものがあれば何も変えません。"""
    from gis.formats.machine.files import gathered
    from layers.store.instance import open_store
    from layers.surveys.machine import Brought, brought_in
    from layers.surveys.machine_json import brought_json

    brought = Brought(file.name, gathered(file), numbers or ())
    with open_store(home) as store:
        if keep:
            _keep(store, brought, surveyed_on, accuracy_m)
            return
        found = brought_in(store, brought)
        epsg = store.town.srid
    if as_json:
        print(json.dumps(brought_json(found, epsg), ensure_ascii=False))
    else:
        _print(found, epsg)


def _keep(store: "Store", brought: "Brought", surveyed_on: datetime | None, accuracy_m: float | None) -> None:
    from layers.surveys.errors import SurveyRefusedError
    from layers.surveys.machine import Claim, keep_brought

    if surveyed_on is None or accuracy_m is None or not 0.001 <= accuracy_m <= 20:
        raise SurveyRefusedError(
            "--keep には、--surveyed-on（測った日）と --accuracy（角の標準誤差、0.001〜20 m）が要ります。"
        )
    kept = keep_brought(store, _operator(store), None, brought, Claim(surveyed_on.date(), accuracy_m))
    for field, is_new in kept:
        print(f"{field.field_id}\t{field.field_name}\t{field.area_m2:,.2f} ㎡\t{'新しい' if is_new else 'すでにある'}")


def _print(found: "list[MachineField]", epsg: int) -> None:
    from layers.surveys.machine import hindrance, measured_m2

    for number, item in enumerate(found, start=1):
        area = measured_m2(item, epsg)
        shown = "境界なし" if area is None else f"{area:,.2f} ㎡"
        print(
            f"{number}\t{item.name}\t{shown}\t角 {len(item.outer)}、内側の境界 {len(item.inners)}、"
            f"枕地 {'あり' if item.headland is not None else 'なし'}、誘導線 {len(item.guidance)}"
        )
        for note in dict.fromkeys((*item.notes, hindrance(item))):
            if note is not None:
                print(f"\t・{note}")


def _operator(store: "Store") -> "Caller":
    """Who holds the machine holds its files: the command line works for the department of the layer, with every duty."""
    from layers.store.rights.caller import Caller, Post
    from layers.store.rights.grants import FIELDS

    department = store.layer(FIELDS).department
    return Caller("onomap", "コマンドライン", Post(department, frozenset(store.policy.duties)))
