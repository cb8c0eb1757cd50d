"""KML 2.3 (OGC 12-007r2), as pieces of text: WGS 84, attributes typed by a Schema with Japanese labels, the legend's colours.

A value that is not there has no SimpleData. KML has no type for dates and none for integers beyond 32 bits, which GDAL
would clip: both are strings there. XML cannot hold control characters; they become their pictures.
"""

import re
from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

import pyarrow as pa
import shapely

from gis.formats.writing.delimited import code_text
from gis.formats.writing.outgoing import (
    DEGREE_DECIMALS,
    Batches,
    Column,
    ColumnType,
    Outgoing,
    Style,
    for_xml,
    geometries,
    values,
)

_TYPES = {
    ColumnType.TEXT: "string",
    ColumnType.INTEGER: "string",
    ColumnType.NUMBER: "double",
    ColumnType.BOOLEAN: "bool",
    ColumnType.DATE: "string",
}
_OWN_NAMES = (
    *("id", "name", "description", "timestamp", "begin", "end", "altitudemode", "tessellate", "extrude"),
    *("visibility", "draworder", "icon", "snippet", "folder"),
)
"""What GDAL makes of a Placemark's own elements; a column of such a name would be lost in them and gets a low line."""
_FILL_OPACITY = 0xB2
"""70 %, as on the map."""
_INK = "#333333"
_SPECIAL = re.compile(r"[&<>\x00-\x1f\ufffe\uffff]")


def document(outgoing: Outgoing, batches: Batches) -> Iterator[bytes]:
    """One Document; its closing tags come last."""
    yield "".join(_head(outgoing)).encode()
    for batch in batches:
        yield "".join(_placemarks(outgoing, batch)).encode()
    yield b"</Folder>\n</Document>\n</kml>\n"


def _head(outgoing: Outgoing) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2">\n<Document>\n'
    yield f"<name>{_text(outgoing.title)}</name>\n<description>{_text(outgoing.description)}</description>\n"
    for number, style in enumerate(outgoing.styles):
        yield _style(number, style, is_point=outgoing.shape == "Point")
    yield f'<Schema name={quoteattr(outgoing.name)} id="schema">\n'
    for column in outgoing.columns:
        heading = _text(column.heading)
        yield (
            f'<SimpleField type="{_TYPES[column.type]}" name={quoteattr(simple_name(outgoing, column.name))}>'
            f"<displayName>{heading}</displayName></SimpleField>\n"
        )
    # GDAL makes a layer of a folder even when nothing is in it.
    yield f"</Schema>\n<Folder>\n<name>{_text(outgoing.title)}</name>\n"


def simple_name(outgoing: Outgoing, column: str) -> str:
    """The name of a column's data."""
    return outgoing.unused_name(f"{column}_") if column.lower() in _OWN_NAMES else column


def _style(number: int, style: Style, *, is_point: bool) -> str:
    line = f"<color>{_colour(style.line or style.fill or _INK, 0xFF)}</color>"
    if is_point:
        marker = _colour(style.fill or style.line or _INK, 0xFF)
        return f'<Style id="style{number}"><IconStyle><color>{marker}</color></IconStyle></Style>\n'
    area = (
        f"<color>{_colour(style.fill, _FILL_OPACITY)}</color><fill>1</fill>"
        if style.fill is not None
        else "<fill>0</fill>"
    )
    return (
        f'<Style id="style{number}"><LineStyle>{line}<width>{style.width:g}</width></LineStyle>'
        f"<PolyStyle>{area}<outline>1</outline></PolyStyle></Style>\n"
    )


def _colour(rgb: str, opacity: int) -> str:
    """KML writes colours backwards: opacity, blue, green, red."""
    return f"{opacity:02x}{rgb[5:7]}{rgb[3:5]}{rgb[1:3]}".lower()


def _placemarks(outgoing: Outgoing, batch: pa.RecordBatch) -> Iterator[str]:
    names = [column.name for column in outgoing.columns]
    opening = [f"<SimpleData name={quoteattr(simple_name(outgoing, name))}>" for name in names]
    for shape, *row in zip(_places(outgoing, batch), *values(batch, outgoing), strict=True):
        by_name = dict(zip(names, row, strict=True))
        yield "<Placemark>"
        if outgoing.label_column is not None and by_name[outgoing.label_column] is not None:
            yield f"<name>{_text(_shown(outgoing, by_name))}</name>"
        drawn = _drawn(outgoing.styles, by_name)
        if drawn is not None:
            yield f"<styleUrl>#style{drawn}</styleUrl>"
        yield '<ExtendedData><SchemaData schemaUrl="#schema">'
        for start, value in zip(opening, row, strict=True):
            if value is not None:
                yield f"{start}{_simple(value)}</SimpleData>"
        yield f"</SchemaData></ExtendedData>{shape}</Placemark>\n"


def _simple(value: object) -> str:
    """GDAL before 3.7 reads "true" as no; 1 and 0 are xsd:boolean too."""
    return str(int(value)) if isinstance(value, bool) else _text(str(value))


def _shown(outgoing: Outgoing, by_name: dict[str, object]) -> str:
    column: Column = next(column for column in outgoing.columns if column.name == outgoing.label_column)
    text = code_text(by_name[column.name])
    return column.codes.get(text, f"{text} {column.unit}" if column.unit else text)


def _drawn(styles: tuple[Style, ...], by_name: dict[str, object]) -> int | None:
    """The first legend row that fits; codes are compared as text, as on the map."""
    for number, style in enumerate(styles):
        if all(code_text(by_name.get(name)) == code for name, code in style.when.items()):
            return number
    return None


def _text(value: str) -> str:
    if _SPECIAL.search(value) is None:
        return value
    # A bare CR would come back as LF (XML 1.0 §2.11).
    return escape(for_xml(value), {"\r": "&#13;"})


def _places(outgoing: Outgoing, batch: pa.RecordBatch) -> list[str]:
    """KML geometry by way of WKT, whose separators only have to change places."""
    shapes = shapely.orient_polygons(geometries(batch, outgoing))
    texts = shapely.to_wkt(shapes, rounding_precision=DEGREE_DECIMALS)
    form = {"Point": _point, "MultiLineString": _lines, "MultiPolygon": _polygons}.get(outgoing.shape or "")
    return ["" if text is None or form is None else form(_body(text)) for text in texts]


def _body(wkt: str) -> str:
    """`(x y, x y)` as `(x,y x,y)`, without the name of the type."""
    return wkt[wkt.index("(") :].replace(", ", ";").replace(" ", ",").replace(";", " ")


def _point(body: str) -> str:
    return f"<Point><coordinates>{body[1:-1]}</coordinates></Point>"


def _lines(body: str) -> str:
    parts = body[2:-2].split(") (")
    inner = "".join(f"<LineString><coordinates>{part}</coordinates></LineString>" for part in parts)
    return f"<MultiGeometry>{inner}</MultiGeometry>"


def _polygons(body: str) -> str:
    return f"<MultiGeometry>{''.join(map(_polygon, body[3:-3].split(')) ((')))}</MultiGeometry>"


def _polygon(body: str) -> str:
    outer, *holes = body.split(") (")
    ring = "<LinearRing><coordinates>{}</coordinates></LinearRing>"
    inner = "".join(f"<innerBoundaryIs>{ring.format(hole)}</innerBoundaryIs>" for hole in holes)
    return f"<Polygon><outerBoundaryIs>{ring.format(outer)}</outerBoundaryIs>{inner}</Polygon>"
