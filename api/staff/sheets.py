"""Sheets in 任意座標系, each on its own; and the register of loads with the rows that were not taken."""

import csv
import io

from fastapi import APIRouter, Response

from api.problems_described import problems_told
from api.staff.context import Calling, OpenStore, require
from layers.store.load_register import layer_of_load, load_rows, loads
from layers.store.rights.caller import Verb
from layers.store.unplaced_sheets import sheet_svg, sheets

router = APIRouter(tags=["sheets"])


@router.get("/sheets")
def list_sheets(store: OpenStore) -> dict[str, object]:
    """Every sheet whose coordinates have no place on earth."""
    return {"sheets": sheets(store)}


@router.get("/sheets/{sheet_id}.svg", response_class=Response, responses={200: {"content": {"image/svg+xml": {}}}})
def draw_sheet(store: OpenStore, sheet_id: int) -> Response:
    """One such sheet drawn in its own coordinates."""
    return Response(sheet_svg(store, sheet_id), media_type="image/svg+xml")


@router.get("/loads", responses=problems_told(404))
def list_loads(store: OpenStore, layer: str | None = None) -> dict[str, object]:
    """The register of loads, newest first, with what each did."""
    return {"loads": loads(store, layer)}


@router.get("/loads/{load_id}/rows.csv", response_class=Response, responses={200: {"content": {"text/csv": {}}}})
def rows_of_load(store: OpenStore, caller: Calling, load_id: int) -> Response:
    """Rows that a load rejected, repaired or set aside, with reasons, as a CSV that a spreadsheet opens.

    They hold every column of the file, so they are for who may edit the layer.
    """
    require(store, caller, Verb.EDIT, layer_of_load(store, load_id))
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["区分", "ファイル", "位置", "理由", "内容"])
    writer.writerows(load_rows(store, load_id))
    headers = {"Content-Disposition": f'attachment; filename="load-{load_id}-rows.csv"'}
    return Response("\ufeff" + text.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)
