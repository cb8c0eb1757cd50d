"""Whether a layer's data are within their update cycle: what every list of data says beside its date."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from layers.store.definitions import Layer
from layers.store.readable import Dates


@dataclass(frozen=True)
class Freshness:
    """`due` is the day until which the data count as fresh; None for data without any date."""

    data_date: date | None
    due: date | None
    overdue: bool


def freshness(layer: Layer, dates: Dates | None, today: date) -> Freshness:
    """How fresh the layer is today; data without a date of their own are judged by the day they came."""
    known = dates.data_date if dates is not None else None
    since = dates.since.date() if dates is not None and isinstance(dates.since, datetime) else None
    start = known or since
    due = start + timedelta(days=layer.update_cycle_days) if start is not None else None
    return Freshness(known, due, due is not None and today > due)
