"""A joined tile as Chromium reads it: whole, through its own gzip."""

import httpx

from tests.browser.conftest import Visit
from tests.layers.store.tiles.tile_samples import EAST_M, NORTH_M, tile_at
from tests.signing import SIGNED

LAYERS = ["cadastral", "roads", "districts", "forest"]
# MVT: field 3 of a tile is a layer, field 1 of a layer its name, field 2 a feature (Vector Tile Specification 2.1).
_COUNT = """async (address) => {
    const bytes = new Uint8Array(await (await fetch(address)).arrayBuffer());
    const number = (at) => {
        let value = 0;
        for (let shift = 0; ; shift += 7) {
            const byte = bytes[at.i++];
            value += (byte & 127) * 2 ** shift;
            if (byte < 128) return value;
        }
    };
    const fields = (from, to, found) => {
        const at = { i: from };
        while (at.i < to) {
            const tag = number(at);
            if ((tag & 7) === 0) { number(at); continue; }
            if ((tag & 7) !== 2) throw new Error(`wire type ${tag & 7}`);
            const length = number(at);
            found(tag >> 3, at.i, at.i + length);
            at.i += length;
        }
    };
    const counts = {};
    fields(0, bytes.length, (field, from, to) => {
        if (field !== 3) return;
        let name = "", features = 0;
        fields(from, to, (inner, start, end) => {
            if (inner === 1) name = new TextDecoder().decode(bytes.subarray(start, end));
            if (inner === 2) features += 1;
        });
        counts[name] = features;
    });
    return { length: bytes.length, counts };
}"""


def test_a_z14_tile_of_four_layers_is_read_whole(desk: Visit) -> None:
    tile = tile_at(EAST_M, NORTH_M, 14)
    path = f"tiles/{','.join(LAYERS)}/{tile.z}/{tile.x}/{tile.y}"
    read = desk.page.evaluate(_COUNT, f"/{path}")
    plain = httpx.get(desk.site + path, headers={"Accept-Encoding": "identity", **SIGNED})
    one_by_one = {
        name: desk.page.evaluate(_COUNT, f"/tiles/{name}/{tile.z}/{tile.x}/{tile.y}")["counts"][name] for name in LAYERS
    }

    assert "content-encoding" not in plain.headers
    assert read["length"] == len(plain.content)
    assert read["counts"] == one_by_one
    assert list(read["counts"]) == LAYERS
    assert read["counts"]["cadastral"] > 500


def test_the_town_shows_its_parcels_as_places_when_it_is_seen_as_a_whole(desk: Visit) -> None:
    drawn = desk.page.evaluate(
        """async (address) => (await (await fetch(address)).json()).layers
            .filter((layer) => layer.source === 'cadastral').map((layer) => layer.minzoom ?? 0)""",
        "/styles/cadastral.json",
    )
    assert min(drawn) == 10
