"""The administrator's page: persons, the posts they hold, and what lets them in or keeps them out."""

from collections.abc import Callable

from fastapi import APIRouter, Request, Response

from api.problems import status_of
from api.staff.context import Administrator, who_of
from api.staff.people.account import told
from api.staff.people.forms import Form, Sent
from api.staff.people.pages import page
from layers.accounts import lockout, second_factor, sessions
from layers.accounts.changes import Change, note_change
from layers.accounts.errors import AccountError
from layers.accounts.links import issue_link
from layers.accounts.persons import add_person, checked_post, lock, person, persons, transfer, unlock
from layers.store.instance import Store

router = APIRouter(include_in_schema=False)


def _directories(store: Store) -> dict[str, str]:
    """The ways to sign in that this instance has."""
    found = {"local": "おのマップのパスワード"}
    if store.settings.ldap is not None:
        found["ldap"] = "庁内のディレクトリ（LDAP）のパスワード"
    if store.settings.oidc is not None:
        found["oidc"] = f"{store.settings.oidc.label}（OpenID Connect）"
    return found


def _page(request: Request, *, status: int = 200, **more: object) -> Response:
    store: Store = request.app.state.store
    everybody = persons(store)
    departments = {layer.department for layer in store.catalogue.values()} | {one.post.department for one in everybody}
    content: dict[str, object] = {
        "persons": everybody,
        "duties": store.policy.duties,
        "departments": sorted(departments),
        "directories": _directories(store),
        "told": told,
        "wrong": "",
        "done": "",
        "link": "",
        **more,
    }
    return page(request, "people.html", content, status=status)


@router.get("/people")
def people(request: Request, _: Administrator) -> Response:
    """The page."""
    return _page(request)


def _add(store: Store, form: Form) -> str:
    post = checked_post(store, form.text("department"), form.all("duty"))
    directory = form.text("directory") or "local"
    if directory not in _directories(store):
        raise AccountError("ログインの方法を選び直してください。")
    someone = add_person(store, form.text("login").strip().lower(), form.text("name"), post, directory=directory)
    return f"{someone.name} を加えました。"


def _transfer(store: Store, form: Form) -> str:
    transfer(store, form.text("login"), checked_post(store, form.text("department"), form.all("duty")))
    return f"{form.text('login')} の所属と職務を変えました。次の操作から効きます。"


def _lock(store: Store, form: Form) -> str:
    lock(store, form.text("login"))
    return f"{form.text('login')} を停止しました。ログイン中の画面も鍵も使えません。"


def _unlock(store: Store, form: Form) -> str:
    unlock(store, form.text("login"))
    return f"{form.text('login')} の停止を解きました。"


def _lift(store: Store, form: Form) -> str:
    lockout.lift(store, person(store, form.text("login")).login)
    return f"{form.text('login')} のログインの待ち時間を解除しました。"


def _no_totp(store: Store, form: Form) -> str:
    second_factor.remove(store, person(store, form.text("login")).login)
    return f"{form.text('login')} の二要素認証を外しました。"


def _leave(store: Store, form: Form) -> str:
    sessions.leave_everywhere(store, person(store, form.text("login")).id)
    return f"{form.text('login')} のログインと鍵をすべて終わらせました。"


ACTIONS: dict[str, tuple[Callable[[Store, Form], str], Change]] = {
    "add": (_add, Change.ADD),
    "transfer": (_transfer, Change.TRANSFER),
    "lock": (_lock, Change.LOCK),
    "unlock": (_unlock, Change.UNLOCK),
    "lift": (_lift, Change.LIFT),
    "no-totp": (_no_totp, Change.NO_TOTP),
    "leave": (_leave, Change.LEAVE),
}


@router.post("/people/link")
def link(request: Request, asker: Administrator, form: Sent) -> Response:
    """A one-time link, shown this once."""
    store: Store = request.app.state.store
    try:
        token = issue_link(store, form.text("login"))
    except AccountError as error:
        return _page(request, status=status_of(error), wrong=str(error))
    note_change(store, who_of(request, asker), form.text("login"), Change.LINK)
    address = f"{str(request.base_url).rstrip('/')}/login/link/{token}"
    return _page(request, link={"login": form.text("login"), "address": address})


@router.post("/people/{action}")
def act(request: Request, action: str, asker: Administrator, form: Sent) -> Response:
    """One of the page's other buttons."""
    store: Store = request.app.state.store
    try:
        if action not in ACTIONS:
            raise AccountError("この操作はありません。画面を再読み込みしてください。")
        work, change = ACTIONS[action]
        done = work(store, form)
    except AccountError as error:
        return _page(request, status=status_of(error), wrong=str(error))
    note_change(store, who_of(request, asker), form.text("login").strip().lower(), change)
    request.app.state.door.forget()
    return _page(request, done=done)
