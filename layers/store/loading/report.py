"""What a load did: the counts that must add up, and every row that was not simply taken."""

from collections import Counter
from dataclasses import dataclass, field

from gis.formats.table import RowNote


@dataclass
class LoadReport:
    """Counts and reasons of one load; `read` = `loaded` + `unplaced` + `set_aside` + `rejected`.

    `extent` is west, south, east, north in degrees (JGD2011) of what was placed.
    """

    read: int = 0
    loaded: int = 0
    unplaced: int = 0
    unchanged: int = 0
    outside: int = 0
    crs: list[str] = field(default_factory=list)
    crs_steps: list[str] = field(default_factory=list)
    extent: tuple[float, float, float, float] | None = None
    added_error_m: float = 0.0
    undeclared_datum_m: float = 0.0
    warnings: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    set_aside_rows: list[tuple[str, RowNote]] = field(default_factory=list)
    rejected_rows: list[tuple[str, RowNote]] = field(default_factory=list)
    repaired_rows: list[tuple[str, RowNote]] = field(default_factory=list)

    def add_crs(self, stated: str, steps: tuple[str, ...]) -> None:
        """Remember what a file said of its coordinates and what was done to them, each once."""
        if stated not in self.crs:
            self.crs.append(stated)
        self.crs_steps.extend(step for step in steps if step not in self.crs_steps)

    def widen(self, bounds: tuple[float, float, float, float]) -> None:
        """Take more placed rows into the extent."""
        if self.extent is None:
            self.extent = bounds
            return
        west, south, east, north = self.extent
        self.extent = (
            min(west, bounds[0]),
            min(south, bounds[1]),
            max(east, bounds[2]),
            max(north, bounds[3]),
        )

    def as_json(self) -> dict[str, object]:
        """The report as `onomap load --json` prints it and the store keeps it."""
        return {
            "read": self.read,
            "loaded": self.loaded,
            "unplaced": self.unplaced,
            "set_aside": len(self.set_aside_rows),
            "repaired": len(self.repaired_rows),
            "rejected": len(self.rejected_rows),
            "unchanged": self.unchanged,
            "outside": self.outside,
            "crs": "、".join(self.crs) or None,
            "crs_steps": self.crs_steps,
            "extent": list(self.extent) if self.extent else None,
            "added_error_m": self.added_error_m,
            "undeclared_datum_m": self.undeclared_datum_m,
            "rejected_reasons": _tally(self.rejected_rows),
            "repaired_reasons": _tally(self.repaired_rows),
            "set_aside_reasons": _tally(self.set_aside_rows),
            "warnings": self.warnings,
            "notes": self.notes,
        }


def _tally(rows: list[tuple[str, RowNote]]) -> dict[str, int]:
    return dict(Counter(note.reason for _, note in rows).most_common(50))
