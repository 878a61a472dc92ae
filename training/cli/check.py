"""`traindeck check CONFIG`: every error with its line, and what the guide would change, as far as is known."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from training.cli.configs import data_facts, read_config
from training.cli.model_facts import with_memory
from training.cli.output import say, say_json
from training.config.fields import FIELDS, format_value, value
from training.config.names import is_for, kinds_of
from training.config.problems import listed
from training.config.schema import TrainingConfig
from training.errors import EXIT_OK
from training.guide.hints import Facts, Hint, hints
from training.text import one_line

SYMBOLS = {"warning": "!", "info": "·"}


def run(arguments: argparse.Namespace) -> int:
    """Raises ConfigError (exit code 2) for a config that cannot be trained; hints alone are no failure."""
    given = read_config(arguments.config, arguments.set)
    facts, no_data = data_facts(given)
    facts, no_memory = with_memory(facts, given, build=arguments.memory)
    advice = [*hints(given.config, facts), *_without_effect(given.config)]
    silenced = _silenced(given.config, facts)
    if arguments.json:
        say_json(
            {
                "config": arguments.config,
                "valid": True,
                "data": vars(facts),
                "hints": [vars(hint) for hint in advice],
                "silenced": [vars(hint) for hint in silenced],
            }
        )
        return EXIT_OK
    hidden = f", {len(silenced)} silenced" if silenced else ""
    say(f"{one_line(Path(arguments.config).name)}: valid, {_count(len(advice), 'hint')}{hidden}.")
    for hint in advice:
        say(f"  {SYMBOLS[hint.severity]} {hint_line(hint)}")
    for hint in silenced if arguments.silenced else ():
        say(f"  {SYMBOLS[hint.severity]} Silenced ({hint.rule}): {hint_line(hint)}")
    for what, why in (("data", no_data), ("memory", no_memory)):
        if why:
            say(f"  {SYMBOLS['info']} The hints know nothing of the {what}: {one_line(why)}")
    return EXIT_OK


def hint_line(hint: Hint) -> str:
    """The hint as one line, with what to set and where the guide says so."""
    values = ", ".join(f"{key}: {format_value(new)}" for key, new in hint.patch.items())
    advised = f" Try {values}." if values else ""
    return f"{hint.key}: {hint.message} {hint.reason}{advised} (guide {hint.guide})"


def _silenced(config: TrainingConfig, facts: Facts) -> list[Hint]:
    """The hints that this config does not want to show."""
    rules = config.advice.silenced
    return [hint for hint in hints(config, facts, include_silenced=True) if hint.rule in rules] if rules else []


def _without_effect(config: TrainingConfig) -> Iterator[Hint]:
    """Keys that were changed and are for another kind of model. The editor does not show those at all."""
    kind = config.model.kind
    for field in FIELDS:
        if not is_for(field, kind) and value(config, field.key) != field.default:
            reason = f"It is for {listed(kinds_of(field))}, and the model is {kind}."
            yield Hint("", field.key, "info", "This has no effect.", reason, "8")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number or 'no'} {noun}s"
