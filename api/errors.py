"""What a request can have wrong before anything is asked of the store."""

from gis.errors import OnomapError


class QueryError(OnomapError):
    """A query parameter is unknown, comes twice, or has a value that cannot be read."""


class NotAcceptableError(OnomapError):
    """No representation is of a media type that the caller accepts."""


class UnknownNoticeError(OnomapError):
    """No notice that holds now has that number."""


class TooManyRequestsError(OnomapError):
    """One client asks for more than its share; after `retry_after_s` it may go on."""

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(f"短い間の呼び出しが多すぎます。{retry_after_s} 秒ほど待ってから、もう一度お試しください。")
        self.retry_after_s = retry_after_s


class TooManyPagesError(OnomapError):
    """More pages want to be told of changes than one process serves."""
