"""What a crop plan is: the parts of one field in one year, each with a crop and a part of the field's area. Pure."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from layers.surveys.crop_errors import PlanRefusedError, UnknownCropError
from layers.surveys.crops import Crop, crop_of

RTK: Final = "rtk_fields"
FARMLAND: Final = "farmland"
GroundLayer = Literal["rtk_fields", "farmland"]
FIRST_YEAR, LAST_YEAR = 1990, 2100
MOST_PARTS = 12
SLACK_M2 = 0.5
"""How far the parts may exceed the field: areas are written to the square metre."""
_ROUNDED_SHARE = 0.0005


def plain_text(text: str) -> str:
    """The text without blanks around it. Raises ValueError for a character that no page shows."""
    if any(unicodedata.category(one) in ("Cc", "Cs", "Co") for one in text):
        raise ValueError("表示できない文字があります")
    return text.strip()


def _known(identifier: str) -> str:
    try:
        return crop_of(identifier).id
    except UnknownCropError as error:
        raise ValueError(str(error).rstrip("。")) from error


class PlanPart(BaseModel):
    """A part of a field: `area_m2` or `share` (0 to 1) says how much; neither means what the others leave."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    crop: Annotated[str, Field(max_length=40), AfterValidator(_known)]
    area_m2: float | None = Field(default=None, gt=0, le=10_000_000, allow_inf_nan=False)
    share: float | None = Field(default=None, gt=0, le=1, allow_inf_nan=False)
    variety: Annotated[str, Field(max_length=60), AfterValidator(plain_text)] = ""
    state: Literal["planned", "actual"] = "planned"
    note: Annotated[str, Field(max_length=200), AfterValidator(plain_text)] = ""

    @model_validator(mode="after")
    def _one_measure(self) -> "PlanPart":
        if self.area_m2 is not None and self.share is not None:
            raise ValueError("面積と割合は、どちらか一つにしてください")
        return self


class PlanWanted(BaseModel):
    """The plan as it shall stand; no parts empty it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    parts: tuple[PlanPart, ...] = Field(max_length=MOST_PARTS)


STATE_WORDS = {"planned": "計画", "actual": "実績"}


@dataclass(frozen=True)
class GroundKey:
    """A piece of land by the key of its layer: 圃場ID of an RTK field, 筆ポリゴンID of a farmland parcel."""

    layer: GroundLayer
    field_id: str


@dataclass(frozen=True)
class Plan:
    """One version of the plan of a field and year; version 0 before the first."""

    key: GroundKey
    year: int
    version: int = 0
    parts: tuple[PlanPart, ...] = ()
    action: str = ""
    made_at: datetime | None = None
    made_name: str = ""


@dataclass(frozen=True)
class SizedPart:
    """A part with its area worked out, in ㎡."""

    part: PlanPart
    area_m2: float

    @property
    def crop(self) -> Crop:
        """Its crop."""
        return crop_of(self.part.crop)


def sized(parts: Sequence[PlanPart], field_m2: float) -> list[SizedPart]:
    """The area of every part; the one without a measure gets what the others leave, nothing where they leave nothing."""
    given = [_given(part, field_m2) for part in parts]
    rest = max(field_m2 - sum(area for area in given if area is not None), 0.0)
    return [SizedPart(part, rest if area is None else area) for part, area in zip(parts, given, strict=True)]


def exceeds(parts: Sequence[PlanPart], field_m2: float) -> bool:
    """Whether the parts are together larger than the field."""
    together = sum(area for part in parts if (area := _given(part, field_m2)) is not None)
    return together > field_m2 + SLACK_M2 + _slack_of_shares(parts, field_m2)


def require_fitting(parts: Sequence[PlanPart], field_m2: float) -> None:
    """Raises PlanRefusedError, with the figures, unless the parts fit into a field of that area."""
    open_parts = [part for part in parts if part.area_m2 is None and part.share is None]
    if len(open_parts) > 1:
        labels = "、".join(crop_of(part.crop).label for part in open_parts)
        raise PlanRefusedError(
            f"面積の書いていない区画が二つ以上あります（{labels}）。一つだけ空にできます（残り全部になります）。"
            "保存していません。"
        )
    together = sum(area for part in parts if (area := _given(part, field_m2)) is not None)
    if exceeds(parts, field_m2):
        raise PlanRefusedError(
            f"区画の合計 {together:,.0f}㎡ が圃場の面積 {field_m2:,.0f}㎡ を {together - field_m2:,.0f}㎡ 超えています。"
            "面積を直してからもう一度保存してください。保存していません。"
        )
    if open_parts and together >= field_m2 - SLACK_M2:
        raise PlanRefusedError(
            f"ほかの区画だけで圃場の面積 {field_m2:,.0f}㎡ に達し、{crop_of(open_parts[0].crop).label}の分が残りません。"
            "保存していません。"
        )


def _given(part: PlanPart, field_m2: float) -> float | None:
    return part.area_m2 if part.share is None else part.share * field_m2


def _slack_of_shares(parts: Sequence[PlanPart], field_m2: float) -> float:
    """Shares are written in rounded percent: 33.3 % three times is the whole."""
    return _ROUNDED_SHARE * field_m2 * sum(part.share is not None for part in parts)
