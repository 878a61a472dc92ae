"""What a run tells while it goes on: its events, its summary, and what the diagnosis makes of both."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import suppress
from typing import ClassVar, Literal

import msgspec

from training import files
from training.diagnosis.engine import RULES_VERSION, Change, Diagnosis
from training.runs.alarm import Alarm
from training.runs.events import (
    Attempt,
    End,
    Epoch,
    Event,
    FindingChanged,
    Log,
    Metrics,
    Override,
    State,
    Step,
    number,
    numbers,
    spell_all,
)
from training.runs.layout import RunFolder
from training.runs.log import EventWriter, read_standing
from training.runs.overrides import pass_on
from training.runs.summary import FindingLine, RunState, Summary

SUMMARY_SECONDS = 1.0
"""Step progress reaches the summary at most that often; everything else at once."""


class Teller:
    """The one writer of events.jsonl and, from here on, of summary.json. Raises OSError when the disk refuses.

    The log begins with the attempt; what is said before that is known waits for it, and shows in the summary.
    """

    TELLS_HOOK: ClassVar[bool] = False
    """Whether critical findings are news to the user's hook."""

    def __init__(self, folder: RunFolder, summary: Summary) -> None:
        self.folder = folder
        self.summary = summary
        self.step = summary.step
        """Steps done."""
        self.epoch = summary.epoch
        """The epoch that is being trained."""
        self._writer = EventWriter(folder.events)
        summary.attempt = self._writer.attempt
        self._diagnosis: Diagnosis | None = None
        self._early: list[Event] | None = []
        self._why = "" if self._writer.attempt == 1 else summary.interruption or "it ended without a word"
        self._saved = 0.0
        self._alarm = Alarm(folder) if self.TELLS_HOOK else None

    @property
    def attempt(self) -> int:
        """The number of this attempt, from 1."""
        return self._writer.attempt

    @property
    def next_seq(self) -> int:
        """Of the next event."""
        return self._writer.next_seq

    def settle(self) -> None:
        """What was told so far is on the disk: a checkpoint that follows must not outlive it."""
        self._writer.sync()

    def log(self, message: str, level: Literal["info", "warning", "error"] = "info") -> None:
        """A line for a person."""
        self._write(Log(message=message, level=level, step=self.step, epoch=self.epoch))

    def progress(self, message: str) -> None:
        """What the start-up is busy with; the summary only."""
        self.summary.message = message
        self._save(at_most_every=SUMMARY_SECONDS)

    def state(self, state: RunState, message: str = "") -> None:
        self._write(State(state=state, message=message, step=self.step, epoch=self.epoch))
        self.summary.state = state
        self.summary.message = message
        self._save(sync=True)

    def end(self, state: Literal["finished", "stopped", "failed"], reason: str) -> None:
        """The attempt is over: the last finding, the end event, the final summary, as far as the disk takes them.

        The summary is written even where the log cannot be: it is what tells a failed run from a crashed one.
        """
        try:
            # One that ends before it has begun supersedes nothing.
            seq = self.next_seq
            self._open(Attempt(run=self.summary.id, epochs=self.summary.epochs, from_step=self.step,
                               from_epoch=self.summary.epoch, from_seq=seq, why=self._why))  # fmt: skip
            if self._diagnosis is not None:
                self._found(self._diagnosis.end(state, reason), None)
                self.log(self._diagnosis.verdict())
            self._write(End(state=state, reason=reason, epoch=self.summary.epoch, step=self.step))
        finally:
            self.summary.state = state
            self.summary.message = reason
            self.summary.ended = time.time()
            self._save(sync=True)
            if self._alarm:
                self._alarm.close()
            with suppress(OSError):
                self._writer.close()

    def _step(self, step: int, metrics: Mapping[str, float], t: float = 0.0) -> None:
        """A step of the epoch that is being trained, told at wall time `t` (0: now); the diagnosis sees each."""
        assert self._diagnosis is not None
        self._write(Step(step=step, epoch=self.epoch, metrics=spell_all(metrics), t=t))
        self._found(self._diagnosis.step(step, self.epoch, metrics), step)

    def _epoch(self, epoch: int, metrics: Mapping[str, float], t: float = 0.0) -> None:
        """The end of an epoch, or with epoch 0 the state before training."""
        assert self._diagnosis is not None
        spelled = spell_all(metrics)
        self._write(Epoch(epoch=epoch, step=self.step, metrics=spelled, t=t))
        self._note_epoch(epoch, spelled)
        self._found(self._diagnosis.epoch(epoch, metrics), None, epoch)
        for failure in self._alarm.failures() if self._alarm else ():
            self.log(failure, "warning")

    def _recall(self, before: int) -> None:
        """Go through what stands of the log below that seq, as if it had been told by this attempt: diagnosis and
        summary are then where they were at that time.
        """
        assert self._diagnosis is not None
        old = self.summary
        self.summary = msgspec.structs.replace(
            old, epoch=0, step=0, best_epoch=0, best_val_loss=None, best_val_acc=None, kept_epoch=0, latest={},
            test={}, findings=[], training_seconds=0.0,
        )  # fmt: skip
        for event in read_standing(self.folder.events, before):
            if isinstance(event, Step):
                self._note_steps(event.step, event.metrics)
                self._diagnosis.step(event.step, event.epoch, numbers(event.metrics))
            elif isinstance(event, Epoch):
                self._note_epoch(event.epoch, event.metrics)
                self._diagnosis.epoch(event.epoch, numbers(event.metrics))
            elif isinstance(event, Override):
                pass_on(event, self._diagnosis)
            elif isinstance(event, FindingChanged) and self._alarm:
                self._alarm.know(event.finding)
        self._list_findings()

    def _note_steps(self, last: int, newest: Metrics) -> None:
        self.step = self.summary.step = last + 1
        self.summary.latest |= {name: newest[name] for name in ("lr", "images_per_s") if name in newest}

    def _note_epoch(self, epoch: int, metrics: Metrics) -> None:
        summary = self.summary
        summary.latest = dict(metrics)
        if epoch > 0:
            summary.epoch = epoch
            accuracy = number(metrics.get("val_acc", "nan"))
            if accuracy > number("-inf" if summary.best_val_acc is None else summary.best_val_acc):
                summary.best_val_acc = accuracy

    def _open(self, attempt: Attempt) -> None:
        """Write the first line, and what had to wait for it; later calls do nothing."""
        early, self._early = self._early, None
        if early is None:
            return
        for event in (attempt, *early):
            self._write(event)

    def _write(self, event: Event) -> None:
        if self._early is not None:
            self._early.append(event)
        else:
            self._writer.write(event)

    def _found(self, changes: list[Change], step: int | None, epoch: int | None = None) -> None:
        if not changes:
            return
        for change in changes:
            self._write(
                FindingChanged(
                    change=change.change,
                    finding=change.finding,
                    rules=RULES_VERSION,
                    epoch=self.epoch if epoch is None else epoch,
                    step=step,
                )
            )
        self._list_findings()
        self._save()
        if self._alarm:
            self._alarm.hear(changes)

    def _list_findings(self) -> None:
        assert self._diagnosis is not None
        self.summary.findings = [
            FindingLine(issue=f.issue, label=f.label, title=f.title, severity=f.severity, since_epoch=f.since_epoch)
            for f in self._diagnosis.open
        ]

    def _save(self, at_most_every: float = 0.0, *, sync: bool = False) -> None:
        now = time.monotonic()
        if at_most_every and now - self._saved < at_most_every:
            return
        self._saved = now
        self.summary.updated = time.time()
        # States are synced; progress is not worth waiting for the disk, the next epoch replaces it.
        files.replace(self.folder.summary, msgspec.json.encode(self.summary), sync=sync)
