"""Days and moments as Japanese offices write them."""

from datetime import date, datetime, timedelta, timezone

JST = timezone(timedelta(hours=9), "JST")

_ERAS = (
    (date(2019, 5, 1), "令和"),
    (date(1989, 1, 8), "平成"),
    (date(1926, 12, 25), "昭和"),
    (date(1912, 7, 30), "大正"),
    (date(1873, 1, 1), "明治"),
)


def japanese_date(day: date) -> str:
    """「令和8年4月1日」; the first year of an era is 元年, before the solar calendar (1873) it is 西暦."""
    for first, era in _ERAS:
        if day >= first:
            year = day.year - (1867 if era == "明治" else first.year - 1)
            return f"{era}{'元' if year == 1 else year}年{day.month}月{day.day}日"
    return f"西暦{day.year}年{day.month}月{day.day}日"


def japanese_time(moment: datetime) -> str:
    """「令和8年4月1日 9時05分（日本時間）」; ValueError for a time without its offset."""
    if moment.tzinfo is None:
        raise ValueError("a time without its offset cannot be printed as Japanese time")
    local = moment.astimezone(JST)
    return f"{japanese_date(local.date())} {local.hour}時{local.minute:02d}分（日本時間）"
