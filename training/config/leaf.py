"""One value against its field: what is accepted, in which spelling, and the sentence for what is not."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable
from typing import Any

from training.config.names import ALIASES, NULL_CHOICES
from training.config.problems import listed, nearest, shown
from training.config.table import Field

LARGEST_INT = 2**63 - 1  # what JSON readers and torch take
_BOOLS = {"on": "true", "yes": "true", "true": "true", "off": "false", "no": "false", "false": "false"}
_NUMBER = re.compile(r"[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?", re.ASCII)


class WrongValue(ValueError):
    """A value that its field does not take, in a sentence; `remedy` says what to write."""

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(f"{message} {remedy}".rstrip())
        self.message = message
        self.remedy = remedy


def check(field: Field, raw: Any) -> Any:
    """The value that `raw`, as read from a file, stands for. Raises WrongValue.

    Lists of mappings are not leaves; they are walked by `validate`.
    """
    if raw is None:
        return _check_null(field)
    if isinstance(raw, dict | list | tuple) and field.kind != "list":
        found = "a mapping" if isinstance(raw, dict) else "a list"
        raise WrongValue(f"{field.title} is {found}.", f"Write {expected(field)}.")
    return _CHECKS[field.kind](field, raw)


def expected(field: Field) -> str:
    """What a field takes, in words: "a number greater than 0"."""
    if field.kind == "choice":
        return listed(field.choices)
    nouns = {"bool": "true or false", "int": "a whole number", "float": "a number", "text": "a text", "list": "a list"}
    joint = " of " if field.bounds.startswith("at") else " "
    alternatives = [f"{nouns[field.kind]}{joint}{field.bounds}".rstrip()]
    alternatives += [field.extra_choice] if field.extra_choice else []
    alternatives += ["null"] if field.optional else []
    return listed(alternatives)


def _check_null(field: Field) -> Any:
    if field.optional:
        return None
    if field.key in NULL_CHOICES:
        return NULL_CHOICES[field.key]
    raise WrongValue(f"{field.title} has no value.", f"Write {expected(field)}.")


def _check_bool(_: Field, raw: Any) -> bool:
    if isinstance(raw, bool):
        return raw
    meant = _BOOLS.get(raw.casefold(), "") if isinstance(raw, str) else ""
    remedy = f"Write {meant}, without quotes." if meant else "Write true or false."
    raise WrongValue(f"{_said(raw)} is not true or false.", remedy)


def _check_number(field: Field, raw: Any) -> int | float | str:
    if isinstance(raw, str):
        return _check_word(field, raw)
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        raise WrongValue(f"{_said(raw)} is not a number.", f"Write {expected(field)}.")
    if isinstance(raw, float) and not math.isfinite(raw):
        raise WrongValue(f"{_said(raw)} is not finite.", f"Write {expected(field)}.")
    number = _as_int(field, raw) if field.kind == "int" else _as_float(field, raw)
    _check_bounds(field, number)
    return number


def _check_word(field: Field, raw: str) -> str:
    """A text where a number is wanted: the extra choice, or an error."""
    if field.extra_choice and raw.casefold() == field.extra_choice:
        return field.extra_choice
    if _NUMBER.fullmatch(raw.strip()):
        raise WrongValue(f"{_said(raw)} is a text, not a number.", "Remove the quotes.")
    raise WrongValue(f"{_said(raw)} is not a number.", f"Write {expected(field)}.")


def _as_int(field: Field, raw: int | float) -> int:
    if raw != int(raw):
        raise WrongValue(f"{_said(raw)} is not a whole number.", f"Write {expected(field)}.")
    if abs(raw) > LARGEST_INT:
        raise WrongValue(f"{_said(raw)} is out of range.", f"Write {expected(field)}.")
    return int(raw)


def _as_float(field: Field, raw: int | float) -> float:
    try:
        return float(raw) + 0.0  # a negative zero becomes zero
    except OverflowError:
        raise WrongValue(f"{_said(raw)} is too large.", f"Write {expected(field)}.") from None


def _check_bounds(field: Field, number: int | float) -> None:
    low, high = field.minimum, field.maximum
    too_low = low is not None and (number < low or (field.exclusive_minimum and number == low))
    too_high = high is not None and (number > high or (field.exclusive_maximum and number == high))
    if too_low or too_high:
        raise WrongValue(f"{_said(number)} is out of range.", f"Write {expected(field)}.")


def _check_choice(field: Field, raw: Any) -> str:
    if isinstance(raw, str):
        spellings = {choice.casefold(): choice for choice in field.choices} | ALIASES.get(field.key, {})
        if raw.strip().casefold() in spellings:
            return spellings[raw.strip().casefold()]
        close = nearest(raw, list(spellings))
        guess = f" Did you mean {spellings[close]}?" if close else ""
        raise WrongValue(f"{_said(raw)} is not known.", f"Write {expected(field)}.{guess}")
    raise WrongValue(f"{_said(raw)} is not a {field.title.lower()}.", f"Write {expected(field)}.")


def _check_text(field: Field, raw: Any) -> str:
    if not isinstance(raw, str):
        raise WrongValue(f"{_said(raw)} is not a text.", "Put it in quotes.")
    if any(unicodedata.category(ch) in ("Cc", "Cs") for ch in raw):
        raise WrongValue(f"{_said(raw)} holds a control character.", "Remove it.")
    if len(raw) < field.min_length or (not raw and field.optional):
        raise WrongValue(f"{field.title} is empty.", f"Write {expected(field)}.")
    if field.pattern and not re.fullmatch(field.pattern, raw, re.ASCII):
        raise WrongValue(f"{_said(raw)} does not fit.", f"It takes {field.help[:1].lower()}{field.help[1:]}")
    return raw


def _check_list(field: Field, raw: Any) -> tuple[str, ...]:
    if not isinstance(raw, list | tuple):
        raise WrongValue(f"{_said(raw)} is not a list.", "Write it as [a, b].")
    return tuple(_check_text(field, item) for item in raw)


def _said(raw: Any) -> str:
    """A value as the file spells it, for a message."""
    if raw is None:
        return "null"
    if isinstance(raw, bool):
        return str(raw).lower()
    if isinstance(raw, int) and abs(raw) > LARGEST_INT:
        return "A number this large"
    if isinstance(raw, float) and not math.isfinite(raw):
        return f".{raw}".replace(".-", "-.")
    if isinstance(raw, dict | list):
        return "a mapping" if isinstance(raw, dict) else "a list"
    return f'"{shown(raw, 40)}"' if isinstance(raw, str) else shown(raw, 40)


_CHECKS: dict[str, Callable[[Field, Any], Any]] = {
    "bool": _check_bool,
    "int": _check_number,
    "float": _check_number,
    "text": _check_text,
    "choice": _check_choice,
    "list": _check_list,
}
