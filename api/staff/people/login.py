"""Signing in and out, and the one-time link by which a person chooses a password."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import RedirectResponse

from api.problems import status_of
from api.staff.context import SignedInPerson, origin_of
from api.staff.people.credentials import PLAIN_COOKIE
from api.staff.people.forms import (
    FORM_COOKIE,
    Sent,
    drop_cookies,
    fresh_login_secret,
    session_secret,
    set_cookie,
)
from api.staff.people.next_page import HOME, safe_next
from api.staff.people.pages import page
from layers.accounts import sessions, signing_in
from layers.accounts.demo import demo_accounts
from layers.accounts.errors import AccountError, LinkError, LockedOutError
from layers.accounts.links import choose_password, holder
from layers.accounts.passwords import ADVISED, LEAST, MOST
from layers.accounts.sessions import Visit
from layers.store.instance import Store

router = APIRouter(include_in_schema=False)
CODE_COOKIE = "onomap_code"
Token = Annotated[str, Path(max_length=100)]


def visit_of(request: Request) -> Visit:
    """From where the request comes."""
    return Visit(origin_of(request) or "", request.headers.get("user-agent", ""))


def _store(request: Request) -> Store:
    store: Store = request.app.state.store
    return store


def see_other(request: Request, path: str) -> RedirectResponse:
    """Go on to a page of this server after a form."""
    return RedirectResponse(f"{request.scope.get('root_path', '')}{path}", status_code=303)


def _with_cookie(request: Request, template: str, content: dict[str, object], status: int = 200) -> Response:
    secret = fresh_login_secret(request)
    response = page(request, template, content, status=status, secret=secret)
    set_cookie(request, response, FORM_COOKIE, secret)
    return response


def _refused(request: Request, template: str, content: dict[str, object], error: AccountError) -> Response:
    response = _with_cookie(request, template, {**content, "wrong": str(error)}, status_of(error))
    if isinstance(error, LockedOutError):
        response.headers["Retry-After"] = str(error.wait_s)
    return response


def refusal_page(request: Request, sentence: str, status: int) -> Response:
    """A page with one sentence and the way back to the login."""
    return _with_cookie(request, "notice.html", {"title": "ログイン", "sentence": sentence}, status)


def _login_page(request: Request, next_page: str, login: str) -> dict[str, object]:
    store = _store(request)
    return {
        "next": next_page,
        "login": login,
        "wrong": "",
        "demo": demo_accounts(store),
        "oidc": store.settings.oidc.label if store.settings.oidc else "",
    }


@router.get("/login")
def login_page(request: Request, next_page: Annotated[str, Query(alias="next")] = HOME) -> Response:
    """The login page."""
    return _with_cookie(request, "login.html", _login_page(request, safe_next(next_page), ""))


@router.post("/login")
def login(request: Request, form: Sent) -> Response:
    """Sign in; a session that the browser came with ends, so that nobody can have put it there."""
    store, next_page = _store(request), safe_next(form.text("next"))
    try:
        signed_in = signing_in.sign_in(store, form.text("username"), form.text("password"), visit_of(request))
    except AccountError as error:
        return _refused(request, "login.html", _login_page(request, next_page, form.text("username")[:64]), error)
    if signed_in.awaits_code:
        response = _with_cookie(request, "code.html", {"next": next_page, "wrong": ""})
        set_cookie(request, response, CODE_COOKIE, signed_in.token)
        return response
    return entered(request, signed_in.token, next_page)


@router.post("/login/code")
def code(request: Request, form: Sent) -> Response:
    """The second factor."""
    next_page = safe_next(form.text("next"))
    token = request.cookies.get(f"__Host-{CODE_COOKIE}") or request.cookies.get(CODE_COOKIE, "")
    try:
        entrance = signing_in.give_code(_store(request), token, form.text("code"), visit_of(request))
    except AccountError as error:
        return _refused(request, "code.html", {"next": next_page}, error)
    return entered(request, entrance, next_page)


def entered(request: Request, token: str, next_page: str) -> Response:
    """The answer that gives the browser its new session."""
    before = session_secret(request)
    if before is not None:
        sessions.end(_store(request), before)
    response = see_other(request, next_page)
    drop_cookies(response, [CODE_COOKIE, FORM_COOKIE])
    set_cookie(request, response, PLAIN_COOKIE, token)
    request.app.state.door.forget()
    return response


@router.get("/login/link/{token}")
def link_page(request: Request, token: Token) -> Response:
    """Where a one-time link leads: its holder chooses a password. Looking does not use it up."""
    try:
        someone = holder(_store(request), token)
    except LinkError as error:
        return refusal_page(request, str(error), status_of(error))
    return _with_cookie(request, "password.html", _password_page(someone.login, someone.name))


def _password_page(login_name: str, name: str) -> dict[str, object]:
    return {"login": login_name, "name": name, "wrong": "", "least": LEAST, "advised": ADVISED, "most": MOST}


@router.post("/login/link/{token}")
def link(request: Request, token: Token, form: Sent) -> Response:
    """Choose the password; the link is then used up, and the person signs in with it."""
    store = _store(request)
    try:
        someone = holder(store, token)
    except LinkError as error:
        return refusal_page(request, str(error), status_of(error))
    try:
        choose_password(store, token, form.text("password"))
    except AccountError as error:
        return _refused(request, "password.html", _password_page(someone.login, someone.name), error)
    request.app.state.door.forget()
    return see_other(request, "/login")


@router.post("/logout")
def logout(request: Request, _: Sent) -> Response:
    """End this session."""
    token = session_secret(request)
    if token is not None:
        sessions.end(_store(request), token)
    return left(request)


@router.post("/logout/everywhere")
def logout_everywhere(request: Request, asker: SignedInPerson, _: Sent) -> Response:
    """End every session of this person, and every key and link."""
    sessions.leave_everywhere(_store(request), asker.account_id)
    return left(request)


def left(request: Request) -> Response:
    """The answer to somebody who has left; the login page then takes from the browser what was kept of the town's lines."""
    request.app.state.door.forget()
    response = see_other(request, "/login?left=1")
    drop_cookies(response, [PLAIN_COOKIE])
    response.headers["Clear-Site-Data"] = '"cache"'
    return response
