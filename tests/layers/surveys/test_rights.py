"""What PostgreSQL itself lets a farmer's role do: the lines in sight, four functions, and nothing else."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from layers.store.rights.caller import Caller, Post, Verb
from layers.surveys.errors import UnknownFieldError
from layers.surveys.fields import StoredField, own_fields, stored_boundary
from layers.surveys.making import keep_session
from layers.surveys.reach import lines_in_sight
from tests.layers.surveys.conftest import CLERK, SATO, VIEWER, Town, keep, square
from tests.layers.surveys.test_sessions import surveyed

IN_SIGHT = {"cadastral", "farmland", "roads"}
FUNCTIONS = {"sessions_seen", "records_seen", "fields_seen", "store"}
BOTH = Caller("kennin", "兼任 係", Post("町民生活課", frozenset({"viewer", "farmer"})))


def test_a_farmers_role_reads_the_public_columns_of_the_lines_in_sight_and_no_other(town: Town) -> None:
    with town.store.database.transaction() as connection:
        rows = connection.execute(
            "SELECT n.nspname, c.relname, a.attname, v.verb FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped, "
            "unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'REFERENCES']) v(verb) WHERE c.relkind IN ('r', 'v', 'p') "
            "AND n.nspname IN ('onomap', 'layers', 'history', 'ledgers', 'audit', 'people', 'surveys', 'bands') "
            "AND has_schema_privilege(%(role)s, n.oid, 'USAGE') AND has_column_privilege(%(role)s, c.oid, a.attnum, v.verb)",
            {"role": town.of(SATO).database.role},
        ).fetchall()
    assert {(schema, verb) for schema, _, _, verb in rows} == {("layers", "SELECT")}
    assert {table for _, table, _, _ in rows} == IN_SIGHT
    for name in IN_SIGHT:
        layer = town.store.layer(name)
        public = {field.name for field in layer.fields if field.column_class == "public"}
        shape = {"fid", "geom", "geom_3857", "area_m2"}
        assert public <= {column for _, table, column, _ in rows if table == name} <= public | shape


def test_a_farmers_role_calls_the_functions_of_surveys_and_no_other_of_ours(town: Town) -> None:
    with town.store.database.transaction() as connection:
        rows = connection.execute(
            "SELECT n.nspname, p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace "
            "WHERE n.nspname IN ('onomap', 'ledgers', 'audit', 'people', 'surveys', 'onomap_roles') "
            "AND has_schema_privilege(%(role)s, n.oid, 'USAGE') AND has_function_privilege(%(role)s, p.oid, 'EXECUTE')",
            {"role": town.of(SATO).database.role},
        ).fetchall()
    assert set(rows) == {("surveys", name) for name in FUNCTIONS}


def test_the_lines_in_sight_are_the_policys_for_a_farmer_and_what_they_read_for_staff(town: Town) -> None:
    assert set(lines_in_sight(town.store, SATO)) == IN_SIGHT
    assert "rtk_fields" in lines_in_sight(town.store, VIEWER)
    without = Caller(VIEWER.account, VIEWER.name, VIEWER.post, frozenset({Verb.EXPORT}))
    assert lines_in_sight(town.store, without) == {}


def test_a_clerk_who_is_a_farmer_as_well_sees_every_field_and_changes_own_ones_only(town: Town) -> None:
    keep(town, SATO, "R-1", square())
    keep(town, BOTH, "R-2", square())
    seen = {one.field_id: one.owner for one in own_fields(town.of(BOTH), BOTH)}
    assert (seen["R-1"], seen["R-2"]) == (None, "kennin")
    with pytest.raises(UnknownFieldError):
        keep(town, BOTH, "R-1", square(side=41))


def test_a_session_kept_by_two_at_once_is_one_field(town: Town) -> None:
    session = surveyed(town)

    def kept(_: int) -> StoredField:
        return keep_session(town.store, SATO, None, session, None)[0]

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(kept, range(4)))
    fields = [one for one in own_fields(town.of(CLERK), CLERK) if one.session == session]
    assert len(fields) == 1
    assert found == [stored_boundary(town.of(SATO), SATO, fields[0].field_id)] * 4
