"""The schema of CAP 1.2 as far as an alert of ours goes: order, number and values of the elements (OASIS, 2010-07-01)."""

from lxml import etree

_DATE = r"\d\d\d\d-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d\d:\d\d"


def _values(name: str, *values: str, many: str = "") -> str:
    listed = "".join(f'<xs:enumeration value="{value}"/>' for value in values)
    restriction = f'<xs:restriction base="xs:string">{listed}</xs:restriction>'
    return f'<xs:element name="{name}" {many}><xs:simpleType>{restriction}</xs:simpleType></xs:element>'


def _date(name: str, many: str = "") -> str:
    restriction = f'<xs:restriction base="xs:dateTime"><xs:pattern value="{_DATE}"/></xs:restriction>'
    return f'<xs:element name="{name}" {many}><xs:simpleType>{restriction}</xs:simpleType></xs:element>'


def _text(name: str, many: str = 'minOccurs="0"', kind: str = "xs:string") -> str:
    return f'<xs:element name="{name}" type="{kind}" {many}/>'


_PLAIN = (
    '<xs:simpleType name="plain"><xs:restriction base="xs:string"><xs:pattern value="[^\\s,&lt;&amp;]+"/>'
    "</xs:restriction></xs:simpleType>"
)
_ANY, _LIST = 'minOccurs="0"', 'minOccurs="0" maxOccurs="unbounded"'
_AREA = f"""<xs:element name="area" {_LIST}><xs:complexType><xs:sequence>
{_text("areaDesc", "")}{_text("polygon", _LIST)}{_text("circle", _LIST)}
</xs:sequence></xs:complexType></xs:element>"""
_INFO = f"""<xs:element name="info" {_LIST}><xs:complexType><xs:sequence>
{_text("language", _ANY, "xs:language")}
{
    _values(
        "category",
        "Geo",
        "Met",
        "Safety",
        "Security",
        "Rescue",
        "Fire",
        "Health",
        "Env",
        "Transport",
        "Infra",
        "CBRNE",
        "Other",
        many='maxOccurs="unbounded"',
    )
}
{_text("event", "")}
{
    _values(
        "responseType",
        "Shelter",
        "Evacuate",
        "Prepare",
        "Execute",
        "Avoid",
        "Monitor",
        "Assess",
        "AllClear",
        "None",
        many=_LIST,
    )
}
{_values("urgency", "Immediate", "Expected", "Future", "Past", "Unknown")}
{_values("severity", "Extreme", "Severe", "Moderate", "Minor", "Unknown")}
{_values("certainty", "Observed", "Likely", "Possible", "Unlikely", "Unknown")}
{_text("audience")}{_date("effective", _ANY)}{_date("onset", _ANY)}{_date("expires", _ANY)}
{_text("senderName")}{_text("headline")}{_text("description")}{_text("instruction")}{_text("web", _ANY, "xs:anyURI")}
{_text("contact")}{_AREA}
</xs:sequence></xs:complexType></xs:element>"""
_SCHEMA = f"""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="urn:oasis:names:tc:emergency:cap:1.2"
 targetNamespace="urn:oasis:names:tc:emergency:cap:1.2" elementFormDefault="qualified">{_PLAIN}
<xs:element name="alert"><xs:complexType><xs:sequence>
{_text("identifier", "", "plain")}{_text("sender", "", "plain")}{_date("sent")}
{_values("status", "Actual", "Exercise", "System", "Test", "Draft")}
{_values("msgType", "Alert", "Update", "Cancel", "Ack", "Error")}
{_text("source")}{_values("scope", "Public", "Restricted", "Private")}
{_text("restriction")}{_text("addresses")}{_text("code", _LIST)}{_text("note")}{_text("references")}{_text("incidents")}
{_INFO}
</xs:sequence></xs:complexType></xs:element></xs:schema>"""
CAP_SCHEMA = etree.XMLSchema(etree.fromstring(_SCHEMA))
