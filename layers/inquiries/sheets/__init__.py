"""Answer sheets: the same answer as JSON, as one HTML file, as a PDF true to scale, and as a workbook."""

from layers.inquiries.sheets.as_html import to_html
from layers.inquiries.sheets.as_json import seal, to_json
from layers.inquiries.sheets.as_pdf import to_pdf
from layers.inquiries.sheets.as_xlsx import to_xlsx
from layers.inquiries.sheets.context import MapContext, MapLayer

__all__ = ["MapContext", "MapLayer", "seal", "to_html", "to_json", "to_pdf", "to_xlsx"]
