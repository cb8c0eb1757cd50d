"""Coming in: passwords, sessions, the second factor, and what slows down those who guess."""

import threading
from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import partial

import pyotp
import pytest

from layers.accounts import lockout, second_factor, sessions, signing_in
from layers.accounts.askers import asker_of_key, asker_of_session
from layers.accounts.errors import AccountError, LinkError, LockedOutError, SignInError, WeakPasswordError
from layers.accounts.keys import issue_key, keys, revoke_key
from layers.accounts.links import choose_password, issue_link
from layers.accounts.passwords import require_strong
from layers.accounts.persons import Person, add_person, lock, person, transfer, unlock
from layers.accounts.sessions import Visit
from layers.accounts.tokens import digest
from layers.store.instance import Store
from layers.store.rights.caller import Post, Verb

GOOD = "つき きつね 階段 みかん"
DESK, ELSEWHERE = Visit("10.0.0.5", "a browser"), Visit("203.0.113.9", "another")
CLERK = Post("税務課", frozenset({"viewer", "editor"}))


@pytest.fixture
def clerk(empty_store: Store) -> Person:
    """A person who has chosen a password by a one-time link."""
    add_person(empty_store, "hanako", "小野 花子", CLERK)
    return choose_password(empty_store, issue_link(empty_store, "hanako"), GOOD)


def age(store: Store, column: str, by: str) -> None:
    """Make every session older, as if so much time had passed."""
    with store.database.transaction() as connection:
        connection.execute(f"UPDATE people.sessions SET {column} = {column} - %s::interval".encode(), [by])


def is_in(store: Store, token: str) -> bool:
    return asker_of_session(store, digest(token)) is not None


def tries_until_locked(attempts: Iterable[Callable[[], object]]) -> tuple[int, LockedOutError]:
    """How many attempts were let through before one was told to wait, and what it was told."""
    for count, attempt in enumerate(attempts):
        try:
            attempt()
        except LockedOutError as error:
            return count, error
        except SignInError:
            continue
    pytest.fail("nobody was told to wait")


def wrong(store: Store, login: str = "hanako", visit: Visit = ELSEWHERE) -> Callable[[], object]:
    return lambda: signing_in.sign_in(store, login, "wrong password", visit)


def test_who_knows_the_password_gets_a_session_with_the_rights_of_the_post(empty_store: Store, clerk: Person) -> None:
    signed_in = signing_in.sign_in(empty_store, " Hanako ", GOOD, DESK)

    asker = asker_of_session(empty_store, digest(signed_in.token))
    assert asker is not None
    assert (asker.caller.account, asker.caller.name, asker.caller.post) == ("hanako", "小野 花子", CLERK)


def test_neither_passwords_nor_sessions_nor_keys_nor_links_stand_in_the_database(
    empty_store: Store, clerk: Person
) -> None:
    secrets = [
        GOOD,
        signing_in.sign_in(empty_store, "hanako", GOOD, DESK).token,
        issue_key(empty_store, "hanako", "QGIS"),
        issue_link(empty_store, "hanako"),
    ]
    with empty_store.database.transaction() as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'people'").fetchall()
        text = "".join(
            str(connection.execute(f"SELECT array_agg(t::text) FROM people.{name} t".encode()).fetchone())
            for (name,) in tables
        )
    assert "hanako" in text
    assert [secret for secret in secrets if secret in text or secret.encode().hex() in text] == []


@pytest.mark.parametrize("login", ["hanako", "nobody", "hanako\x00", "x" * 5_000, "'; DROP TABLE people.accounts; --"])
def test_a_wrong_name_and_a_wrong_password_get_the_same_sentence(empty_store: Store, clerk: Person, login: str) -> None:
    with pytest.raises(SignInError, match="利用者名かパスワードが違います。"):
        signing_in.sign_in(empty_store, login, "wrong password", DESK)


def test_an_account_without_a_password_opens_with_none(empty_store: Store) -> None:
    add_person(empty_store, "new", "新人", CLERK)
    for password in ("", "None", "null"):
        with pytest.raises(SignInError):
            signing_in.sign_in(empty_store, "new", password, DESK)


