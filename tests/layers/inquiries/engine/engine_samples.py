"""Small made-up parcels, layers and themes for asking the engine."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

import numpy as np
from shapely import box
from shapely.geometry.base import BaseGeometry

from layers.inquiries.engine import Evidence, judge
from layers.inquiries.model import Finding, LayerState, Parcel
from layers.store.definitions import FieldType, GeometryKind, Layer, LayerField, Theme, ThemeTest

COUNTRY = box(-100_000, -100_000, 100_000, 100_000)
KINDS = {"1": "警戒区域", "2": "特別警戒区域"}

FIELDS = (
    LayerField("kind", FieldType.INTEGER, "区分", codes=KINDS),
    LayerField("name", FieldType.TEXT, "名称"),
    LayerField("width_m", FieldType.NUMBER, "幅員", unit="m"),
    LayerField("designated_on", FieldType.DATE, "告示日"),
)

LAYER = Layer(
    id="zones",
    title="区域",
    group="災害",
    department="地域整備課",
    geometry=GeometryKind.POLYGON,
    description="",
    source_name="告示",
    source_licence="",
    attribution="県の告示を加工",
    accuracy_m=0.0,
    accuracy_basis="",
    update_cycle_days=730,
    published=True,
    min_zoom=10,
    max_zoom=17,
    label_field=None,
    coverage="municipality",
    edition="replace",
    key=(),
    fields=FIELDS,
    themes=(),
    legend=(),
)

STATE = LayerState(
    layer="zones",
    title="区域",
    department="地域整備課",
    load=7,
    data_date=date(2025, 4, 1),
    loaded_at=None,
    file_name=None,
    file_sha256=None,
    error_m=0.0,
    attribution="県の告示を加工",
    stale=False,
)

THEME = Theme(
    id="zone",
    layer="zones",
    title="区域",
    test=ThemeTest.OVERLAP,
    legal_basis="区域法第7条",
    department="地域整備課",
    label_applies="区域内",
    label_not="区域外",
)

BY_KIND = replace(
    THEME, label_applies="{kind}", group_by=("kind",), rank_by="kind", rank_order=("2", "1"), show=("name",)
)


def parcel(geometry: BaseGeometry | None, error_m: float = 0.0, **changes: object) -> Parcel:
    """A parcel of that shape and positional error."""
    area = None if geometry is None else geometry.area
    plain = Parcel(
        key="小野新町/舘廻/92-1",
        number="大字小野新町字舘廻92番1",
        oaza="小野新町",
        koaza="舘廻",
        chiban="92-1",
        area_m2=area,
        registered_area_m2=area,
        land_category="田",
        accuracy_class="乙一",
        error_m=error_m,
        undetermined=False,
        geometry=geometry,
        load=3,
        data_date=date(2026, 1, 1),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def evidence(
    shapes: Sequence[BaseGeometry | None],
    error_m: float = 0.0,
    coverage: BaseGeometry | None = COUNTRY,
    coverage_error_m: float = 0.0,
    **columns: list[object],
) -> Evidence:
    """A layer that holds these shapes; columns that are not given hold None."""
    geometry = np.empty(len(shapes), dtype=object)
    geometry[:] = list(shapes)
    attributes: Mapping[str, list[object]] = {field.name: [None] * len(shapes) for field in FIELDS} | columns
    return Evidence(
        layer=LAYER,
        state=replace(STATE, error_m=error_m),
        fids=np.arange(1, len(shapes) + 1, dtype=np.int64),
        geometry=geometry,
        attributes=attributes,
        coverage=coverage,
        coverage_error_m=coverage_error_m,
    )


def ask(one: Parcel, theme: Theme, held: Evidence | None) -> Finding:
    """The finding on one parcel."""
    (finding,) = judge([one], theme, held)
    return finding
