"""A run made of what a script reports: the metrics that it has, when it has them, and the diagnosis of them."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from typing import ClassVar, Literal

from training.diagnosis.engine import Diagnosis
from training.foreign.columns import Columns
from training.foreign.rows import AVERAGED, LARGEST, TRAINING, VALIDATION
from training.foreign.units import ACCURACIES, Accuracies
from training.recording.counting import Epochs, Steps
from training.recording.resuming import seq_of_epoch
from training.recording.start import TEXT_LENGTH, Start
from training.runs.events import Attempt, Event, number, spell_all
from training.runs.layout import RunFolder
from training.runs.summary import Summary
from training.runs.telling import SUMMARY_SECONDS, Teller

HOLD_SECONDS = 1.0
"""So long an epoch is kept open for more of its metrics, unless it has all that the one before it had."""

SHARES_FROM = 50
"""Epochs after which accuracies that were never above 1 are not taken for percentages below 1 any more."""

STEPWISE = frozenset({*AVERAGED, "lr"})
"""What of a report of an epoch's metrics is the step's too, where it names the step."""

Warn = Callable[[str], None]


class Recorder(Teller):
    """Writes what a script reports; a disk that refuses is said once, and what it did not take is tried again."""

    TELLS_HOOK: ClassVar[bool] = True

    def __init__(self, folder: RunFolder, summary: Summary, start: Start, warn: Warn) -> None:
        super().__init__(folder, summary)
        self._warn = warn
        self._start = start
        self._columns = Columns()
        self._accuracies = Accuracies()
        self._ambiguous: dict[int, tuple[dict[str, float], float, int]] = {}
        """Metrics, time and steps of the epochs that were told before it shows whether accuracies are in percent."""
        self._epochs = Epochs(summary.first_epoch)
        self._steps = Steps()
        self._best_before: float | str | None = None
        """The best validation accuracy of the attempts before this one."""
        self._row: dict[str, float] = {}
        """Of the epoch `self.epoch`, as far as it is reported."""
        self._row_t = 0.0
        self._sums: dict[str, tuple[float, int]] = {}
        """Of the steps of that epoch: total and number of finite values."""
        self._batches: dict[str, tuple[float, int]] = {}
        """Of its validation, where that is reported batch by batch: total and number of values."""
        self._validating = False
        """Whether the last report was such a batch."""
        self._named = 0
        """The highest epoch that a report has named."""
        self._rate: float | None = None
        """The learning rate of the last step."""
        self._untold = False
        """Whether that epoch has metrics that were not told yet."""
        self._due = math.inf
        self._told = 0
        """The epoch that was told last, and its metrics."""
        self._told_names: frozenset[str] = frozenset()
        self._diagnosis = Diagnosis(start.config, start.facts)
        if self.attempt == 1:
            self._begin(0, 0)

    def _begin(self, epoch: int, seq: int) -> None:
        """The attempt, which goes on after that epoch, and supersedes the log from that seq on."""
        assert self._diagnosis is not None
        at_once = self._diagnosis.begin()
        if self.attempt > 1:
            self._recall(seq)
            self._told, self._steps = self.summary.epoch, Steps(self.step)
            self._best_before = self.summary.best_val_acc
        summary, start = self.summary, self._start
        summary.started, summary.from_step, summary.from_epoch = time.time(), self.step, epoch
        self.epoch = epoch + 1
        self._open(
            Attempt(
                run=summary.id,
                epochs=summary.epochs,
                steps_per_epoch=start.steps_per_epoch,
                from_step=self.step,
                from_epoch=epoch,
                from_seq=seq,
                why=self._why,
                facts=start.facts,
                t=start.t,
            )
        )
        if not seq:
            self._found(at_once, None, 0)
        self.state("running")

    def starts_over(self, values: Mapping[str, float]) -> bool:
        """Whether a report is of the first epoch again, after others: another run, as in a cross-validation."""
        epoch = values.get("epoch")
        if epoch is None or not 0 <= epoch < LARGEST or self._early is not None:
            return False
        return min(self._told, self._named) > 1 and math.ceil(epoch) <= self._epochs.first

    def report(self, values: Mapping[str, float], t: float) -> None:
        """Metrics of an epoch or of a step, by whatever names; `t` is the wall time of the report."""
        row = {self._columns.ours(name[:TEXT_LENGTH]): float(value) for name, value in values.items()}
        beyond = [name for name in ("epoch", "step") if abs(row.get(name, 0.0)) >= LARGEST]
        if beyond:
            self._warn(f"report({beyond[0]}=…) is beyond {LARGEST:.0e}, where no training comes; it is left out.")
            return
        self._convert(row)
        if "step_loss" in row:
            row.setdefault("train_loss", row.pop("step_loss"))
        epoch, step = (row.pop(name, math.nan) for name in ("epoch", "step"))
        epoch_number = self._epochs.number(epoch) if math.isfinite(epoch) else None
        self._named = max(self._named, epoch_number or 0)
        self.summary.first_epoch = self._epochs.first
        if self._early is not None:
            self._go_on(epoch_number)
        validates = not VALIDATION.isdisjoint(row)
        if self._is_batch(step, row):
            self._turn_to(self.epoch if epoch_number is None else epoch_number)
            self._take_batch(row, t)
            return
        self._validating = False
        if math.isfinite(step):
            self._turn_to((self.epoch + bool(self._row)) if epoch_number is None else epoch_number)
            self._take_step(step, row, t, epoch_number, alone=not validates)
        if row and (validates or not math.isfinite(step)):
            self._turn_to(self._epoch_of(row) if epoch_number is None else epoch_number)
            self._take_epoch(row, t)

    def tick(self) -> float:
        """Tell the epoch that was kept open for long enough; returns when to be called again (monotonic seconds)."""
        if time.monotonic() >= self._due:
            self._tell_epoch()
        return self._due

    def end(self, state: Literal["finished", "stopped", "failed"], reason: str) -> None:
        """The script has said that it is over."""
        self._tell_epoch()
        done, planned = self.summary.epoch, self.summary.epochs
        of = f" of {planned}" if planned else ""
        super().end(state, reason or f"the script ended after epoch {done}{of}")

    def lose(self) -> None:
        """The script is gone without a word: what it reported is told, and no end of it."""
        if self._row:
            self._tell_epoch()

    def _go_on(self, epoch: int | None) -> None:
        """The first report of a resumed run says where it goes on."""
        after = self.summary.epoch if epoch is None else epoch - 1
        self._begin(after, seq_of_epoch(self.folder.events, after + 1))

    def _epoch_of(self, row: Mapping[str, float]) -> int:
        """That of a report which names none: the open one where it adds to it, else the next."""
        adds = not self._row or (self._untold and self._row.keys().isdisjoint(row))
        return self.epoch if adds else self.epoch + 1

    def _turn_to(self, epoch: int) -> None:
        """What follows is of that epoch; another one that was open is over."""
        if epoch != self.epoch:
            self._tell_epoch()
            self.epoch, self._row, self._sums, self._batches = epoch, {}, {}, {}

    def _is_batch(self, step: float, row: Mapping[str, float]) -> bool:
        """Whether a report is of one batch of a validation: it has a counter of its own, behind that of training."""
        if math.isnan(step) or VALIDATION.isdisjoint(row) or not TRAINING.isdisjoint(row):
            return False
        return self._validating or self._steps.lags(step)

    def _take_batch(self, row: Mapping[str, float], t: float) -> None:
        """The epoch has the mean of all of its batches, which the next report of another kind is the end of."""
        self._validating = True
        for name, value in row.items():
            total, batches = self._batches.get(name, (0.0, 0))
            self._batches[name] = (total + value, batches + 1)
            self._row[name] = (total + value) / (batches + 1)
        self._row_t, self._untold = t, True
        self._due = time.monotonic() + HOLD_SECONDS

    def _convert(self, row: dict[str, float]) -> None:
        """Accuracies as shares. Where it turns out that they were in percent all along, they are told once more."""
        known = self._accuracies.percent
        self._accuracies(row)
        if self._accuracies.percent == known:
            return
        ambiguous, self._ambiguous = self._ambiguous, {}
        for name in ACCURACIES:
            if name in self._row:
                self._row[name] /= 100
            for sums in (self._sums, self._batches):
                if name in sums:
                    sums[name] = (sums[name][0] / 100, sums[name][1])
        if not (ambiguous and self._accuracies.misread):
            return
        epoch, step = self.epoch, self.step
        self.summary.best_val_acc = self._best_before
        for told, (metrics, t, steps) in sorted(ambiguous.items()):
            shares = {name: metrics[name] / 100 for name in ACCURACIES if name in metrics}
            self.epoch, self.step = told, steps
            self._epoch(told, metrics | shares, t)
        self.epoch, self.step = epoch, step

    def _take_step(self, step: float, row: Mapping[str, float], t: float, epoch: int | None, *, alone: bool) -> None:
        """A step; not `alone` where it carries the metrics of an epoch too, `epoch` is the one that it names.

        One that is out of order counts for the means of its epoch alone: curves go on to the right.
        """
        metrics = {name: value for name, value in row.items() if alone or name in STEPWISE}
        if not metrics:
            return
        number = self._steps.number(step, epoch)
        if number is not None:
            self._step(number, metrics, t)
            self._note_steps(number, spell_all(metrics))
        self._rate = metrics.get("lr", self._rate)
        for name in AVERAGED.intersection(metrics):
            total, values = self._sums.get(name, (0.0, 0))
            finite = math.isfinite(metrics[name])
            self._sums[name] = (total + metrics[name], values + 1) if finite else (total, values)
        self._untold = self._untold or epoch is not None
        self._save(at_most_every=SUMMARY_SECONDS)

    def _take_epoch(self, row: Mapping[str, float], t: float) -> None:
        self._row |= row
        self._row_t = t
        self._untold = True
        self._due = time.monotonic() + HOLD_SECONDS
        if self._told_names and self._told_names <= self._row.keys() | self._sums.keys():
            self._tell_epoch()

    def _tell_epoch(self) -> None:
        """Tell what is new of the epoch; it has the means of its steps where it does not say better."""
        if not self._untold:
            return
        self._untold, self._due = False, math.inf
        means = {name: total / values if values else math.nan for name, (total, values) in self._sums.items()}
        if means and self._rate is not None:
            means["lr"] = self._rate
        self._row = means | self._row
        self._sums = {}
        if not self.step and self._start.steps_per_epoch:
            self._steps.done = self.epoch * self._start.steps_per_epoch
        self.step = max(self.step, self._steps.done)
        self._note_best(self._row.get("val_loss", math.nan))
        self._epoch(self.epoch, self._row, self._row_t)
        self._note_ambiguous()
        self._told, self._told_names = self.epoch, frozenset(self._row)
        self._save()

    def _note_ambiguous(self) -> None:
        """Accuracies that never were above 1 in so many epochs are shares, whatever may come."""
        self._ambiguous = {epoch: told for epoch, told in self._ambiguous.items() if epoch < self.epoch}
        if self._accuracies.percent or self._told > SHARES_FROM:
            self._ambiguous = {}
        else:
            self._ambiguous[self.epoch] = (dict(self._row), self._row_t, self.step)

    def _note_best(self, val_loss: float) -> None:
        best = self.summary.best_val_loss
        if math.isfinite(val_loss) and (best is None or val_loss < number(best)):
            self.summary.best_epoch, self.summary.best_val_loss = self.epoch, val_loss

    def _write(self, event: Event) -> None:
        try:
            super()._write(event)
        except OSError as error:  # the writer keeps what was not written, and tries again with the next event
            self._complain(error)

    def _save(self, at_most_every: float = 0.0, *, sync: bool = False) -> None:
        try:
            super()._save(at_most_every, sync=sync)
        except OSError as error:
            self._complain(error)

    def _complain(self, error: OSError) -> None:
        self._warn(f"{self.folder.path}: cannot be written: {error.strerror}. The training goes on.")
