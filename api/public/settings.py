"""What the public application is told: where its edition is, under which names it answers, and how much one client may ask.

Only variables that begin with ONOMAP_PUBLIC_ are read: no setting of the internal side, and no address of the store.
"""

import re
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated

from limits import parse
from pydantic import AfterValidator, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from gis.errors import OnomapError
from layers.store.settings import SettingsError

_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?")
LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")


def _rate(text: str) -> str:
    parse(text)
    return text


def _networks(names: tuple[str, ...]) -> tuple[str, ...]:
    for name in names:
        ip_network(name)
    return names


def _origins(names: tuple[str, ...]) -> tuple[str, ...]:
    for name in names:
        if _ORIGIN.fullmatch(name) is None:
            raise ValueError(f"{name} は https://www.town.example.jp のような形ではありません")
    return names


Rate = Annotated[str, AfterValidator(_rate)]
"""How often, as `limits` writes it: 600/minute."""
Origins = Annotated[tuple[str, ...], AfterValidator(_origins)]
"""Scheme and name of other sites, as frame-ancestors of a Content-Security-Policy has them."""
Networks = Annotated[tuple[str, ...], AfterValidator(_networks)]


class PublicSettings(BaseSettings):
    """One public application's settings.

    `hosts` are the names under which it may be asked, `trusted_proxies` the networks whose X-Forwarded-For is believed,
    `embedders` the sites that may show the page in a frame (`?embed=1`).
    Rates are for one client (an IPv4 address, or the /64 of an IPv6 one) and one process. `statement_s` bounds each
    statement, `most_rows` a page, `most_file_rows` a file.
    """

    model_config = SettingsConfigDict(env_prefix="ONOMAP_PUBLIC_", env_ignore_empty=True, extra="ignore", frozen=True)

    web_database_url: str | None = None
    folder: Path | None = None
    hosts: tuple[str, ...] = LOOPBACK_NAMES
    trusted_proxies: Networks = ()
    embedders: Origins = ()
    tile_rate: Rate = "12000/minute"
    drawn_rate: Rate = "1200/minute"
    read_rate: Rate = "600/minute"
    file_rate: Rate = "20/minute"
    connections: int = Field(default=8, ge=2, le=100)
    statement_s: float = Field(default=3.0, gt=0, le=60)
    most_rows: int = Field(default=1_000, ge=1, le=10_000)
    most_file_rows: int = Field(default=200_000, ge=1)


def load_public_settings() -> PublicSettings:
    """The settings of this process. Raises SettingsError with the name of the wrong one."""
    try:
        return PublicSettings()
    except (ValidationError, OnomapError) as error:
        raise SettingsError(f"公開側の設定（ONOMAP_PUBLIC_…）が正しくありません（{error}）。") from error
