"""What every handler of the internal application starts from."""

from typing import Annotated, cast

from fastapi import Depends, Request

from layers.store.errors import ForbiddenError
from layers.store.instance import Store
from layers.store.rights.caller import Caller


def caller_of(request: Request) -> Caller | None:
    """Who asks, as the gate put it into the request's state; None before there is anybody."""
    return cast("Caller | None", getattr(request.state, "caller", None))


def _whole_store(request: Request) -> Store:
    return cast(Store, request.app.state.store)


def _store(request: Request) -> Store:
    """The store as the caller's post may have it: its layers and columns, and PostgreSQL under its role."""
    store, caller = _whole_store(request), caller_of(request)
    return store if caller is None else store.seen_by(caller.post)


def _caller(request: Request) -> Caller:
    caller = caller_of(request)
    if caller is None:
        raise ForbiddenError("ログインしていないため、見られません。ログインしてからもう一度開いてください。")
    return caller


def open_store(request: Request) -> Store:
    """The store as this request may read it."""
    return _store(request)


OpenStore = Annotated[Store, Depends(_store)]
WholeStore = Annotated[Store, Depends(_whole_store)]
"""The store as its owner has it: only for what checks the caller's duty itself."""
Asker = Annotated[Caller, Depends(_caller)]
"""Who asks, where nobody may ask unnamed. Raises ForbiddenError."""
