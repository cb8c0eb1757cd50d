"""A checker for ISOXML task files, from the attributes and values that the V4.3 and V3.3 schemas state.

It stands in for the schema files themselves, which may not be passed on. `faults` lists what a document does wrong.
"""

import re
from collections.abc import Iterator

from lxml import etree

_NUMBER = re.compile(r"-?\d+(\.\d{1,9})?")
_WHOLE = re.compile(r"\d{1,10}")
# name: (required attributes, optional attributes, allowed children), for version 4.3
_ELEMENTS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "CTR": ("AB", "CDEFGHIJKLMNOPQ", ()),
    "FRM": ("AB", "CDEFGHI", ()),
    "PFD": ("ACD", "BEFGHI", ("PLN", "LSG", "PNT", "GGP")),
    "PLN": ("A", "BCDE", ("LSG",)),
    "LSG": ("A", "BCDEF", ("PNT",)),
    "PNT": ("ACD", "BEFGHIJK", ()),
    "GGP": ("A", "B", ("GPN", "PLN")),
    "GPN": ("AC", "BDEFGHIJKLMNO", ("LSG", "PLN")),
}
_ROOT = (
    "VersionMajor", "VersionMinor", "ManagementSoftwareManufacturer", "ManagementSoftwareVersion",
    "TaskControllerManufacturer", "TaskControllerVersion", "DataTransferOrigin",
)  # fmt: skip
_KINDS = {4: {"PLN": 12, "LSG": 9, "PNT": 11}, 3: {"PLN": 8, "LSG": 8, "PNT": 2}}
_PATTERN_KINDS = {
    "C": range(1, 6), "D": range(1, 4), "E": range(1, 5), "F": range(1, 5), "I": [*range(9), 16, 17],
}  # fmt: skip
_IDS = {"CTR", "FRM", "PFD", "GGP", "GPN"}
_REFERENCES = {("PFD", "E"): "CTR", ("PFD", "F"): "FRM", ("FRM", "I"): "CTR"}
_DESIGNATORS = {"CTR": "B", "FRM": "B", "PFD": "BC", "GGP": "B", "GPN": "B", "LSG": "B", "PLN": "B"}
_WHOLES = {("PFD", "D"), ("LSG", "C"), ("LSG", "D"), ("PLN", "C")}


def faults(document: bytes) -> list[str]:
    """What the schema of the version that the document claims would refuse."""
    root = etree.fromstring(document)
    version = int(root.get("VersionMajor", "0"))
    found = [f"root lacks {name}" for name in _ROOT if name not in root.attrib]
    if root.tag != "ISO11783_TaskData" or version not in _KINDS or root.get("VersionMinor") != "3":
        return [*found, "root is no task data of 4.3 or 3.3"]
    if root.get("DataTransferOrigin") not in ("1", "2"):
        found.append("DataTransferOrigin is neither 1 nor 2")
    for element in root.iterdescendants(etree.Element):
        found.extend(_element_faults(element, version))
    return [*found, *_id_faults(root)]


def _element_faults(element: etree._Element, version: int) -> Iterator[str]:
    name = str(element.tag)
    if name not in _ELEMENTS or (version == 3 and name in ("GGP", "GPN")):
        yield f"{name} is not of version {version}"
        return
    required, optional, inside = _ELEMENTS[name]
    yield from (f"{name} lacks {key}" for key in required if element.get(key) is None)
    yield from (f"{name} has no attribute {key}" for key in element.attrib if key not in required + optional)
    yield from (f"{child.tag} stands in {name}" for child in element if child.tag not in inside)
    yield from _value_faults(element, name, version)
    points = sum(1 for child in element if child.tag == "PNT")
    if name == "LSG" and points < (2 if version == 3 else 1):
        yield f"LSG has {points} points"
    if name == "PLN" and len(element) == 0:
        yield "PLN has no LSG"
    if name == "GPN" and [child.tag for child in element].count("LSG") != 1:
        yield "GPN has not one LSG"


def _value_faults(element: etree._Element, name: str, version: int) -> Iterator[str]:
    kinds = _KINDS[version].get(name)
    if kinds is not None and element.get("A") not in {str(kind) for kind in range(1, kinds + 1)}:
        yield f"{name} A={element.get('A')} is not of version {version}"
    if name == "GPN":
        for key, allowed in _PATTERN_KINDS.items():
            if element.get(key) is not None and element.get(key) not in {str(kind) for kind in allowed}:
                yield f"GPN {key}={element.get(key)}"
    for key in _DESIGNATORS.get(name, ""):
        if len(element.get(key, "")) > 32:
            yield f"{name} {key} has more than 32 letters"
    yield from (
        f"{name} {key} is no whole number"
        for owner, key in _WHOLES
        if owner == name and element.get(key) is not None and not _WHOLE.fullmatch(element.get(key, ""))
    )
    if name == "PNT":
        for key, most in (("C", 90), ("D", 180)):
            text = element.get(key, "")
            if not _NUMBER.fullmatch(text) or abs(float(text)) > most:
                yield f"PNT {key}={text}"


def _id_faults(root: etree._Element) -> Iterator[str]:
    ids: dict[str, str] = {}
    for element in root.iterdescendants(*_IDS):
        own = element.get("A", "")
        if not re.fullmatch(rf"({element.tag}|{element.tag}-)\d+", own) or not 4 <= len(own) <= 14:
            yield f"id {own} of {element.tag}"
        if own in ids:
            yield f"id {own} twice"
        ids[own] = str(element.tag)
    for (owner, key), target in _REFERENCES.items():
        for element in root.iterdescendants(owner):
            if element.get(key) is not None and ids.get(element.get(key, "")) != target:
                yield f"{owner} {key}={element.get(key)} leads nowhere"
