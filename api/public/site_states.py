"""What is known of the evacuation sites and shelters just now: open, full, closed. Until somebody says, nothing is known."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import cast

from fastapi import FastAPI, Request

State = Mapping[str, object]
"""`state` (open, full, closed, preparing, unknown), `label` in the asked language, `told_at` (ISO 8601)."""

CLOSED = "closed"


@dataclass(frozen=True)
class SiteStates:
    """The states by layer and feature, and a `version` that changes whenever one of them does."""

    version: str = "0"
    states: Mapping[tuple[str, int], State] = field(default_factory=dict)

    @property
    def shut(self) -> frozenset[tuple[str, int]]:
        """Those that are closed: nobody is sent there."""
        return frozenset(place for place, told in self.states.items() if told["state"] == CLOSED)

    def of(self, layer: str, fid: int) -> State | None:
        """What is known of one; None where nobody has said."""
        return self.states.get((layer, fid))


StatesOf = Callable[[Request, str], SiteStates]
"""Gives the states at the time of a request, labelled in a language."""
_NOTHING = SiteStates()


def install_states(app: FastAPI, states_of: StatesOf) -> None:
    """Tell the application where the states come from."""
    app.state.site_states = states_of


def site_states(request: Request, language: str) -> SiteStates:
    """The states at the time of the request."""
    asked = cast("StatesOf | None", getattr(request.app.state, "site_states", None))
    return _NOTHING if asked is None else asked(request, language)
