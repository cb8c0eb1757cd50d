"""What is wrong with an instance and how to mend it: looks, changes nothing, and starts nothing."""

import http.client
import json
import shutil
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import psycopg
from alembic.script import ScriptDirectory

from gis.errors import OnomapError
from gis.map_fonts import FONT_FILES, FONT_FOLDERS
from layers.store.address import checked_external
from layers.store.catalogue import load_catalogue
from layers.store.cluster import Cluster
from layers.store.definitions import Layer
from layers.store.editions import editions
from layers.store.instance import extra_layers
from layers.store.postgres import find_installation
from layers.store.rights.keeper import MEND, has_keeper
from layers.store.settings import PATCHJGD_NAME, TKY2JGD_NAME, Settings, load_settings

REPOSITORY = Path(__file__).resolve().parents[2]
SCARCE_BYTES = 2 * 2**30
SERVICES = (("庁内の地図", 8000), ("公開の地図", 8001))


@dataclass(frozen=True)
class Check:
    """One thing looked at: whether it is well, what was seen, and what to do (`None`: nothing).

    `ok` with a remedy is advice: it works, but something can be better.
    """

    name: str
    ok: bool
    message: str
    remedy: str | None = None


def diagnose(home: Path, services: tuple[tuple[str, int], ...] = SERVICES) -> list[Check]:
    """Every check of the instance in `home`, in the order in which things depend on each other.

    A part that is missing or broken becomes a failed check, never an exception.
    """
    try:
        settings = load_settings(home)
    except OnomapError as error:
        return [Check("設定", False, str(error), "設定を直してから、もう一度実行してください。")]
    checks = [Check("設定", True, f"{settings.municipality.full_name}、{settings.home}")]
    catalogue = _catalogue(settings, checks)
    url = _database(settings, checks)
    if url is not None:
        _store(url, catalogue, checks)
    checks += [_fonts(), _browser_files(), *_grids(settings), *_disk(settings)]
    checks += [_service(name, port) for name, port in services]
    return checks


def _catalogue(settings: Settings, checks: list[Check]) -> dict[str, Layer]:
    try:
        catalogue = load_catalogue(None, *extra_layers(settings.home))
    except OnomapError as error:
        checks.append(Check("レイヤ定義", False, str(error), "示された layer.toml を直してください。"))
        return {}
    checks.append(Check("レイヤ定義", True, f"{len(catalogue)} レイヤ"))
    return catalogue


def _database(settings: Settings, checks: list[Check]) -> str | None:
    """Checks the way to the database, step by step; its URL once it answers."""
    if settings.database_url:
        return _external(settings.database_url, checks)
    cluster = Cluster(settings.home)
    steps: tuple[tuple[str, Callable[[], str], str], ...] = (
        ("PostgreSQL", lambda: _programs(cluster), "scripts/setup run を実行してください。"),
        ("データベース", lambda: _running(cluster), "scripts/start を実行してください。"),
    )
    for name, look, remedy in steps:
        try:
            checks.append(Check(name, True, look()))
        except OnomapError as error:
            checks.append(Check(name, False, str(error), remedy))
            return None
    return cluster.url()


class _NotWellError(OnomapError):
    """A check did not pass; the message is what was seen."""


def _programs(cluster: Cluster) -> str:
    record = cluster.record
    found = find_installation(record.major if record else None)
    return f"PostgreSQL {found.major}、PostGIS {'.'.join(map(str, found.postgis or ()))}（{found.programs}）"


def _running(cluster: Cluster) -> str:
    record = cluster.record
    if record is None:
        raise _NotWellError("まだ作られていません。")
    if not cluster.is_running():
        raise _NotWellError(f"止まっています（{record.folder}）。")
    try:
        with psycopg.connect(cluster.url(), connect_timeout=5):
            return f"動いています（127.0.0.1:{record.port}、{record.folder}）"
    except psycopg.Error as error:
        raise _NotWellError(f"動いていますが接続できません（{_last_line(error)}）。") from error


def _external(url: str, checks: list[Check]) -> str | None:
    try:
        address = checked_external(url)
    except OnomapError as error:
        checks.append(Check("データベース", False, str(error), "DATABASE_URL を直すか、外してください。"))
        return None
    checks.append(Check("データベース", True, "DATABASE_URL のデータベースが応答しています"))
    return address.url


def _store(url: str, catalogue: dict[str, Layer], checks: list[Check]) -> None:
    remedy = "scripts/start を実行すると新しい形に移されます。"
    try:
        with psycopg.connect(url, connect_timeout=5) as connection:
            wanted = ScriptDirectory(str(Path(__file__).parent / "migrations")).get_current_head()
            present = _revision(connection)
            if present != wanted:
                seen = f"表の形が古いままです（{present or 'なし'}、必要なのは {wanted}）"
                checks.append(Check("データベースの形", False, seen, remedy))
                return
            checks.append(Check("データベースの形", True, f"版 {present}"))
            checks.append(_roles(connection))
            checks.extend(_editions(connection, catalogue))
    except psycopg.Error as error:
        checks.append(Check("データベースの形", False, f"確かめられません（{_last_line(error)}）", remedy))


