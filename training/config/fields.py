"""The field table as forms, command line and documents use it: look up a key, read its value, parse and spell one."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import Any

from training.config import yaml12
from training.config.leaf import WrongValue, check, expected
from training.config.names import NULL_CHOICES, meant
from training.config.problems import ConfigError, shown
from training.config.schema import TrainingConfig
from training.config.spelling import format_value
from training.config.table import FIELDS, GUIDE_KEYS, SECTIONS, Field, Kind, SectionTitle
from training.config.validate import check_items
from training.errors import InvalidInput

__all__ = [
    "FIELDS",
    "GUIDE_KEYS",
    "SECTIONS",
    "Field",
    "Kind",
    "SectionTitle",
    "applies",
    "expected",
    "field",
    "format_value",
    "parse_value",
    "value",
]

_BY_KEY = {entry.key: entry for entry in FIELDS}
_ITEM_KEY = re.compile(r"(.+)\.(\d{1,6})\.(\w+)", re.ASCII)


def field(key: str, kind: str = "") -> Field:
    """The field of a dotted key, such as "model.blocks.0.filters".

    Raises InvalidInput naming the nearest key, of those that are for that kind of model.
    """
    if key in _BY_KEY:
        return _BY_KEY[key]
    if match := _ITEM_KEY.fullmatch(key):
        for item in _BY_KEY[match[1]].items if match[1] in _BY_KEY else ():
            if item.name == match[3]:
                return replace(item, key=key)
    raise InvalidInput(f"{shown(key)} is not a key of the config.", meant(key, kind=kind))


def value(config: TrainingConfig, key: str) -> Any:
    """The value at a dotted key, list indices allowed. Raises InvalidInput where there is none."""
    found: Any = config
    for part in key.split("."):
        if isinstance(found, tuple) and part.isascii() and part.isdigit() and int(part) < len(found):
            found = found[int(part)]
        elif part in getattr(found, "__struct_fields__", ()):
            found = getattr(found, part)
        else:
            raise InvalidInput(f"{shown(key)} is not a key of this config.", meant(key))
    return found


def applies(field: Field, config: TrainingConfig) -> bool:
    """Whether a field counts, given the others: the decay strength only while decay is on, and so on down the chain."""
    if match := _ITEM_KEY.fullmatch(field.key):
        return applies(_BY_KEY[match[1]], config)
    if not field.when:
        return True
    key, *values = field.when
    return value(config, key) in values and applies(_BY_KEY[key], config)


def parse_value(field: Field, text: str) -> Any:
    """What a person typed for a field, by the rules of the file; an empty text is null where that is allowed.

    Raises ValueError with a sentence for the user.
    """
    text = text.strip()
    if field.optional and text.casefold() in ("", "null", "~"):
        return None
    raw = _typed_list(text) if field.kind == "list" else _typed(field, text)
    if isinstance(raw, float) and math.isinf(raw) and "inf" not in text.casefold():
        raise WrongValue(f"{shown(text, 40)} is too large.", f"Write {expected(field)}.")
    return check_items(field, raw) if field.items else check(field, raw)


def _typed(field: Field, text: str) -> Any:
    """A text needs no quotes here; everything else is read as YAML."""
    if field.kind in ("text", "choice") and not text.startswith(("'", '"')):
        return None if field.key in NULL_CHOICES and text.casefold() in ("null", "~") else text
    try:
        return yaml12.scalar(text)
    except ConfigError:
        return text


def _typed_list(text: str) -> Any:
    """A list needs no brackets here."""
    try:
        return yaml12.scalar(text if text.startswith("[") else f"[{text}]")
    except ConfigError:
        raise WrongValue(f'"{shown(text)}" is not a list.', "Write it as [a, b].") from None
