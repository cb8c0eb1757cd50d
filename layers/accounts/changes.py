"""Changes of people in the log: who let whom in, moved them, stopped them, or made a key or a link for them."""

from enum import StrEnum

from layers.store.audit.log import Entry, Who, record
from layers.store.instance import Store


class Change(StrEnum):
    """What was done to an account."""

    ADD = "加えた"
    TRANSFER = "所属と職務を変えた"
    LOCK = "停止した"
    UNLOCK = "停止を解いた"
    LIFT = "ログインの待ち時間を解いた"
    NO_TOTP = "二要素認証を外した"
    LEAVE = "ログインと鍵を終わらせた"
    LINK = "一回限りのリンクを出した"
    KEY = "鍵を出した"
    KEY_ENDED = "鍵を取り消した"


def note_change(store: Store, who: Who, login: str, change: Change) -> None:
    """Write to the log that `who` did that to the account `login`, which now stands as the entry says."""
    with store.database.transaction() as connection:
        now = connection.execute(
            "SELECT p.department, p.duties FROM people.accounts a JOIN people.posts p ON p.id = a.post_id WHERE a.login = %s",
            [login],
        ).fetchone()
        post = f"（{now[0]}: {'、'.join(sorted(now[1]))}）" if now is not None else ""
        record(connection, who, Entry("people.change", login, note=f"{change}{post}"))
