"""The grammar of COQL, as far as it is emulated: a text becomes a `Select`.

::

    select   = SELECT column {"," column} FROM module WHERE both
               [ORDER BY column [ASC | DESC] {"," ...}] [LIMIT number [OFFSET number]]
    both     = one [(AND | OR) one]
    one      = "(" both ")" | column (comparison | null | member | range | pattern)

More than two criteria stand in brackets, two by two. Functions, aliases, GROUP BY, joins
and queries inside queries are no part of it.
"""

from typing import Any, Literal

from attrs import define, field, frozen

from zohocrm_async._coql import Token, tokens, unquoted
from zohocrm_async.emulator.errors import Refusal

Value = str | float | bool
_COMPARISONS = frozenset({"=", "!=", "<>", "<", ">", "<=", ">="})
_KEYWORDS = ("from", "where", "group", "order", "limit", "offset", "and", "or", "join", "as")
_USUAL_ROWS = 200


@frozen
class Criterion:
    """One comparison of a column."""

    column: str
    operator: str
    """In lower case: ``=``, ``not in``, ``is null`` and so on."""
    values: tuple[Value, ...] = ()


@frozen
class Both:
    """Two conditions, joined."""

    word: Literal["and", "or"]
    left: "Condition"
    right: "Condition"


Condition = Criterion | Both


@frozen
class Select:
    """A query that was read."""

    columns: tuple[str, ...]
    module: str
    where: Condition
    order: tuple[tuple[str, bool], ...] = ()
    """Columns with whether they descend."""
    limit: int = _USUAL_ROWS
    offset: int = 0


def parse(text: str) -> Select:
    """Read a query.

    Raises:
        Refusal: it is none of the subset.
    """
    return _Reader(tokens(text)).select()


@define
class _Reader:
    """Reads tokens from left to right."""

    tokens: tuple[Token, ...]
    at: int = field(default=0)

    def select(self) -> Select:
        self.keyword("select")
        columns = [self.column()]
        while self.take_mark(","):
            columns.append(self.column())
        self.keyword("from", clause=True)
        module = self.column()
        self.keyword("where", clause=True)
        where = self.both()
        order = self.order() if self.take("order") else ()
        limit, offset = self.bounds()
        if self.at < len(self.tokens):
            raise self.unexpected()
        return Select(tuple(columns), module, where, order, limit, offset)

    def both(self) -> Condition:
        left = self.criterion()
        for word in ("and", "or"):
            if self.take(word):
                right = self.criterion()
                return Both("and" if word == "and" else "or", left, right)
        return left

    def criterion(self) -> Condition:
        if self.take_mark("("):
            inside = self.both()
            if not self.take_mark(")"):
                raise self.unexpected()
            return inside
        column = self.column()
        token = self.token()
        if token is not None and token.text in _COMPARISONS:
            self.at += 1
            operator = "!=" if token.text == "<>" else token.text
            return Criterion(column, operator, (self.value(),))
        if self.take("is"):
            operator = "is not null" if self.take("not") else "is null"
            self.keyword("null")
            return Criterion(column, operator)
        return self.words(column, "not " if self.take("not") else "")

    def words(self, column: str, negation: str) -> Criterion:
        if self.take("like"):
            return Criterion(column, f"{negation}like", (self.value(),))
        if self.take("in"):
            return Criterion(column, f"{negation}in", self.members())
        if self.take("between"):
            low = self.value()
            self.keyword("and")
            return Criterion(column, f"{negation}between", (low, self.value()))
        raise self.unexpected()

    def members(self) -> tuple[Value, ...]:
        if not self.take_mark("("):
            raise self.unexpected()
        found = [self.value()]
        while self.take_mark(","):
            found.append(self.value())
        if not self.take_mark(")"):
            raise self.unexpected()
        return tuple(found)

    def order(self) -> tuple[tuple[str, bool], ...]:
        self.keyword("by")
        found = [(self.column(), self.descends())]
        while self.take_mark(","):
            found.append((self.column(), self.descends()))
        return tuple(found)

    def descends(self) -> bool:
        return not self.take("asc") and self.take("desc")

    def bounds(self) -> tuple[int, int]:
        if not self.take("limit"):
            return _USUAL_ROWS, 0
        first = self.number("limit")
        if self.take_mark(","):
            return self.number("limit"), first
        return first, self.number("offset") if self.take("offset") else 0

    # --- single tokens

    def token(self) -> Token | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def take(self, word: str) -> bool:
        token = self.token()
        taken = token is not None and token.is_word(word)
        self.at += taken
        return taken

    def take_mark(self, mark: str) -> bool:
        token = self.token()
        taken = token is not None and token.kind == "mark" and token.text == mark
        self.at += taken
        return taken

    def keyword(self, word: str, *, clause: bool = False) -> None:
        if self.take(word):
            return
        present = any(token.is_word(word) for token in self.tokens[self.at :])
        if clause and not present:
            raise Refusal("SYNTAX_ERROR", "missing clause", clause=word)
        raise self.unexpected()

    def column(self) -> str:
        token = self.token()
        if token is None or token.kind not in {"word", "text"} or token.is_word(*_KEYWORDS):
            raise self.unexpected()
        self.at += 1
        return unquoted(token.text) if token.kind == "text" else token.text

    def value(self) -> Value:
        token = self.token()
        self.at += 1
        if token is not None:
            if token.kind == "text":
                return unquoted(token.text)
            if token.kind == "number":
                return float(token.text) if "." in token.text else int(token.text)
            if token.is_word("true", "false"):
                return token.is_word("true")
        self.at -= 1
        raise self.unexpected()

    def number(self, name: str) -> int:
        token = self.token()
        if token is None or not token.text.isdecimal():
            details: dict[str, Any] = {name: "" if token is None else token.text}
            raise Refusal("INVALID_QUERY", f"{name} given seems to be invalid", **details)
        self.at += 1
        return int(token.text)

    def unexpected(self) -> Refusal:
        """Return the error of what stands here, or of nothing that does."""
        token = self.token()
        if token is None:
            near = self.tokens[-1].text if self.tokens else ""
            return Refusal("SYNTAX_ERROR", "the query ends too early", near=near)
        return Refusal(
            "SYNTAX_ERROR", "unexpected token", line=1, column=token.start + 1, near=token.text
        )
