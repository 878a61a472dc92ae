"""Asking what a launch has to ask first."""

from __future__ import annotations

import sys

from training.errors import InvalidInput
from training.runs.plan import LaunchPlan


def confirm(planned: LaunchPlan, yes: bool, *, refused: str = "Nothing was launched.") -> None:
    """Ask what has to be asked; without a terminal to answer on, --yes is the answer. Raises InvalidInput for a no."""
    for question in planned.confirm:
        if yes:
            continue
        if not sys.stdin.isatty():
            raise InvalidInput(question, "Say --yes to go on.")
        sys.stdout.write(f"{question} [y/N] ")
        sys.stdout.flush()
        if sys.stdin.readline().strip().lower() not in ("y", "yes"):
            raise InvalidInput(refused)
