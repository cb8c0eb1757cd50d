"""The served edition as a folder that any web host or CDN serves: page, tiles, texts, and the answers for every place.

Nothing of ours runs there. `webmap/public/static_here.js` works an answer out from `here/`, as `/here` does on a server.
"""

import asyncio
import re
import shutil
from collections.abc import Callable, Mapping
from html import escape
from pathlib import Path

import httpx
import orjson

from api.pages import WEBMAP, vendor_files
from api.public.app import create_app
from api.public.editions import Editions, OpenEdition
from api.public.map_routes import layers
from api.public.settings import PublicSettings
from api.public.words import FIRST, Words, languages, words
from gis.errors import OnomapError
from layers.guidance.cells import cells, common
from layers.guidance.guide import Guide
from layers.publication.serving import PublicEdition

Tell = Callable[[str, float], None]
FOLDERS = ("public", "shared", "i18n", "offline", "lists")
"""Parts of `webmap/` that the public page loads, as far as they are there."""
MOST_PLACES = 500
"""As many as `webmap/public/in_view.js` reads of a layer."""
_OF_SERVER = re.compile(
    r'^ *<link rel="(?:manifest|preload)" href="\./(?:manifest\.webmanifest|layers)[^>]*>\n', re.MULTILINE
)
CHARSET = '<meta charset="utf-8">'
SITUATION = re.compile(r'<section id="situation"[^>]*></section>')
_ADDRESS = re.compile(r"https?://[^\s/]+(?:/\S*)?")
MARK = "onomap-static.json"
"""Says that a folder is a static edition of ours, which may be written over."""


class StaticFolderError(OnomapError):
    """The folder holds something that is not a static edition."""


def write_static(
    published: PublicEdition, edition: OpenEdition, folder: Path, tell: Tell, news: str | None = None
) -> int:
    """Write the edition into a folder, whole before it takes the place of an older one; returns how many files it has.

    `news` is the address where the town tells of the moment: the pages say that they know nothing of it, and lead there.
    Raises StaticFolderError for a folder that holds something else and for an address that is none, StoreUnavailableError.
    """
    if news is not None and not _ADDRESS.fullmatch(news):
        raise StaticFolderError(f"--news には https:// で始まるアドレスを書いてください: {news}")
    target = folder.expanduser().resolve()
    if target.exists() and any(target.iterdir()) and not (target / MARK).is_file():
        raise StaticFolderError(
            f"{folder} には別のものが入っています。空のフォルダか、前に書き出したフォルダを選んでください。"
        )
    unfinished = target.with_name(f"{target.name}.new")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    tell("画面", 0.0)
    _copy_page(unfinished)
    asyncio.run(_write_pages(published, edition, unfinished, news))
    tell("地図", 0.1)
    _copy_tiles(published, edition, unfinished)
    tell("文章の答え", 0.3)
    _write_answers(edition, unfinished / "here")
    _write(unfinished / MARK, {"edition": edition.number})
    _replace(unfinished, target)
    tell("完了", 1.0)
    return sum(path.is_file() for path in target.rglob("*"))


def _copy_page(folder: Path) -> None:
    for name in FOLDERS:
        if (WEBMAP / name).is_dir():
            shutil.copytree(WEBMAP / name, folder / name)
    for address, file in vendor_files().items():
        if file.is_file():
            to = folder / "vendor" / address
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, to)


async def _write_pages(published: PublicEdition, edition: OpenEdition, folder: Path, news: str | None) -> None:
    """The page as the public application serves it, a file a language: index.html is Japanese, index.LANGUAGE.html the others.

    It is marked as static, and carries its policy itself, since a host sends none of our headers.
    """
    app = create_app(Editions(published.database, published.folder.parent.parent), PublicSettings())
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        for code in languages():
            answer = (await client.get("/", params={"lang": code})).raise_for_status()
            name = "index.html" if code == FIRST else f"index.{code}.html"
            text = _marked(answer.text, answer.headers["content-security-policy"], edition.number)
            text = SITUATION.sub(_unknown_situation(words("page", code), news).replace("\\", r"\\"), text)
            (folder / name).write_text(_with_static_links(text), encoding="utf-8")
        style = (await client.get("/styles/public.json")).raise_for_status()
        (folder / "styles").mkdir()
        (folder / "styles" / "public.json").write_bytes(style.content)
        await _write_items(client, edition, folder)


