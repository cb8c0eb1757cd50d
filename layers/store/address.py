"""Where a database is, and whether one that somebody else runs is fit for the store."""

from dataclasses import dataclass

import psycopg
from psycopg.conninfo import conninfo_to_dict

from layers.store.postgres import MINIMUM_POSTGIS, ClusterError, version_numbers


@dataclass(frozen=True)
class ClusterAddress:
    """Where the database is; `started` is True when this call started the server (whoever started it stops it)."""

    url: str
    port: int
    started: bool


def checked_external(url: str) -> ClusterAddress:
    """The address of a database that somebody else runs, once it is seen to answer and to have PostGIS ≥ 3.3."""
    plain = url.replace("postgresql+psycopg://", "postgresql://", 1).replace("postgres://", "postgresql://", 1)
    try:
        port = int(conninfo_to_dict(plain).get("port") or 5432)
        with psycopg.connect(plain, connect_timeout=10) as connection:
            found = connection.execute(
                "SELECT default_version FROM pg_available_extensions WHERE name = 'postgis'"
            ).fetchone()
    except psycopg.Error as error:
        reason = str(error).strip().splitlines()[-1] if str(error).strip() else type(error).__name__
        raise ClusterError(f"DATABASE_URL のデータベースに接続できません（{reason}）。") from error
    if found is None or version_numbers(found[0]) < MINIMUM_POSTGIS:
        has = f"PostGIS {found[0]}" if found else "PostGIS なし"
        raise ClusterError(f"DATABASE_URL のデータベースには PostGIS 3.3 以上が必要です（現在は{has}）。")
    return ClusterAddress(plain, port, started=False)
