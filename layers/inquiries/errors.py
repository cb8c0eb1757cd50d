"""What can go wrong when land is inquired about."""

from gis.errors import OnomapError


class InquiryError(OnomapError):
    """An inquiry cannot be answered."""


class EmptyInquiryError(InquiryError):
    """Nothing was asked about."""


class UnknownParcelError(InquiryError):
    """No parcel has any of the numbers asked for."""


class InquiryTooLargeError(InquiryError):
    """More parcels than one inquiry may hold."""


class UnknownAnswerError(InquiryError):
    """No issued answer has that number."""


class SheetTooLongError(InquiryTooLargeError):
    """An answer has more parcels than a PDF can hold in a useful way."""
