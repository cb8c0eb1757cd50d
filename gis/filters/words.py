"""Going through the words of a filter, one after the other."""

from datetime import date, datetime
from decimal import Decimal

from gis.errors import FilterError
from gis.filters import literals
from gis.filters.tokens import Kind, Token
from gis.filters.tree import Property

_RESERVED = frozenset({"AND", "OR", "NOT", "LIKE", "IN", "BETWEEN", "IS", "NULL", "TRUE", "FALSE"})
_ARITHMETIC = frozenset("+-*/^%")


class Words:
    """The words of one filter and where reading stands; `here` is the next word."""

    def __init__(self, text: str, tokens: list[Token]) -> None:
        self.text = text
        self._tokens = tokens
        self._at = 0
        self._parts = 0

    @property
    def here(self) -> Token:
        """The word that was not read yet."""
        return self._tokens[self._at]

    @property
    def function(self) -> str | None:
        """The name, in small letters, of the function that starts here; None when none does."""
        if self.here.kind is Kind.NAME and self.here.value.upper() not in _RESERVED:
            following = self._tokens[self._at + 1]
            if following.is_sign("("):
                return self.here.value.lower()
        return None

    def step(self) -> Token:
        """The next word, read."""
        token = self.here
        if token.kind is not Kind.END:
            self._at += 1
        return token

    def count_part(self) -> None:
        """Count one predicate or value; FilterError beyond the bound."""
        self._parts += 1
        if self._parts > literals.MAX_PARTS:
            raise FilterError(f"フィルタの条件が多すぎます（{literals.MAX_PARTS:,}個まで）。")

    def take_word(self, word: str) -> bool:
        """Read that word when it comes next."""
        if self.here.is_word(word):
            self._at += 1
            return True
        return False

    def take_sign(self, sign: str) -> bool:
        """Read that sign when it comes next."""
        if self.here.is_sign(sign):
            self._at += 1
            return True
        return False

    def expect_word(self, word: str) -> None:
        """Read that word, which must come next."""
        if not self.take_word(word):
            raise self.unexpected(word)

    def expect_sign(self, sign: str) -> None:
        """Read that sign, which must come next."""
        if not self.take_sign(sign):
            raise self.unexpected(f"「{sign}」")

    def unexpected(self, wanted: str) -> FilterError:
        """The error that something else stands here."""
        if self.here.kind is Kind.END:
            return FilterError(f"フィルタの終わりに{wanted}がありません。")
        if self.here.value in _ARITHMETIC:
            return FilterError(f"{self.here.place}の計算「{self.here.value}」は使えません。値だけを書いてください。")
        return FilterError(f"{self.here.place}の「{self.here.value}」の所には、{wanted}を書いてください。")

    def property(self) -> Property:
        """The name of a property that comes next."""
        token = self.here
        is_name = token.kind is Kind.NAME and token.value.upper() not in _RESERVED
        if not is_name and token.kind is not Kind.QUOTED_NAME:
            raise self.unexpected("項目の名前か値")
        return Property(literals.text(self.step().value, token.place))

    def signed_number(self) -> int | Decimal:
        """The number that comes next, with its sign."""
        place = self.here.place
        sign = self.step().value if self.here.kind is Kind.SIGN else ""
        if self.here.kind is not Kind.NUMBER:
            raise self.unexpected("数")
        return literals.number(sign.replace("+", "") + self.step().value, place)

    def instant(self) -> date | datetime:
        """DATE('…') or TIMESTAMP('…')."""
        is_day = self.step().value.upper() == "DATE"
        self.expect_sign("(")
        token = self.step()
        if token.kind is not Kind.TEXT:
            raise FilterError(f"{token.place}には引用符で囲んだ日付か日時を書いてください。")
        self.expect_sign(")")
        return literals.day(token.value, token.place) if is_day else literals.moment(token.value, token.place)

    def enclosed(self) -> str:
        """The text from here to the parenthesis that closes the next one, all of it read."""
        start = self.step().start
        depth = 0
        while True:
            token = self.step()
            if token.kind is Kind.END or (depth == 0 and token.start > start and not token.is_sign("(")):
                raise self.unexpected("「(」と座標と「)」")
            depth += token.is_sign("(") - token.is_sign(")")
            if depth == 0 and token.is_sign(")"):
                return self.text[start : token.end]
