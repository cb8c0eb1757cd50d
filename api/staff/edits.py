"""Editing over HTTP: OGC API – Features Part 4 with optimistic locking by ETag, versions, and undo."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request, Response
from fastapi.responses import JSONResponse
from pydantic import JsonValue

from api.bodies import LARGEST_BODY, body_of
from api.origins import refuse_foreign_writes
from api.staff.context import Calling, OpenStore, allowed_part
from api.staff.edits_described import AFTER_EDIT, AFTER_INSERT, DELETED, FEATURE_BODY, PATCH_BODY
from layers.store.editing.editor import Editor, is_editable
from layers.store.editing.incoming import Incoming, parse_feature, parse_patch
from layers.store.editing.precondition import Precondition, if_match
from layers.store.editing.register import Edited
from layers.store.editing.request_crs import RequestCrs, request_crs
from layers.store.editing.versions import versions
from layers.store.errors import FeatureGoneError
from layers.store.instance import Store
from layers.store.rights.caller import Verb
from layers.store.selection import version_tag

GEOJSON = "application/geo+json"
MERGE_PATCH = "application/merge-patch+json"
ITEMS = "/api/collections/{collection_id}/items"
ITEM = ITEMS + "/{feature_id}"

CRS: dict[str, JsonValue] = {"format": "onomap-content-crs"}
"""Marks the header in the description: a URI of the collection's `crs` between pointed brackets."""

router = APIRouter(tags=["edits"], dependencies=[Depends(refuse_foreign_writes)])


def _editor(store: OpenStore, request: Request, caller: Calling, collection_id: str) -> Editor:
    """For who may read the layer, an editor of the columns that they may edit; to ask what is possible, reading is enough."""
    layer = store.layer(collection_id)
    part = layer if request.method == "OPTIONS" else allowed_part(store, caller, Verb.EDIT, layer)
    whole: Store = request.app.state.store
    return Editor(store, whole.layer(collection_id), f"{caller.name}（{caller.account}）", part)


def _fid(feature_id: str) -> int:
    if not (feature_id.isascii() and feature_id.isdecimal() and len(feature_id) <= 18):
        raise FeatureGoneError(f"地物「{feature_id[:40]}」はありません。")
    return int(feature_id)


def _if_match(if_match_header: Annotated[str | None, Header(alias="If-Match")] = None) -> Precondition | None:
    return if_match(if_match_header)


def _crs(store: OpenStore, content_crs: Annotated[str | None, Header(json_schema_extra=CRS)] = None) -> RequestCrs:
    return request_crs(content_crs, store.town)


async def _feature(request: Request) -> Incoming:
    return parse_feature(await body_of(request, [GEOJSON], LARGEST_BODY))


async def _patch(request: Request) -> Incoming:
    return parse_patch(await body_of(request, [MERGE_PATCH], LARGEST_BODY))


LayerEditor = Annotated[Editor, Depends(_editor)]
Fid = Annotated[int, Depends(_fid)]
IfMatch = Annotated[Precondition | None, Depends(_if_match)]
ContentCrs = Annotated[RequestCrs, Depends(_crs)]
SentFeature = Annotated[Incoming, Depends(_feature)]
SentPatch = Annotated[Incoming, Depends(_patch)]


def _done(edited: Edited, status: int = 200, **headers: str) -> Response:
    """What became of an edit, with the ETag from which the next one may start."""
    body = {
        "id": edited.fid,
        "version": edited.version,
        "valid_from": edited.at.isoformat(),
        "load": edited.load,
        "changed": edited.changed,
        "warnings": list(edited.notes),
    }
    return JSONResponse(body, status_code=status, headers={"ETag": version_tag(edited.version), **headers})


@router.post(ITEMS, status_code=201, responses=AFTER_INSERT, openapi_extra=FEATURE_BODY)
def insert(editor: LayerEditor, crs: ContentCrs, sent: SentFeature, request: Request) -> Response:
    """Add a feature; its address is in `Location`."""
    edited = editor.insert(sent, crs)
    return _done(edited, 201, Location=f"{request.url.replace(query='')}/{edited.fid}")


@router.put(ITEM, responses=AFTER_EDIT, openapi_extra=FEATURE_BODY)
def replace(editor: LayerEditor, fid: Fid, match: IfMatch, crs: ContentCrs, sent: SentFeature) -> Response:
    """Write the whole feature anew; what is not sent is emptied."""
    return _done(editor.replace(fid, match, sent, crs))


@router.patch(ITEM, responses=AFTER_EDIT, openapi_extra=PATCH_BODY)
def update(editor: LayerEditor, fid: Fid, match: IfMatch, crs: ContentCrs, sent: SentPatch) -> Response:
    """Change some properties, the geometry, or both, by a JSON Merge Patch (RFC 7396)."""
    return _done(editor.update(fid, match, sent, crs))


@router.delete(ITEM, status_code=204, responses=DELETED)
def delete(editor: LayerEditor, fid: Fid, match: IfMatch) -> Response:
    """Take the feature away; its versions stay, and each can be brought back."""
    editor.delete(fid, match)
    return Response(status_code=204)


@router.get(ITEM + "/versions")
def list_versions(store: OpenStore, collection_id: str, fid: Fid) -> dict[str, object]:
    """Every version of a feature with its period and who made it, newest first."""
    return {"versions": versions(store, store.layer(collection_id), fid)}


@router.post(ITEM + "/versions/{version}/restore", responses=AFTER_EDIT)
def restore(editor: LayerEditor, fid: Fid, version: int, match: IfMatch) -> Response:
    """Write an older version again as the newest one; a feature that was deleted comes back under its number."""
    return _done(editor.restore(fid, version, match))


@router.options(ITEMS, status_code=204)
def options_of_items(editor: LayerEditor) -> Response:
    """What can be done with the features of a layer."""
    if not is_editable(editor.layer):
        return Response(status_code=204, headers={"Allow": "GET, HEAD, OPTIONS"})
    return Response(status_code=204, headers={"Allow": "GET, HEAD, POST, OPTIONS", "Accept-Post": GEOJSON})


@router.options(ITEM, status_code=204)
def options_of_item(editor: LayerEditor, fid: Fid) -> Response:
    """What can be done with one feature."""
    if not is_editable(editor.layer):
        return Response(status_code=204, headers={"Allow": "GET, HEAD, OPTIONS"})
    editor.require(fid)
    headers = {"Allow": "GET, HEAD, PUT, PATCH, DELETE, OPTIONS", "Accept-Patch": MERGE_PATCH}
    return Response(status_code=204, headers=headers)
