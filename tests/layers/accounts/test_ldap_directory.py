"""Passwords looked up in a real OpenLDAP server, where Debian's slapd and python-ldap are installed."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import ValidationError

from api.serve import free_port
from layers.accounts import signing_in
from layers.accounts.errors import DirectoryError, SignInError
from layers.accounts.ldap_directory import LdapDirectory
from layers.accounts.persons import add_person
from layers.accounts.sessions import Visit
from layers.store.instance import Store
from layers.store.rights.caller import Post
from layers.store.settings import Ldap

PASSWORD = "ディレクトリの みかん"
DESK = Visit("10.0.0.5", "a browser")
CONFIGURATION = """
include {schema}/core.schema
include {schema}/cosine.schema
include {schema}/inetorgperson.schema
modulepath {modules}
moduleload back_mdb
pidfile {folder}/slapd.pid
database mdb
suffix "dc=town"
rootdn "cn=root,dc=town"
rootpw root
directory {folder}
"""


def _beside(program: Path, *candidates: str) -> Path:
    """A folder of the package that the program came with, also where the package was only unpacked."""
    roots = [program.parents[2], Path("/")]
    return next(root / name for root in roots for name in candidates if (root / name).is_dir())


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ldap]:
    """A directory with one person, uid=hanako,ou=people,dc=town."""
    ldap = pytest.importorskip("ldap", reason="python-ldap is not installed")
    found = shutil.which("slapd", path="/usr/sbin:/usr/bin") or shutil.which("slapd")
    if found is None:
        pytest.skip("slapd is not installed (Debian: apt-get install slapd)")
    program, folder, port = Path(found), tmp_path_factory.mktemp("ldap"), free_port()
    schema, modules = _beside(program, "etc/ldap/schema"), _beside(program, "usr/lib/ldap")
    configuration = folder / "slapd.conf"
    configuration.write_text(CONFIGURATION.format(schema=schema, modules=modules, folder=folder))
    url = f"ldap://127.0.0.1:{port}"
    process = subprocess.Popen([found, "-f", str(configuration), "-h", url, "-d", "0"])
    try:
        _wait(port, process)
        connection = ldap.initialize(url)
        connection.simple_bind_s("cn=root,dc=town", "root")
        for dn, entry in (
            ("dc=town", {"objectClass": [b"dcObject", b"organization"], "dc": [b"town"], "o": [b"town"]}),
            ("ou=people,dc=town", {"objectClass": [b"organizationalUnit"], "ou": [b"people"]}),
            (
                "uid=hanako,ou=people,dc=town",
                {"objectClass": [b"inetOrgPerson"], "cn": [b"h"], "sn": [b"h"], "userPassword": [PASSWORD.encode()]},
            ),
        ):
            connection.add_s(dn, list(entry.items()))
        connection.unbind_s()
        yield Ldap(url=url, user="uid={login},ou=people,dc=town")
    finally:
        process.terminate()
        process.wait(20)


def _wait(port: int, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            assert process.poll() is None, "slapd ended"
            time.sleep(0.1)
        else:
            return
    raise AssertionError("slapd did not start")


def test_a_person_of_the_directory_signs_in_by_its_password(empty_store: Store, directory: Ldap) -> None:
    store = replace(empty_store, settings=empty_store.settings.model_copy(update={"ldap": directory}))
    add_person(store, "hanako", "小野 花子", Post("税務課", frozenset({"viewer"})), directory="ldap")
    assert signing_in.sign_in(store, "Hanako", PASSWORD, DESK).token
    with pytest.raises(SignInError):
        signing_in.sign_in(store, "hanako", "wrong", DESK)
    with pytest.raises(SignInError):
        signing_in.sign_in(empty_store, "hanako", PASSWORD, DESK)


@pytest.mark.parametrize("login", ["hanako", "nobody", "", "*", "hanako,ou=people,dc=town", "x)(uid=*", "hanako\\00"])
@pytest.mark.parametrize("password", ["", "wrong"])
def test_neither_an_empty_password_nor_an_odd_name_opens(directory: Ldap, login: str, password: str) -> None:
    assert LdapDirectory(directory).opens(login, password) is False


def test_a_name_cannot_reach_another_place_of_the_directory(directory: Ldap) -> None:
    assert LdapDirectory(directory).opens("hanako", PASSWORD)
    elsewhere = Ldap(url=directory.url, user="uid={login},dc=town")
    assert not LdapDirectory(elsewhere).opens("hanako,ou=people", PASSWORD)


def test_a_directory_that_is_silent_is_told(directory: Ldap) -> None:
    with pytest.raises(DirectoryError):
        LdapDirectory(Ldap(url="ldap://127.0.0.1:1", user="{login}")).opens("hanako", PASSWORD)


@pytest.mark.parametrize("url", ["ldap://ad.town.local", "ldap://127.0.0.1.evil.example", "http://127.0.0.1"])
def test_passwords_do_not_go_to_another_machine_without_tls(url: str) -> None:
    with pytest.raises(ValidationError):
        Ldap(url=url, user="{login}")
    assert Ldap(url="ldap://ad.town.local", user="{login}@town", start_tls=True).start_tls
