"""`traindeck presets [PRESET]`: the guide's starting points."""

from __future__ import annotations

import argparse
import sys

import msgspec

from training.cli.output import say, say_json
from training.config.files import dump
from training.config.presets import PRESETS, preset
from training.errors import EXIT_OK


def run(arguments: argparse.Namespace) -> int:
    if arguments.name:
        chosen = preset(arguments.name)
        if arguments.json:
            say_json(msgspec.to_builtins(chosen.config))
        else:
            sys.stdout.write(dump(chosen.config))
        return EXIT_OK
    if arguments.json:
        say_json([{"id": p.id, "title": p.title, "config": msgspec.to_builtins(p.config)} for p in PRESETS])
        return EXIT_OK
    for entry in PRESETS:
        say(f"{entry.id:<22}{entry.title}: {entry.description}")
    say("Print one with `traindeck presets NAME > config.yaml`.")
    return EXIT_OK
