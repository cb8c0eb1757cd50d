"""Which version an edit was made from: `If-Match` read by its rules (RFC 9110, 13.1.1)."""

import re
from dataclasses import dataclass

_TAG = re.compile(r'\s*(W/)?"([^"]*)"\s*(?:,|$)')
_VERSION = re.compile(r"([0-9]{1,9})\.[\x21-\x7e]+$")


@dataclass(frozen=True)
class Precondition:
    """The versions from which the edit may start; `anything` for `*`, which only asks that the feature exists.

    What stands before the point of an ETag is the version: one representation is as good as another for an edit.
    """

    versions: frozenset[int] = frozenset()
    anything: bool = False

    def holds(self, version: int) -> bool:
        """Whether an edit may start from that version."""
        return self.anything or version in self.versions


def if_match(header: str | None) -> Precondition | None:
    """The precondition of an `If-Match` header; None without one. A weak tag never matches, nor does one that is not ours."""
    if header is None:
        return None
    if header.strip() == "*":
        return Precondition(anything=True)
    found = [_VERSION.match(tag) for weak, tag in _TAG.findall(header) if not weak]
    return Precondition(frozenset(int(match[1]) for match in found if match))
