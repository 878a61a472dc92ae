"""`traindeck check CONFIG`: every error with its line, and what the guide would change, given the data."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from training.cli.configs import data_facts, read_config
from training.cli.output import say, say_json
from training.config.fields import FIELDS, format_value, value
from training.config.names import is_for, kinds_of
from training.config.problems import listed
from training.config.schema import TrainingConfig
from training.errors import EXIT_OK
from training.guide.hints import Hint, hints

SYMBOLS = {"warning": "!", "info": "·"}


def run(arguments: argparse.Namespace) -> int:
    """Raises ConfigError (exit code 2) for a config that cannot be trained; hints alone are no failure."""
    given = read_config(arguments.config, arguments.set)
    facts, unknown = data_facts(given)
    advice = [*hints(given.config, facts), *_without_effect(given.config)]
    if arguments.json:
        say_json(
            {
                "config": arguments.config,
                "valid": True,
                "data": vars(facts),
                "hints": [vars(hint) for hint in advice],
            }
        )
        return EXIT_OK
    say(f"{Path(arguments.config).name}: valid, {_count(len(advice), 'hint')}.")
    for hint in advice:
        say(f"  {SYMBOLS[hint.severity]} {hint_line(hint)}")
    if unknown:
        say(f"  {SYMBOLS['info']} The hints know nothing of the data: {unknown}")
    return EXIT_OK


def hint_line(hint: Hint) -> str:
    """The hint as one line, with the value to take and where the guide says so."""
    advised = "" if hint.recommended is None else f" Try {hint.key}: {format_value(hint.recommended)}."
    return f"{hint.key}: {hint.message} {hint.reason}{advised} (guide {hint.guide})"


def _without_effect(config: TrainingConfig) -> Iterator[Hint]:
    """Keys that were changed and are for another kind of model. The editor does not show those at all."""
    kind = config.model.kind
    for field in FIELDS:
        if not is_for(field, kind) and value(config, field.key) != field.default:
            reason = f"It is for {listed(kinds_of(field))}, and the model is {kind}."
            yield Hint("", field.key, "info", "This has no effect.", reason, "8")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number or 'no'} {noun}s"
