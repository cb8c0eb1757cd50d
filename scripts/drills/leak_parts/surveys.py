"""Canaries among surveys, whose tables take no row but a whole one; and the addresses at which they could come out."""

from collections.abc import Iterator
from itertools import product

import psycopg

from scripts.drills.leak_parts.canaries import MARK, NUMBERS, Planted

SESSION = "00000000-0000-4000-8000-0000ca9a51a7"
FIELD = f"{MARK}field"
_TEXT = f"{MARK}survey"
_CONTENT = f"""jsonb_build_object('field_name', '{_TEXT}', 'note', '{_TEXT}', 'fixes', jsonb_build_array(
    jsonb_build_object('lon', {NUMBERS}.97531, 'lat', {NUMBERS}.97531)))"""
_WHOLE = (
    f"""INSERT INTO surveys.records (id, kind, session, account, device, content, content_hash)
        VALUES ('{SESSION}', 'session', '{SESSION}', '{_TEXT}', '{SESSION}', {_CONTENT}, '{MARK}')""",
    f"""INSERT INTO surveys.sessions (id, account, device, field_name, field_id, started_at, base_station, mount_point, datum,
            epoch, receiver, antenna_height_m, claimed_fix)
        VALUES ('{SESSION}', '{_TEXT}', '{SESSION}', '{_TEXT}', '{FIELD}', now(), '{_TEXT}', '{_TEXT}', '{_TEXT}',
            'reference', '{_TEXT}', {NUMBERS}.97531, false)""",
    f"""INSERT INTO surveys.boundaries (fid, version, field_id, session, surveyed_on, station, claimed_fix, plane_epsg, rings,
            shape, kept_by)
        SELECT fid, version, '{FIELD}', '{SESSION}', date '1871-01-01', {_CONTENT}, false, 6677,
            jsonb_build_array(jsonb_build_array(jsonb_build_array({NUMBERS}.97531, {NUMBERS}.97531, 0.01, 4, 1))),
            md5(geom::bytea), '{_TEXT}' FROM layers.rtk_fields""",
    f"INSERT INTO surveys.owners (field_id, account, given_by) VALUES ('{FIELD}', '{_TEXT}', '{_TEXT}')",
)


def plant_surveys(connection: psycopg.Connection[tuple[object, ...]], planted: Planted) -> None:
    """A session, its record, the boundary of every field, and an owner: every text, number and day of them a canary."""
    for statement in _WHOLE:
        table = statement.split()[2]
        planted.note(table, connection.execute(statement.encode()).rowcount)


def survey_addresses() -> Iterator[tuple[str, str, bool]]:
    """Method, path, and whether it names a canary itself."""
    paths = ["/field", "/field/", "/field/main.js", "/field/state", "/field/ground?lon=140.62&lat=37.28&radius_m=300"]
    paths += ["/fields", "/surveys", "/surveys/fields", "/surveys/records", f"/surveys/{SESSION}"]
    paths += [f"/surveys/{SESSION}/{what}" for what in ("nmea", "points", "boundary", "field")]
    paths += [
        f"/surveys/fields/{FIELD}{what}"
        for what in ("", "/owner", "/truth", "/truth?f=pdf", "/truth?f=json", "/machine")
    ]
    paths += [
        f"/{way}/rtk_fields{what}"
        for way, what in product(("api/collections", "tiles"), ("", "/items", "/15/29182/12763"))
    ]
    for method, path in product(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"), paths):
        yield method, path, MARK in path
