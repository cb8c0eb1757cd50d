"""The numbers of ISO 11783-10 that mean kinds of polygons, lines, points and guidance, and which version knows which.

From the V4.3 and V3.3 task file schemas (revision of 2018-06-04). PNT C is north, D is east; PFD D is ㎡; LSG C is mm.
"""

from enum import StrEnum
from types import MappingProxyType

TASK_FILE = "taskdata.xml"
ROOT = "ISO11783_TaskData"
MOST_LETTERS = 32
"""What a designator may have."""


class PolygonType(StrEnum):
    """PLN A that matters here."""

    BOUNDARY = "1"
    TREATMENT_ZONE = "2"
    WATER = "3"
    BUILDING = "4"
    OBSTACLE = "6"
    MAIN_FIELD = "9"
    HEADLAND = "10"


class LineType(StrEnum):
    """LSG A that matters here."""

    EXTERIOR = "1"
    INTERIOR = "2"
    GUIDANCE = "5"


class PointType(StrEnum):
    """PNT A that matters here; 6 and beyond are of version 4."""

    OTHER = "2"
    A = "6"
    B = "7"
    GUIDANCE = "9"


class PatternType(StrEnum):
    """GPN C."""

    AB = "1"
    A_PLUS = "2"
    CURVE = "3"
    PIVOT = "4"
    SPIRAL = "5"


POLYGON_NAMES = MappingProxyType(
    {
        "1": "圃場の境界", "2": "処理区画（施肥マップなど）", "3": "水面", "4": "建物", "5": "道路", "6": "障害物", "7": "旗",
        "8": "その他の面", "9": "主作業域", "10": "枕地", "11": "緩衝帯", "12": "防風林",
    }
)  # fmt: skip
LINE_NAMES = MappingProxyType(
    {
        "1": "外周", "2": "内周", "3": "トラムライン", "4": "採土経路", "5": "誘導線", "6": "排水路", "7": "柵", "8": "旗",
        "9": "障害物",
    }
)  # fmt: skip
OBSTACLES = frozenset({PolygonType.WATER, PolygonType.BUILDING, PolygonType.OBSTACLE})
"""Areas inside a field that no machine may enter; they are read as inner boundaries."""
KNOWN_TO_V3 = MappingProxyType({"PLN": range(1, 9), "LSG": range(1, 9), "PNT": range(1, 3)})
ONLY_IN_V4 = frozenset({"GGP", "GPN", "BSN"})
