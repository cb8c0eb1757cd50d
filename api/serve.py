"""`scripts/start`: the database, the sample town when the store is empty, and both applications, until told to stop."""

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from api.progress import told_progress
from gis.errors import OnomapError
from layers.accounts.demo import make_demo_accounts
from layers.accounts.first import first_link
from layers.accounts.keys import passing_key
from layers.publication.desk import Desk
from layers.publication.importing import PublicSide
from layers.publication.opening import open_desk
from layers.store.cluster import database_in_use
from layers.store.instance import Store, connect
from layers.store.load_register import SAMPLE_LAST_LAYER, SAMPLE_LOADER, is_unfinished
from layers.store.parcel_search import an_interesting_parcel
from layers.store.settings import load_settings
from layers.surveys.sample import give_sample_fields

READY_TIMEOUT_S = 60.0
HOST = "127.0.0.1"
_PUBLIC = "ONOMAP_PUBLIC_"
say = Console(stderr=True, highlight=False)


class StartError(OnomapError):
    """The applications cannot be started."""


@dataclass(frozen=True)
class Ports:
    """Where the two applications listen, on loopback."""

    staff: int
    public: int


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def public_environment(web_url: str, folder: Path) -> dict[str, str]:
    """What the public application's process is told: its own database and folder, and no setting of the internal side."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if name not in {"DATABASE_URL", "PGPASSFILE"} and (not name.startswith("ONOMAP_") or name.startswith(_PUBLIC))
    }
    own = {f"{_PUBLIC}WEB_DATABASE_URL": web_url, f"{_PUBLIC}FOLDER": str(folder)}
    return {name: value for name, value in inherited.items() if name != f"{_PUBLIC}DATABASE_URL"} | own


def _require_free(ports: Ports) -> None:
    for name, port, flag in (("庁内", ports.staff, "--port"), ("公開", ports.public, "--public-port")):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError as error:
                raise StartError(
                    f"{name}用のポート {port} は別のプログラムが使っています。{flag} で別の番号を指定してください。"
                ) from error


def _load_sample(store: Store) -> None:
    # only a first start needs the generator, which takes a second to import
    from layers.sample_town.install import install

    say.print("見本の町（架空）を作って読み込みます。")
    with told_progress() as tell:
        install(store, tell)


def _publish_sample(desk: Desk) -> None:
    """The made-up town's first public edition, where none was ever made; real layers wait for real people."""
    from layers.publication.sample import publish_sample

    if not desk.store.town.fictitious or desk.has_published():
        return
    say.print("見本の町の公開用レイヤを、公開側へ移します。")
    with told_progress() as tell:
        publish_sample(desk, tell)


