"""Writes the whole sample town as source files, in the order in which they are loaded."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

from layers.sample_town.areas import write_limits
from layers.sample_town.cadastral import write_cadastral
from layers.sample_town.elevation import write_elevation
from layers.sample_town.farming import write_farming
from layers.sample_town.files import SampleFile
from layers.sample_town.hazards import write_hazards
from layers.sample_town.land import write_land
from layers.sample_town.lines import write_lines
from layers.sample_town.moj_sheets import write_moj_sheets
from layers.sample_town.places import write_places
from layers.sample_town.planning import write_planning
from layers.sample_town.town import Progress, Town, build

_NOTICE = """この見本の町のデータはすべて架空です。

実在するのは、町の名前、17の大字の名前、おおよその範囲だけです。筆、地番、字の一部、道路、川、水道管、災害の区域、施設、標高は、
seed={seed} から作った作り物で、実際の土地・施設・規制とは関係がありません。照会・申請・避難などの判断に使わないでください。

This sample town is made up. Only the town's name, its 17 oaza names and its rough extent are real.
"""

_WRITERS: tuple[tuple[str, Callable[[Town, Path], list[SampleFile]]], ...] = (
    ("町の範囲と行政区", write_limits),
    ("地番図", write_cadastral),
    ("地図XML", write_moj_sheets),
    ("道路と水道", write_lines),
    ("都市計画", write_planning),
    ("農地", write_farming),
    ("森林と埋蔵文化財", write_land),
    ("災害の区域", write_hazards),
    ("施設", write_places),
    ("標高", write_elevation),
)


def generate(
    folder: Path,
    *,
    seed: int = 75221,
    parcels: int = 60000,
    today: date | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> list[SampleFile]:
    """Writes the sample town's files into `folder` (made if absent) and gives them in the order to load.

    The same seed, number of parcels and day give the same files. `parcels` counts the main cadastral file (1,400 at least);
    the map XML sheets come on top. `progress` hears what is being made and the share that is done, 0 to 1.
    """
    tell: Progress = progress or (lambda _what, _share: None)
    folder.mkdir(parents=True, exist_ok=True)
    day = today or datetime.now(UTC).date()
    town = build(seed, parcels, day, tell)
    files: list[SampleFile] = []
    for number, (what, write) in enumerate(_WRITERS):
        tell(what, 0.65 + 0.35 * number / len(_WRITERS))
        files += write(town, folder)
    (folder / "README.txt").write_text(_NOTICE.format(seed=seed), encoding="utf-8")
    tell("できました", 1.0)
    return files
