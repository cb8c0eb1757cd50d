"""What can go wrong when the situation is switched."""

from gis.errors import OnomapError
from layers.store.errors import ForbiddenError


class SituationError(OnomapError):
    """The situation cannot be changed so."""


class SituationRefusedError(SituationError):
    """What was sent is not of a form that may stand in the situation; nothing was changed."""


class NotOnDutyError(ForbiddenError):
    """The caller's post does not switch the situation."""


class UnknownEntryError(SituationError):
    """No shelter, road, closure or notice has that number."""


class NothingBeforeError(SituationError):
    """There is no state before this one to go back to."""
