"""GDAL's MVT driver reads our tiles: the same features at the same places as the table has."""

import json
import subprocess
from pathlib import Path

import httpx
import pytest

from layers.store.instance import Store
from tests.layers.store.tiles.tile_samples import EAST_M, NORTH_M, tile_at
from tests.signing import SIGNED


def ogr(*arguments: str) -> str:
    ran = subprocess.run(["ogr2ogr", *arguments], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


@pytest.mark.parametrize("layer", ["cadastral", "roads", "street_lights"])
def test_gdal_reads_a_tile_and_its_features_are_where_the_rows_are(
    staff_url: str, sample_store: Store, tmp_path: Path, layer: str
) -> None:
    tile = tile_at(EAST_M, NORTH_M, 14)
    folder = tmp_path / "14" / str(tile.x)
    folder.mkdir(parents=True)
    file = folder / f"{tile.y}.mvt"
    file.write_bytes(httpx.get(f"{staff_url}/tiles/{layer}/14/{tile.x}/{tile.y}", timeout=60, headers=SIGNED).content)
    ogr("-f", "GeoJSON", str(tmp_path / "read.geojson"), f"MVT:{file}", layer, "-oo", "CLIP=NO", "-t_srs", "EPSG:3857")
    features = json.loads((tmp_path / "read.geojson").read_text())["features"]

    with sample_store.database.transaction() as connection:
        rows = connection.execute(
            f"SELECT fid FROM layers.{layer} WHERE ST_Intersects(geom_3857, ST_TileEnvelope(14, %s, %s))".encode(),
            [tile.x, tile.y],
        ).fetchall()
        fids = {row[0] for row in rows}
        read = {feature["properties"].get("mvt_id", feature.get("id")) for feature in features}
        reach = connection.execute(
            f"SELECT count(*) FROM layers.{layer} l JOIN jsonb_array_elements(%s::jsonb) f "
            "ON l.fid = coalesce((f->'properties'->>'mvt_id')::bigint, (f->>'id')::bigint) "
            "WHERE ST_DWithin(l.geom_3857, ST_SetSRID(ST_GeomFromGeoJSON(f->>'geometry'), 3857), 3)".encode(),
            [json.dumps(features)],
        ).fetchone()

    assert fids <= read
    assert reach == (len(features),)
