"""The ledgers of owners and taxes: declared like layers, with a class for each column, but kept apart from every map."""

from layers.store.definitions import ColumnClass, FieldType, GeometryKind, Layer, LayerField

OWNERS = "land_owners"
TAXES = "land_taxes"
_OWNER, _TAX = ColumnClass.OWNER, ColumnClass.TAX
_TEXT, _INTEGER, _NUMBER = FieldType.TEXT, FieldType.INTEGER, FieldType.NUMBER


def _field(
    name: str, kind: FieldType, label: str, of: ColumnClass, *sources: str, unit: str | None = None
) -> LayerField:
    return LayerField(name, kind, label, unit=unit, column_class=of, sources=sources, required=name == "parcel_key")


def _ledger(identifier: str, title: str, description: str, fields: tuple[LayerField, ...]) -> Layer:
    return Layer(
        id=identifier,
        title=title,
        group="台帳",
        department="税務課",
        geometry=GeometryKind.NONE,
        description=description,
        source_name="町の台帳",
        source_licence="公開しない",
        attribution="",
        accuracy_m=0.0,
        accuracy_basis="",
        update_cycle_days=365,
        published=False,
        min_zoom=0,
        max_zoom=0,
        label_field=None,
        coverage="none",
        edition="replace",
        key=("parcel_key",),
        fields=fields,
        themes=(),
        legend=(),
    )


LEDGERS = {
    ledger.id: ledger
    for ledger in (
        _ledger(
            OWNERS,
            "所有者",
            "土地の所有者。目的を告げて一筆ずつ見る。",
            (
                _field("parcel_key", _TEXT, "地番キー", _OWNER, "所在地番"),
                _field("position", _INTEGER, "順位", _OWNER, "順番"),
                _field("owner_name", _TEXT, "氏名・名称", _OWNER, "所有者", "氏名", "所有者名", "名称"),
                _field("owner_address", _TEXT, "住所", _OWNER, "所有者住所"),
                _field("share", _TEXT, "持分", _OWNER),
                _field("cause", _TEXT, "登記原因", _OWNER, "原因"),
            ),
        ),
        _ledger(
            TAXES,
            "課税",
            "土地の固定資産税の評価。目的を告げて一筆ずつ見る。",
            (
                _field("parcel_key", _TEXT, "地番キー", _TAX, "所在地番"),
                _field("fiscal_year", _INTEGER, "年度", _TAX, unit="年度"),
                _field("land_category", _TEXT, "課税地目", _TAX, "現況地目"),
                _field("assessed_area_m2", _NUMBER, "課税地積", _TAX, "地積", unit="㎡"),
                _field("assessed_value", _INTEGER, "評価額", _TAX, unit="円"),
                _field("tax_base", _INTEGER, "課税標準額", _TAX, unit="円"),
            ),
        ),
    )
}
