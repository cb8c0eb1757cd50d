"""How the private server is configured, and which port it takes."""

import hashlib
import os
import shutil
import socket
from pathlib import Path

from layers.store.postgres import ClusterError

# Below the range from which Linux takes ports for outgoing connections (32768–60999): none of those is in the way.
PORTS = range(15432, 16432)
SMALL_SHM_BYTES = 256 * 2**20


def _memory_mb() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20


def server_configuration(port: int, *, durable: bool) -> str:
    """Text of onomap.conf: measured for 2 cores and 24 GB, never more than a quarter of the memory there is.

    `durable=False` gives up crash safety for speed and is for tests only.
    """
    shared_mb = min(512 if durable else 64, _memory_mb() // 4)
    settings = {
        "listen_addresses": "'127.0.0.1'",
        "port": str(port),
        # TCP on the loopback alone: no socket file whose path could exceed the 107 bytes that Linux allows.
        "unix_socket_directories": "''",
        "max_connections": "60",
        "password_encryption": "'scram-sha-256'",
        "shared_buffers": f"'{shared_mb}MB'",
        "work_mem": "'32MB'",
        "maintenance_work_mem": f"'{min(256, _memory_mb() // 8)}MB'",
        # Compiling takes longer than the short statements of a map server run.
        "jit": "off",
        "random_page_cost": "1.1",
        "max_wal_size": "'2GB'",
        "checkpoint_completion_target": "0.9",
        "synchronous_commit": "on" if durable else "off",
        "fsync": "on" if durable else "off",
        "full_page_writes": "on" if durable else "off",
        "timezone": "'Asia/Tokyo'",
        "logging_collector": "on",
        "log_timezone": "'Asia/Tokyo'",
        # One file a weekday, overwritten after a week: the log cannot fill the disk.
        "log_filename": "'postgresql-%a.log'",
        "log_truncate_on_rotation": "on",
        "log_rotation_age": "'1d'",
        "log_rotation_size": "0",
    }
    shm = shutil.disk_usage("/dev/shm").total if Path("/dev/shm").is_dir() else 0  # noqa: S108 - looked at, not written to
    if shm < SMALL_SHM_BYTES:
        # Containers often have 64 MB of /dev/shm, too little for a parallel join.
        settings["dynamic_shared_memory_type"] = "'mmap'"
    return "".join(f"{name} = {value}\n" for name, value in settings.items())


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port(home: Path, preferred: int | None) -> int:
    """The preferred port where it is free, else one of PORTS; ClusterError when all are taken."""
    # Each home begins elsewhere, so that two clusters made at the same moment do not race for one port.
    offset = int(hashlib.sha256(str(home).encode()).hexdigest(), 16) % len(PORTS)
    candidates: list[int] = [*PORTS[offset:], *PORTS[:offset]]
    if preferred is not None:
        candidates.insert(0, preferred)
    for port in candidates:
        if _is_free(port):
            return port
    raise ClusterError(f"データベースに使える空きポートが {PORTS.start}〜{PORTS.stop - 1} にありません。")