def test_a_session_ends_after_idle_minutes_and_after_a_day_of_use_whatever_happens(
    empty_store: Store, clerk: Person
) -> None:
    idle, long_, used = (signing_in.sign_in(empty_store, "hanako", GOOD, DESK).token for _ in range(3))
    assert is_in(empty_store, idle)
    age(empty_store, "seen_at", "14 minutes")
    assert is_in(empty_store, used)  # which counts as use
    age(empty_store, "seen_at", "2 minutes")
    assert [is_in(empty_store, token) for token in (idle, long_, used)] == [False, False, True]
    age(empty_store, "started_at", "12 hours")
    assert not is_in(empty_store, used)


def test_a_stream_that_only_listens_keeps_no_session_alive(empty_store: Store, clerk: Person) -> None:
    token = signing_in.sign_in(empty_store, "hanako", GOOD, DESK).token
    age(empty_store, "seen_at", "14 minutes")
    assert asker_of_session(empty_store, digest(token), active=False) is not None
    age(empty_store, "seen_at", "2 minutes")
    assert not is_in(empty_store, token)


def test_a_link_opens_once_and_ends_the_sessions_of_before(empty_store: Store, clerk: Person) -> None:
    token = signing_in.sign_in(empty_store, "hanako", GOOD, DESK).token
    first, second = issue_link(empty_store, "hanako"), issue_link(empty_store, "hanako")
    with pytest.raises(LinkError):
        choose_password(empty_store, first, "another good one 42")
    choose_password(empty_store, second, "another good one 42")
    with pytest.raises(LinkError):
        choose_password(empty_store, second, "a third good one 43")
    assert not is_in(empty_store, token)
    with pytest.raises(SignInError):
        signing_in.sign_in(empty_store, "hanako", GOOD, DESK)


@pytest.mark.parametrize(
    "password",
    [
        "short", "password", "Password1!", "P@ssw0rd2026", "12345678", "abcdefgh", "hgfedcba", "qwertyuiop", "aaaaaaaaaa",
        "abcabcabc", "hanako2026", "onomap2026", "小野町小野町", "x" * 201,
    ],
)  # fmt: skip
def test_a_password_that_would_be_guessed_is_refused(password: str) -> None:
    with pytest.raises(WeakPasswordError):
        require_strong(password, "hanako", "小野 花子", "小野町")


@pytest.mark.parametrize(
    "password", [GOOD, "correct horse battery staple", "kaidan-mikan-neko-7", "ｶﾀｶﾅのみちをあるく"]
)
def test_no_mixture_of_letters_is_asked_for(password: str) -> None:
    require_strong(password, "hanako", "小野 花子", "小野町")


def test_five_wrong_passwords_make_one_wait_longer_each_time_and_then_even_the_right_one(
    empty_store: Store, clerk: Person
) -> None:
    waits = []
    for _ in range(3):
        _, told = tries_until_locked([wrong(empty_store)] * 7)
        waits.append(told.wait_s)
        with pytest.raises(LockedOutError, match="お待ちください"):
            signing_in.sign_in(empty_store, "hanako", GOOD, ELSEWHERE)
        with empty_store.database.transaction() as connection:
            connection.execute("UPDATE people.failures SET free_at = now()")
    assert waits == sorted(waits)
    assert 25 <= waits[0] <= 30
    assert waits[-1] >= 100
    signing_in.sign_in(empty_store, "hanako", GOOD, ELSEWHERE)


def test_guesses_sent_all_at_once_gain_nothing(empty_store: Store, clerk: Person) -> None:
    outcomes: list[str] = []

    def guess(number: int) -> None:
        try:
            signing_in.sign_in(empty_store, "hanako", f"guess number {number}", ELSEWHERE)
        except AccountError as error:
            outcomes.append(type(error).__name__)

    guesses = [threading.Thread(target=guess, args=[number]) for number in range(20)]
    for one in guesses:
        one.start()
    for one in guesses:
        one.join()
    assert len(outcomes) == 20
    assert outcomes.count("SignInError") <= 5


def test_guessing_one_account_from_everywhere_does_not_keep_its_owner_out(empty_store: Store, clerk: Person) -> None:
    signing_in.sign_in(empty_store, "hanako", GOOD, DESK)
    attempts = [lockout.Attempt("hanako", f"203.0.113.{number}") for number in range(60)]
    tried, _ = tries_until_locked([partial(lockout.take_turn, empty_store, one) for one in attempts])
    assert tried == 50
    with pytest.raises(LockedOutError):
        signing_in.sign_in(empty_store, "hanako", GOOD, Visit("198.51.100.7", "stranger"))

    signing_in.sign_in(empty_store, "hanako", GOOD, DESK)


