"""What every handler of the internal application starts from."""

from typing import Annotated, cast

from fastapi import Depends, Request

from layers.store.instance import Store


def _store(request: Request) -> Store:
    return cast(Store, request.app.state.store)


def open_store(request: Request) -> Store:
    """The store as this request may read it."""
    return _store(request)


OpenStore = Annotated[Store, Depends(_store)]
