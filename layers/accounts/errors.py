"""Why somebody does not come in, or may not do what was asked."""

from gis.errors import OnomapError
from layers.store.errors import ForbiddenError


class AccountError(OnomapError):
    """Something about a person, a post or a key cannot be done."""


class SignInError(AccountError):
    """The name, the password, the code or the link does not open; it does not say which."""


class LockedOutError(AccountError):
    """Too many attempts failed; `wait_s` seconds have to pass."""

    def __init__(self, sentence: str, wait_s: int) -> None:
        super().__init__(sentence)
        self.wait_s = wait_s


class WeakPasswordError(AccountError):
    """A password that would be guessed."""


class UnknownPersonError(AccountError):
    """No account has that name."""


class PersonExistsError(AccountError):
    """An account of that name is there already."""


class DirectoryError(AccountError):
    """The town's directory does not answer."""


class LinkError(AccountError):
    """A one-time link was used, has expired, or never was one."""


class NotAllowedError(ForbiddenError):
    """The caller's post, or the key in use, does not include this."""


class DutyMissingError(NotAllowedError):
    """The caller's post lacks a duty, which an administrator can grant."""
