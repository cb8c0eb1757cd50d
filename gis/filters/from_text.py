"""CQL2 text to the tree: recursive descent over the words, as OGC 21-065r2 annex B has the grammar.

The text is read here rather than by the `cql2` package, which ends the process on some 2,000 nested parentheses and needs
time that doubles with every unclosed one (measured with 0.6.0: 20 of them take a second); it is the tests' second opinion.
"""

from gis.errors import FilterError
from gis.filters import literals
from gis.filters.text_places import BOX, WELL_KNOWN, place_at, time_at
from gis.filters.tokens import Kind, tokens_of
from gis.filters.tree import (
    Always,
    Between,
    Comparator,
    Comparison,
    Filter,
    Folded,
    In,
    IsNull,
    Like,
    Literal,
    Not,
    Property,
    Scalar,
    Spatial,
    SpatialRelation,
    Temporal,
    TemporalRelation,
    all_of,
    any_of,
)
from gis.filters.words import Words

_SPATIAL = {relation.value: relation for relation in SpatialRelation}
_TEMPORAL = {relation.value.lower(): relation for relation in TemporalRelation}
_COMPARATORS = frozenset(comparator.value for comparator in Comparator)


def from_text(text: str) -> Filter:
    """The tree of a CQL2 text. Raises FilterError in one sentence that names the place."""
    words = Words(text, tokens_of(text))
    tree = _any(words)
    if words.here.kind is not Kind.END:
        raise words.unexpected("AND か OR か終わり")
    return tree


def _any(words: Words) -> Filter:
    parts = [_all(words)]
    while words.take_word("OR"):
        parts.append(_all(words))
    return any_of(parts)


def _all(words: Words) -> Filter:
    parts = [_one(words)]
    while words.take_word("AND"):
        parts.append(_one(words))
    return all_of(parts)


def _one(words: Words) -> Filter:
    negations = 0
    while words.take_word("NOT"):
        negations += 1
    if negations > literals.MAX_DEPTH:
        raise FilterError("フィルタの NOT が多すぎます。")
    tree = _primary(words)
    for _ in range(negations):
        tree = Not(tree)
    return tree


def _primary(words: Words) -> Filter:
    words.count_part()
    if words.take_sign("("):
        tree = _any(words)
        words.expect_sign(")")
        return tree
    function = words.function
    if function in _SPATIAL:
        return _spatial(words)
    if function in _TEMPORAL:
        return _temporal(words)
    if function is not None and function not in {"casei", "date", "timestamp"}:
        raise FilterError(f"{words.here.place}の「{words.here.value}」という関数は使えません。")
    return _predicate(words)


def _spatial(words: Words) -> Filter:
    relation = _SPATIAL[words.step().value.lower()]
    words.expect_sign("(")
    left = place_at(words)
    words.expect_sign(",")
    right = place_at(words)
    words.expect_sign(")")
    return Spatial(relation, left, right)


def _temporal(words: Words) -> Filter:
    relation = _TEMPORAL[words.step().value.lower()]
    words.expect_sign("(")
    left = time_at(words)
    words.expect_sign(",")
    right = time_at(words)
    words.expect_sign(")")
    return Temporal(relation, left, right)


def _predicate(words: Words) -> Filter:
    start = words.here
    left = _scalar(words)
    if words.here.kind is Kind.SIGN and words.here.value in _COMPARATORS:
        return Comparison(Comparator(words.step().value), left, _scalar(words))
    if words.take_word("IS"):
        negated = words.take_word("NOT")
        words.expect_word("NULL")
        if not isinstance(left, Property):
            raise FilterError(f"{start.place}の IS NULL の前には項目の名前を書いてください。")
        return Not(IsNull(left)) if negated else IsNull(left)
    negated = words.take_word("NOT")
    tree = _ranged(words, left, start.place)
    if tree is None:
        if isinstance(left, bool) and not negated:
            return Always(left)
        raise words.unexpected("比較（=、<、LIKE、IN、BETWEEN、IS NULL など）")
    return Not(tree) if negated else tree


def _ranged(words: Words, left: Scalar, place: str) -> Filter | None:
    if words.take_word("LIKE"):
        if not isinstance(left, Property | Folded):
            raise FilterError(f"{place}の LIKE の前には項目の名前を書いてください。")
        return Like(left, _pattern(words))
    if words.take_word("BETWEEN"):
        low = _scalar(words)
        words.expect_word("AND")
        return Between(left, low, _scalar(words))
    if words.take_word("IN"):
        return In(left, _options(words))
    return None


def _pattern(words: Words) -> str | Folded:
    place = words.here.place
    value = _scalar(words)
    written = value.text if isinstance(value, Folded) else value
    if not isinstance(written, str):
        raise FilterError(f"{place}の LIKE の後には文字列を書いてください。")
    literals.pattern(written, place)
    return value if isinstance(value, Folded) else written


def _options(words: Words) -> tuple[Literal | Folded, ...]:
    words.expect_sign("(")
    options: list[Literal | Folded] = []
    while True:
        place = words.here.place
        words.count_part()
        value = _scalar(words)
        if isinstance(value, Property) or (isinstance(value, Folded) and isinstance(value.text, Property)):
            raise FilterError(f"{place}の IN の中には値だけを書いてください。")
        options.append(value)
        if not words.take_sign(","):
            break
    words.expect_sign(")")
    return tuple(options)


def _scalar(words: Words) -> Scalar:
    token = words.here
    if token.kind is Kind.TEXT:
        return literals.text(words.step().value, token.place)
    if token.kind is Kind.NUMBER or token.is_sign("-") or token.is_sign("+"):
        return words.signed_number()
    function = words.function
    if function in {"date", "timestamp"}:
        return words.instant()
    if function == "casei":
        return _folded(words)
    if function in WELL_KNOWN or function == BOX:
        raise FilterError(f"{token.place}の図形は S_INTERSECTS などの中に書いてください。")
    if function is not None:
        raise FilterError(f"{token.place}の「{token.value}」という関数は使えません。")
    for word, value in (("TRUE", True), ("FALSE", False)):
        if words.take_word(word):
            return value
    return words.property()


def _folded(words: Words) -> Folded:
    words.step()
    words.expect_sign("(")
    place = words.here.place
    inner = _scalar(words)
    words.expect_sign(")")
    if isinstance(inner, Folded):
        return inner
    if not isinstance(inner, Property | str):
        raise FilterError(f"{place}の CASEI の中には文字列か項目の名前を書いてください。")
    return Folded(inner)
