"""The parcels and what stands around them as a Leaflet map that needs nothing but the file it is in."""

import base64
import re
from dataclasses import dataclass
from html import escape
from pathlib import Path

import folium
import numpy as np
import shapely
from branca.element import Figure
from shapely.geometry.base import BaseGeometry

from gis.errors import OnomapError
from gis.map_symbols import FILL_OPACITY, MARKERS, SUBJECT_INK, FeatureStyle, MarkerBook, pattern_definitions
from gis.mapsheet import MapLayer
from layers.inquiries.model import Parcel
from layers.inquiries.sheets.as_json import to_lonlat
from layers.inquiries.sheets.context import MapContext
from layers.inquiries.sheets.frames import placed

LEAFLET = Path(__file__).parents[3] / "webmap" / "node_modules" / "leaflet" / "dist"

_IMAGE = re.compile(r"url\((images/[\w.-]+\.png)\)")
_SOURCE_MAP = re.compile(r"//# sourceMappingURL=\S+")
_PATTERN_UNIT_PX = 2.0


class MissingLeafletError(OnomapError):
    """Leaflet's files are not where the set-up puts them."""


@dataclass(frozen=True)
class LeafletMap:
    """Parts of a page: the map's element, its script, the tiles of its patterns, and the legend in order of drawing."""

    element: str
    script: str
    patterns: str
    legend: tuple[tuple[FeatureStyle, str], ...]


@dataclass(frozen=True)
class LeafletFiles:
    """Leaflet's script and style sheet, with its images inside."""

    script: str
    style: str


def read_leaflet(folder: Path) -> LeafletFiles:
    """Leaflet from a `dist` folder, ready to stand inside a page; MissingLeafletError says how to get it."""
    try:
        script = (folder / "leaflet.js").read_text(encoding="utf-8")
        style = (folder / "leaflet.css").read_text(encoding="utf-8")
        inlined = _IMAGE.sub(lambda found: f"url({_data_uri(folder / found.group(1))})", style)
    except FileNotFoundError as error:
        raise MissingLeafletError(
            f"HTMLに入れる Leaflet のファイル {Path(error.filename).name} がありません。"
            "webmap フォルダで npm ci --ignore-scripts を実行してください。"
        ) from error
    return LeafletFiles(_SOURCE_MAP.sub("", script).replace("</script", "<\\/script"), inlined)


def leaflet_map(parcels: tuple[Parcel, ...], context: MapContext) -> LeafletMap | None:
    """The map, or None when no parcel has a place on earth."""
    shown = placed(parcels)
    if not shown:
        return None
    page = folium.Map(tiles=None, control_scale=True, zoom_snap=0.25)
    page.default_js, page.default_css = [], []
    legend: dict[FeatureStyle, str] = {}
    markers = MarkerBook()
    for layer in context.layers:
        _add_layer(page, layer, context.epsg, markers, legend)
    _add_parcels(page, shown, context.epsg)
    folium.LayerControl(collapsed=True).add_to(page)
    root = page.get_root()
    if not isinstance(root, Figure):
        raise TypeError("folium's root is no figure")
    root.render()
    return LeafletMap(
        element=root.html.render(),
        script=root.script.render(),
        patterns=pattern_definitions(legend, _PATTERN_UNIT_PX, FILL_OPACITY),
        legend=tuple(legend.items()),
    )


def _data_uri(image: Path) -> str:
    return f"data:image/png;base64,{base64.b64encode(image.read_bytes()).decode()}"


