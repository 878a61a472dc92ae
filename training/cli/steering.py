"""The verbs that change a running job or start another from it: their options."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable

WHAT_HELP = (
    "pause; resume; checkpoint; stop-after-epoch, or =N for a later one, or =off; lr=RATE, what is trained at from now "
    "on, or lr=scheduled; epochs=N in all, the schedule planned anew from now; patience=N of early stopping, 0 for none"
)
FROM_HELP = "last (the default), best, step-N, epoch-N, or scratch"
FORK_HELP = (
    "Where the changes leave it possible, the fork goes on exactly from there, with the optimizer, the schedule and "
    "all counters; else, and from `best`, with the weights alone, and it says why"
)


def add_steering(make: Callable[[str, str], argparse.ArgumentParser], set_help: str) -> None:
    """`tell` and `fork`."""
    tell = make("tell", "change a run that goes on, and print what it answers")
    tell.add_argument("run", metavar="RUN", help="a run: a path, a name, a unique prefix or `last`")
    tell.add_argument("what", metavar="WHAT", nargs="+", help=WHAT_HELP)
    tell.add_argument("--wait", metavar="SECONDS", type=_seconds, default=10.0, help="for the answer (default: 10)")
    tell.add_argument("--yes", action="store_true", help="answer yes to what would be asked (a rate far from now's)")
    fork = make("fork", "start a new run from a checkpoint of another, with a changed config")
    fork.description = f"{fork.description} {FORK_HELP}."
    fork.add_argument("run", metavar="RUN", nargs="?", default="last")
    fork.add_argument("--from", metavar="CHECKPOINT", dest="checkpoint", default="last", help=FROM_HELP)
    fork.add_argument("--weights", action="store_true", help="take the weights alone, whatever has changed")
    fork.add_argument("--set", metavar="KEY=VALUE", action="append", default=[], help=set_help)
    fork.add_argument("--name", default="", help="what to call the new run")
    fork.add_argument("--edit", action="store_true", help="open the app on its config instead of launching it")
    fork.add_argument("--here", action="store_true", help="on this machine, also where Slurm ran the other")
    fork.add_argument("--detach", action="store_true", help="start it and return at once")
    fork.add_argument("--yes", action="store_true", help="answer yes to what would be asked (a shared GPU, the CPU)")


def add_stop(stop: argparse.ArgumentParser) -> None:
    """What `stop` can be told beside the run."""
    stop.add_argument("--after-epoch", action="store_true", help="not now, but when the epoch under way is validated")


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds <= 86400:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds")
    return seconds
