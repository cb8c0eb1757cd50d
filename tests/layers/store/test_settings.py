"""Settings: the environment wins over HOME/onomap.toml, which wins over 小野町."""

from pathlib import Path

import pytest

from layers.store.settings import SettingsError, load_settings


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "ONOMAP_TKY2JGD", "ONOMAP_PATCHJGD", "ONOMAP_MUNICIPALITY__NAME"):
        monkeypatch.delenv(name, raising=False)


def _write(home: Path, text: str) -> None:
    (home / "onomap.toml").write_text(text, encoding="utf-8")


def test_without_any_setting_the_town_is_ono_in_zone_nine(tmp_path: Path) -> None:
    settings = load_settings(tmp_path)

    assert settings.municipality.full_name == "福島県田村郡小野町"
    assert settings.municipality.srid == 6677
    assert settings.municipality.fictitious
    assert settings.database_url is None


def test_the_file_changes_what_it_names_and_leaves_the_rest(tmp_path: Path) -> None:
    _write(
        tmp_path, 'tky2jgd = "grids/mine.par"\n[municipality]\nname = "平田村"\ncode = "075035"\ncounty = "石川郡"\n'
    )
    settings = load_settings(tmp_path)

    assert settings.municipality.full_name == "福島県石川郡平田村"
    assert settings.municipality.plane_zone == 9
    assert settings.tky2jgd_file == tmp_path / "grids/mine.par"


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _write(tmp_path, 'database_url = "postgresql://file"\n[municipality]\nname = "平田村"\nplane_zone = 10\n')
    monkeypatch.setenv("DATABASE_URL", "postgresql://environment")
    monkeypatch.setenv("ONOMAP_MUNICIPALITY__NAME", "古殿町")
    settings = load_settings(tmp_path)

    assert settings.database_url == "postgresql://environment"
    assert settings.municipality.name == "古殿町"
    assert settings.municipality.srid == 6678


def test_an_empty_database_url_means_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "")

    assert load_settings(tmp_path).database_url is None


def test_grids_in_the_home_directory_are_found_by_their_usual_names(tmp_path: Path) -> None:
    assert load_settings(tmp_path).patchjgd_file is None
    grid = tmp_path / "grids" / "touhokutaiheiyouoki2011.par"
    grid.parent.mkdir()
    grid.write_text("", encoding="utf-8")

    assert load_settings(tmp_path).patchjgd_file == grid


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[municipality]\nplane_zone = 20\n", "municipality.plane_zone"),
        ('[municipality]\ncode = "07522"\n', "municipality.code"),
        ('colour = "red"\n', "colour"),
        ("[municipality\n", "onomap.toml が TOML として読めません"),
    ],
)
def test_a_wrong_setting_is_named_in_one_sentence(tmp_path: Path, text: str, named: str) -> None:
    _write(tmp_path, text)

    with pytest.raises(SettingsError, match=named) as caught:
        load_settings(tmp_path)
    assert "\n" not in str(caught.value)
