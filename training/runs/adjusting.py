"""What can be changed of a running job, and within which bounds: those of the config's keys."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from training.config import files as config_files
from training.config.fields import expected, field
from training.config.leaf import WrongValue, check
from training.errors import InvalidInput, TraindeckError
from training.guide.schedules import warm_up
from training.runs.events import number
from training.runs.lifecycle import RunView

NO_PATIENCE = (0, None, "none", "off")
MOST_UP, MOST_DOWN = 100.0, 1000.0
"""A learning rate so many times above or below the one in force is more likely mistyped than meant."""


def wanted_rate(args: Mapping[str, Any]) -> tuple[str, float]:
    """What `set_lr` asks for, and how: `learning_rate`, the config's key; `rate`, what is trained at from now on; or
    `factor`, what to multiply the schedule by. Raises InvalidInput.
    """
    for name in ("learning_rate", "rate", "factor"):
        if args.get(name) is not None:
            return name, _rate(args[name], "factor" if name == "factor" else "learning rate")
    raise InvalidInput("set_lr needs a learning rate, or a factor, above 0.")


def _rate(raw: Any, called: str) -> float:
    """A number that a learning rate can be: its bounds are right for a factor too."""
    try:
        value: float = check(field("learning_rate"), raw)
    except WrongValue as error:
        raise InvalidInput(f"{error.message} A {called} is a number above 0.") from error
    return value


def rate_in_force(run: RunView) -> float | None:
    """What the run trains at as far as its summary says, the warm-up left out; None before its first step."""
    summary = run.summary
    rate = number(summary.latest.get("lr", "nan"))
    if not 0 < rate < math.inf:
        return None
    try:
        config = config_files.load(run.folder.config)
    except TraindeckError:
        return rate
    warm = warm_up(config, summary.step * summary.epochs / summary.steps) if summary.steps else 1.0
    return rate / warm if warm else rate


def doubt_of_rate(new: float, now: float | None) -> str:
    """Why a learning rate seems mistyped beside the one in force; empty where it does not."""
    if now is None or now / MOST_DOWN <= new <= now * MOST_UP:
        return ""
    return f"That is ×{new / now:.3g} of {now:.3g}, at which it trains now: a mistyped rate can ruin the run."


def wanted_epochs(raw: Any) -> int:
    """The number of epochs that `set_epochs` asks for. Raises InvalidInput."""
    return _whole("epochs", raw)


def wanted_patience(raw: Any) -> int:
    """The epochs that `set_patience` asks for; 0 for no early stopping. Raises InvalidInput."""
    word = raw.strip().casefold() if isinstance(raw, str) else raw
    if word in NO_PATIENCE and not isinstance(word, bool):
        return 0
    return _whole("es_patience", raw, " Or 0, for no early stopping.")


def _whole(key: str, raw: Any, more: str = "") -> int:
    try:
        value: int = check(field(key), raw)
    except WrongValue as error:
        wanted = f"Give {expected(field(key))}."
        raise InvalidInput(f"{field(key).title}: {error.message}", f"{wanted}{more}") from error
    return value
