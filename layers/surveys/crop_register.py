"""The register of crop plans: every version there was of each field and year, none ever overwritten."""

import json
from collections.abc import Sequence

from layers.store.database import Connection
from layers.store.rights.caller import Caller
from layers.surveys.crop_model import GroundKey, Plan, PlanPart

_COLUMNS = "layer, field_id, year, version, parts, action, made_at, made_name"


def lock(connection: Connection) -> None:
    """One change at a time, until the transaction ends; readers do not wait."""
    connection.execute("LOCK TABLE onomap.crop_plans IN SHARE ROW EXCLUSIVE MODE")


def plans_of_year(connection: Connection, year: int) -> dict[GroundKey, Plan]:
    """The newest version of every plan of a year; emptied ones are not among them."""
    return {key: plan for key, plan in newest_of_year(connection, year).items() if plan.parts}


def versions_of(connection: Connection, key: GroundKey, year: int) -> list[Plan]:
    """Every version of one plan, newest first."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM onomap.crop_plans WHERE layer = %s AND field_id = %s AND year = %s "
        "ORDER BY version DESC".encode(),
        [key.layer, key.field_id, year],
    ).fetchall()
    return list(map(_plan, rows))


def newest(connection: Connection, key: GroundKey, year: int) -> Plan:
    """The plan as it stands; version 0 where there never was one."""
    return next(iter(versions_of(connection, key, year)), Plan(key, year))


def newest_of_year(connection: Connection, year: int) -> dict[GroundKey, Plan]:
    """The same for a whole year, emptied ones included."""
    rows = connection.execute(
        f"SELECT DISTINCT ON (layer, field_id) {_COLUMNS} FROM onomap.crop_plans WHERE year = %s "
        "ORDER BY layer, field_id, version DESC".encode(),
        [year],
    ).fetchall()
    return {plan.key: plan for plan in map(_plan, rows)}


def years(connection: Connection) -> list[int]:
    """The years that have a plan, newest first."""
    return [
        row[0]
        for row in connection.execute("SELECT DISTINCT year FROM onomap.crop_plans ORDER BY year DESC").fetchall()
    ]


def add(connection: Connection, before: Plan, parts: Sequence[PlanPart], action: str, caller: Caller) -> Plan:
    """Keep a new version on top of `before`."""
    key = before.key
    row = connection.execute(
        "INSERT INTO onomap.crop_plans (layer, field_id, year, version, parts, action, made_by, made_name) "
        f"VALUES (%s, %s, %s, %s, %s::jsonb, %s, %s, %s) RETURNING {_COLUMNS}".encode(),
        [
            *(key.layer, key.field_id, before.year, before.version + 1),
            *(json.dumps([part.model_dump() for part in parts]), action, caller.account, caller.name),
        ],
    ).fetchone()
    assert row is not None  # noqa: S101 - RETURNING answers one row
    return _plan(row)


def _plan(row: Sequence[object]) -> Plan:
    layer, field_id, year, version, parts, action, made_at, made_name = row
    assert isinstance(parts, list)  # noqa: S101 - what `add` wrote
    kept = tuple(PlanPart.model_validate(part) for part in parts)
    return Plan(GroundKey(layer, field_id), year, version, kept, action, made_at, made_name)  # type: ignore[arg-type]
