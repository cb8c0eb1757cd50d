"""Sheets in 任意座標系: listed, and drawn on their own in their own coordinates."""

from xml.sax.saxutils import escape

import numpy as np
import shapely

from layers.store.errors import StoreError
from layers.store.instance import Store


class UnknownSheetError(StoreError):
    """No such sheet is kept."""


def sheets(store: Store) -> list[dict[str, object]]:
    """Every sheet with its name, its file, and how many parcels it holds."""
    with store.database.transaction() as connection:
        rows = connection.execute(
            "SELECT s.id, s.name, s.source, s.layer, s.load_id, count(f.id) FROM onomap.unplaced_sheets s "
            "LEFT JOIN onomap.unplaced_features f ON f.sheet_id = s.id WHERE s.layer = ANY(%s) "
            "GROUP BY s.id ORDER BY s.name, s.id",
            [list(store.catalogue)],
        ).fetchall()
    return [
        {"id": row[0], "name": row[1], "file": row[2], "layer": row[3], "load": row[4], "parcels": row[5]}
        for row in rows
    ]


def sheet_svg(store: Store, sheet_id: int, size_px: int = 900) -> str:
    """The sheet as SVG with its 地番, north of the sheet up. Raises UnknownSheetError."""
    with store.database.transaction() as connection:
        sheet = connection.execute(
            "SELECT name FROM onomap.unplaced_sheets WHERE id = %s AND layer = ANY(%s)",
            [sheet_id, list(store.catalogue)],
        ).fetchone()
        rows = connection.execute(
            "SELECT attributes->>'chiban', ST_AsBinary(geom) FROM onomap.unplaced_features "
            "WHERE sheet_id = %s AND geom IS NOT NULL ORDER BY id",
            [sheet_id],
        ).fetchall()
    if sheet is None:
        raise UnknownSheetError(f"図面 {sheet_id} はありません。図面の一覧から選んでください。")
    shapes = shapely.from_wkb(np.array([row[1] for row in rows], dtype=object))
    return _draw(str(sheet[0]), [str(row[0] or "") for row in rows], shapes, size_px)


def _draw(name: str, numbers: list[str], shapes: np.ndarray[tuple[int], np.dtype[np.object_]], size_px: int) -> str:
    west, south, east, north = shapely.total_bounds(shapes) if len(shapes) else (0.0, 0.0, 1.0, 1.0)
    scale = size_px / max(east - west, north - south, 1e-6)
    width, height = (east - west) * scale + 20, (north - south) * scale + 20

    def path(ring: shapely.LinearRing) -> str:
        points = shapely.get_coordinates(ring)
        steps = [f"{(x - west) * scale + 10:.2f},{(north - y) * scale + 10:.2f}" for x, y in points]
        return "M" + "L".join(steps) + "Z"

    drawn = []
    for number, shape in zip(numbers, shapes, strict=True):
        rings = [ring for part in shapely.get_parts(shape) for ring in (part.exterior, *part.interiors)]
        drawn.append(f'<path d="{"".join(path(ring) for ring in rings)}"/>')
        inside = shapely.point_on_surface(shape)
        x, y = (inside.x - west) * scale + 10, (north - inside.y) * scale + 10
        drawn.append(f'<text x="{x:.1f}" y="{y:.1f}">{escape(number)}</text>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" role="img" '
        f'aria-label="{escape(name)}（任意座標系、位置なし）"><style>path{{fill:#fff;fill-rule:evenodd;stroke:#333;stroke-width:1}}'
        "text{font:11px 'BIZ UDPGothic','Noto Sans CJK JP',sans-serif;text-anchor:middle;dominant-baseline:middle;fill:#111}"
        f"</style>{''.join(drawn)}</svg>"
    )
