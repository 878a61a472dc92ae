"""The canonical spelling of values in YAML: it reads back as the same value, here and in YAML 1.1 readers."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from operator import attrgetter
from typing import Any

import msgspec

from training.config.schema import TrainingConfig
from training.config.table import FIELDS, SECTIONS, Field

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


def changed_values(item: msgspec.Struct) -> dict[str, Any]:
    """The fields of a list item or section that are required or differ from their default."""
    return {
        info.name: getattr(item, info.name)
        for info in msgspec.structs.fields(item)
        if info.required or getattr(item, info.name) != info.default
    }


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
