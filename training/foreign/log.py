"""A log that traindeck did not write, turned into the events of a run."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from training.runs.events import AnyEvent, Number, spell

QUOTED = 40
"""Characters of a log that a message quotes."""


@dataclass(frozen=True)
class ForeignLog:
    """What a log tells: `events` begin with an `attempt` that holds its facts, `config` the guide's keys it names."""

    format: str
    events: list[AnyEvent]
    config: dict[str, Any] = field(default_factory=dict)
    skipped: int = 0
    """Lines that could not be read."""


class NotThisFormat(Exception):
    """The file is of another format; the message says by what it was told."""


def numeric(value: object) -> Number | None:
    """A metric of a foreign log; None for what is no number: an empty cell, a list, a word."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        try:
            return spell(float(value))
        except OverflowError:  # an integer beyond all floats
            return spell(math.inf if value > 0 else -math.inf)
    if not isinstance(value, str) or not value.strip():
        return None
    try:
        return spell(float(value))
    except ValueError:
        return None


def numerics(values: Mapping[str, object]) -> dict[str, Number]:
    """The numbers of a mapping, the rest left out."""
    found = {name: numeric(value) for name, value in values.items()}
    return {name: value for name, value in found.items() if value is not None}


def record_of(line: str) -> dict[str, Any] | None:
    """The JSON object of a line, in which NaN and Infinity may stand as Python writes them; None for anything else."""
    try:
        record = msgspec.json.decode(line)
    except (msgspec.DecodeError, RecursionError):
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            return None
    return record if isinstance(record, dict) else None
