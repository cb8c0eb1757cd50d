"""The bundle: one zip file that holds all that is public, signed, and the only way to the public side.

`manifest.json` names every other file with its SHA-256 and size; `manifest.sig` is the Ed25519 signature of its bytes. A
bundle is always the whole public state, so that it also restores a lost public side. Nothing in it says who asked or
approved: that stays in the register inside.
"""

import json
import os
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from layers.publication.errors import BundleRefusedError, PublicationError
from layers.publication.keys import TrustedKey, public_half
from layers.publication.parts import COVERAGE, ROWS, STYLE, TILES, Part, file_record
from layers.publication.published_layer import from_document, to_document
from layers.store.definitions import Layer
from layers.store.settings import Municipality

FORMAT = "onomap-publication/1"
MANIFEST, SIGNATURE = "manifest.json", "manifest.sig"
LARGEST_MANIFEST = 16 * 2**20
LARGEST_MEMBER = 8 * 2**30
_FOLDERS = {ROWS: "rows/{}.gpkg", TILES: "tiles/{}.pmtiles", STYLE: "styles/{}.json", COVERAGE: "coverages/{}.wkb"}
_ALWAYS = frozenset({ROWS, TILES, STYLE})


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class BundledFile(_Strict):
    """One file of a bundle."""

    path: str = Field(pattern=r"^(rows|tiles|styles|coverages)/[a-z][a-z0-9_]{0,39}\.(gpkg|pmtiles|json|wkb)$")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    bytes: int = Field(ge=0, le=LARGEST_MEMBER)


class BundledColumn(_Strict):
    """One column, for whoever reads the manifest without the definitions."""

    name: str
    label: str
    type: str
    column_class: str = Field(alias="class")


class BundledLayer(_Strict):
    """One published layer: what it is, what it holds, and its files by their role."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")
    title: str
    department: str
    licence: str
    source: str
    attribution: str
    data_date: str | None
    approved_at: datetime
    update_cycle_days: int
    added_error_m: float = Field(default=0.0, ge=0)
    rows: int = Field(ge=0)
    tiles: int = Field(ge=0)
    max_zoom: int
    content: str
    columns: tuple[BundledColumn, ...]
    definition: dict[str, Any]
    files: dict[str, BundledFile]


class Manifest(_Strict):
    """What a bundle says of itself."""

    format: str
    number: int = Field(ge=1)
    made_at: datetime
    town: Municipality
    signed_by: str
    layers: tuple[BundledLayer, ...]

    @property
    def files(self) -> dict[str, BundledFile]:
        """Every file by its path."""
        return {file.path: file for layer in self.layers for file in layer.files.values()}

    def catalogue(self) -> dict[str, Layer]:
        """The published layers. Raises BundleRefusedError when one declares anything that is not public."""
        return {layer.id: _declared(layer) for layer in self.layers}


@dataclass(frozen=True)
class Included:
    """A layer that goes into a bundle: its definition, its part, and the folder with the part's files."""

    layer: Layer
    part: Part
    folder: Path
    approved_at: datetime


@dataclass(frozen=True)
class Cover:
    """What stands on a bundle as a whole; numbers rise, so that an older bundle is known as one."""

    number: int
    made_at: datetime
    town: Municipality


def write_bundle(path: Path, cover: Cover, included: Sequence[Included], key: Ed25519PrivateKey) -> str:
    """Write the bundle, which appears at `path` whole or not at all; returns its SHA-256.

    Raises PublicationError when a part's file is not the one whose hash the register has: it was swapped or damaged.
    """
    manifest = _manifest(cover, included, public_half(key).name)
    text = manifest.model_dump_json(by_alias=True, indent=1).encode()
    unfinished = path.with_name(f"{path.name}.new")
    with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr(MANIFEST, text)
        archive.writestr(SIGNATURE, key.sign(text))
        for one in included:
            _add(archive, one)
    with unfinished.open("rb") as file:
        os.fsync(file.fileno())
    digest = file_record(unfinished).sha256
    unfinished.replace(path)
    return digest


def _add(archive: zipfile.ZipFile, one: Included) -> None:
    for name, record in one.part.files.items():
        file = one.folder / name
        if not file.is_file() or file_record(file) != record:
            raise PublicationError(
                f"「{one.layer.title}」の公開用のファイル {name} が、作ったときのものと違います。下書きから作り直してください。"
            )
        packed = zipfile.ZIP_STORED if name == TILES else zipfile.ZIP_DEFLATED
        archive.write(file, _FOLDERS[name].format(one.layer.id), compress_type=packed, compresslevel=1)


def _manifest(cover: Cover, included: Sequence[Included], signed_by: str) -> Manifest:
    return Manifest(
        format=FORMAT,
        number=cover.number,
        made_at=cover.made_at,
        town=cover.town,
        signed_by=signed_by,
        layers=tuple(_bundled(one) for one in included),
    )