def places_of(edition: OpenEdition) -> list[str]:
    """Layers of places that are few enough to be listed, which the page reads whole."""
    return [
        name
        for name, layer in edition.catalogue.items()
        if layer.geometry.value.endswith("Point") and (edition.rows.get(name) or 0) <= MOST_PLACES
    ]


async def _write_items(client: httpx.AsyncClient, edition: OpenEdition, folder: Path) -> None:
    (folder / "items").mkdir()
    for name in places_of(edition):
        address = f"/api/collections/{name}/items"
        answer = (await client.get(address, params={"f": "json", "limit": MOST_PLACES})).raise_for_status()
        (folder / "items" / f"{name}.json").write_bytes(answer.content)


def _unknown_situation(say: Words, news: str | None) -> str:
    """What stands where a server would tell of the moment: that this page cannot, and who can."""
    where = f'<a class="big" href="{escape(news)}">{escape(say("static_news"))}</a>' if news else ""
    return (
        '<section id="situation" class="phase-unknown" aria-labelledby="situation-title">'
        f'<h2 id="situation-title">{escape(say("situation_title"))}</h2>'
        f"<p><strong>{escape(say('static_situation'))}</strong> {escape(say('static_ask'))}</p>"
        f"{f'<p>{where}</p>' if where else ''}</section>"
    )


def _with_static_links(page: str) -> str:
    """The links to the other languages as links to their files, and no word of addresses that only a server has."""
    for code in languages():
        name = "index.html" if code == FIRST else f"index.{code}.html"
        page = page.replace(f'href="?lang={code}"', f'href="./{name}"')
    return _OF_SERVER.sub("", page)


def _marked(page: str, policy: str, number: int) -> str:
    # a policy in the page may not say who frames it
    kept = "; ".join(part for part in policy.split("; ") if not part.startswith("frame-ancestors"))
    own = f'<meta http-equiv="Content-Security-Policy" content="{kept}">\n  <meta name="onomap-static" content="{number}">'
    return page.replace(CHARSET, f"{CHARSET}\n  {own}", 1)


def _copy_tiles(published: PublicEdition, edition: OpenEdition, folder: Path) -> None:
    """Tiles as PMTiles under names that hold the edition's number, so that a CDN may keep them for ever; styles beside them."""
    (folder / "tiles").mkdir()
    files = {}
    for name, path in published.tiles.items():
        files[name] = f"tiles/{name}-{edition.number}.pmtiles"
        shutil.copyfile(path, folder / files[name])
        shutil.copyfile(published.styles[name], folder / "tiles" / f"{name}.style.json")
    _write(folder / "layers.json", {**layers(edition), "tiles": files, "items": places_of(edition)})
    _write(folder / "places.json", {"places": [{**one.as_json(), "folded": one.folded} for one in edition.places]})


def _write_answers(edition: OpenEdition, folder: Path) -> None:
    guide = Guide.of(edition)
    folder.mkdir()
    names = []
    for name, cell in cells(guide):
        _write(folder / f"{name}.json", cell)
        names.append(name)
    made = edition.made_at
    told = {
        "edition": {"number": edition.number, "made_at": made.isoformat() if made is not None else None},
        "town": {
            "name": edition.town.name,
            "fictitious": edition.town.fictitious,
            "plane_zone": edition.town.plane_zone,
        },
        "legends": {zones.kind.layer: _legend(edition, zones.kind.layer) for zones in guide.zones},
        "titles": {name: layer.title for name, layer in edition.catalogue.items()},
        "cells": names,
    }
    _write(folder / "common.json", common(guide) | told)


def _legend(edition: OpenEdition, name: str) -> list[dict[str, object]]:
    layer = edition.catalogue.get(name)
    return [{"values": dict(entry.values), "fill": entry.fill} for entry in layer.legend] if layer is not None else []


def _write(path: Path, document: Mapping[str, object]) -> None:
    path.write_bytes(orjson.dumps(document))


def _replace(unfinished: Path, target: Path) -> None:
    before = target.with_name(f"{target.name}.old")
    shutil.rmtree(before, ignore_errors=True)
    if target.exists():
        target.rename(before)
    unfinished.rename(target)
    shutil.rmtree(before, ignore_errors=True)
