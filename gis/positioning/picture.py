"""A small picture of what was measured, with marks where it goes wrong; north is up, nothing to scale is promised."""

from collections.abc import Sequence
from xml.sax.saxutils import escape

import numpy as np

from gis.positioning.refusal import Place

_SIZE = 320.0
_MARGIN = 24.0
_MARK = 9.0


def picture(rings: Sequence[Sequence[Place]], marks: Sequence[Place] = (), *, title: str, closed: bool = True) -> str:
    """The lines through plane positions as an SVG of 320 × 320, each mark a numbered circle; `title` is read out.

    Attributes only, no style: it passes a strict content security policy.
    """
    every = np.array([place for ring in (*rings, marks) for place in ring], np.float64).reshape(-1, 2)
    every = every[np.isfinite(every).all(axis=1)]
    west, north = (every[:, 0].min(), every[:, 1].max()) if len(every) else (0.0, 0.0)
    spans = np.ptp(every, axis=0) if len(every) else np.ones(2)
    scale = (_SIZE - 2 * _MARGIN) / max(float(spans.max()), 1e-6)
    aside = (_SIZE - spans * scale) / 2

    def on_paper(place: Place) -> tuple[float, float]:
        return float(aside[0] + (place[0] - west) * scale), float(aside[1] + (north - place[1]) * scale)

    lines = [_line([on_paper(place) for place in ring if np.isfinite(place).all()], closed) for ring in rings]
    circles = [
        _mark(number, on_paper(place)) for number, place in enumerate(marks, start=1) if np.isfinite(place).all()
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_SIZE:g} {_SIZE:g}" width="{_SIZE:g}" '
        f'height="{_SIZE:g}" role="img"><title>{escape(title)}</title>'
        f'<rect width="{_SIZE:g}" height="{_SIZE:g}" fill="#ffffff"/>{"".join(lines)}{"".join(circles)}</svg>'
    )


def _line(places: Sequence[Place], closed: bool) -> str:
    if not places:
        return ""
    path = "M" + " ".join(f"{x:.1f},{y:.1f}" for x, y in places) + ("Z" if closed else "")
    dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" fill="#0b3d91"/>' for x, y in places[:200])
    return f'<path d="{path}" fill="none" stroke="#0b3d91" stroke-width="2" stroke-linejoin="round"/>{dots}'


def _mark(number: int, at: Place) -> str:
    x, y = at
    return (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{_MARK:g}" fill="none" stroke="#b00020" stroke-width="3"/>'
        f'<text x="{x + _MARK + 3:.1f}" y="{y - _MARK:.1f}" font-size="14" font-weight="bold" '
        f'font-family="sans-serif" fill="#b00020">{number}</text>'
    )
