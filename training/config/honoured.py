"""Values that the engine does not act on yet: named at launch, never ignored."""

from __future__ import annotations

from typing import Any

from training.config.fields import FIELDS, Field, applies, format_value, value
from training.config.problems import Problem, listed
from training.config.schema import TrainingConfig


def unhonoured(config: TrainingConfig) -> list[Problem]:
    """One problem for each value in use that the engine would ignore, with what to set instead."""
    return [
        _problem(field, value(config, field.key))
        for field in FIELDS
        if field.honoured and applies(field, config) and not _acted_on(field, value(config, field.key))
    ]


def _acted_on(field: Field, chosen: Any) -> bool:
    return chosen in field.honoured or ("int" in field.honoured and isinstance(chosen, int))


def _problem(field: Field, chosen: Any) -> Problem:
    message = f"The engine does not act on {field.name}: {format_value(chosen)} yet."
    instead = [format_value(field.default) if word == "int" else format_value(word) for word in field.honoured]
    first = field.default if _acted_on(field, field.default) else field.honoured[0]
    return Problem(message, key=field.key, remedy=f"Set it to {listed(instead)}.", patch={field.key: first})
