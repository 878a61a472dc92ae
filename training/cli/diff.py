"""`traindeck diff A B`: what differs between two configs, by meaning, from A to B."""

from __future__ import annotations

import argparse

from training.cli.output import say, say_json
from training.errors import EXIT_OK
from training.guide.comparison import Difference, compare, without_effect
from training.runs.compared import beside, named
from training.text import one_line


def run(arguments: argparse.Namespace) -> int:
    """Raises InvalidInput for what is no file, preset or run, ConfigError for a config that cannot be read."""
    old, new = (named(name, arguments.runs_dir) for name in (arguments.old, arguments.new))
    before = beside(old, new)
    found, idle = compare(before, new.config), without_effect(before, new.config)
    if arguments.json:
        told = [
            {"key": one.key, "change": one.change, "old": one.old, "new": one.new, "meaning": one.meaning}
            for one in found
        ]
        say_json({"differences": told, "without_effect": idle})
        return EXIT_OK
    say(f"{old.name} → {new.name}: {_count(len(found))}.")
    for one in found:
        say(f"  {line(one)}")
    if idle:
        say(f"Without effect in either: {', '.join(idle)}.")
    return EXIT_OK


def line(one: Difference) -> str:
    """`~ learning_rate: 0.001 → 0.0001 (10× lower)`."""
    return one_line(f"{one.sign} {one.key}: {one.values}" + (f" ({one.meaning})" if one.meaning else ""))


def _count(differences: int) -> str:
    return "1 difference" if differences == 1 else f"{differences or 'no'} differences"
