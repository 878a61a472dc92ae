"""What a term of a filter asks of a run, by the kind of its column."""

from __future__ import annotations

import math
import operator
import time
from collections.abc import Callable, Sequence

from training.config.problems import shown
from training.errors import InvalidInput
from training.runs import ages
from training.runs.columns import RunColumn, Value, spelled
from training.runs.lifecycle import RunView

Condition = Callable[[RunView], bool]
Test = Callable[[Value], bool]

NONE = ("none", "null", "~")
"""Words for having no value."""

_YES = ("yes", "true", "on", "1", "y")
_NO = ("no", "false", "off", "0", "n")
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def condition(
    column: RunColumn | None, op: str, value: str, *others: str, negated: bool = False, now: float | None = None
) -> Condition:
    """What a run has to meet, of several values one; without a column, words that it has to hold somewhere.

    Raises InvalidInput.
    """
    if column is None:
        word = value.casefold()
        if not word:
            return lambda _: True
        return (lambda run: word not in run.words) if negated else (lambda run: word in run.words)
    if not value:
        raise InvalidInput("a value is still to follow.", _example(column))
    now = time.time() if now is None else now
    tests = [_test(column, op, each, now) for each in (value, *others)]
    test, value_of = tests[0] if not others else _any_of(tests), column.value
    return (lambda run: not test(value_of(run))) if negated else (lambda run: test(value_of(run)))


def _any_of(tests: Sequence[Test]) -> Test:
    return lambda found: any(test(found) for test in tests)


def _example(column: RunColumn) -> str:
    examples = {
        "state": "state:failed", "time": "time>2h", "finding": "finding:overfitting", "acc": "acc>=95%",
        "model": "model:vit", "tag": "tag:baseline", "learning_rate": "lr>=0.001",
    }  # fmt: skip
    by_kind = {
        "number": f"{column.key}>=1", "share": f"{column.key}>=0.9", "loss": f"{column.key}<0.1",
        "time": f"{column.key}:<30d", "flag": f"{column.key}:yes", "bytes": f"{column.key}>1GB",
        "duration": f"{column.key}>2h",
    }  # fmt: skip
    example = examples.get(column.key) or by_kind.get(column.kind) or f"{column.key}:WORD"
    return f"Such as {example}."


def _test(column: RunColumn, op: str, value: str, now: float) -> Test:
    if op == "!=":
        equal = _test(column, "=", value, now)
        return lambda found: not equal(found)
    if op in (":", "=") and value.casefold() in NONE:
        # A choice that is called so (class_weights: None) counts as none, too.
        return lambda found: (
            found is None or found == () or (isinstance(found, str) and found.casefold() in ("", *NONE))
        )
    match column.kind:
        case "time":
            return _time_test(op, value, now)
        case "flag":
            return _flag_test(column, op, value)
        case "text":
            return _text_test(column, op, value)
        case "words":
            return _words_test(column, op, value)
    return _number_test(column, op, value)


def _time_test(op: str, value: str, now: float) -> Test:
    """An age is counted back from now: `<30d` is younger than that. A date is the whole day, month or year."""
    seconds, date = ages.stretch(value, now)
    if seconds is not None:
        compare = _COMPARE[op] if op in _COMPARE else _COMPARE["<="]
        return _of_number(lambda at: compare(now - at, seconds))
    assert date is not None
    begin, end = date.begin, date.end
    tests: dict[str, Callable[[float], bool]] = {
        "<": lambda at: at < begin,
        "<=": lambda at: at < end,
        ">": lambda at: at >= end,
        ">=": lambda at: at >= begin,
        ":": lambda at: begin <= at < end,
        "=": lambda at: begin <= at < end,
    }
    return _of_number(tests[op])


def _flag_test(column: RunColumn, op: str, value: str) -> Test:
    word = value.casefold()
    if op not in (":", "=") or word not in (*_YES, *_NO):
        raise InvalidInput(f"{column.key} is yes or no.", f"Write {column.key}:yes or {column.key}:no.")
    wanted = word in _YES
    return lambda found: found is not None and bool(found) == wanted


def _text_test(column: RunColumn, op: str, value: str) -> Test:
    word = value.casefold()
    number = _float(value)
    if op in _COMPARE:
        if not column.mixed or number is None:
            raise InvalidInput(f"{column.key} is no number.", f"Write {column.key}:WORD or {column.key}=TEXT.")
        compare = _COMPARE[op]
        return _of_number(lambda found: compare(found, number))
    if op == "=":
        equals = _of_number(lambda found: found == number)
        return lambda found: _plain(found) == word or equals(found)
    return lambda found: word in _plain(found)


def _words_test(column: RunColumn, op: str, value: str) -> Test:
    """= asks for a whole one of the words, and so does a colon for a tag; of a finding it takes the beginning."""
    word = value.casefold()
    if op in _COMPARE:
        raise InvalidInput(f"{column.key} is no number.", f"Write {column.key}:WORD.")
    if op == "=" or column.key == "tag":
        return lambda found: isinstance(found, tuple) and any(one.casefold() == word for one in found)
    return lambda found: isinstance(found, tuple) and any(one.casefold().startswith(word) for one in found)


def _number_test(column: RunColumn, op: str, value: str) -> Test:
    number = _quantity(column, value)
    if number is None:
        if column.mixed and op in (":", "="):
            word = value.casefold()
            return lambda found: isinstance(found, str) and word in found.casefold()
        raise InvalidInput(f"“{shown(value, 40)}” is no {_NAMES.get(column.kind, 'number')}.", _example(column))
    if math.isnan(number):
        return _of_number(math.isnan)
    if op in _COMPARE:
        compare = _COMPARE[op]
        return _of_number(lambda found: compare(found, number))
    # As it is shown, too: who reads 98.3 % in the table asks for that.
    shown_as = spelled(column.kind, number)
    return _of_number(lambda found: found == number or spelled(column.kind, found) == shown_as)


_NAMES = {"duration": "length of time", "bytes": "size"}
_SIZES = {"b": 1.0, "kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12}


def _quantity(column: RunColumn, text: str) -> float | None:
    """A number in the unit of the column's kind; None for what is none."""
    if column.kind == "duration" and (seconds := ages.age(text)) is not None:
        return seconds
    if column.kind == "bytes":
        folded = text.casefold().replace(" ", "")
        unit = next((name for name in ("kb", "mb", "gb", "tb", "b") if folded.endswith(name)), "")
        count = _float(folded.removesuffix(unit))
        return None if count is None else count * _SIZES.get(unit, 1.0)
    if column.kind == "share":
        number = _float(text.removesuffix("%").rstrip())
        if number is None:
            return None
        return number / 100 if text.endswith("%") or 1 < number <= 100 else number
    return _float(text)


def _float(text: str) -> float | None:
    if not text.isascii() or "_" in text:
        return None
    try:
        return float(text)
    except ValueError:
        return None


def _of_number(test: Callable[[float], bool]) -> Test:
    """What is no number does not meet it."""
    return lambda found: isinstance(found, int | float) and not isinstance(found, bool) and test(found)


def _plain(found: Value) -> str:
    return "" if found is None else (found if isinstance(found, str) else spelled("text", found)).casefold()