def test_one_source_that_guesses_everybody_is_slowed_before_it_locks_anybody(empty_store: Store, clerk: Person) -> None:
    attempts = [lockout.Attempt(f"person{number}", ELSEWHERE.source) for number in range(100)]
    tried, _ = tries_until_locked([partial(lockout.take_turn, empty_store, one) for one in attempts])
    assert tried == 20
    signing_in.sign_in(empty_store, "hanako", GOOD, DESK)


def test_an_administrator_lifts_the_wait(empty_store: Store, clerk: Person) -> None:
    for _ in range(5):
        with pytest.raises(SignInError):
            signing_in.sign_in(empty_store, "hanako", "wrong password", DESK)
    with pytest.raises(LockedOutError):
        signing_in.sign_in(empty_store, "hanako", GOOD, DESK)
    lockout.lift(empty_store, "hanako")
    signing_in.sign_in(empty_store, "hanako", GOOD, DESK)


def with_totp(store: Store, clerk: Person) -> tuple[pyotp.TOTP, list[str]]:
    secret, picture = second_factor.offer(store, clerk.id, clerk.login)
    assert "<svg" in picture
    totp = pyotp.TOTP(secret)
    codes = second_factor.confirm(store, clerk.id, totp.now())
    # the code that confirmed is used up: let it be forgotten
    with store.database.transaction() as connection:
        connection.execute("UPDATE people.accounts SET totp_last = 0")
    return totp, codes


def test_with_a_second_factor_the_password_alone_opens_nothing(empty_store: Store, clerk: Person) -> None:
    totp, _ = with_totp(empty_store, clerk)
    half = signing_in.sign_in(empty_store, "hanako", GOOD, DESK)
    assert half.awaits_code
    assert not is_in(empty_store, half.token)

    whole = signing_in.give_code(empty_store, half.token, totp.now(), DESK)

    assert is_in(empty_store, whole)
    assert whole != half.token
    assert not is_in(empty_store, half.token)


def test_a_code_opens_once(empty_store: Store, clerk: Person) -> None:
    totp, _ = with_totp(empty_store, clerk)
    code = totp.now()
    first, second = (signing_in.sign_in(empty_store, "hanako", GOOD, DESK).token for _ in range(2))
    signing_in.give_code(empty_store, first, code, DESK)
    with pytest.raises(SignInError, match="確認コード"):
        signing_in.give_code(empty_store, second, code, DESK)


def test_codes_are_not_to_be_guessed(empty_store: Store, clerk: Person) -> None:
    with_totp(empty_store, clerk)
    token = signing_in.sign_in(empty_store, "hanako", GOOD, DESK).token
    guesses = [partial(signing_in.give_code, empty_store, token, f"{number:06}", DESK) for number in range(10)]
    tried, _ = tries_until_locked(guesses)
    assert tried == 5


def test_each_recovery_code_opens_once(empty_store: Store, clerk: Person) -> None:
    _, codes = with_totp(empty_store, clerk)
    assert len(set(codes)) == second_factor.RECOVERY_CODES
    first, second = (signing_in.sign_in(empty_store, "hanako", GOOD, DESK).token for _ in range(2))
    assert is_in(empty_store, signing_in.give_code(empty_store, first, codes[0].upper(), DESK))
    with pytest.raises(SignInError):
        signing_in.give_code(empty_store, second, codes[0], DESK)


def test_leaving_everywhere_ends_sessions_keys_and_links(empty_store: Store, clerk: Person) -> None:
    tokens = [signing_in.sign_in(empty_store, "hanako", GOOD, visit).token for visit in (DESK, ELSEWHERE)]
    key, link = issue_key(empty_store, "hanako", "QGIS"), issue_link(empty_store, "hanako")

    sessions.leave_everywhere(empty_store, clerk.id)

    assert [is_in(empty_store, token) for token in tokens] == [False, False]
    assert asker_of_key(empty_store, digest(key)) is None
    with pytest.raises(LinkError):
        choose_password(empty_store, link, "another good one 42")


def test_a_changed_password_ends_the_other_sessions_and_needs_the_old_one(empty_store: Store, clerk: Person) -> None:
    mine, other = (signing_in.sign_in(empty_store, "hanako", GOOD, DESK).token for _ in range(2))
    asker = asker_of_session(empty_store, digest(mine))
    assert asker is not None
    with pytest.raises(SignInError):
        signing_in.change_password(empty_store, ("hanako", asker.session_id), "wrong", "a new good one 77", DESK.source)
    signing_in.change_password(empty_store, ("hanako", asker.session_id), GOOD, "a new good one 77", DESK.source)
    assert [is_in(empty_store, token) for token in (mine, other)] == [True, False]


