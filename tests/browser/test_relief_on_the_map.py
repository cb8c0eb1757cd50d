"""Relief on the staff map: switched on by its row, below everything else, and the height of a clicked point."""

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import expect

from tests.browser.conftest import Server, Visit


def test_relief_is_switched_on_in_its_row_and_made_fainter(desk: Visit, server: Server) -> None:
    page = desk.page
    row = page.locator(".layer", has=page.locator("#layer-elevation"))
    expect(row).to_contain_text("陰影起伏")

    with page.expect_response(re.compile(r"/rasters/elevation/relief/\d+/\d+/\d+\.webp")) as tile:
        row.locator("#layer-elevation").check()

    assert tile.value.status == 200
    expect(row.get_by_label("標高の濃さ")).to_be_visible()
    row.get_by_label("標高の濃さ").fill("40")
    expect(row.locator("output")).to_have_text("40 %")
    page.wait_for_url(re.compile(r"[#&]o=elevation:0\.4"))


def test_a_click_tells_the_height_that_the_server_gives(
    visit: Callable[..., Visit], server: Server, parcels: list[dict[str, Any]]
) -> None:
    one = visit()
    lon, lat = parcels[1]["center"]
    page = one.open(f"#v=1&map=19/{lat}/{lon}&l=cadastral,elevation")

    expect(page.locator("#status .height")).to_have_text("標高（地図をクリック）")
    room = page.locator("#map").bounding_box()
    with page.expect_response("**/rasters/elevation/value**") as asked:
        page.locator("#map canvas.maplibregl-canvas").click()

    told = asked.value.json()
    height = page.locator("#status .height")
    expect(height).to_have_text(f"標高 {told['value']:.1f} m")
    assert "測地成果" in (height.get_attribute("title") or "")
    assert page.locator("#map").bounding_box() == room
    near = server.get("rasters/elevation/value", lon=str(lon), lat=str(lat))
    assert abs(near["value"] - told["value"]) < 2


def test_relief_lies_below_areas_lines_and_names(server: Server) -> None:
    style = server.get("styles/staff.json")

    kinds = [layer["type"] for layer in style["layers"]]
    assert "raster" not in kinds[kinds.index("fill") :]
