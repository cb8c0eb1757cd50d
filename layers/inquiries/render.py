"""An answer in the form asked for: JSON, one self-contained HTML file, PDF, or XLSX."""

from collections.abc import Mapping
from typing import Literal

from layers.inquiries.map_context import map_context
from layers.inquiries.model import Answer
from layers.inquiries.sheets import to_html, to_json, to_pdf, to_xlsx
from layers.store.instance import Store

Format = Literal["json", "html", "pdf", "xlsx"]
MEDIA_TYPES: Mapping[Format, str] = {
    "json": "application/json",
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def render(store: Store, answer: Answer, wanted: Format, permalink: str) -> dict[str, object] | str | bytes:
    """The answer as JSON values, HTML text, or the bytes of a PDF or XLSX; `permalink` goes into the QR code."""
    if wanted == "json":
        return to_json(answer)
    if wanted == "xlsx":
        return to_xlsx(answer, permalink)
    context = map_context(store, answer)
    return to_html(answer, context, permalink) if wanted == "html" else to_pdf(answer, context, permalink)
