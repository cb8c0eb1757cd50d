"""XML of strangers: parsed without document types, entities, network or unbounded size; texts that XML can hold."""

from collections.abc import Iterator

from lxml import etree

from gis.errors import UnreadableFileError
from gis.formats.archive import Member

MOST_BYTES = 32 * 1024**2
"""A tree takes some twenty times its text. 32 MB of TASKDATA are 800,000 positions; real ones have some thousands."""
_PROLOG_BYTES = 65_536

_PICTURES = {code: 0x2400 + code for code in range(0x20)} | {
    0x09: 0x20,
    0x0A: 0x20,
    0x0D: 0x20,
    0xFFFE: 0xFFFD,
    0xFFFF: 0xFFFD,
}


def root_of(member: Member) -> etree._Element:
    """The root element of a whole file. Raises UnreadableFileError for what is no XML, has a DOCTYPE, or is too large."""
    if member.size > MOST_BYTES:
        raise UnreadableFileError(
            f"{member.label} は大きすぎます（{member.size:,} バイト、上限 {MOST_BYTES:,} バイト）。"
            "圃場だけを書き出し直してください。"
        )
    raw = member.read()
    root_name(raw[:_PROLOG_BYTES], member.label)
    try:
        root = etree.fromstring(raw, _parser())
    except etree.XMLSyntaxError as error:
        raise _unreadable(member.label) from error
    if root.getroottree().docinfo.doctype:
        raise _with_doctype(member.label)
    return root


def root_name(head: bytes, label: str) -> str:
    """The local name of the root element, from the start of a file only."""
    parser = etree.XMLPullParser(
        events=("start",), resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True
    )
    try:
        parser.feed(head)
    except etree.XMLSyntaxError as error:
        raise _unreadable(label) from error
    first = next(iter(parser.read_events()), None)
    if first is None:
        raise _unreadable(label)
    root = first[1]
    if root.getroottree().docinfo.doctype:
        raise _with_doctype(label)
    return local_name(root)


def _parser() -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


def _unreadable(label: str) -> UnreadableFileError:
    return UnreadableFileError(f"{label} は XML として読めません（途中で切れていないか確かめてください）。")


def _with_doctype(label: str) -> UnreadableFileError:
    return UnreadableFileError(
        f"{label} に DOCTYPE 宣言があるため読みません。DOCTYPE のないファイルを指定してください。"
    )


def local_name(element: etree._Element) -> str:
    """The name of an element without its namespace."""
    return etree.QName(element).localname


def children(element: etree._Element, *names: str) -> Iterator[etree._Element]:
    """The child elements of these local names (all without names), in the file's order."""
    for child in element.iterchildren(etree.Element):
        if not names or local_name(child) in names:
            yield child


def descendants(element: etree._Element, *names: str) -> Iterator[etree._Element]:
    """The elements of these local names at any depth below."""
    for inside in element.iterdescendants(etree.Element):
        if local_name(inside) in names:
            yield inside


def text_of(element: etree._Element, name: str) -> str:
    """The text of the first child of that name, without blanks at its ends; empty where there is none."""
    child = next(children(element, name), None)
    return "" if child is None else (child.text or "").strip()


def writable(text: str) -> str:
    """The text as one line that XML 1.0 (§2.2) can hold: control characters become their pictures."""
    plain = text.encode("utf-8", "replace").decode("utf-8")
    return plain.translate(_PICTURES).strip()
