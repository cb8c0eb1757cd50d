"""The situation as the public side has it: what was signed, read back by the same strict model, and asked by the pages."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from layers.situation.errors import SituationRefusedError
from layers.situation.model import Content, SiteSituation, grave_first

KIND = "situation"
"""The kind of the signed document."""


@dataclass(frozen=True)
class Situation:
    """One situation with its number; number 0 (a normal day, nothing said) before the first that arrived."""

    number: int = 0
    content: Content = field(default_factory=Content)
    made_at: datetime | None = None

    def at(self, now: datetime) -> "Situation":
        """The same without notices that have expired by then, the gravest notice first."""
        valid = [one for one in self.content.notices if one.expires_at is None or one.expires_at > now]
        return replace(self, content=self.content.model_copy(update={"notices": tuple(grave_first(valid))}))


def document(content: Content) -> dict[str, Any]:
    """What is signed and leaves the town hall: the whitelisted fields, and no other can be among them."""
    return content.model_dump(mode="json")


def content_of(told: Mapping[str, Any]) -> Content:
    """What arrived, checked again. Raises SituationRefusedError for whatever has a field too many or a value out of bounds."""
    try:
        # strict about fields, lenient about JSON's forms of moments and states
        return Content.model_validate_json(json.dumps(told))
    except ValidationError as error:
        first = error.errors()[0]
        place = "・".join(str(part) for part in first["loc"])
        raise SituationRefusedError(
            f"災害時の状態の {place} が読めません（{first['msg']}）。取り込みません。"
        ) from error


def state_of(situation: Situation, layer: str, identifier: int | str, name: str) -> SiteSituation | None:
    """What is told of a site, None where nothing is.

    A number alone is not believed, since a layer that was loaded anew may give it to another site: the name must agree. Where
    the number is no longer the site's, its name finds it, if only one site of the layer has that name.
    """
    named = [one for one in situation.content.shelters if one.layer == layer and one.name == name]
    exact = [one for one in named if str(one.id) == str(identifier)]
    return exact[0] if exact else named[0] if len(named) == 1 else None