def _add_layer(
    page: folium.Map, layer: MapLayer, epsg: int, markers: MarkerBook, legend: dict[FeatureStyle, str]
) -> None:
    """One layer that can be switched off; areas and lines as one GeoJSON, points as markers of their own shapes."""
    group = folium.FeatureGroup(name=escape(layer.title))
    features = []
    for geometry, style, label in zip(layer.geometries, layer.styles, layer.labels, strict=True):
        if geometry is None or geometry.is_empty:
            continue
        dimension = int(shapely.get_dimensions(geometry))
        legend.setdefault(style, markers.of(style) if dimension == 0 else "line" if dimension == 1 else "area")
        words = escape(f"{layer.title}：{style.label}" + (f"　{label}" if label else ""))
        moved = to_lonlat(geometry, epsg)
        if dimension == 0:
            _add_points(group, moved, style, legend[style], words)
        else:
            paint = _path_options(style, area=dimension == 2)
            features.append({**_feature(moved), "properties": {"words": words, "paint": paint}})
    if features:
        folium.GeoJson(
            {"type": "FeatureCollection", "features": features},
            style_function=lambda feature: feature["properties"]["paint"],
            tooltip=folium.GeoJsonTooltip(fields=["words"], labels=False, sticky=True),
        ).add_to(group)
    group.add_to(page)


def _add_points(group: folium.FeatureGroup, points: BaseGeometry, style: FeatureStyle, marker: str, words: str) -> None:
    """A marker for each point; `words` are already safe for HTML."""
    svg = (
        f'<svg viewBox="-1.5 -1.5 3 3" width="18" height="18" aria-hidden="true"><path d="{MARKERS[marker]}" '
        f'fill="{style.fill or style.line or "#333333"}" stroke="#ffffff" stroke-width="0.25"/></svg>'
    )
    for lon, lat in shapely.get_coordinates(points):
        icon = folium.DivIcon(html=svg, icon_size=(18, 18), icon_anchor=(9, 9), class_name="marker")
        tooltip = folium.Tooltip(words, sticky=True)
        folium.Marker((float(lat), float(lon)), icon=icon, tooltip=tooltip).add_to(group)


def _add_parcels(page: folium.Map, parcels: list[Parcel], epsg: int) -> None:
    """The inquired parcels on top, each with its number standing on it, and the view around them."""
    shapes = [to_lonlat(parcel.geometry, epsg) for parcel in parcels if parcel.geometry is not None]
    group = folium.FeatureGroup(name="照会筆")
    for parcel, shape in zip(parcels, shapes, strict=True):
        paint = {
            "color": SUBJECT_INK,
            "weight": 4,
            "fill": False,
            "dashArray": "8 5" if parcel.undetermined else None,
        }
        folium.GeoJson(
            {**_feature(shape), "properties": {"words": escape(parcel.chiban)}},
            style_function=lambda _, paint=paint: paint,
            tooltip=folium.GeoJsonTooltip(
                fields=["words"], labels=False, sticky=False, permanent=True, direction="center", class_name="parcel"
            ),
        ).add_to(group)
    group.add_to(page)
    west, south, east, north = (float(value) for value in shapely.total_bounds(np.array(shapes, dtype=object)))
    page.fit_bounds([(south, west), (north, east)], padding=(60, 60), max_zoom=20)


def _path_options(style: FeatureStyle, *, area: bool) -> dict[str, object]:
    """Leaflet's path options; a pattern is an SVG tile of the page, which Leaflet passes on as the fill."""
    ink = style.line or (None if area else style.fill)
    dashes = " ".join(f"{length * style.width:g}" for length in style.dashes)
    options: dict[str, object] = {
        "stroke": ink is not None,
        "color": ink,
        "weight": style.width,
        "dashArray": dashes or None,
        "fill": area and style.fill is not None,
        "fillColor": f"url(#{style.pattern_id})" if style.pattern_id else style.fill,
        "fillOpacity": 1.0 if style.pattern_id else FILL_OPACITY,
    }
    if area and style.pattern_id:
        options["fill"] = True
    return {key: value for key, value in options.items() if value is not None}


def _feature(geometry: BaseGeometry) -> dict[str, object]:
    """A GeoJSON feature with 7 decimals of a degree, about 1 cm."""
    rounded = shapely.set_precision(geometry, 1e-7, mode="pointwise")
    return {"type": "Feature", "geometry": shapely.geometry.mapping(rounded)}