def _roles(connection: psycopg.Connection) -> Check:
    if has_keeper(connection):
        return Check("職務の権限", True, "職務ごとの役割をデータベースに作れます")
    return Check("職務の権限", False, "職務ごとの役割（ROLE）をデータベースに作れません。", MEND)


def _revision(connection: psycopg.Connection) -> str | None:
    known = connection.execute("SELECT to_regclass('onomap.alembic_version') IS NOT NULL").fetchone()
    if known is None or not known[0]:
        return None
    row = connection.execute("SELECT version_num FROM onomap.alembic_version").fetchone()
    return str(row[0]) if row else None


def _editions(connection: psycopg.Connection, catalogue: dict[str, Layer]) -> Iterator[Check]:
    held = editions(connection)
    today = datetime.now(ZoneInfo("Asia/Tokyo")).date()
    absent = [layer.title for layer in catalogue.values() if layer.id not in held]
    stale = [layer.title for layer in catalogue.values() if layer.id in held and held[layer.id].is_stale(layer, today)]
    if absent:
        remedy = "onomap load レイヤ名 ファイル で読み込んでください。それまで回答は「データなし」になります。"
        yield Check("読み込み", True, f"データのないレイヤ: {'、'.join(absent)}", remedy)
    else:
        yield Check("読み込み", True, f"{len(held)} レイヤにデータがあります")
    if stale:
        remedy = "担当課から新しいデータを受け取って読み込んでください。それまで回答は「要更新確認」になります。"
        yield Check("更新", True, f"更新周期を過ぎたレイヤ: {'、'.join(stale)}", remedy)
    else:
        yield Check("更新", True, "更新周期を過ぎたレイヤはありません")


def _fonts() -> Check:
    found = sorted({file.name for folder in FONT_FOLDERS for name in FONT_FILES for file in folder.rglob(name)})
    if found:
        return Check("字体", True, "、".join(found[:3]))
    remedy = "apt-get install fonts-noto-cjk fonts-ipaexfont を実行してください。"
    return Check("字体", False, "回答書と、地図を画像で送るときの地名に使う日本語の字体がありません。", remedy)


def _browser_files() -> Check:
    remedy = "scripts/setup run を実行してください。"
    webmap = REPOSITORY / "webmap"
    try:
        listing = json.loads((webmap / "vendor.json").read_text(encoding="utf-8"))
        wanted = [f"{package}/{name}" for package, entry in listing.items() for name in entry["files"]]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        return Check("地図画面", False, f"webmap/vendor.json が読めません（{error}）。", "git で元に戻してください。")
    missing = [name for name in wanted if not (webmap / "node_modules" / name).is_file()]
    if missing:
        return Check("地図画面", False, f"ライブラリがありません（{missing[0]} など {len(missing)} 件）。", remedy)
    return Check("地図画面", True, f"ライブラリ {len(wanted)} 件")


def _grids(settings: Settings) -> Iterator[Check]:
    wanted = (
        (TKY2JGD_NAME, settings.tky2jgd_file, "日本測地系"),
        (PATCHJGD_NAME, settings.patchjgd_file, "JGD2000（測地成果2000）"),
    )
    for name, file, datum in wanted:
        if file is not None and file.is_file():
            yield Check("座標変換", True, str(file))
        else:
            place = file or settings.home / "grids" / name
            remedy = f"国土地理院から {name} を入手して {place} に置いてください。"
            message = f"{name} がないため、{datum}のファイルは読み込めません（断ります）。"
            # A path that was set and does not lead anywhere is a mistake; a grid nobody asked for is only a limit.
            yield Check("座標変換", file is None, message, remedy)


def _disk(settings: Settings) -> Iterator[Check]:
    places = {_existing(settings.home)}
    try:
        record = Cluster(settings.home).record
    except OnomapError:
        record = None
    if record is not None:
        places.add(_existing(Path(record.folder)))
    for device in {place.stat().st_dev: place for place in sorted(places)}.values():
        free = shutil.disk_usage(device).free
        message = f"{device} の空き {free / 2**30:.1f} GB"
        if free < SCARCE_BYTES:
            yield Check("ディスク", False, message, "2 GB 以上の空きを作ってください。")
        else:
            yield Check("ディスク", True, message)


def _existing(path: Path) -> Path:
    return next(folder for folder in (path, *path.parents) if folder.exists())


def _service(name: str, port: int) -> Check:
    with socket.socket() as probe:
        probe.settimeout(2)
        if probe.connect_ex(("127.0.0.1", port)) != 0:
            return Check(name, True, f"ポート {port} は空いています（起動していません）")
    if _is_ours(port):
        return Check(name, True, f"ポート {port} で応答しています")
    remedy = "そのプログラムを止めるか、scripts/start の --port と --public-port で別の番号を選んでください。"
    return Check(name, False, f"ポート {port} を別のプログラムが使っています。", remedy)


def _is_ours(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=3)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _last_line(error: psycopg.Error) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[-1]
