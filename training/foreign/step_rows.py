"""Which rows of a log are steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from training.foreign.timeline import Timeline
from training.runs.events import Metrics, spell

BESIDE = ("train_acc", "lr", "grad_norm")
"""What a step may have besides its loss."""


class StepRows:
    """A row is a step where the log names such losses, else where an epoch has several with a training loss.

    The first of an epoch is told with the second: alone it would be the mean of the epoch.
    """

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline
        self._named = False
        self._several = False
        self._rows = 0
        self._first: tuple[int, Metrics] | None = None

    def begin_epoch(self) -> None:
        """The rows from now on belong to another epoch."""
        self._rows, self._first = 0, None

    def add(self, row: Mapping[str, float], step: int, epoch: int) -> None:
        """Take in a row that may be a step, and tell it where it is one."""
        loss = row.get("step_loss")
        if loss is not None:
            self._named, self._first = True, None
        elif self._named or "train_loss" not in row:
            return
        else:
            loss = row["train_loss"]
            self._rows += 1
        metrics: Metrics = {"train_loss": spell(loss)}
        for name in BESIDE:
            if name in row:
                metrics[name] = spell(row[name])
        if self._rows == 1 and not self._several:
            self._first = (step, metrics)
            return
        if self._first is not None:
            self._several = True
            self._timeline.step(self._first[0], epoch, self._first[1])
            self._first = None
        self._timeline.step(step, epoch, metrics)

    def add_many(self, columns: Mapping[str, Sequence[float]], steps: Sequence[int], epoch: int) -> None:
        """Rows with the same names, as `add` one by one."""
        named = "step_loss" in columns
        if not named and (self._named or "train_loss" not in columns):
            return
        place = 0
        while place < len(steps) and not (self._several or (named and self._rows != 1)):
            self.add({name: values[place] for name, values in columns.items()}, steps[place], epoch)
            place += 1
        if place == len(steps):
            return
        if named:
            self._named, self._first = True, None
        else:
            self._rows += len(steps) - place
        told = {"train_loss": columns["step_loss" if named else "train_loss"]}
        told |= {name: columns[name] for name in BESIDE if name in columns}
        self._timeline.steps(steps[place:], epoch, {name: values[place:] for name, values in told.items()})
