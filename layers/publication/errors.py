"""What can go wrong on the way from a layer to the public side."""

from gis.errors import OnomapError
from layers.store.errors import ForbiddenError


class PublicationError(OnomapError):
    """A layer cannot be published, or a publication cannot go on."""


class NotPublishableError(PublicationError):
    """The layer is not one that may be published."""


class UnknownPublicationError(PublicationError):
    """No publication has that number."""


class WrongStateError(PublicationError):
    """The publication is at another point of its way than the step needs."""


class ChangedSinceCheckError(WrongStateError):
    """What was checked and approved is not what would go out."""


class NotAllowedError(ForbiddenError):
    """The caller's post does not include this."""


class SamePersonError(NotAllowedError):
    """Whoever asked for a publication cannot approve it."""


class KeyFileError(PublicationError):
    """The key that signs bundles, or the one that they are checked with, cannot be used."""


class BundleRefusedError(PublicationError):
    """A bundle is not what it claims to be, or not for this public side; nothing was changed."""


class NotNewerError(BundleRefusedError):
    """A document is not newer than the one that the public side holds, whose number is `held`."""

    def __init__(self, sentence: str, held: int) -> None:
        super().__init__(sentence)
        self.held = held


class UnknownEditionError(PublicationError):
    """The public side does not hold that edition."""


class PublicSideError(PublicationError):
    """The public side is not set up, or does not answer."""


class InboxError(PublicationError):
    """What was sent to the inbox is not of a kind or form that it takes."""
