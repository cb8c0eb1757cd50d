"""A sheet of paper set by typst: a template, what stands on it, and the code that leads back to where it came from."""

import json
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

import segno
import typst

from gis.sheet_fonts import SheetFonts


def qr_svg(text: str) -> str:
    """A QR code (error correction M) as an SVG document."""
    buffer = BytesIO()
    segno.make(text, error="m", micro=False).save(buffer, kind="svg", border=2, xmldecl=False)
    return buffer.getvalue().decode()


def compile_sheet(template: Path, sheet: Mapping[str, object], fonts: SheetFonts, created_s: int) -> bytes:
    """The PDF of a template and what stands on it, dated as the answer so that the same answer gives the same bytes."""
    pdf = typst.compile(
        template.read_bytes(),
        font_paths=fonts.book,
        sys_inputs={"sheet": json.dumps(sheet, ensure_ascii=False)},
        format="pdf",
        pdf_standards="ua-1",
        timestamp=created_s,
    )
    if not isinstance(pdf, bytes):
        raise TypeError("typst gave no single document")
    return pdf
