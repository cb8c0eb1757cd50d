"""The words in which a question about a place is answered, for staff and for residents alike."""

from enum import StrEnum


class Outcome(StrEnum):
    """The five answers. A gap in the data is never a `DOES_NOT_APPLY`."""

    APPLIES = "applies"
    DOES_NOT_APPLY = "does_not_apply"
    NEAR_BOUNDARY = "near_boundary"
    NO_DATA = "no_data"
    STALE = "stale"
