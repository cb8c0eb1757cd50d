"""The town's own directory (OpenLDAP, Active Directory) by a simple bind as the person; needs the optional python-ldap."""

from collections.abc import Iterator
from contextlib import contextmanager

from layers.accounts.errors import DirectoryError
from layers.store.settings import Ldap

TIMEOUT_S = 5.0
SILENT = "庁内のディレクトリ（LDAP）が応えません。しばらくしてからもう一度試すか、システム管理者に知らせてください。"
MISSING = "LDAP を使うための python-ldap が入っていません。システム管理者に知らせてください。"


class LdapDirectory:
    """The passwords in a directory that speaks LDAP."""

    name = "ldap"

    def __init__(self, settings: Ldap) -> None:
        self._settings = settings

    def opens(self, login: str, password: str) -> bool:
        """Whether the directory lets the person in. Raises DirectoryError when it is silent, or speaks no TLS where it must.

        An empty password is refused here: to a directory it means somebody without a name, who is always let in (RFC 4513, 5.1.2).
        """
        if not password:
            return False
        try:
            import ldap
            from ldap.dn import escape_dn_chars
        except ImportError as error:
            raise DirectoryError(MISSING) from error
        with _told_in_our_words(ldap.LDAPError):
            connection = ldap.initialize(self._settings.url)
            connection.set_option(ldap.OPT_NETWORK_TIMEOUT, TIMEOUT_S)
            connection.set_option(ldap.OPT_TIMEOUT, TIMEOUT_S)
            connection.set_option(ldap.OPT_REFERRALS, 0)
            try:
                if self._settings.start_tls:
                    connection.start_tls_s()
                connection.simple_bind_s(self._settings.user.replace("{login}", escape_dn_chars(login)), password)
            except (ldap.INVALID_CREDENTIALS, ldap.NO_SUCH_OBJECT, ldap.INVALID_DN_SYNTAX):
                return False
            finally:
                connection.unbind_s()
        return True


@contextmanager
def _told_in_our_words(kind: type[Exception]) -> Iterator[None]:
    try:
        yield
    except kind as error:
        raise DirectoryError(SILENT) from error
