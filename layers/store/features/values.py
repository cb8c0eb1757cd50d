"""Values of a filter as SQL, with what they are, so that nothing is compared that cannot be."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from psycopg import sql

from gis.filters.tree import Folded, In, Literal, Property, Scalar
from layers.store.features.columns import SQL_TYPES, Columns, ValueKind
from layers.store.features.errors import FeatureRequestError

_NUMERIC = frozenset({ValueKind.INTEGER, ValueKind.NUMBER})
_LARGEST = 2**63 - 1


@dataclass
class Bound:
    """The values of one condition by the names under which they are bound; a prefix keeps conditions apart."""

    prefix: str = "f"
    parameters: dict[str, object] = field(default_factory=dict)

    def add(self, value: object) -> sql.Composable:
        """A placeholder for the value."""
        name = f"{self.prefix}{len(self.parameters)}"
        self.parameters[name] = value
        return sql.Placeholder(name)


@dataclass(frozen=True)
class Typed:
    """A value as SQL: what it is, and how an error calls it."""

    expression: sql.Composable
    kind: ValueKind
    name: str


def kind_of(value: Literal) -> ValueKind:
    """What a written value is."""
    if isinstance(value, bool):
        return ValueKind.BOOLEAN
    if isinstance(value, int):
        return ValueKind.INTEGER
    if isinstance(value, Decimal):
        return ValueKind.NUMBER
    if isinstance(value, datetime):
        return ValueKind.MOMENT
    return ValueKind.DATE if isinstance(value, date) else ValueKind.TEXT


def scalar_sql(value: Scalar, columns: Columns, bound: Bound) -> Typed:
    """A property, a written value, or either without regard to case."""
    if isinstance(value, Property):
        column = columns[value.name]
        return Typed(column.expression, column.kind, f"項目「{column.name}」（{column.kind}）")
    if isinstance(value, Folded):
        inner = scalar_sql(value.text, columns, bound)
        if inner.kind is not ValueKind.TEXT:
            raise FeatureRequestError(f"{inner.name}は文字列ではないので、CASEI には使えません。")
        return Typed(sql.SQL("lower({})").format(inner.expression), inner.kind, inner.name)
    kind = kind_of(value)
    return Typed(sql.SQL("{}::{}").format(bound.add(value), _sql_type(value, kind)), kind, f"{kind}の値")


def _sql_type(value: Literal, kind: ValueKind) -> sql.Composable:
    # what was written with a fraction, or is too long for a bigint, is compared exactly
    if isinstance(value, Decimal) or (isinstance(value, int) and abs(value) > _LARGEST):
        return sql.SQL("numeric")
    return SQL_TYPES[kind]


def comparable(left: Typed, right: Typed) -> None:
    """Raises FeatureRequestError when the two are not of one kind; whole numbers and others are."""
    both = {left.kind, right.kind}
    if ValueKind.GEOMETRY in both:
        raise FeatureRequestError("図形は S_INTERSECTS などで比べてください。")
    if len(both) > 1 and not both <= _NUMERIC:
        raise FeatureRequestError(f"{left.name}と{right.name}は比べられません。同じ種類の値にしてください。")


def listed(tree: In, columns: Columns, bound: Bound) -> sql.Composable:
    """A value that is one of a list, bound as one array where all are plain values."""
    value = scalar_sql(tree.value, columns, bound)
    plain = [option for option in tree.options if not isinstance(option, Folded)]
    if len(plain) < len(tree.options):
        typed = [scalar_sql(option, columns, bound) for option in tree.options]
        for one in typed:
            comparable(value, one)
        joined = sql.SQL(", ").join(one.expression for one in typed)
        return sql.SQL("({} IN ({}))").format(value.expression, joined)
    for option in plain:
        comparable(value, Typed(sql.SQL(""), kind_of(option), f"{kind_of(option)}の値"))
    if value.kind in _NUMERIC:
        array = sql.SQL("{}::numeric[]").format(bound.add([Decimal(str(option)) for option in plain]))
    else:
        array = sql.SQL("{}::{}[]").format(bound.add(plain), SQL_TYPES[value.kind])
    return sql.SQL("({} = ANY({}))").format(value.expression, array)
