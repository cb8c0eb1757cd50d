"""Every post × layer × column × verb: PostgreSQL agrees with the written policy."""

import sys
from collections.abc import Callable, Iterator
from itertools import combinations

import psycopg
import pytest
from psycopg import sql

from layers.store.definitions import GeometryKind, Layer
from layers.store.instance import Store
from layers.store.ledger_definitions import LEDGERS
from layers.store.rights.caller import Post, Verb
from layers.store.rights.policy import Policy, division

DUTIES = ("viewer", "editor", "approver", "ledger_reader", "administrator")
NARROW = """
[[duty]]
id = "viewer"
label = "閲覧"
[[duty]]
id = "editor"
label = "更新"
[[duty]]
id = "ledger_reader"
label = "台帳"
[[grant]]
duty = "viewer"
verbs = ["read"]
classes = ["public"]
layers = "all"
[[grant]]
duty = "viewer"
verbs = ["read"]
classes = ["staff"]
layers = "own"
[[grant]]
duty = "editor"
verbs = ["read", "edit"]
classes = ["staff"]
layers = ["cadastral", "street_lights", "water"]
[[grant]]
duty = "editor"
verbs = ["edit"]
classes = ["public"]
layers = ["street_lights"]
departments = ["住民課"]
[[grant]]
duty = "ledger_reader"
verbs = ["read"]
classes = ["tax"]
layers = "all"
"""


def _posts(store: Store) -> Iterator[Post]:
    departments = sorted(
        {division(layer.department) for layer in store.catalogue.values()} | {"税務課", "住民課", "議会事務局"}
    )
    known = [duty for duty in DUTIES if duty in store.policy.duties]
    for department in departments:
        for count in range(len(known) + 1):
            for duties in combinations(known, count):
                yield Post(department, frozenset(duties))


def _may_write_rows(policy: Policy, post: Post, layer: Layer) -> bool:
    """Whether one line of the policy gives the post every column: only then may it take whole rows away."""
    classes = {field.column_class for field in layer.fields}
    lines = (line for line in policy.grants if Verb.EDIT in line.verbs and line.reaches(post, layer))
    return any(classes <= line.classes for line in lines)


def _expected(policy: Policy, post: Post, layer: Layer, column: str, verb: str) -> bool:
    """What the policy says of one column; of those that every row has, that who sees or edits any field has them too."""
    asked = Verb.READ if verb == "SELECT" else Verb.EDIT
    classes = policy.classes(post, asked, layer)
    fields = {field.name: field.column_class for field in layer.fields}
    if column in fields:
        return fields[column] in classes
    any_field = any(of in classes for of in fields.values()) if fields else bool(classes)
    if verb == "SELECT":
        return any_field and column != "left_over"
    if column == "fid":
        return verb == "INSERT" and _may_write_rows(policy, post, layer)
    return any_field and column not in ("geom_3857", "valid_to", "left_over")


def _held(store: Store, role: str) -> dict[tuple[str, str, str, str], bool]:
    with store.database.transaction() as connection:
        rows = connection.execute(
            "SELECT n.nspname, c.relname, a.attname, v.verb, has_column_privilege(%s, c.oid, a.attnum, v.verb) "
            "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid, "
            "unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'REFERENCES']) AS v(verb) "
            "WHERE n.nspname IN ('layers', 'history', 'ledgers') AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped",
            [role],
        ).fetchall()
        whole = connection.execute(
            "SELECT n.nspname, c.relname, v.verb, has_table_privilege(%s, c.oid, v.verb) FROM pg_class c "
            "JOIN pg_namespace n ON n.oid = c.relnamespace, unnest(ARRAY['DELETE', 'TRUNCATE', 'TRIGGER']) AS v(verb) "
            "WHERE n.nspname IN ('layers', 'history', 'ledgers') AND c.relkind = 'r'",
            [role],
        ).fetchall()
    return {row[:4]: row[4] for row in rows} | {(row[0], row[1], "", row[2]): row[3] for row in whole}


def _wanted(store: Store, post: Post, schema: str, table: str, column: str, verb: str) -> bool:
    if schema == "ledgers":
        ledger = LEDGERS.get(table)
        classes = store.policy.classes(post, Verb.READ, ledger) if ledger is not None else frozenset()
        marked = {field.name for field in ledger.fields if field.column_class in classes} if ledger is not None else ()
        return verb == "REFERENCES" and column in marked
    layer = store.catalogue[table]
    if not column:
        return schema == "layers" and verb == "DELETE" and _may_write_rows(store.policy, post, layer)
    if verb == "REFERENCES" or (schema == "history" and verb != "SELECT"):
        return False
    return _expected(store.policy, post, layer, column, verb)


@pytest.mark.parametrize("policy", [None, NARROW], ids=["shipped", "narrow"])
def test_every_post_has_just_the_rights_that_the_policy_gives_it(
    open_again: Callable[..., Store], policy: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    store = open_again(policy)
    with store.database.transaction() as connection:
        connection.execute("ALTER TABLE layers.cadastral ADD COLUMN left_over text")
    checked, wrong, roles = 0, [], {}
    for post in _posts(store):
        role = store.seen_by(post).database.role
        held = roles.setdefault(role, None) or _held(store, str(role))
        roles[role] = held
        for (schema, table, column, verb), has in held.items():
            checked += 1
            if has is not _wanted(store, post, schema, table, column, verb):
                wrong.append((post, schema, table, column, verb, has))
    with capsys.disabled():
        sys.stdout.write(
            f"\nrole matrix: {checked:,} of post × layer × column × verb, {len(wrong)} against the policy, {len(roles)} roles\n"
        )
    assert checked > 50_000
    assert wrong[:5] == []


def _tried(store: Store, post: Post, statement: sql.Composed) -> bool:
    with store.seen_by(post).database.pool.connection() as connection:
        connection.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(str(store.seen_by(post).database.role))))
        try:
            connection.execute(statement)
        except psycopg.errors.InsufficientPrivilege:
            return False
        finally:
            connection.rollback()
    return True


@pytest.mark.parametrize("duties", [{"viewer"}, {"editor"}, {"viewer", "editor"}, {"administrator"}])
def test_what_the_catalogue_of_rights_says_is_what_statements_meet(
    open_again: Callable[..., Store], duties: set[str]
) -> None:
    store = open_again(NARROW)
    post = Post("住民課", frozenset(duties))
    tried = 0
    for layer in store.catalogue.values():
        if layer.geometry is GeometryKind.RASTER:
            continue
        table = sql.Identifier(layer.id)
        for field in layer.fields:
            column = sql.Identifier(field.name)
            for verb, text in (
                ("SELECT", "SELECT {c} FROM layers.{t} LIMIT 0"),
                ("UPDATE", "UPDATE layers.{t} SET {c} = DEFAULT"),
                ("INSERT", "INSERT INTO layers.{t} ({c}) SELECT NULL WHERE false"),
            ):
                may = _tried(store, post, sql.SQL(text).format(c=column, t=table))
                assert may is _expected(store.policy, post, layer, field.name, verb), (layer.id, field.name, verb)
                tried += 1
    assert tried > 400
