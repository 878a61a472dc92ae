"""The labelled runs as a diagnosis gets to see them: read once, whole or with columns taken away.

A set is a folder of labelled curves with its labels.csv (tests/data/curves/README.md).
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec

from training.foreign.reading import read
from training.runs.events import AnyEvent, Attempt, End, Epoch, Step

CURVES = Path(__file__).parents[1] / "data" / "curves"
DEV = CURVES / "dev"

LOSSES = frozenset({"train_loss", "val_loss"})
FOUR_CURVES = LOSSES | {"train_acc", "val_acc"}
ACCURACIES = ("train_acc", "val_acc")


@dataclass(frozen=True)
class LabelledRun:
    """The events and config of a run, and its line of labels.csv."""

    events: Sequence[AnyEvent]
    config: Mapping[str, Any]
    truth: Mapping[str, str]

    @property
    def name(self) -> str:
        return self.truth["file"]

    @property
    def base(self) -> str:
        return self.truth["base"]


Change = Callable[[LabelledRun], LabelledRun]


def load(folder: Path = DEV, limit: int | None = None) -> list[LabelledRun]:
    """The runs of a set in the order of its labels.csv, or the first so many.

    Raises OSError where a file is missing, InvalidInput for one that cannot be read.
    """
    with (folder / "labels.csv").open(newline="", encoding="utf-8") as file:
        truths = list(csv.DictReader(file))[:limit]
    runs = []
    for truth in truths:
        log = read(folder / truth["file"])
        runs.append(LabelledRun(log.events, log.config, truth))
    return runs


def epochs(run: LabelledRun) -> list[Epoch]:
    """The events that baselines look at."""
    return [event for event in run.events if isinstance(event, Epoch)]


def facts(run: LabelledRun) -> Mapping[str, Any]:
    """What is known of the data before training."""
    return next((event.facts for event in run.events if isinstance(event, Attempt)), {})


def without_config(run: LabelledRun) -> LabelledRun:
    return replace(run, config={})


def without_facts(run: LabelledRun) -> LabelledRun:
    """Nor the number of epochs planned."""
    return _events(run, lambda e: msgspec.structs.replace(e, facts={}, epochs=0) if isinstance(e, Attempt) else e)


def without_steps(run: LabelledRun) -> LabelledRun:
    return replace(run, events=[event for event in run.events if not isinstance(event, Step)])


def losses_only(run: LabelledRun) -> LabelledRun:
    """Two columns: what some logs of other people hold."""
    return _columns(run, LOSSES)


def loss_and_accuracy(run: LabelledRun) -> LabelledRun:
    """Four columns: what most logs of other people hold."""
    return _columns(run, FOUR_CURVES)


def validated_every(count: int) -> Change:
    """Validation only every so many epochs."""

    def change(event: AnyEvent) -> AnyEvent:
        if not isinstance(event, Epoch) or event.epoch % count == 0:
            return event
        kept = {k: v for k, v in event.metrics.items() if not k.startswith("val_") and k != "macro_f1"}
        return msgspec.structs.replace(event, metrics=kept)

    return lambda run: _events(run, change)


def in_percent(run: LabelledRun) -> LabelledRun:
    """Accuracies as many write them."""

    def change(event: AnyEvent) -> AnyEvent:
        if not isinstance(event, Epoch):
            return event
        percent = {k: 100 * v for k, v in event.metrics.items() if k in ACCURACIES and isinstance(v, float)}
        return msgspec.structs.replace(event, metrics=event.metrics | percent)

    return _events(run, change)


ABLATIONS: dict[str, Change] = {
    "no config": without_config,
    "no config, no facts": lambda run: without_facts(without_config(run)),
    "no steps": without_steps,
    "validation every 2 epochs": validated_every(2),
    "validation every 5 epochs": validated_every(5),
    "accuracies in percent": in_percent,
    "loss and accuracy only": loss_and_accuracy,
    "losses only": losses_only,
}


def _columns(run: LabelledRun, names: frozenset[str]) -> LabelledRun:
    def change(event: AnyEvent) -> AnyEvent:
        if not isinstance(event, Epoch):
            return event
        return msgspec.structs.replace(event, metrics={k: v for k, v in event.metrics.items() if k in names})

    bare = without_facts(without_config(without_steps(run)))
    return _events(replace(bare, events=[event for event in bare.events if not isinstance(event, End)]), change)


def _events(run: LabelledRun, change: Callable[[AnyEvent], AnyEvent]) -> LabelledRun:
    return replace(run, events=[change(event) for event in run.events])
