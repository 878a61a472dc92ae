"""What is known about the data before training, from an `attempt` event or a foreign log; anything may be missing."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

LARGEST = 1e100


@dataclass(frozen=True)
class Facts:
    """`chance_loss` is this run's loss for a uniform prediction, `chance_acc` the share of the largest class.

    `class_ratio` is that of the largest to the smallest class in training; the inputs are as the net sees them.
    """

    classes: int | None = None
    n_train: int | None = None
    parameters: int | None = None
    n_val: int | None = None
    chance_loss: float | None = None
    chance_acc: float | None = None
    class_ratio: float | None = None
    input_mean: float | None = None
    input_std: float | None = None
    batch_norm: bool = False
    """Whether the net is known to normalise what its first layer makes of the inputs over the batch."""


def read_facts(facts: Mapping[str, Any] | None, focal_gamma: float | None) -> Facts:
    """The facts of a mapping such as `Attempt.facts`; values of a wrong kind count as missing.

    `focal_gamma` is the gamma of a focal loss, None for cross-entropy: it sets the chance level where that is not
    given.
    """
    given = facts or {}
    counts = given.get("class_counts")
    classes = _classes(given.get("classes"), counts)
    chance_loss = _positive(given.get("chance_loss"))
    if chance_loss is None and classes is not None:
        chance_loss = (1 - 1 / classes) ** (focal_gamma or 0.0) * math.log(classes)
    return Facts(
        classes=classes,
        n_train=_count(given.get("n_train")),
        parameters=_count(given.get("parameters")),
        n_val=_count(given.get("n_val")),
        chance_loss=chance_loss,
        chance_acc=_chance_acc(given.get("val_majority_fraction"), counts, classes),
        class_ratio=_class_ratio(given.get("class_ratio"), counts),
        input_mean=_finite(given.get("input_mean")),
        input_std=_positive(given.get("input_std")),
        batch_norm=given.get("batch_norm") is True,
    )


def _classes(classes: Any, counts: Any) -> int | None:
    for value in (classes, counts):
        if isinstance(value, Sequence) and not isinstance(value, str) and len(value) > 1:
            return len(value)
    number = _count(classes)
    return number if number is not None and number > 1 else None


def _chance_acc(majority: Any, counts: Any, classes: int | None) -> float | None:
    share = _positive(majority)
    if share is not None and share <= 1:
        return share
    if isinstance(counts, Sequence) and counts and all(isinstance(n, int) and n >= 0 for n in counts) and any(counts):
        return float(max(counts) / sum(counts))
    return 1 / classes if classes else None


def _class_ratio(ratio: Any, counts: Any) -> float | None:
    told = _positive(ratio)
    if told is not None:
        return told if told >= 1 else None
    sizes = [n for n in counts if isinstance(n, int) and n > 0] if isinstance(counts, Sequence) else []
    return max(sizes) / min(sizes) if len(sizes) > 1 else None


def _finite(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= LARGEST:
        return None
    return float(value)


def _count(value: Any) -> int | None:
    number = _positive(value)
    return int(number) if number is not None and number >= 1 else None


def _positive(value: Any) -> float | None:
    number = _finite(value)
    return number if number is not None and number > 0 else None
