"""What a reader hands over: rows as they stand in the file, before any layer has looked at them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class SourceCrs:
    """What a file says of its coordinates; it may say less than a transformation needs.

    `zone` is a plane zone 1–19 and `datum` one of "Tokyo", "JGD2000", "JGD2011"; either may be unknown. `arbitrary`
    means 任意座標系: the coordinates have no place on earth. `stated` is the file's own wording, for the load report.
    """

    stated: str
    epsg: int | None = None
    zone: int | None = None
    datum: str | None = None
    arbitrary: bool = False


@dataclass(frozen=True)
class RowNote:
    """One row that was set aside, repaired or rejected: where it stands, why, and what it said."""

    ref: str
    reason: str
    content: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class SourceTable:
    """The rows of one file or sheet.

    `geometry` holds shapely geometries (or None), x east or longitude and y north or latitude, one per row; every list
    in `columns` and `refs` has the same length. Rows in `set_aside` and `rejected` are not in `columns`.
    """

    source: str
    columns: Mapping[str, list[object]]
    geometry: NDArray[np.object_]
    crs: SourceCrs
    refs: list[str]
    set_aside: list[RowNote] = field(default_factory=list)
    rejected: list[RowNote] = field(default_factory=list)
    repaired: list[RowNote] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def read(self) -> int:
        """Rows found in the file, whatever became of them."""
        return len(self.refs) + len(self.set_aside) + len(self.rejected)
