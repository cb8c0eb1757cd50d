"""The truth sheet in the form asked for."""

from collections.abc import Mapping
from typing import Literal

from layers.surveys.sheets.as_json import dumps, to_json
from layers.surveys.truth_model import Truth

Format = Literal["html", "pdf", "json"]
MEDIA_TYPES: Mapping[Format, str] = {
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
    "json": "application/json",
}


def render(truth: Truth, wanted: Format) -> bytes:
    """The bytes of the sheet. Raises MapSheetError, and for a PDF MissingFontError and UnprintableCharacterError."""
    if wanted == "json":
        return dumps(to_json(truth))
    # typst and jinja are imported by the first sheet that needs them: they would double the time of a start
    if wanted == "html":
        from layers.surveys.sheets.as_html import to_html

        return to_html(truth).encode()
    from layers.surveys.sheets.as_pdf import to_pdf

    return to_pdf(truth)
