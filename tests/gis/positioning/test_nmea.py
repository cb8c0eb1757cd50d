"""NMEA logs: what is taken, what is refused, and that nothing depends on how the bytes arrive."""

from pathlib import Path

import pytest

from gis.positioning.model import FixQuality
from gis.positioning.nmea import read


@pytest.mark.parametrize(
    ("name", "qualities"),
    [
        ("gpsd_nmea-rtk.log", {FixQuality.DIFFERENTIAL: 104, FixQuality.RTK_FIXED: 18}),
        ("gpsd_skytraq-PX1172RH_DS.log", {FixQuality.RTK_FLOAT: 9}),
    ],
)
def test_a_real_log_gives_the_fixes_that_its_provenance_states(
    shared_data: Path, name: str, qualities: dict[FixQuality, int]
) -> None:
    log = read((shared_data / "gnss" / name).read_bytes())

    assert log.counts.qualities == qualities
    assert len(log.fixes) == sum(qualities.values())
    assert not log.counts.refused
