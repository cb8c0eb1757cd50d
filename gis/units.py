"""Areas in the units of maps, registers and farmers.

1 町 = 10 反 = 100 畝 = 3,000 坪 (歩), 1 坪 = 400/121 ㎡ (度量衡法 1891), 1 a = 100 ㎡. Exact fractions are kept until a number is
shown, so that 300 坪 are one 反 and not 0.9999.
"""

from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from fractions import Fraction

M2_PER_TSUBO = Fraction(400, 121)
TSUBO_PER_SE = 30
SE_PER_TAN = 10
TAN_PER_CHO = 10
M2_PER_ARE = 100
M2_PER_HECTARE = 10_000

Number = float | Decimal | Fraction

_HUNDREDTH = Decimal("0.01")
_WHOLE = Decimal(1)
# A computed 345.9999999998 is 346: noise below a square millimetre must not cost a square metre.
_NOISE = Decimal("0.000001")
_FINE_CATEGORIES = frozenset({"宅地", "鉱泉地"})
_FINE_UP_TO_M2 = 10


@dataclass(frozen=True)
class Area:
    """An area, held in square metres."""

    m2: Fraction

    @classmethod
    def of_m2(cls, m2: Number) -> "Area":
        """Take an area given in square metres."""
        return cls(Fraction(m2))

    @classmethod
    def of_tsubo(cls, tsubo: Number) -> "Area":
        """Take an area given in 坪."""
        return cls(Fraction(tsubo) * M2_PER_TSUBO)

    @classmethod
    def of_tan(cls, tan: Number) -> "Area":
        """Take an area given in 反."""
        return cls.of_tsubo(Fraction(tan) * SE_PER_TAN * TSUBO_PER_SE)

    @property
    def ares(self) -> float:
        """In a (アール)."""
        return float(self.m2 / M2_PER_ARE)

    @property
    def hectares(self) -> float:
        """In ha."""
        return float(self.m2 / M2_PER_HECTARE)

    @property
    def tsubo(self) -> float:
        """In 坪, which are also 歩."""
        return float(self.m2 / M2_PER_TSUBO)

    @property
    def se(self) -> float:
        """In 畝."""
        return float(self.m2 / M2_PER_TSUBO / TSUBO_PER_SE)

    @property
    def tan(self) -> float:
        """In 反."""
        return float(self.m2 / M2_PER_TSUBO / TSUBO_PER_SE / SE_PER_TAN)

    @property
    def cho(self) -> float:
        """In 町."""
        return float(self.m2 / M2_PER_TSUBO / TSUBO_PER_SE / SE_PER_TAN / TAN_PER_CHO)

    @property
    def as_farmers_say(self) -> str:
        """In 町, 反, 畝 and 歩, rounded to the 歩: "1反2畝13歩"."""
        rest = round(self.m2 / M2_PER_TSUBO)
        cho, rest = divmod(rest, TSUBO_PER_SE * SE_PER_TAN * TAN_PER_CHO)
        tan, rest = divmod(rest, TSUBO_PER_SE * SE_PER_TAN)
        se, bu = divmod(rest, TSUBO_PER_SE)
        parts = [(cho, "町"), (tan, "反"), (se, "畝"), (bu, "歩")]
        return "".join(f"{count}{name}" for count, name in parts if count) or "0歩"


def registered_area(m2: Number | str, land_category: str | None) -> Decimal:
    """Return an area as the register states it (不動産登記規則 100).

    In hundredths of a square metre for 宅地, 鉱泉地 and anything of 10 ㎡ or less, else in whole square metres; the rest is
    cut off, never rounded up. A float is taken for what it prints as.
    """
    exact = Decimal(m2.numerator) / Decimal(m2.denominator) if isinstance(m2, Fraction) else Decimal(str(m2))
    area = exact.quantize(_NOISE)
    fine = land_category in _FINE_CATEGORIES or area <= _FINE_UP_TO_M2
    return area.quantize(_HUNDREDTH if fine else _WHOLE, rounding=ROUND_DOWN)


def describe_area(m2: Number) -> str:
    """Return an area for a screen or a sheet: "1,234.56㎡（12.35a、1反2畝13歩、373.5坪）"."""
    area = Area.of_m2(m2)
    return f"{float(area.m2):,.2f}㎡（{area.ares:,.2f}a、{area.as_farmers_say}、{area.tsubo:,.1f}坪）"
