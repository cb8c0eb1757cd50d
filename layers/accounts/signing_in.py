"""Signing in: the name and the password, then the code where there is a second factor; and changing a password."""

from dataclasses import dataclass

from layers.accounts import second_factor
from layers.accounts.directories import Directory, LocalDirectory
from layers.accounts.errors import SignInError
from layers.accounts.ldap_directory import LdapDirectory
from layers.accounts.lockout import Attempt, succeeded, take_turn
from layers.accounts.passwords import hashed, require_strong
from layers.accounts.persons import Person, person, person_on, refuse_demo
from layers.accounts.sessions import Visit, awaiting, begin, end, end_others
from layers.store.instance import Store

REFUSED = "利用者名かパスワードが違います。"


@dataclass(frozen=True)
class SignedIn:
    """The secret of a new session; `awaits_code` while the second factor is owed, and it opens nothing until then."""

    token: str
    awaits_code: bool


def directories(store: Store) -> dict[str, Directory]:
    """Every directory in which this instance looks passwords up, by the name that accounts have it under."""
    found: dict[str, Directory] = {"local": LocalDirectory(store)}
    if store.settings.ldap is not None:
        found["ldap"] = LdapDirectory(store.settings.ldap)
    return found


def sign_in(store: Store, login: str, password: str, visit: Visit) -> SignedIn:
    """A session for who knows the password. Raises SignInError, or LockedOutError after too many failures."""
    attempt = Attempt(login.strip().lower().replace("\x00", ""), visit.source)
    take_turn(store, attempt)
    someone = _known(store, attempt.login)
    directory = directories(store).get(someone.directory if someone else "local")
    # asked for nobody as well, so that it takes as long
    opens = directory is not None and directory.opens(attempt.login, password)
    if someone is None or not opens or _is_shut(store, someone):
        raise SignInError(REFUSED)
    with store.database.transaction() as connection:
        succeeded(connection, attempt, someone.id)
    return SignedIn(begin(store, someone.id, visit, awaits_code=someone.has_totp), someone.has_totp)


def enter(store: Store, someone: Person, visit: Visit) -> str:
    """A session for somebody whom another party (OIDC) has vouched for. Raises SignInError for a shut account."""
    if _is_shut(store, someone):
        raise SignInError(REFUSED)
    return begin(store, someone.id, visit)


def give_code(store: Store, token: str, code: str, visit: Visit) -> str:
    """The session of who owed the code, under a new secret. Raises SignInError, LockedOutError."""
    login = awaiting(store, token)
    if login is None:
        raise SignInError("確認コードの受け付けが終わりました。もう一度ログインしてください。")
    attempt = Attempt(login, visit.source)
    take_turn(store, attempt)
    someone = person(store, login)
    with store.database.transaction() as connection:
        if not second_factor.use(connection, someone.id, code):
            raise SignInError(second_factor.WRONG)
        succeeded(connection, attempt, someone.id)
    end(store, token)
    return begin(store, someone.id, visit)


def change_password(store: Store, asking: tuple[str, int | None], old: str, new: str, source: str) -> None:
    """Change it for who knows the old one; `asking` is the login and the session that stays, all others end.

    Raises SignInError, WeakPasswordError, LockedOutError.
    """
    login, session_id = asking
    someone = require_password(store, login, old, source)
    require_strong(new, someone.login, someone.name, store.town.name)
    hash_ = hashed(new)

    with store.database.transaction() as connection:
        connection.execute("UPDATE people.accounts SET password_hash = %s WHERE id = %s", [hash_, someone.id])
        connection.execute("DELETE FROM people.links WHERE account_id = %s", [someone.id])
        end_others(connection, someone.id, session_id)


def require_password(store: Store, login: str, password: str, source: str) -> Person:
    """The person whose password it is, wherever it is looked up.

    Raises SignInError when it is not, LockedOutError after too many failures, AccountError for a demonstration's account.

    A session left open must not be enough to change how one comes in.
    """
    attempt = Attempt(login, source)
    take_turn(store, attempt)
    someone = person(store, login)
    refuse_demo(someone)
    directory = directories(store).get(someone.directory)
    if directory is None or not directory.opens(login, password):
        raise SignInError("パスワードが違います。")
    with store.database.transaction() as connection:
        succeeded(connection, attempt, someone.id)
    return someone


def _known(store: Store, login: str) -> Person | None:
    with store.database.transaction() as connection:
        row = connection.execute("SELECT FROM people.accounts WHERE login = %s", [login]).fetchone()
        return None if row is None else person_on(connection, login)


def _is_shut(store: Store, someone: Person) -> bool:
    """Whether the account opens nothing: locked, or a demonstration's in a town that is no sample any more."""
    return someone.locked_at is not None or (someone.demo_password is not None and not store.town.fictitious)
