"""One's own account: who one is here, the password, the second factor, sessions and keys."""

from datetime import datetime
from urllib.parse import quote
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request, Response

from api.problems import status_of
from api.staff.context import Asking, OpenStore, SignedInPerson, who_of
from api.staff.people.forms import Sent, session_secret, token_for
from api.staff.people.login import see_other, visit_of
from api.staff.people.pages import page
from layers.accounts import keys, second_factor, sessions, signing_in
from layers.accounts.askers import Asker
from layers.accounts.changes import Change, note_change
from layers.accounts.errors import AccountError
from layers.accounts.lockout import Attempt, take_turn
from layers.accounts.passwords import ADVISED, LEAST, MOST
from layers.accounts.persons import person
from layers.store.instance import Store
from layers.store.rights.caller import Verb

router = APIRouter(include_in_schema=False)
DAYS = (1, 7, 30, 90, 180, 366)
JST = ZoneInfo("Asia/Tokyo")
VERBS = {Verb.READ: "見る", Verb.EXPORT: "書き出す", Verb.EDIT: "直す"}


def told(moment: datetime | None) -> str:
    """A moment as the pages write it."""
    return "" if moment is None else f"{moment.astimezone(JST):%Y-%m-%d %H:%M}"


def _page(request: Request, asker: Asker, *, status: int = 200, **more: object) -> Response:
    store: Store = request.app.state.store
    content: dict[str, object] = {
        "me": person(store, asker.caller.account),
        "here": asker.session_id,
        "duties": [
            store.policy.duties[duty].label for duty in sorted(asker.caller.post.duties & store.policy.duties.keys())
        ],
        "sessions": sessions.sessions(store, asker.account_id),
        "keys": keys.keys(store, asker.account_id),
        "days": DAYS,
        "usual_days": keys.USUAL_DAYS,
        "verbs": {verb.value: label for verb, label in VERBS.items()},
        "told": told,
        "least": LEAST,
        "advised": ADVISED,
        "most": MOST,
        "is_confined": store.policy.is_confined(asker.caller.post),
        "wrong": "",
        "done": "",
        "new_key": "",
        "offered": None,
        "recovery": [],
        **more,
    }
    return page(request, "account.html", content, status=status)


@router.get("/me")
def me(store: OpenStore, request: Request, asker: Asking) -> dict[str, object]:
    """Who is signed in, for the map's head; a session also gets the token with which its page may send forms."""
    secret = session_secret(request) if asker.session_id is not None else None
    return {
        "account": asker.caller.account,
        "name": asker.caller.name,
        "department": asker.caller.post.department,
        "administrator": "administrator" in asker.caller.post.duties,
        "verbs": {
            name: [verb.value for verb in Verb if store.policy.allows(asker.caller, verb, layer)]
            for name, layer in store.catalogue.items()
        },
        "token": token_for(secret) if secret else None,
    }


@router.get("/account")
def account(request: Request, asker: SignedInPerson) -> Response:
    """The page."""
    return _page(request, asker)


@router.post("/account/password")
def password(request: Request, asker: SignedInPerson, form: Sent) -> Response:
    """Change the password; every other session ends."""
    store: Store = request.app.state.store
    asking = (asker.caller.account, asker.session_id)
    try:
        signing_in.change_password(store, asking, form.text("old"), form.text("new"), visit_of(request).source)
    except AccountError as error:
        return _page(request, asker, status=status_of(error), wrong=str(error))
    request.app.state.door.forget()
    return _page(request, asker, done="パスワードを変えました。ほかの端末のログインは終わらせました。")


@router.post("/account/totp/offer")
def offer(request: Request, asker: SignedInPerson, form: Sent) -> Response:
    """Show the picture of a new secret to who knows the password."""
    store: Store = request.app.state.store
    try:
        _require_password(store, request, asker, form.text("password"))
    except AccountError as error:
        return _page(request, asker, status=status_of(error), wrong=str(error))
    secret, picture = second_factor.offer(store, asker.account_id, asker.caller.account)
    return _page(request, asker, offered={"secret": secret, "picture": f"data:image/svg+xml,{quote(picture)}"})


@router.post("/account/totp/confirm")
def confirm(request: Request, asker: SignedInPerson, form: Sent) -> Response:
    """Begin to ask for codes, now that one has shown that the authenticator works."""
    store: Store = request.app.state.store
    try:
        take_turn(store, Attempt(asker.caller.account, visit_of(request).source))
        codes = second_factor.confirm(store, asker.account_id, form.text("code"))
    except AccountError as error:
        return _page(request, asker, status=status_of(error), wrong=str(error))
    return _page(request, asker, recovery=codes, done="二要素認証を始めました。")


@router.post("/account/totp/remove")
def remove(request: Request, asker: SignedInPerson, form: Sent) -> Response:
    """Stop asking for codes, for who knows the password."""
    store: Store = request.app.state.store
    try:
        _require_password(store, request, asker, form.text("password"))
    except AccountError as error:
        return _page(request, asker, status=status_of(error), wrong=str(error))
    second_factor.remove(store, asker.caller.account)
    return _page(request, asker, done="二要素認証をやめました。")


def _require_password(store: Store, request: Request, asker: Asker, password_: str) -> None:
    signing_in.require_password(store, asker.caller.account, password_, visit_of(request).source)


@router.post("/account/keys")
def make_key(request: Request, asker: SignedInPerson, form: Sent) -> Response:
    """A new key, shown this once."""
    store: Store = request.app.state.store
    verbs = frozenset(verb for verb in VERBS if verb.value in form.all("verb"))
    try:
        key = keys.issue_key(store, asker.caller.account, form.text("label"), verbs, form.number("days"))
    except AccountError as error:
        return _page(request, asker, status=status_of(error), wrong=str(error))
    note_change(store, who_of(request, asker), asker.caller.account, Change.KEY)
    return _page(request, asker, new_key=key)


@router.post("/account/keys/revoke")
def revoke(request: Request, asker: SignedInPerson, form: Sent) -> Response:
    """End a key."""
    store: Store = request.app.state.store
    keys.revoke_key(store, asker.account_id, form.number("key"))
    note_change(store, who_of(request, asker), asker.caller.account, Change.KEY_ENDED)
    request.app.state.door.forget()
    return see_other(request, "/account#keys")


@router.post("/account/sessions/end")
def end_session(request: Request, asker: SignedInPerson, form: Sent) -> Response:
    """End one of one's own sessions."""
    sessions.end_one(request.app.state.store, asker.account_id, form.number("session"))
    request.app.state.door.forget()
    return see_other(request, "/account#sessions")
