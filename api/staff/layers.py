"""The layers as the page shows them."""

from fastapi import APIRouter

from api.staff.context import OpenStore
from layers.store.overview import overview

router = APIRouter(tags=["layers"])


@router.get("/layers")
def layers(store: OpenStore) -> dict[str, object]:
    """The municipality and every layer with its legend, owner, source, accuracy and present edition."""
    return overview(store)
