"""What the public map page asks beside the API: which layers there are, and how they are drawn."""

from fastapi import APIRouter, Request

from api.public.editions import OpenEdition
from api.public.side import OpenPublished
from api.side import OpenTiles
from api.tiles.routes import base_of
from api.tiles.styles import map_style
from layers.store.definitions import Layer
from layers.store.overview import declared

router = APIRouter(tags=["map"])


@router.get("/layers")
def layers(edition: OpenPublished) -> dict[str, object]:
    """The municipality, the edition and every published layer with its legend, source, licence and date."""
    town = edition.town
    return {
        "municipality": {
            "code": town.code,
            "name": town.name,
            "full_name": town.full_name,
            "fictitious": town.fictitious,
            "bbox": list(town.bbox),
        },
        "edition": {
            "number": edition.number,
            "made_at": edition.made_at.isoformat() if edition.made_at is not None else None,
        },
        "layers": [_layer(edition, layer) for layer in edition.catalogue.values()],
    }


@router.get("/styles/public.json")
def public_style(edition: OpenPublished, source: OpenTiles, request: Request) -> dict[str, object]:
    """A MapLibre style of the whole map, made from the layers' own legends."""
    shown = [edition.layer(name) for name in source.every]
    return map_style(base_of(request), f"{edition.town.name} 公開地図", shown)


def _layer(edition: OpenEdition, layer: Layer) -> dict[str, object]:
    dates = edition.data_dates.get(layer.id)
    data_date = dates.data_date if dates is not None else None
    return {
        **declared(layer),
        "data_date": data_date.isoformat() if data_date is not None else None,
        "rows": edition.rows.get(layer.id),
    }
