"""A config text as the form takes it: wrong values stay as they stand there, to be corrected."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from training.config import files, yaml12
from training.config.fields import FIELDS, Field, format_value, parse_value, value
from training.config.fields import field as field_of
from training.config.leaf import WrongValue, check
from training.config.patch import replaced
from training.config.problems import ConfigError, Problem
from training.config.schema import TrainingConfig
from training.errors import InvalidInput
from tui.editor.items import example, parse_item

_IN_ITEM = re.compile(r"(.+?)\.\d+(\.|$)", re.ASCII)


@dataclass
class Reading:
    """What a text says: a config with the values that are fine, and the texts that are none, by key."""

    config: TrainingConfig
    typed: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)


def read_config_text(text: str, source: str) -> Reading:
    """Raises ConfigError for what no field can show: wrong YAML, unknown keys."""
    config, problems = files.read_text(text, source)
    if config is not None:
        return Reading(config)
    if not all(_has_field(problem) for problem in problems):
        raise ConfigError(problems)
    document = yaml12.scan(text, source)
    if document.problems:
        raise ConfigError(document.problems)
    reading = Reading(TrainingConfig())
    for entry in FIELDS:
        _take(reading, entry, document.values)
    return reading


def _take(reading: Reading, entry: Field, values: dict[str, Any]) -> None:
    """A value as a file holds it: into the config where it fits, as a text to correct where it does not."""
    holder: Any = values.get(entry.section, {}) if entry.section else values
    if not isinstance(holder, dict) or entry.name not in holder:
        return
    raw = holder[entry.name]
    if entry.items and isinstance(raw, list):
        _take_items(reading, entry, raw)
        return
    try:
        reading.config = replaced(reading.config, entry.key, check(entry, raw))
    except WrongValue as error:
        reading.typed[entry.key] = format_value(raw)
        reading.errors[entry.key] = str(error)


def _take_items(reading: Reading, entry: Field, raw: list[Any]) -> None:
    items = value(reading.config, entry.key)
    fallback = items[0] if items else parse_value(entry, example(entry))[0]
    if len(raw) < entry.min_length:
        reading.typed[entry.key] = format_value(raw)
        reading.errors[entry.key] = f"{entry.title} is empty. Give it at least one item."
        return
    taken = []
    for index, item in enumerate(raw):
        key = f"{entry.key}.{index}"
        text = format_value(item)
        text = text[1:-1] if isinstance(item, dict) else text
        try:
            taken.append(parse_item(key, text))
        except ValueError as error:
            taken.append(fallback)
            reading.typed[key], reading.errors[key] = text, str(error)
    reading.config = replaced(reading.config, entry.key, tuple(taken))


def _has_field(problem: Problem) -> bool:
    """Whether the form has a place where the value of this problem can be corrected."""
    match = _IN_ITEM.match(problem.key)
    try:
        return field_of(match[1] if match else problem.key) is not None
    except InvalidInput:
        return False
