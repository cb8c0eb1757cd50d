"""What staff ask for, one step at a time. `seen` is the number of the situation that they had before them."""

from pydantic import BaseModel, ConfigDict, Field, model_validator

from layers.situation.model import Line, Moment, Name, Phase, Shape, SiteLayer, SiteState, Text


class Wanted(BaseModel):
    """A step; what was changed by another since `seen` is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    seen: int = Field(ge=0, le=2**53)


class PhaseWanted(Wanted):
    """Another phase, with its headline."""

    phase: Phase
    headline: Line = ""
    exercise: bool = False


class SiteWanted(Wanted):
    """A site's state; name and place come from the layer."""

    layer: SiteLayer
    id: int = Field(ge=1, le=2**53)
    state: SiteState
    people: int | None = Field(default=None, ge=0, le=100_000)
    pets: bool | None = None
    barrier_free: bool | None = None
    note: Line = ""


class ClosureWanted(Wanted):
    """A road to close: one of the road layer by its number, or a drawn shape."""

    name: Line = ""
    reason: Line = ""
    since: Moment | None = None
    road: int | None = Field(default=None, ge=1, le=2**53)
    geometry: Shape | None = None

    @model_validator(mode="after")
    def _one_place(self) -> "ClosureWanted":
        if (self.road is None) == (self.geometry is None):
            raise ValueError("道路を一つ選ぶか、線か点を一つ描いてください")
        if self.geometry is not None and not self.name:
            raise ValueError("場所の名前を書いてください")
        return self


class NoticeWanted(Wanted):
    """Something to announce."""

    level: int = Field(ge=1, le=5)
    title: Name
    text: Text = ""
    expires_at: Moment | None = None
