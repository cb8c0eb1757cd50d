"""What a request can have wrong before anything is asked of the store."""

from gis.errors import OnomapError


class QueryError(OnomapError):
    """A query parameter is unknown, comes twice, or has a value that cannot be read."""


class NotAcceptableError(OnomapError):
    """No representation is of a media type that the caller accepts."""
