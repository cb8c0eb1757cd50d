"""What can go wrong with crop plans and base stations."""

from gis.errors import OnomapError


class CropError(OnomapError):
    """A plan cannot be kept so; nothing was changed."""


class UnknownCropError(CropError):
    """No crop of the list has that name."""


class PlanRefusedError(CropError):
    """The parts of a plan do not fit its field."""


class LedgerRefusedError(CropError):
    """A workbook cannot be taken over; nothing was changed."""


class BaseStationError(OnomapError):
    """A base station or its check cannot be kept so; nothing was changed."""


class UnknownStationError(BaseStationError):
    """No base station has that number."""
