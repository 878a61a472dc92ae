"""Asking what a launch has to ask first."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from training.errors import InvalidInput
from training.runs.plan import LaunchPlan


def confirm(planned: LaunchPlan, yes: bool, *, refused: str = "Nothing was launched.") -> None:
    """Ask what has to be asked; without a terminal to answer on, --yes is the answer. Raises InvalidInput for a no."""
    ask(planned.confirm, yes, refused=refused)


def ask(questions: Iterable[str], yes: bool, *, refused: str = "Nothing was launched.") -> None:
    """The same for questions of any kind."""
    for question in questions:
        if yes:
            continue
        if not sys.stdin.isatty():
            raise InvalidInput(question, "Say --yes to go on.")
        sys.stdout.write(f"{question} [y/N] ")
        sys.stdout.flush()
        if sys.stdin.readline().strip().lower() not in ("y", "yes"):
            raise InvalidInput(refused)
