"""`traindeck presets [PRESET]`: the starting points of the guide, of each kind of model, and the user's own."""

from __future__ import annotations

import argparse
import sys

import msgspec

from training.cli.output import say, say_json
from training.config.files import dump
from training.config.own_presets import OwnPreset, find, own_named, own_presets
from training.config.presets import PRESETS, Group
from training.errors import EXIT_OK
from training.text import one_line

HEADINGS: dict[Group, str] = {
    "guide": "The guide's",
    "model": "By kind and mode of model",
    "own": "Your own",
}


def run(arguments: argparse.Namespace) -> int:
    """Raises InvalidInput for a name that no preset has, ConfigError for one of the user's own that is broken."""
    if arguments.name:
        _print(arguments.name, as_json=arguments.json)
        return EXIT_OK
    own = own_presets()
    if arguments.json:
        say_json([*(_told(entry.id, entry.title, entry.group, entry.config) for entry in PRESETS), *map(_own, own)])
        return EXIT_OK
    names = [*(entry.id for entry in PRESETS), *(entry.name for entry in own)]
    width = max(len(name) for name in names) + 2
    for group, heading in HEADINGS.items():
        lines = [f"{entry.id:<{width}}{entry.title}: {entry.description}" for entry in PRESETS if entry.group == group]
        if group == "own":
            lines = [f"{entry.name:<{width}}{'' if entry.preset else '✗ '}{entry.says}" for entry in own]
        if lines:
            say(f"{heading}:")
        for line in lines:
            say(f"  {line}")
    say("Print one with `traindeck presets NAME > config.yaml`; P in the editor keeps one of your own.")
    return EXIT_OK


def _print(name: str, *, as_json: bool) -> None:
    chosen = find(name)
    if as_json:
        say_json(msgspec.to_builtins(chosen.config))
        return
    own = own_named(chosen.id)
    sys.stdout.write(own.text if own else dump(chosen.config))


def _told(id: str, title: str, group: Group, config: object, problems: list[str] | None = None) -> dict[str, object]:
    told = {"id": id, "title": title, "group": group, "config": msgspec.to_builtins(config)}
    return told if problems is None else {**told, "problems": problems}


def _own(own: OwnPreset) -> dict[str, object]:
    """A broken one has no config, and says why."""
    config = own.preset.config if own.preset else None
    return _told(own.name, own.name, "own", config, [one_line(problem.text) for problem in own.problems])
