"""The tree of errors: each message is one plain sentence that says what is wrong and what to do."""


class OnomapError(Exception):
    """Bad input or a missing part; the message is written for the person who will read it."""


class UnreadableFileError(OnomapError):
    """A file is not what it claims to be, is cut short, or is in an encoding that does not fit."""


class UnsupportedFileError(OnomapError):
    """No reader takes this kind of file."""


class CrsError(OnomapError):
    """A position cannot be brought into the wanted coordinate system without guessing."""


class MissingCrsError(CrsError):
    """A file does not say in which coordinate system its positions are."""


class MissingGridError(CrsError):
    """A datum step needs a grid file of 国土地理院 that was not given."""


class UnprintableCharacterError(OnomapError):
    """A character (外字) that no font at hand can print."""


class MissingFontError(OnomapError):
    """No Japanese font is installed."""


class ParcelNumberError(OnomapError):
    """A text is not a parcel number."""


class FilterError(OnomapError):
    """A filter is not CQL2, or uses a part of it that is not offered; the sentence names the place."""
