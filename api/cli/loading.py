"""`onomap layers`, `onomap load`, `onomap loads`: what is in the store, and files into it."""

import json
import sys
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from api.cli.application import DEFAULT_HOME, Home, application
from gis.crs import Datum, Grids
from gis.errors import OnomapError
from layers.store.definitions import GeometryKind
from layers.store.instance import Store, open_store
from layers.store.load_register import load_rows, loads
from layers.store.loading.load import LoadRequest, Mode, load
from layers.store.loading.positions import Declared
from layers.store.loading.report import LoadReport
from layers.store.overview import overview
from layers.store.rasters import keep_raster

screen = Console(stderr=True, highlight=False)


class UsageError(OnomapError):
    """Options that contradict each other."""


class DatumName(StrEnum):
    """The datums that a load may declare."""

    TOKYO = "Tokyo"
    JGD2000 = "JGD2000"
    JGD2011 = "JGD2011"


@application.command("layers")
def list_layers(home: Home = DEFAULT_HOME, as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """レイヤの一覧（担当課、データの日付、件数）を表示します。"""
    with open_store(home) as store:
        listing = overview(store)
    if as_json:
        print(json.dumps(listing, ensure_ascii=False))
        return
    table = Table("レイヤ", "名称", "担当課", "件数", "データの日付", "更新")
    for layer in _rows_of(listing):
        freshness = "要更新確認" if layer["stale"] else ("" if layer["loaded"] else "未登録")
        table.add_row(
            str(layer["id"]), str(layer["title"]), str(layer["department"]), _count(layer),
            str(layer["data_date"] or ""), freshness,
        )  # fmt: skip
    Console(highlight=False).print(table)


def _count(layer: dict[str, object]) -> str:
    return f"{'約' if layer['rows_estimated'] else ''}{layer['rows']:,}"


def _rows_of(listing: dict[str, object]) -> list[dict[str, object]]:
    rows = listing["layers"]
    assert isinstance(rows, list)  # noqa: S101 - the overview's own shape
    return rows


@application.command("load")
def load_files(
    layer: Annotated[str, typer.Argument(help="レイヤ名（onomap layers で一覧）")],
    paths: Annotated[list[Path], typer.Argument(help="読み込むファイルまたはフォルダ")],
    home: Home = DEFAULT_HOME,
    replace: Annotated[bool, typer.Option("--replace", help="新しい版として全体を入れ替える")] = False,
    add: Annotated[bool, typer.Option("--add", help="いまある行に加える（同じ名前のファイルは差し替え）")] = False,
    crs: Annotated[int | None, typer.Option("--crs", help="座標系のEPSG番号（ファイルに記載がないとき）")] = None,
    datum: Annotated[DatumName | None, typer.Option("--datum", help="測地系（地図XMLの測地成果を宣言する）")] = None,
    data_date: Annotated[
        datetime | None, typer.Option("--data-date", formats=["%Y-%m-%d"], help="データの時点")
    ] = None,
    coverage: Annotated[Path | None, typer.Option("--coverage", help="整備範囲のポリゴンファイル")] = None,
    tky2jgd: Annotated[Path | None, typer.Option("--tky2jgd", help="TKY2JGD.par の場所")] = None,
    patchjgd: Annotated[Path | None, typer.Option("--patchjgd", help="touhokutaiheiyouoki2011.par の場所")] = None,
    encoding: Annotated[str | None, typer.Option("--encoding", help="文字コード（自動で決められないとき）")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="結果を最後の行にJSONで出す")] = False,
) -> None:
    """ファイルをレイヤに読み込みます。途中で失敗したときは何も変わりません。"""
    mode = _mode(replace=replace, add=add)
    for path in [*paths, *[p for p in (coverage, tky2jgd, patchjgd) if p is not None]]:
        if not path.exists():
            raise UsageError(f"{path} がありません。ファイルの場所を確認してください。")
    with open_store(home) as store:
        grids = store.settings.grids
        request = LoadRequest(
            layer=store.layer(layer),
            paths=tuple(paths),
            mode=mode,
            declared=Declared(
                epsg=crs,
                datum=None if datum is None else Datum(datum.value),
                grids=Grids(tky2jgd=tky2jgd or grids.tky2jgd, patchjgd=patchjgd or grids.patchjgd),
            ),
            data_date=None if data_date is None else data_date.date(),
            coverage=coverage,
            encoding=encoding,
        )
        load_id, report = _load(store, request)
    _tell(store, request, load_id, report)
    if as_json:
        print(json.dumps({"load": load_id, **report.as_json()}, ensure_ascii=False))


def _mode(*, replace: bool, add: bool) -> Mode | None:
    if replace and add:
        raise UsageError("--replace と --add は同時に指定できません。どちらか一つにしてください。")
    return "replace" if replace else "add" if add else None


def _load(store: Store, request: LoadRequest) -> tuple[int, LoadReport]:
    if request.layer.geometry is GeometryKind.RASTER:
        if len(request.paths) != 1:
            raise UsageError(f"{request.layer.title} には GeoTIFF を一つだけ指定してください。")
        return keep_raster(store, request.layer, request.paths[0], data_date=request.data_date)
    with screen.status("読み込み中…") as status:
        done = load(
            store.database,
            store.town,
            request,
            progress=lambda source, read: status.update(f"読み込み中… {read:,} 行（{source}）"),
        )
    return done.load_id, done.report


def _tell(store: Store, request: LoadRequest, load_id: int, report: LoadReport) -> None:
    """The report for a person, on stderr."""
    screen.print(
        f"{request.layer.title}: 読み込み番号 {load_id}　読んだ行 {report.read:,}　取り込み {report.loaded:,}　"
        f"位置なし {report.unplaced:,}　別置き {len(report.set_aside_rows):,}　修復 {len(report.repaired_rows):,}　"
        f"不採用 {len(report.rejected_rows):,}"
    )
    for step in report.crs_steps:
        screen.print(f"座標: {step}")
    for reason, count in _reasons(report, "rejected_reasons"):
        screen.print(f"不採用: {reason} … {count:,} 件")
    for reason, count in _reasons(report, "repaired_reasons"):
        screen.print(f"修復: {reason} … {count:,} 件")
    for warning in [*report.warnings, *report.notes]:
        screen.print(f"注意: {warning}")
    if report.rejected_rows or report.repaired_rows or report.set_aside_rows:
        screen.print(f"行ごとの理由は `onomap loads --rows {load_id}` で取り出せます。")


def _reasons(report: LoadReport, which: str) -> list[tuple[str, int]]:
    reasons = report.as_json()[which]
    assert isinstance(reasons, dict)  # noqa: S101 - the report's own shape
    return list(reasons.items())[:10]


@application.command("loads")
def list_loads(
    home: Home = DEFAULT_HOME,
    layer: Annotated[str | None, typer.Option("--layer", help="このレイヤだけ")] = None,
    rows: Annotated[
        int | None, typer.Option("--rows", help="この読み込み番号の不採用・修復・別置きの行をCSVで出す")
    ] = None,
) -> None:
    """読み込みの記録を表示します。"""
    import csv

    with open_store(home) as store:
        if rows is not None:
            writer = csv.writer(sys.stdout)
            writer.writerow(["区分", "ファイル", "位置", "理由", "内容"])
            writer.writerows(load_rows(store, rows))
            return
        for entry in loads(store, layer):
            print(json.dumps(entry, ensure_ascii=False))
