"""Features as GeoJSON at 100,000 parcels: a box of some 600 against tipg and raw SQL, and the 500th page against the first."""

import json
import sys
import tempfile
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from api.serve import free_port
from layers.store.definitions import Layer
from scripts.benches.ground import HOME, ground, medians_by_turns, tell
from scripts.benches.tile_parts.peers import pygeoapi, running, tipg

WANTED_FEATURES = 600
PAGE = 100
FAR_PAGE = 500
Box = tuple[float, float, float, float]


@contextmanager
def _ours() -> Iterator[int]:
    port = free_port()
    command = [sys.executable, "-P", "-m", "api.serving", "staff", "--port", str(port), "--home", str(HOME)]
    with running(command, port, "/healthz", {}):
        yield port


def _box(connection: psycopg.Connection[tuple[object, ...]]) -> Box:
    """A square around a parcel in a village, in degrees, that meets some 600 parcels."""
    box: Box | None = None
    for half_m in range(50, 3_000, 10):
        row = connection.execute(
            "WITH c AS (SELECT ST_Expand(ST_Centroid(geom), %(half)s) AS e FROM layers.cadastral "
            "WHERE land_category = '宅地' ORDER BY fid LIMIT 1), d AS (SELECT ST_Transform(c.e, 4326) AS g FROM c) "
            "SELECT count(*), ST_XMin(g), ST_YMin(g), ST_XMax(g), ST_YMax(g) FROM d JOIN layers.cadastral p "
            "ON ST_Intersects(p.geom, ST_Transform(ST_Envelope(g), 6677)) GROUP BY g",
            {"half": half_m},
        ).fetchone()
        assert row is not None  # noqa: S101 - the parcel itself is met
        count, *corners = row
        box = (float(corners[0]), float(corners[1]), float(corners[2]), float(corners[3]))  # type: ignore[arg-type]
        if int(count) >= WANTED_FEATURES:  # type: ignore[call-overload]
            break
    assert box is not None  # noqa: S101 - the loop ran
    return box


def _get(url: str) -> bytes:
    request = urllib.request.Request(url, headers={"Accept": "application/geo+json"})
    with urllib.request.urlopen(request, timeout=120) as response:
        return bytes(response.read())


def _raw(connection: psycopg.Connection[tuple[object, ...]], layer: Layer, box: Box) -> Callable[[], bytes]:
    """What a program of its own would ask of the table: rows as JSON made by the database."""
    fields = ", ".join(f"'{field.name}', {field.name}" for field in layer.fields)
    statement = (
        "SELECT json_build_object('type', 'FeatureCollection', 'features', json_agg(json_build_object('type', 'Feature', "
        f"'id', fid, 'geometry', ST_AsGeoJSON(ST_Transform(geom, 4326), 7)::json, 'properties', json_build_object({fields}))))"
        "::text FROM layers.cadastral WHERE ST_Intersects(geom, ST_Transform(ST_MakeEnvelope(%s, %s, %s, %s, 4326), 6677))"
    )

    def ask() -> bytes:
        row = connection.execute(statement.encode(), box, prepare=True).fetchone()
        assert row is not None  # noqa: S101 - an aggregate
        return str(row[0]).encode()

    return ask


def _box_bench(port: int, url: str, layer: Layer) -> None:
    with psycopg.connect(url, autocommit=True) as connection, tipg(url) as peer:
        box = _box(connection)
        corners = ",".join(map(str, box))
        ours = f"http://127.0.0.1:{port}/api/collections/cadastral/items?bbox={corners}&limit=10000"
        theirs = (
            f"http://127.0.0.1:{peer}/collections/layers.cadastral/items?bbox={corners}&limit=10000&geom-column=geom"
        )
        ask_raw = _raw(connection, layer, box)
        mine, raw, peers = (len(json.loads(text)["features"]) for text in (_get(ours), ask_raw(), _get(theirs)))
        if mine != raw:
            raise RuntimeError(f"the box holds {mine} parcels for us and {raw} for the database")
        seconds, their_seconds, raw_seconds = medians_by_turns(lambda: _get(ours), lambda: _get(theirs), ask_raw)
        # tipg goes by bounding boxes and gives a few parcels more
        beside = {"features_of_tipg": peers, "wanted_ratio": 3}
        tell("features.box_against_tipg", seconds, their_seconds, mine, **beside)
        tell("features.box_against_raw_sql", seconds, raw_seconds, mine, wanted_ratio=0.6)
        names = [field.name for field in layer.fields]
        with tempfile.TemporaryDirectory() as folder, pygeoapi(Path(folder), url, names) as other:
            # it does not find the parcels by a box in degrees: it is given the box in the plane
            row = connection.execute(
                "SELECT ST_XMin(g), ST_YMin(g), ST_XMax(g), ST_YMax(g) FROM "
                "(SELECT ST_Transform(ST_MakeEnvelope(%s, %s, %s, %s, 4326), 6677) AS g) p",
                box,
            ).fetchone()
            assert row is not None  # noqa: S101 - one row
            plane = ",".join(map(str, row)) + "&bbox-crs=http://www.opengis.net/def/crs/EPSG/0/6677"
            address = f"http://127.0.0.1:{other}/collections/cadastral/items?bbox={plane}&limit=10000&f=json"
            beside = {"features_of_pygeoapi": len(json.loads(_get(address))["features"])}
            seconds, their_seconds = medians_by_turns(lambda: _get(ours), lambda: _get(address))
            tell("features.box_against_pygeoapi", seconds, their_seconds, mine, **beside)


def _pages_bench(port: int) -> None:
    """The time of the 500th page beside that of the first, in the layer's own order and in one that was asked for."""
    for name, order in (("", ""), ("_sorted", "&sortby=-registered_area_m2,chiban")):
        first = f"http://127.0.0.1:{port}/api/collections/cadastral/items?limit={PAGE}{order}"
        address = first
        for _ in range(FAR_PAGE - 1):
            links = json.loads(_get(address))["links"]
            address = next(link["href"] for link in links if link["rel"] == "next")
        far, near = medians_by_turns(lambda at=address: _get(at), lambda at=first: _get(at), times=15)  # type: ignore[misc]
        tell(f"features.page_500{name}", far, near, PAGE, wanted_ratio=round(1 / 1.2, 2))


def main() -> None:
    """Start the staff server on the benches' ground and measure."""
    with ground() as stage, _ours() as port:
        _box_bench(port, stage.url, stage.store.layer("cadastral"))
        _pages_bench(port)


if __name__ == "__main__":
    main()
