"""The sections of the hyperparameter guide by number, for whatever cites them."""

from __future__ import annotations

import re

TITLES = {
    "1": "Config keys",
    "2": "Optimizers",
    "3": "Learning rate",
    "4": "Schedules",
    "5": "Regularisation",
    "6": "Losses",
    "7": "Batch size and epochs",
    "8": "Models",
    "9": "Presets",
    "10": "Tuning strategy",
    "11": "Common issues",
}


def cited(sections: str) -> tuple[str, ...]:
    """Each section of a citation such as `3, 11` with its title; a number that the guide lacks stays a number."""
    return tuple(f"{number} {TITLES.get(number, '')}".strip() for number in re.findall(r"\d+", sections))