@contextmanager
def _applications(home: Path, ports: Ports, side: PublicSide | None) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Both applications as processes of their own, stopped on leaving; the public one hears nothing of the store.

    Where no public database is named there is nothing that the public one could serve, and it is not started.
    """
    command = [sys.executable, "-P", "-m", "api.serving"]
    processes = [subprocess.Popen([*command, "staff", "--port", str(ports.staff), "--home", str(home)])]
    if side is not None:
        environment = public_environment(side.database.web_url, side.folder)
        processes.append(subprocess.Popen([*command, "public", "--port", str(ports.public)], env=environment))
    try:
        yield processes
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_until_ready(processes: list[subprocess.Popen[bytes]], ports: Ports) -> None:
    deadline = time.monotonic() + READY_TIMEOUT_S
    for process, port in zip(processes, (ports.staff, ports.public), strict=False):
        while not _answers(port):
            if process.poll() is not None:
                raise StartError(
                    f"ポート {port} のサーバが起動せずに終了しました。`onomap doctor` で状態を確認してください。"
                )
            if time.monotonic() > deadline:
                raise StartError(f"ポート {port} のサーバが {READY_TIMEOUT_S:.0f} 秒たっても応答しません。")
            time.sleep(0.05)


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://{HOST}:{port}/healthz", timeout=5) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


def _check(store: Store, ports: Ports) -> str:
    """Ask about one parcel over HTTP, as a program would; returns the JSON answer in one line."""
    body = json.dumps({"parcels": [an_interesting_parcel(store)]}).encode()
    address = f"http://{HOST}:{ports.staff}/inquiries"
    with passing_key(store) as key:
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {key}"}
        request = urllib.request.Request(address, data=body, headers=headers)
        with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310 - loopback
            return json.dumps(json.loads(response.read()), ensure_ascii=False)


def run(home: Path, ports: Ports, *, check: bool) -> None:
    """Start everything, say so, and wait; with `check`, ask one question instead of waiting."""
    settings = load_settings(home)
    _require_free(ports)
    with database_in_use(settings.home) as address:
        store = connect(settings, address.url)
        try:
            if is_unfinished(store, SAMPLE_LOADER, SAMPLE_LAST_LAYER):
                _load_sample(store)
            make_demo_accounts(store)
            give_sample_fields(store)
            desk = open_desk(store, make=True)
            if desk.side is not None:
                _publish_sample(desk)
            with _applications(settings.home, ports, desk.side) as processes:
                _wait_until_ready(processes, ports)
                _announce(store, ports, has_public=desk.side is not None)
                if check:
                    print(_check(store, ports), flush=True)  # noqa: T201 - the command's result
                else:
                    _tell_first_administrator(store, ports)
                    store.database.close()
                    _wait(processes)
        finally:
            store.database.close()


def _announce(store: Store, ports: Ports, *, has_public: bool) -> None:
    if store.town.fictitious:
        print("見本の町（架空）を表示しています。", flush=True)  # noqa: T201 - the command's result
    print(f"庁内: http://{HOST}:{ports.staff}/", flush=True)  # noqa: T201
    where = (
        f"http://{HOST}:{ports.public}/" if has_public else "起動していません（公開用のデータベースが決まっていません）"
    )
    print(f"公開: {where}", flush=True)  # noqa: T201
    print("ready", flush=True)  # noqa: T201


def _tell_first_administrator(store: Store, ports: Ports) -> None:
    """The one-time link, until somebody can administer; only whoever sees this terminal gets it."""
    token = first_link(store)
    if token is not None:
        say.print("最初のシステム管理者（admin）のパスワードを決める、一回限りのリンクです（24時間有効）:")
        print(f"http://{HOST}:{ports.staff}/login/link/{token}", flush=True)  # noqa: T201


def _wait(processes: list[subprocess.Popen[bytes]]) -> None:
    while all(process.poll() is None for process in processes):
        time.sleep(0.5)
    raise StartError("サーバの一つが止まったため、全体を止めます。`onomap doctor` で状態を確認してください。")


def _stop(_: int, __: object) -> None:
    raise KeyboardInterrupt


def main() -> None:
    """Read the flags and run; one plain sentence and exit 2 when something is wrong."""
    parser = argparse.ArgumentParser(prog="scripts/start", description="おのマップを起動します。")
    parser.add_argument("--home", type=Path, default=Path(".onomap"), help="データを置くフォルダ")
    parser.add_argument("--port", type=int, default=8000, help="庁内地図のポート")
    parser.add_argument("--public-port", type=int, default=8001, help="公開地図のポート")
    parser.add_argument("--check", action="store_true", help="空いたポートで起動し、照会を一つして終了する")
    arguments = parser.parse_args()
    ports = Ports(free_port(), free_port()) if arguments.check else Ports(arguments.port, arguments.public_port)
    signal.signal(signal.SIGTERM, _stop)
    try:
        run(arguments.home, ports, check=arguments.check)
    except KeyboardInterrupt:
        say.print("停止しました。")
    except OnomapError as error:
        print(error, file=sys.stderr)  # noqa: T201 - the one plain sentence
        sys.exit(2)


if __name__ == "__main__":
    main()
