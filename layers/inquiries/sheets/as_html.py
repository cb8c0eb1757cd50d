"""The answer as one HTML file that opens from a mail attachment, with a map, and asks the network for nothing."""

import base64
from pathlib import Path

import jinja2

from gis.map_furniture import subject_swatch, swatch
from gis.map_symbols import FILL_OPACITY, pattern_definitions
from gis.typeset import qr_svg
from layers.inquiries.model import Answer
from layers.inquiries.sheets.context import MapContext
from layers.inquiries.sheets.leaflet_map import LEAFLET, LeafletMap, leaflet_map, read_leaflet
from layers.inquiries.sheets.view import view
from layers.inquiries.sheets.wording import TITLE
from layers.store.settings import FICTITIOUS_BAND

TEMPLATE = Path(__file__).with_name("answer.html")


def to_html(answer: Answer, context: MapContext, permalink: str, leaflet: Path = LEAFLET) -> str:
    """The page. `leaflet` is the `dist` folder whose files are put inside; MissingLeafletError when they are not there.

    Every text is escaped, and the page's own policy (CSP) allows no address at all and only its own scripts.
    """
    printed = view(answer)
    drawn = leaflet_map(answer.parcels, context)
    template = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return template.from_string(TEMPLATE.read_text(encoding="utf-8")).render(
        title=TITLE,
        band=FICTITIOUS_BAND,
        answer=printed,
        permalink=permalink,
        qr=_svg_uri(qr_svg(permalink)) if permalink else "",
        map=drawn,
        leaflet=read_leaflet(leaflet) if drawn else None,
        legend=_legend(drawn) if drawn else [],
        legend_patterns=_legend_patterns(drawn) if drawn else "",
        attributions=list(dict.fromkeys(layer.attribution for layer in context.layers if layer.attribution)),
        nonce=printed.seal[:32],
    )


def _svg_uri(svg: str) -> str:
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"


def _legend(drawn: LeafletMap) -> list[tuple[str, str]]:
    """Pairs of a swatch (SVG content) and its words; the parcels first."""
    return [
        (subject_swatch(), "照会筆"),
        *((_own_tiles(swatch(style, kind)), style.label) for style, kind in drawn.legend),
    ]


def _legend_patterns(drawn: LeafletMap) -> str:
    """The tiles once more in the legend's finer measure (mm, not pixels)."""
    return _own_tiles(pattern_definitions((style for style, _ in drawn.legend), 0.45, FILL_OPACITY))


def _own_tiles(svg: str) -> str:
    """The same SVG with its tiles under names of the legend's own."""
    return svg.replace("#pattern-", "#legend-pattern-").replace('"pattern-', '"legend-pattern-')
