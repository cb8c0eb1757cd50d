"""Sentences one after the other, as a language writes them."""

from collections.abc import Iterable

from api.public.words import Words

_WITHOUT_BLANKS = frozenset({"ja", "zh-Hans", "zh-Hant"})
"""Languages whose full stop brings its own space."""


def sentences(say: Words, said: Iterable[str]) -> str:
    """The sentences as one text."""
    return ("" if say.language.code in _WITHOUT_BLANKS else " ").join(said)
