"""The sheet as one HTML file that opens without a network, on a phone as on paper."""

import base64
import hashlib
from pathlib import Path

import jinja2

from gis.mapsheet import DEFAULT_FONTS
from layers.store.settings import FICTITIOUS_BAND
from layers.surveys.sheets.as_json import to_json
from layers.surveys.sheets.pictures import pictures
from layers.surveys.sheets.view import view
from layers.surveys.truth_model import Truth

_HERE = Path(__file__).parent


def to_html(truth: Truth) -> str:
    """The page. Every text is escaped, and its own policy (CSP) allows no script, no address, and no style but its own."""
    style = (_HERE / "truth.css").read_text(encoding="utf-8")
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string((_HERE / "truth.html").read_text(encoding="utf-8")).render(
        sheet=view(truth),
        maps=[
            (_unique(one.drawing.svg, number), one.caption) for number, one in enumerate(pictures(truth, DEFAULT_FONTS))
        ],
        band=FICTITIOUS_BAND,
        seal=to_json(truth)["seal"],
        style=style,
        style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
    )


def _unique(svg: str, number: int) -> str:
    """The picture with names of its own for what it refers to: several stand in one page."""
    named = svg.replace('id="frame"', f'id="frame-{number}"').replace("url(#frame)", f"url(#frame-{number})")
    return named.replace('"pattern-', f'"map{number}-pattern-').replace("url(#pattern-", f"url(#map{number}-pattern-")
