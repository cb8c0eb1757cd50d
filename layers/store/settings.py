"""What one instance is told: its home directory, its database, its municipality and its grid files.

Environment variables win over HOME/onomap.toml, which wins over the defaults (小野町).
"""

import re
import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Literal

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from gis.crs import Datum, Grids, plane_epsg
from gis.errors import OnomapError

DEFAULT_HOME = Path(".onomap")
FICTITIOUS_BAND = "架空の見本データです。実在の土地・施設・区域とは関係ありません。"
"""What stands on every sheet while the data are the made-up sample town."""
CONFIGURATION_NAME = "onomap.toml"
TKY2JGD_NAME = "TKY2JGD.par"
PATCHJGD_NAME = "touhokutaiheiyouoki2011.par"


class SettingsError(OnomapError):
    """A setting has a value that cannot be used."""


class Municipality(BaseModel):
    """The municipality served: names as on the map, code with its check digit, and the plane zone of its store.

    `bbox` is west, south, east, north in degrees (JGD2011). `fictitious` is True while the data are the made-up
    sample town; every screen and sheet then says so. `cadastral_datum` is the realisation in which 法務省 map XML,
    which does not say, is taken when a load does not declare one; `undeclared_datum_error_m` is then added to the
    accuracy of what was loaded (小野町: 1.96 m between JGD2000 and JGD2011).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str = Field("075221", pattern=r"^\d{6}$")
    prefecture: str = "福島県"
    county: str = "田村郡"
    name: str = "小野町"
    plane_zone: int = Field(9, ge=1, le=19)
    cadastral_datum: Literal["JGD2011", "JGD2000"] = "JGD2011"
    undeclared_datum_error_m: float = Field(1.96, ge=0)
    bbox: tuple[float, float, float, float] = (140.5377, 37.2037, 140.6939, 37.3670)
    fictitious: bool = True

    @property
    def srid(self) -> int:
        """EPSG code of the plane CRS of the store: JGD2011, the town's zone."""
        return plane_epsg(self.plane_zone, Datum.JGD2011)

    @property
    def full_name(self) -> str:
        """Prefecture, county and name, as an address begins."""
        return f"{self.prefecture}{self.county}{self.name}"


class Oidc(BaseModel):
    """The town's own sign-in service (OpenID Connect): where it is, what it knows us as, and the claim that is our login.

    Plain http is taken on this machine only: what the service says must come from it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    issuer: str = Field(pattern=r"^(https://|http://(127\.0\.0\.1|localhost)(:\d+)?(/|$))")
    client_id: str
    client_secret: SecretStr
    login_claim: str = "preferred_username"
    label: str = "庁内の認証基盤"


class Ldap(BaseModel):
    """The town's own directory: where it is, and the name under which a person binds (a DN, or NAME@DOMAIN for Active Directory).

    Passwords go there, so it is asked over TLS alone, but for one on this machine.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str = Field(pattern=r"^ldaps?://[^/]+/?$")
    user: str = Field(pattern=r"\{login\}")
    start_tls: bool = False

    @model_validator(mode="after")
    def _over_tls(self) -> "Ldap":
        is_here = re.match(r"ldap://(127\.0\.0\.1|localhost)(:|/|$)", self.url) is not None
        if self.url.startswith("ldap://") and not (self.start_tls or is_here):
            raise ValueError("ldaps:// か start_tls = true にしてください")
        return self


class Settings(BaseSettings):
    """One instance's settings; relative grid paths are taken from the home directory."""

    model_config = SettingsConfigDict(
        env_prefix="ONOMAP_", env_nested_delimiter="__", env_ignore_empty=True, extra="forbid", frozen=True
    )

    home: Path
    database_url: str | None = Field(default=None, validation_alias=AliasChoices("DATABASE_URL", "database_url"))
    public_database_url: str | None = None
    public_web_database_url: str | None = None
    municipality: Municipality = Municipality()  # type: ignore[call-arg]
    tky2jgd: Path | None = None
    patchjgd: Path | None = None
    semidyna: Path | None = None
    audit_years: int = Field(default=5, ge=1)
    staff_hosts: tuple[str, ...] = ()
    session_idle_minutes: float = Field(default=15, gt=0, le=1_440)
    session_hours: float = Field(default=12, gt=0, le=168)
    oidc: Oidc | None = None
    ldap: Ldap | None = None

    @property
    def session_idle(self) -> timedelta:
        """After how long without a request a session ends."""
        return timedelta(minutes=self.session_idle_minutes)

    @property
    def session_longest(self) -> timedelta:
        """After how long a session ends in any case."""
        return timedelta(hours=self.session_hours)

    @property
    def tky2jgd_file(self) -> Path | None:
        """The grid Tokyo → JGD2000: as set, else HOME/grids/TKY2JGD.par where it exists."""
        return self._grid(self.tky2jgd, TKY2JGD_NAME)

    @property
    def patchjgd_file(self) -> Path | None:
        """The grid JGD2000 → JGD2011: as set, else HOME/grids/touhokutaiheiyouoki2011.par where it exists."""
        return self._grid(self.patchjgd, PATCHJGD_NAME)

    @property
    def semidyna_place(self) -> Path:
        """The folder of the yearly SemiDyna files, or one such file: as set, else HOME/grids."""
        return self.home / (self.semidyna.expanduser() if self.semidyna is not None else "grids")

    @property
    def grids(self) -> Grids:
        """The grid files, as far as they are there."""
        return Grids(tky2jgd=self.tky2jgd_file, patchjgd=self.patchjgd_file, semidyna=self.semidyna_place)

    def _grid(self, declared: Path | None, name: str) -> Path | None:
        if declared is not None:
            return self.home / declared.expanduser()
        usual = self.home / "grids" / name
        return usual if usual.is_file() else None


def _reading(file: Path) -> type[Settings]:
    """Settings that are read from the environment, then from that file; no .env, so that there is one place to look."""

    class FromFile(Settings):
        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,
            file_secret_settings: PydanticBaseSettingsSource,
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return (init_settings, env_settings, TomlConfigSettingsSource(settings_cls, toml_file=file))

    return FromFile


def load_settings(home: Path = DEFAULT_HOME) -> Settings:
    """Settings of the instance in `home`; SettingsError names the wrong setting, or the file that is no TOML."""
    folder = home.expanduser().resolve()
    file = folder / CONFIGURATION_NAME
    try:
        return _reading(file)(home=folder)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{file} が TOML として読めません（{error}）。") from error
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise SettingsError(
            f"設定 {name} が正しくありません（{first['msg']}）。{file} か環境変数を直してください。"
        ) from error
