"""Days and moments as offices write them."""

from datetime import UTC, date, datetime

import pytest

from gis.japanese_dates import japanese_date, japanese_time


@pytest.mark.parametrize(
    ("day", "written"),
    [
        (date(2026, 4, 1), "令和8年4月1日"),
        (date(2019, 5, 1), "令和元年5月1日"),
        (date(2019, 4, 30), "平成31年4月30日"),
        (date(1989, 1, 7), "昭和64年1月7日"),
        (date(1926, 12, 25), "昭和元年12月25日"),
        (date(1912, 7, 29), "明治45年7月29日"),
        (date(1889, 4, 1), "明治22年4月1日"),
        (date(1872, 12, 2), "西暦1872年12月2日"),
    ],
)
def test_a_date_is_written_in_its_era(day: date, written: str) -> None:
    assert japanese_date(day) == written


def test_a_moment_is_written_in_japanese_time() -> None:
    assert japanese_time(datetime(2026, 3, 31, 15, 5, tzinfo=UTC)) == "令和8年4月1日 0時05分（日本時間）"


def test_a_moment_without_its_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="offset"):
        japanese_time(datetime(2026, 4, 1, 9, 5))  # noqa: DTZ001
