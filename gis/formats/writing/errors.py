"""What can be wrong with writing rows into a format."""

from gis.errors import OnomapError


class UnwritableError(OnomapError):
    """The rows cannot be put into that format without losing something."""


class FailedWriteError(OnomapError):
    """The file could not be written although the rows would fit: a full disk, a folder that went away."""