def test_a_locked_account_opens_nothing_until_it_is_unlocked(empty_store: Store, clerk: Person) -> None:
    token, key = signing_in.sign_in(empty_store, "hanako", GOOD, DESK).token, issue_key(empty_store, "hanako", "QGIS")
    lock(empty_store, "hanako")
    assert not is_in(empty_store, token)
    assert asker_of_key(empty_store, digest(key)) is None
    with pytest.raises(SignInError):
        signing_in.sign_in(empty_store, "hanako", GOOD, DESK)
    unlock(empty_store, "hanako")
    assert not is_in(empty_store, token)
    assert asker_of_key(empty_store, digest(key)) is not None


def test_a_key_has_its_verbs_its_end_and_can_be_revoked(empty_store: Store, clerk: Person) -> None:
    secret = issue_key(empty_store, "hanako", "QGIS", frozenset({Verb.READ}), days=30)
    asker = asker_of_key(empty_store, digest(secret))
    assert asker is not None
    assert asker.caller.verbs == {Verb.READ}
    assert asker.session_id is None
    (kept,) = keys(empty_store, clerk.id)
    assert timedelta(days=29) < kept.expires_at - kept.made_at <= timedelta(days=30)

    with empty_store.database.transaction() as connection:
        connection.execute("UPDATE people.keys SET expires_at = now()")
    assert asker_of_key(empty_store, digest(secret)) is None
    another = issue_key(empty_store, "hanako", "QGIS")
    revoke_key(empty_store, person(empty_store, "tester").id, keys(empty_store, clerk.id)[0].id)
    assert asker_of_key(empty_store, digest(another)) is not None, "only its owner revokes a key"
    revoke_key(empty_store, clerk.id, keys(empty_store, clerk.id)[0].id)
    assert asker_of_key(empty_store, digest(another)) is None


@pytest.mark.parametrize(("verbs", "days"), [({Verb.READ}, 0), ({Verb.READ}, 400), ({Verb.EDIT}, 30), (set(), 30)])
def test_a_key_without_an_end_or_without_reading_is_refused(
    empty_store: Store, clerk: Person, verbs: set[Verb], days: int
) -> None:
    with pytest.raises(AccountError):
        issue_key(empty_store, "hanako", "QGIS", verbs, days)


def test_a_transfer_changes_one_row_and_what_every_session_and_key_may_do(empty_store: Store, clerk: Person) -> None:
    token, key = signing_in.sign_in(empty_store, "hanako", GOOD, DESK).token, issue_key(empty_store, "hanako", "QGIS")
    transfer(empty_store, "hanako", Post("町民生活課", frozenset({"viewer"})))
    for asker in (asker_of_session(empty_store, digest(token)), asker_of_key(empty_store, digest(key))):
        assert asker is not None
        assert asker.caller.post == Post("町民生活課", frozenset({"viewer"}))


def test_the_last_administrator_cannot_be_locked_or_moved_away(empty_store: Store) -> None:
    boss = Post("総務課", frozenset({"administrator"}))
    add_person(empty_store, "first", "一番", boss)
    with pytest.raises(AccountError, match="最後のシステム管理者"):
        lock(empty_store, "first")
    with pytest.raises(AccountError, match="最後のシステム管理者"):
        transfer(empty_store, "first", CLERK)
    add_person(empty_store, "second", "二番", boss)
    lock(empty_store, "first")
    with pytest.raises(AccountError, match="最後のシステム管理者"):
        lock(empty_store, "second")


def test_a_flood_of_logins_leaves_the_other_threads_alone(empty_store: Store, clerk: Person) -> None:
    outcomes: list[str] = []

    def guess(number: int) -> None:
        try:
            signing_in.sign_in(empty_store, f"flood{number}", "wrong password", Visit(f"198.51.100.{number}", ""))
        except AccountError as error:
            outcomes.append(str(error))

    flood = [threading.Thread(target=guess, args=[number]) for number in range(60)]
    for one in flood:
        one.start()
    for one in flood:
        one.join()
    assert len(outcomes) == 60
    assert any("込み合って" in told for told in outcomes)
    signing_in.sign_in(empty_store, "hanako", GOOD, DESK)
