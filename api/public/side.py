"""The public side: which edition a request reads, taken once and kept to the request's end."""

from typing import Annotated, cast

from anyio import to_thread
from fastapi import Depends, FastAPI, Request, Response
from starlette.types import Receive, Scope, Send

from api.problems import answer_to
from api.public.editions import EditionChangedError, Editions, OpenEdition
from api.public.rates import Rates
from api.public.settings import PublicSettings
from api.public.tiles import PublishedTiles
from api.side import Side
from layers.store.definitions import Layer
from layers.store.readable import Readable

CACHE_CONTROL = "public, max-age=60, stale-while-revalidate=60"
"""For a minute nobody needs to ask whether a tile still holds: as long may an old edition be seen after a switch."""
_EDITION = "onomap.edition"
_TRIES = "onomap.tries"
MOST_TRIES = 3


def edition_of_request(request: Request) -> OpenEdition:
    """The edition that this request reads."""
    editions = cast(Editions, request.app.state.editions)
    return cast(OpenEdition, request.scope.setdefault(_EDITION, editions.current))


OpenPublished = Annotated[OpenEdition, Depends(edition_of_request)]


def public_side(settings: PublicSettings, rates: Rates) -> Side:
    """What the shared routes are told of this side."""

    def counted(request: Request, _: Readable, layer: Layer) -> Layer:
        rates.count_file(request.scope)
        return layer

    return Side(
        "公開地図",
        readable=edition_of_request,
        tiles=lambda request: PublishedTiles(lambda: edition_of_request(request)),
        hidden=frozenset({"as_of"}),
        most_rows=settings.most_rows,
        most_file_rows=settings.most_file_rows,
        tile_cache_control=CACHE_CONTROL,
        file_part=counted,
    )


class _Again(Response):
    """In the place of an answer: the same request once more, of the edition that is served now."""

    def __init__(self, app: FastAPI, tries: int) -> None:
        self._app, self._tries = app, tries

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Ask again."""
        fresh = {key: value for key, value in scope.items() if key != _EDITION}
        await self._app.router({**fresh, _TRIES: self._tries}, receive, send)


async def ask_again(request: Request, error: Exception) -> Response:
    """What becomes of a request during which the edition was switched: it begins anew, since nothing went out yet."""
    assert isinstance(error, EditionChangedError)  # noqa: S101 - registered for this class only
    tries = request.scope.get(_TRIES, 0) + 1
    if tries > MOST_TRIES:
        return answer_to(error)
    await to_thread.run_sync(request.app.state.editions.refresh)
    return _Again(request.app, tries)
