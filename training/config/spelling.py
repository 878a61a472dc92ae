"""The canonical spelling of values in YAML: it reads back as the same value, here and in YAML 1.1 readers."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from operator import attrgetter
from typing import Any

import msgspec

from training.config.schema import TrainingConfig
from training.config.table import FIELDS, SECTIONS, Field

_NUMBER = re.compile(
    r"(?P<sign>[-+]?)(?=\.?\d)(?P<whole>\d*)(?P<part>\.?\d*)((?P<e>[eE])(?P<power>[-+]?\d+))?", re.ASCII
)
_LONGEST = 20
"""Characters up to which a number is written out without an exponent."""

# Texts that stand without quotes in a block and in brackets, and that no YAML reader takes for anything but a text.
_PLAIN = re.compile(r"[A-Za-z_/](?:[\w./+-]| (?=[\w./+-]))*|\.{1,2}/(?:[\w./+-]| (?=[\w./+-]))*", re.ASCII)
_NOT_TEXT = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}

# What a new file says even where it is the default, so that it can be read without the manual.
_ALWAYS = {"data.source", "model.kind"}


def format_value(value: Any) -> str:
    """One value on one line: `0.001`, `3e-05`, `true`, `null`, `Cosine Annealing`, `[a, b]`, `{units: 64}`."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and not math.isfinite(value):
        return {"nan": ".nan", "inf": ".inf", "-inf": "-.inf"}[repr(value)]
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, str):
        return value if _stands_plain(value) else _double_quoted(value)
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{format_value(str(key))}: {format_value(item)}' for key, item in value.items())}}}"
    if isinstance(value, msgspec.Struct):
        return format_value(changed_values(value))
    return f"[{', '.join(format_value(item) for item in value)}]"


def entry_lines(field: Field, value: Any, step: str = "  ") -> list[str]:
    """The lines of `key: value` in a block mapping, not yet indented; a list of mappings takes a line an item."""
    if not field.items or not value:
        return [f"{field.name}: {format_value(value)}"]
    return [f"{field.name}:", *(f"{step}- {format_value(item)}" for item in value)]


def dump(config: TrainingConfig, only_changed: bool = True) -> str:
    """A new file: the guide's keys in its order, then of each section what differs from the default, or all of it."""
    lines = [line for field in FIELDS if not field.section for line in entry_lines(field, _value(config, field))]
    for section in SECTIONS[1:]:
        entries = [
            f"  {line}"
            for field in FIELDS
            if field.section == section.name
            and (not only_changed or field.key in _ALWAYS or _value(config, field) != field.default)
            for line in entry_lines(field, _value(config, field))
        ]
        lines += ["", f"{section.name}:", *entries] if entries else []
    return "\n".join(lines) + "\n"


def _value(config: TrainingConfig, field: Field) -> Any:
    return attrgetter(field.key)(config)


def quoted_like(value: str, style: str | None) -> str:
    """A text in the quotes of the one that it replaces, where they can hold it."""
    if style == "'" and value.isprintable():
        return "'" + value.replace("'", "''") + "'"
    return _double_quoted(value) if style == '"' else format_value(value)


def number_like(value: int | float, old: str) -> str:
    """A number in the notation of the one that it replaces, `3e-4` after `1e-4`; it reads back as the same value.

    In the canonical spelling where that notation cannot hold it, or `old` is no decimal number.
    """
    found = _NUMBER.fullmatch(old)
    # An exponent in the canonical spelling says nothing of the notation that its writer likes.
    if not found or (found["e"] and format_value(float(old)) == old) or value < 0 or not math.isfinite(value):
        return format_value(value)
    digits = Decimal(repr(value)).normalize()
    if found["e"]:
        spelled = _with_exponent(digits, found) if value else None
    elif digits == digits.to_integral_value() and not (found["part"] and isinstance(value, float)):
        spelled = f"{digits:f}"
    else:
        spelled = f"{digits:f}" if "." in f"{digits:f}" else f"{digits:f}.0"
        spelled = spelled.removeprefix("0") if not found["whole"] and value else spelled
    if spelled is None or len(spelled) > _LONGEST:
        return format_value(value)
    return f"+{spelled}" if found["sign"] == "+" else spelled


def _with_exponent(digits: Decimal, like: re.Match[str]) -> str | None:
    """With one digit before the point; None for whole numbers that it makes harder to read."""
    first, _, rest = f"{digits:e}".partition("e")[0].partition(".")
    power = digits.adjusted()
    if rest and digits == digits.to_integral_value():
        return None
    signed = like["power"][0] if like["power"][0] in "+-" else ""
    width = len(like["power"]) - len(signed)
    sign = "-" if power < 0 else "+" if signed == "+" else ""
    point = f".{rest or 0}" if rest or like["part"] else ""
    return f"{first}{point}{like['e']}{sign}{abs(power):0{width}d}"


def changed_values(item: msgspec.Struct) -> dict[str, Any]:
    """The fields of a list item or section that are required or differ from their default."""
    return {
        info.name: getattr(item, info.name)
        for info in _fields(type(item))
        if info.required or getattr(item, info.name) != info.default
    }


@cache
def _fields(kind: type[msgspec.Struct]) -> tuple[msgspec.structs.FieldInfo, ...]:
    """Kept by class: it is asked for every item of a list, on every key."""
    return msgspec.structs.fields(kind)


def _stands_plain(text: str) -> bool:
    return bool(_PLAIN.fullmatch(text)) and text.casefold() not in _NOT_TEXT


def _double_quoted(text: str) -> str:
    return '"' + "".join(_escaped(ch) for ch in text) + '"'


def _escaped(ch: str) -> str:
    if ch in '"\\':
        return "\\" + ch
    if ch.isprintable():
        return ch
    code = ord(ch)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
