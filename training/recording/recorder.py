"""A run made of what a script reports: the metrics that it has, when it has them, and the diagnosis of them."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from typing import Literal

from training.diagnosis.engine import Diagnosis
from training.foreign.columns import Columns
from training.foreign.rows import AVERAGED, VALIDATION
from training.foreign.units import ErrorRates
from training.recording.counting import Epochs, Shares, Steps
from training.recording.resuming import seq_of_epoch
from training.recording.start import Start
from training.runs.events import Attempt, Event, number, spell_all
from training.runs.layout import RunFolder
from training.runs.summary import Summary
from training.runs.telling import SUMMARY_SECONDS, Teller

HOLD_SECONDS = 1.0
"""So long an epoch is kept open for more of its metrics, unless it has all that the one before it had."""

STEPWISE = frozenset({*AVERAGED, "lr"})
"""What of a report of an epoch's metrics is the step's too, where it names the step."""

Warn = Callable[[str], None]


class Recorder(Teller):
    """Writes what a script reports; a disk that refuses is said once, and what it did not take is tried again."""

    def __init__(self, folder: RunFolder, summary: Summary, start: Start, warn: Warn) -> None:
        super().__init__(folder, summary)
        self._warn = warn
        self._start = start
        self._columns = Columns()
        self._error_rates = ErrorRates()
        self._shares = Shares()
        self._epochs = Epochs(summary.first_epoch)
        self._steps = Steps()
        self._row: dict[str, float] = {}
        """Of the epoch `self.epoch`, as far as it is reported."""
        self._row_t = 0.0
        self._sums: dict[str, tuple[float, int]] = {}
        """Of the steps of that epoch: total and number of finite values."""
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
        if epoch is None or not math.isfinite(epoch) or self._early is not None:
            return False
        return self._told > 1 and math.ceil(epoch) <= self._epochs.first

    def report(self, values: Mapping[str, float], t: float) -> None:
        """Metrics of an epoch or of a step, by whatever names; `t` is the wall time of the report."""
        row = {self._columns.ours(name): float(value) for name, value in values.items()}
        self._error_rates(row)
        self._shares.adjust(row)
        if "step_loss" in row:
            row.setdefault("train_loss", row.pop("step_loss"))
        epoch, step = (row.pop(name, math.nan) for name in ("epoch", "step"))
        epoch_number = self._epochs.number(epoch) if math.isfinite(epoch) else None
        self.summary.first_epoch = self._epochs.first
        if self._early is not None:
            self._go_on(epoch_number)
        validates = not VALIDATION.isdisjoint(row)
        if math.isfinite(step):
            self._turn_to((self.epoch + bool(self._row)) if epoch_number is None else epoch_number)
            self._take_step(step, row, t, numbered=epoch_number is not None, alone=not validates)
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
            self.epoch, self._row, self._sums = epoch, {}, {}

    def _take_step(self, step: float, row: Mapping[str, float], t: float, *, numbered: bool, alone: bool) -> None:
        """A step; not `alone` where it carries the metrics of an epoch too, `numbered` where it names its epoch."""
        metrics = {name: value for name, value in row.items() if alone or name in STEPWISE}
        if not metrics:
            return
        number = self._steps.number(step)
        self._step(number, metrics, t)
        self._note_steps(number, spell_all(metrics))
        self._rate = metrics.get("lr", self._rate)
        for name in AVERAGED.intersection(metrics):
            total, values = self._sums.get(name, (0.0, 0))
            finite = math.isfinite(metrics[name])
            self._sums[name] = (total + metrics[name], values + 1) if finite else (total, values)
        self._untold = self._untold or numbered
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
        self._told, self._told_names = self.epoch, frozenset(self._row)
        self._save()

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
