"""What every handler of the internal application starts from: who asks, and the store as they may see it."""

from typing import Annotated, cast

from fastapi import Depends, Request, Response
from fastapi.concurrency import run_in_threadpool

from api.problems import problem
from api.staff.views import View
from layers.accounts.askers import Asker
from layers.accounts.errors import DutyMissingError, NotAllowedError
from layers.accounts.persons import ADMINISTRATOR, administrators
from layers.store.audit.log import Who
from layers.store.definitions import Layer
from layers.store.instance import Store
from layers.store.readable import Readable
from layers.store.rights.caller import Caller, Verb
from layers.store.rights.policy import seen_with

DONE = {
    Verb.READ: "見る",
    Verb.EDIT: "直す",
    Verb.APPROVE: "公開を承認する",
    Verb.EXPORT: "ファイルに書き出す",
    Verb.SWITCH: "災害時に切り替える",
    Verb.SURVEY: "測る",
}


def view_of(request: Request) -> View:
    """The view that the gate has set: there is none without an asker, so that a way around the gate fails."""
    return cast(View, request.state.view)


def open_store(request: Request) -> Store:
    """The store as the caller's post may have it: its layers and columns, and PostgreSQL under its role."""
    return view_of(request).store


def _whole_store(request: Request) -> Store:
    return cast(Store, request.app.state.store)


def _caller(request: Request) -> Caller:
    return cast(Caller, request.state.caller)


def _asker(request: Request) -> Asker:
    return cast(Asker, request.state.asker)


OpenStore = Annotated[Store, Depends(open_store)]
WholeStore = Annotated[Store, Depends(_whole_store)]
"""The store as its owner has it: only for what checks the caller's duty itself."""
Calling = Annotated[Caller, Depends(_caller)]
Asking = Annotated[Asker, Depends(_asker)]


def require_parcels(store: OpenStore) -> None:
    """Raise UnknownLayerError where the asker's post may not read parcels, for all that is asked about land."""
    store.layer("cadastral")


def origin_of(request: Request) -> str | None:
    """The address that a request came from."""
    return request.client.host if request.client is not None else None


def who_of(request: Request, asker: Asker) -> Who:
    """Who asks, as the log keeps it."""
    return Who.of(asker.caller, origin_of(request))


def require(store: Store, caller: Caller, verb: Verb, layer: Layer) -> None:
    """Raise NotAllowedError, with who can grant it, unless the caller may do that with the layer."""
    if store.policy.allows(caller, verb, layer):
        return
    if verb not in caller.verbs:
        raise NotAllowedError(
            f"この鍵では{layer.title}を{DONE[verb]}ことができません。{verb.value} を含む鍵を作り直してください。"
        )
    raise DutyMissingError(
        f"{caller.post.department}の今の職務では、{layer.title}（{layer.department}）を{DONE[verb]}ことができません。"
        "必要なときは、システム管理者に職務の付与を頼んでください。"
    )


async def tell_who_grants(request: Request, error: Exception) -> Response:
    """The refusal with the administrators' names; they are asked of the whole store, as a post's own sees nobody."""
    store: Store = request.app.state.store
    everybody = await run_in_threadpool(administrators, store)
    names = [one.name for one in everybody if one.demo_password is None or store.town.fictitious][:3]
    return problem(403, f"{error}（システム管理者: {'、'.join(names)}）" if names else str(error))


def allowed_part(store: Store, caller: Caller, verb: Verb, layer: Layer) -> Layer:
    """The layer with the columns on which the caller has the verb. Raises NotAllowedError where there is none."""
    require(store, caller, verb, layer)
    part = seen_with(layer, store.policy.classes(caller.post, verb, layer))
    if part is None:
        raise NotAllowedError(f"{layer.title}のうち、{DONE[verb]}ことができる項目がありません。")
    return part


def file_part(request: Request, _: Readable, layer: Layer) -> Layer:
    """The layer with the columns that the asker may take out as a file. Raises NotAllowedError where there is none."""
    return allowed_part(open_store(request), request.state.caller, Verb.EXPORT, layer)


def require_administrator(asker: Asking) -> Asker:
    """The asker, at a browser, whose post includes the administration of people. Raises NotAllowedError."""
    if asker.session_id is None or ADMINISTRATOR not in asker.caller.post.duties:
        raise NotAllowedError("利用者の管理は、職務「システム管理」を持つ人が画面からログインして行います。")
    return asker


def require_person(asker: Asking) -> Asker:
    """The asker, at a browser: a key cannot make keys. Raises NotAllowedError."""
    if asker.session_id is None:
        raise NotAllowedError("鍵では自分の設定を変えられません。画面からログインしてください。")
    return asker


Administrator = Annotated[Asker, Depends(require_administrator)]
SignedInPerson = Annotated[Asker, Depends(require_person)]
