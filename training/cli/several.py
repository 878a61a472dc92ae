"""The command line of what is done with several runs: comparing them, and repeating one."""

from __future__ import annotations

import argparse
from collections.abc import Callable

Verb = Callable[[str, str], argparse.ArgumentParser]
"""Adds a verb of that name and help."""


def add_several(verb: Verb) -> None:
    """Their verbs."""
    compare = verb("compare", "say how runs differ: settings, metrics at equal epochs, and which is better")
    compare.add_argument("runs", metavar="RUN", nargs="+", help="the baseline first; of a single one it is its parent")
    compare.add_argument("--metric", metavar="NAME", action="append", help="these alone, such as val_acc; repeatable")
    compare.add_argument("--each", action="store_true", help="judge runs that differ in their seed alone one by one")
    repeat = verb("repeat", "launch a run again with other seeds, to see how much of its result is chance")
    repeat.add_argument("run", metavar="RUN", help="a run: a path, a name, a unique prefix or `last`")
    repeat.add_argument("--seeds", metavar="K", type=int, default=4, help="how many more (default: 4)")
    repeat.add_argument("--yes", action="store_true", help="answer yes to what would be asked (a shared GPU, the CPU)")
