"""The filter of a list of runs: words, and terms such as `lr>=1e-3 model:vit state:failed started:<30d -tag:old`.

A run has to meet every term. A word is looked for in all that is known of a run; `key:value` asks of one column
(training/runs/columns.py) what its kind makes of that: part of a text, an equal number, a tag, an age; of several
values with commas between, any will do. The signs = != < <= > >= compare. A minus before a term turns it round; quotes
keep a text with spaces, commas or signs together.
A term that cannot be understood is named in `problems` and passed over: the others still count.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from training.errors import InvalidInput
from training.runs.columns import RunColumn, RunColumns
from training.runs.conditions import Condition, condition
from training.runs.lifecycle import RunView
from training.text import one_line

_TERM = re.compile(r"(?P<key>[^\W\d][\w.]*)?(?P<op>:|!=|>=|<=|=|>|<)")
_INNER = re.compile(r"!=|>=|<=|=|>|<")
_QUOTE = '"'
_NO_KEY = ("this sign stands alone.", "Write key, sign and value without spaces, such as lr>=1e-3.")


@dataclass(frozen=True)
class Term:
    """One term as it was written; a word has neither key nor sign, and a sign without a key means nothing."""

    value: str
    key: str = ""
    op: str = ""
    negated: bool = False
    others: tuple[str, ...] = ()
    """Behind a colon, more values of which one will do."""

    def __str__(self) -> str:
        """A spelling that is read as the same term."""
        minus = "-" if self.negated else ""
        if not self.op:
            bare = self.value and not self.value.startswith("-") and not _TERM.match(self.value)
            return minus + (self.value if bare and not _has_space(self.value) else _quoted(self.value))
        return f"{minus}{self.key}{self.op}{','.join(map(self._spelled, (self.value, *self.others)))}"

    def _spelled(self, value: str) -> str:
        """In quotes where it could be taken for more: behind a colon a sign compares, and a comma parts two values."""
        sign = self.op in (":", "<", ">", "=") and value[:1] in "=<>!" and value
        return _quoted(value) if _has_space(value) or sign or (self.op == ":" and "," in value) else value


@dataclass(frozen=True)
class Query:
    """Terms, and what cannot be made of them."""

    terms: tuple[Term, ...] = ()
    problems: tuple[str, ...] = ()
    """A sentence for each term that is passed over; plain, on one line."""
    keys: frozenset[str] = frozenset()
    """Of the columns that are asked."""
    needs_config: bool = False
    """Whether runs of an older version have their configs read for it."""
    _conditions: tuple[Condition, ...] = field(default=(), repr=False, compare=False)

    def matches(self, run: RunView) -> bool:
        """Whether the run meets every term that is understood."""
        return all(meets(run) for meets in self._conditions)

    def __str__(self) -> str:
        return " ".join(map(str, self.terms))


def parse(text: str, columns: RunColumns | None = None, now: float | None = None) -> Query:
    """The query that a text is. Never raises: what cannot be understood is a problem. `now` is the wall clock."""
    columns = columns or RunColumns()
    terms = terms_of(text)
    problems: list[str] = []
    asked: list[RunColumn] = []
    conditions: list[Condition] = []
    for term in terms:
        try:
            if term.op and not term.key:
                raise InvalidInput(*_NO_KEY)
            column = columns.find(term.key) if term.key else None
            conditions.append(condition(column, term.op, term.value, *term.others, negated=term.negated, now=now))
        except InvalidInput as error:
            problems.append(one_line(f"{term}: {error}"))
        else:
            asked += [column] if column else []
    return Query(
        terms,
        tuple(problems),
        frozenset(column.key for column in asked),
        any(column.needs_config for column in asked),
        tuple(conditions),
    )


def terms_of(text: str) -> tuple[Term, ...]:
    """The terms of a text, understood or not."""
    return tuple(term for token in _tokens(text) if (term := _term(token)) is not None)


Token = list[tuple[str, bool]]
"""Pieces of text, and whether each stood in quotes."""


def _tokens(text: str) -> Iterable[Token]:
    """What spaces outside quotes part. A quote that nobody closes goes to the end."""
    token: Token = []
    for at, part in enumerate(text.split(_QUOTE)):
        if at % 2:
            token.append((part, True))
            continue
        # A space at either end of a piece parts it from the quotes beside it.
        words = part.split()
        if part[:1].isspace() and token:
            yield token
            token = []
        for index, word in enumerate(words):
            if index and token:
                yield token
                token = []
            token.append((word, False))
        if words and part[-1:].isspace():
            yield token
            token = []
    if token:
        yield token


def _term(token: Token) -> Term | None:
    """The term of a token; None for a minus alone, which something is still to follow."""
    first, quoted = token[0]
    negated = not quoted and first.startswith("-")
    if negated:
        first = first[1:]
        token = [(first, False), *token[1:]] if first else token[1:]
        if not token:
            return None
        first, quoted = token[0]
    match = None if quoted else _TERM.match(first)
    if match is None:
        return Term("".join(text for text, _ in token), negated=negated)
    key, op, rest = match["key"] or "", match["op"], first[match.end() :]
    if op == ":" and (inner := _INNER.match(rest)):
        op, rest = inner[0], rest[inner.end() :]
    token = [(rest, False), *token[1:]]
    if op != ":":
        return Term("".join(text for text, _ in token), key, op, negated)
    value, *others = _either(token) or [""]
    return Term(value, key, op, negated, tuple(others))


def _either(token: Token) -> list[str]:
    """The values that commas outside quotes part; none is empty."""
    values = [""]
    for text, quoted in token:
        first, *more = [text] if quoted else text.split(",")
        values[-1] += first
        values += more
    return [value for value in values if value]


def _has_space(text: str) -> bool:
    return any(character.isspace() for character in text)


def _quoted(text: str) -> str:
    return f"{_QUOTE}{text}{_QUOTE}"
