"""An answer in the form asked for: JSON, one self-contained HTML file, PDF, or XLSX."""

from collections.abc import Mapping
from typing import Literal

from layers.inquiries.map_context import map_context
from layers.inquiries.model import Answer
from layers.inquiries.sheets.as_json import dumps, to_json
from layers.store.instance import Store

Format = Literal["json", "html", "pdf", "xlsx"]
MEDIA_TYPES: Mapping[Format, str] = {
    "json": "application/json",
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def render(store: Store, answer: Answer, wanted: Format, permalink: str) -> bytes:
    """The answer as the bytes of JSON, HTML, PDF or XLSX; `permalink` goes into the JSON and the QR code."""
    # folium, typst and openpyxl are imported by the first sheet that needs them: they would double the time of a start
    if wanted == "json":
        return dumps({**to_json(answer), "permalink": permalink})
    if wanted == "xlsx":
        from layers.inquiries.sheets.as_xlsx import to_xlsx

        return to_xlsx(answer, permalink)
    context = map_context(store, answer)
    if wanted == "html":
        from layers.inquiries.sheets.as_html import to_html

        return to_html(answer, context, permalink).encode()
    from layers.inquiries.sheets.as_pdf import to_pdf

    return to_pdf(answer, context, permalink)
