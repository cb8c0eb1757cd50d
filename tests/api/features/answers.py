"""What the tests of the feature API read from its answers."""

from typing import Any

import httpx

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
ITEMS = "/api/collections/{}/items"
# a block of the sample town with some hundred parcels
BLOCK = "140.62,37.28,140.63,37.29"


def refusal(response: httpx.Response, status: int) -> str:
    """The one sentence of a problem+json answer."""
    assert response.status_code == status, response.text[:300]
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert body["status"] == status
    assert "\n" not in body["detail"]
    return str(body["detail"])


def page(http: httpx.Client, collection: str, **parameters: Any) -> dict[str, Any]:
    """A page of features as GeoJSON."""
    named = {name.replace("_crs", "-crs").replace("_lang", "-lang"): value for name, value in parameters.items()}
    response = http.get(ITEMS.format(collection), params=named)
    assert response.status_code == 200, response.text[:300]
    answer: dict[str, Any] = response.json()
    return answer


def links(document: dict[str, Any], rel: str) -> list[dict[str, str]]:
    """The links of one relation."""
    return [link for link in document["links"] if link["rel"] == rel]


def first_position(feature: dict[str, Any]) -> list[float]:
    """The first position of a feature's geometry."""
    value = feature["geometry"]["coordinates"]
    while isinstance(value[0], list):
        value = value[0]
    return [float(number) for number in value]