def _bundled(one: Included) -> BundledLayer:
    layer, part = one.layer, one.part
    columns = [
        {"name": field.name, "label": field.label, "type": field.type.value, "class": field.column_class.value}
        for field in layer.fields
    ]
    files = {name: {"path": _FOLDERS[name].format(layer.id), **asdict(record)} for name, record in part.files.items()}
    return BundledLayer.model_validate(
        {
            "id": layer.id,
            "title": layer.title,
            "department": layer.department,
            "licence": layer.source_licence,
            "source": layer.source_name,
            "attribution": layer.attribution,
            "data_date": part.data_date.isoformat() if part.data_date else None,
            "approved_at": one.approved_at,
            "update_cycle_days": layer.update_cycle_days,
            "rows": part.rows,
            "tiles": part.tiles,
            "max_zoom": part.max_zoom,
            "content": part.content,
            "columns": columns,
            "definition": to_document(layer),
            "files": files,
        }
    )


def manifest_of(document: Mapping[str, Any] | bytes) -> Manifest:
    """A manifest read back. Raises BundleRefusedError for one that is not of this format."""
    try:
        if isinstance(document, bytes):
            return Manifest.model_validate_json(document)
        return Manifest.model_validate(document)
    except ValidationError as error:
        raise BundleRefusedError(f"束の目録が読めません（{error.errors()[0]['msg']}）。取り込みません。") from error


def read_manifest(archive: zipfile.ZipFile, key: TrustedKey) -> Manifest:
    """The manifest, once its signature is seen to be right; nothing else is believed before. Raises BundleRefusedError."""
    sizes = {info.filename: info.file_size for info in archive.infolist()}
    if len(sizes) != len(archive.infolist()) or not {MANIFEST, SIGNATURE} <= sizes.keys():
        raise BundleRefusedError("束に目録か署名がありません。または同じ名前のファイルが二つあります。取り込みません。")
    if sizes[MANIFEST] > LARGEST_MANIFEST or sizes[SIGNATURE] > LARGEST_MANIFEST:
        raise BundleRefusedError("束の目録が大きすぎます。取り込みません。")
    text = archive.read(MANIFEST)
    key.verify(archive.read(SIGNATURE), text)
    manifest = manifest_of(text)
    if manifest.format != FORMAT:
        raise BundleRefusedError(f"束の形式 {manifest.format[:40]} は扱えません。公開側を新しくしてください。")
    _check_members(manifest, sizes)
    manifest.catalogue()
    return manifest


def _check_members(manifest: Manifest, sizes: Mapping[str, int]) -> None:
    told = {path: file.bytes for path, file in manifest.files.items()}
    if {**told, MANIFEST: sizes[MANIFEST], SIGNATURE: sizes[SIGNATURE]} != dict(sizes):
        raise BundleRefusedError("束の中のファイルが目録と合いません（不足・余分・大きさの違い）。取り込みません。")
    for layer in manifest.layers:
        right = {name: _FOLDERS[name].format(layer.id) for name in layer.files if name in _FOLDERS}
        if not layer.files.keys() >= _ALWAYS or {name: file.path for name, file in layer.files.items()} != right:
            raise BundleRefusedError(f"束のレイヤ「{layer.id}」のファイルの並びが正しくありません。取り込みません。")


def _declared(bundled: BundledLayer) -> Layer:
    layer = from_document(bundled.definition)
    columns = [(column.name, column.column_class) for column in bundled.columns]
    if layer.id != bundled.id or columns != [(field.name, field.column_class.value) for field in layer.fields]:
        raise BundleRefusedError(f"束のレイヤ「{bundled.id}」の列の一覧が定義と合いません。取り込みません。")
    return layer


def unpack(archive: zipfile.ZipFile, manifest: Manifest, folder: Path) -> None:
    """Write every file of the manifest below `folder`, each hashed on its way. Raises BundleRefusedError on a wrong hash."""
    for path, told in manifest.files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        digest, size = sha256(), 0
        try:
            with archive.open(path) as packed, target.open("wb") as file:
                while piece := packed.read(1 << 20):
                    size += len(piece)
                    if size > told.bytes:
                        break
                    digest.update(piece)
                    file.write(piece)
                file.flush()
                os.fsync(file.fileno())
        except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError) as error:
            raise BundleRefusedError(f"束の {path} が壊れています。もう一度書き出してください。") from error
        if size != told.bytes or digest.hexdigest() != told.sha256:
            raise BundleRefusedError(f"束の {path} が目録のものと違います（sha256）。取り込みません。")


def manifest_document(manifest: Manifest) -> str:
    """The manifest as the public database keeps it."""
    return json.dumps(json.loads(manifest.model_dump_json(by_alias=True)), ensure_ascii=False)
