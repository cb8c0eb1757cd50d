"""The second factor: codes of an authenticator (RFC 6238), each good once, and codes on paper for when the device is lost."""

import secrets
import time
from io import BytesIO

import pyotp
import segno

from layers.accounts.errors import SignInError
from layers.accounts.tokens import digest
from layers.store.database import Connection
from layers.store.instance import Store

STEP_S = 30
SLACK = 1
"""Steps before and after the present one that are taken: clocks of telephones differ."""
RECOVERY_CODES = 8
_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
WRONG = "確認コードが違います。認証アプリに今出ている6桁の数字を入れてください。"


def offer(store: Store, account_id: int, login: str) -> tuple[str, str]:
    """A new secret and its picture (SVG, to be photographed by an authenticator); it counts once a code confirms it."""
    secret = pyotp.random_base32()
    with store.database.transaction() as connection:
        connection.execute("UPDATE people.accounts SET totp_offered = %s WHERE id = %s", [secret, account_id])
    address = pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=f"おのマップ {store.town.name}")
    picture = BytesIO()
    segno.make(address, error="m").save(picture, kind="svg", scale=5, border=4, light="#fff")
    return secret, picture.getvalue().decode()


def confirm(store: Store, account_id: int, code: str) -> list[str]:
    """Make the offered secret the one that counts; returns the recovery codes, shown once. Raises SignInError."""
    codes = [
        "-".join("".join(secrets.choice(_LETTERS) for _ in range(5)) for _ in range(3)) for _ in range(RECOVERY_CODES)
    ]
    with store.database.transaction() as connection:
        row = connection.execute("SELECT totp_offered FROM people.accounts WHERE id = %s", [account_id]).fetchone()
        step = None if row is None or row[0] is None else _step(row[0], code)
        if step is None:
            raise SignInError(WRONG)
        connection.execute(
            "UPDATE people.accounts SET totp_secret = totp_offered, totp_offered = NULL, totp_last = %s, recovery = %s "
            "WHERE id = %s",
            [step, [digest(one) for one in codes], account_id],
        )
    return codes


def remove(store: Store, login: str) -> None:
    """Take the second factor away, for somebody who has lost it and the paper too."""
    with store.database.transaction() as connection:
        connection.execute(
            "UPDATE people.accounts SET totp_secret = NULL, totp_offered = NULL, recovery = '{}' WHERE login = %s",
            [login],
        )


def use(connection: Connection, account_id: int, code: str) -> bool:
    """Whether the code opens: one of the authenticator that was not used yet, or a recovery code, which is then gone."""
    row = connection.execute("SELECT totp_secret FROM people.accounts WHERE id = %s", [account_id]).fetchone()
    if row is None or row[0] is None:
        return False
    step = _step(row[0], code)
    if step is not None:
        taken = connection.execute(
            "UPDATE people.accounts SET totp_last = %(step)s WHERE id = %(id)s AND totp_last < %(step)s RETURNING id",
            {"step": step, "id": account_id},
        ).fetchone()
        return taken is not None
    paper = digest(code.strip().lower())
    taken = connection.execute(
        "UPDATE people.accounts SET recovery = array_remove(recovery, %(code)s) "
        "WHERE id = %(id)s AND %(code)s = ANY(recovery) RETURNING id",
        {"code": paper, "id": account_id},
    ).fetchone()
    return taken is not None


def _step(secret: str, code: str) -> int | None:
    """The step whose code this is, among those that are taken now."""
    plain = code.replace(" ", "")
    now = int(time.time()) // STEP_S
    steps = [step for step in range(now - SLACK, now + SLACK + 1) if _is_code(secret, plain, step)]
    return steps[-1] if steps else None


def _is_code(secret: str, code: str, step: int) -> bool:
    return secrets.compare_digest(pyotp.TOTP(secret).at(step * STEP_S).encode(), code.encode())
