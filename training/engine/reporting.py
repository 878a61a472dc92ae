"""What the worker tells the world: events, the summary, and what the diagnosis makes of both."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from training import files
from training.config.schema import TrainingConfig
from training.diagnosis.engine import RULES_VERSION, Change, Diagnosis
from training.engine.class_report import class_report
from training.engine.progress import StepMetrics, TrainState
from training.runs.checkpoints import Label
from training.runs.commands import Command
from training.runs.events import (
    Acknowledged,
    Attempt,
    Checkpoint,
    End,
    Epoch,
    Event,
    FinalTest,
    FindingChanged,
    Log,
    Metrics,
    Override,
    State,
    Step,
    number,
    numbers,
    spell,
    spell_all,
)
from training.runs.layout import RunFolder
from training.runs.log import EventWriter, read_standing
from training.runs.summary import FindingLine, RunState, Summary

if TYPE_CHECKING:  # torch is not loaded yet when a run begins to speak
    from training.engine.evaluation import Evaluation

SUMMARY_SECONDS = 1.0
"""Step progress reaches the summary at most that often; everything else at once."""


class Report:
    """The one writer of events.jsonl and, from here on, of summary.json. Raises OSError when the disk refuses.

    The log begins with the attempt; what is said before its facts are known waits for it, and shows in the summary.
    """

    def __init__(self, folder: RunFolder, lost: str = "") -> None:
        """`lost` is what made torchrun start this attempt, where it did."""
        self.folder = folder
        self.summary = msgspec.json.decode(folder.summary.read_bytes(), type=Summary)
        self.step = self.summary.step
        self.epoch = self.summary.epoch
        """The epoch that is being trained."""
        self._writer = EventWriter(folder.events)
        self.summary.attempt = self._writer.attempt
        self.summary.interruption = lost or self.summary.interruption
        self._diagnosis: Diagnosis | None = None
        self._early: list[Event] | None = []
        self._why = "" if self._writer.attempt == 1 else self.summary.interruption or "it ended without a word"
        self._saved = 0.0

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

    def begin(
        self,
        config: TrainingConfig,
        facts: Mapping[str, Any],
        steps_per_epoch: int,
        start: Label | None = None,
        so_far: TrainState | None = None,
        training_seconds: float = 0.0,
    ) -> None:
        """Training starts: all is known that can be before. Or it goes on from the checkpoint with the label `start`,
        with what had been achieved `so_far`.
        """
        self._diagnosis = Diagnosis(config, facts)
        start = start or Label()
        if self.attempt > 1:
            self._recall(start)
        summary = self.summary
        summary.training_seconds = training_seconds
        if so_far is not None:
            summary.kept_epoch = so_far.kept_epoch
            if so_far.best_epoch:
                self.best(so_far.best_epoch, so_far.best_val_loss)
        summary.started = time.time()
        summary.from_step, summary.from_epoch = start.step, start.epoch
        summary.epochs = config.epochs
        summary.monitor = config.optimization.monitor
        summary.steps = steps_per_epoch * config.epochs
        summary.device = str(facts["device"])
        summary.processes = int(facts["processes"])
        self._open(
            Attempt(
                run=summary.id,
                epochs=config.epochs,
                steps_per_epoch=steps_per_epoch,
                from_step=start.step,
                from_epoch=start.epoch,
                from_seq=start.seq,
                why=self._why,
                facts=dict(facts),
            )
        )
        self.state("running")

    def _recall(self, start: Label) -> None:
        """Go through what stands of the log, as if it had been told by this attempt: diagnosis and summary are then
        where they were when the checkpoint was written.
        """
        assert self._diagnosis is not None
        old = self.summary
        self.summary = msgspec.structs.replace(
            old, epoch=0, step=0, best_epoch=0, best_val_loss=None, best_val_acc=None, kept_epoch=0, latest={},
            test={}, findings=[], training_seconds=0.0,
        )  # fmt: skip
        for event in read_standing(self.folder.events, start.seq):
            if isinstance(event, Step):
                self._note_steps(event.step, event.metrics)
                self._diagnosis.step(event.step, event.epoch, numbers(event.metrics))
            elif isinstance(event, Epoch):
                self._note_epoch(event.epoch, event.metrics)
                self._diagnosis.epoch(event.epoch, numbers(event.metrics))
        self.step, self.epoch = start.step, start.epoch
        self._list_findings()

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

    def steps(self, steps: list[StepMetrics], training_seconds: float) -> None:
        """Fetched steps, in order; the diagnosis sees each."""
        assert self._diagnosis is not None
        for done in steps:
            self._write(Step(step=done.step, epoch=self.epoch, metrics=spell_all(done.metrics)))
            self._found(self._diagnosis.step(done.step, self.epoch, done.metrics), done.step)
        if not steps:
            return
        self._writer.flush()
        self._note_steps(steps[-1].step, spell_all(steps[-1].metrics))
        self.summary.training_seconds = training_seconds
        self._save(at_most_every=SUMMARY_SECONDS)

    def _note_steps(self, last: int, newest: Metrics) -> None:
        self.step = self.summary.step = last + 1
        self.summary.latest |= {name: newest[name] for name in ("lr", "images_per_s") if name in newest}

    def epoch_done(self, epoch: int, metrics: Mapping[str, float], training_seconds: float) -> None:
        """The end of an epoch, or with epoch 0 the state before training."""
        assert self._diagnosis is not None
        spelled = spell_all(metrics)
        self._write(Epoch(epoch=epoch, step=self.step, metrics=spelled))
        self._note_epoch(epoch, spelled)
        self.summary.training_seconds = training_seconds
        self._found(self._diagnosis.epoch(epoch, metrics), None, epoch)
        self._save()

    def _note_epoch(self, epoch: int, metrics: Metrics) -> None:
        summary = self.summary
        summary.latest = dict(metrics)
        if epoch > 0:
            summary.epoch = epoch
            accuracy = number(metrics["val_acc"])
            if summary.best_val_acc is None or accuracy > number(summary.best_val_acc):
                summary.best_val_acc = accuracy

    def classes(self, evaluation: Evaluation, side: Literal["val", "test"], epoch: int) -> None:
        """How each class fared."""
        self._write(class_report(evaluation, side, epoch, self.step))

    def tested(self, evaluation: Evaluation, epoch: int) -> None:
        """The test split, evaluated on the weights of that epoch."""
        metrics = spell_all(evaluation.metrics("test"))
        self._write(FinalTest(epoch=epoch, step=self.step, metrics=metrics))
        self.classes(evaluation, "test", epoch)
        self.summary.test = metrics
        self._save()

    def best(self, epoch: int, val_loss: float) -> None:
        """This epoch has the lowest validation loss so far."""
        self.summary.best_epoch = epoch
        self.summary.best_val_loss = val_loss

    def checkpoint(self, kind: Literal["best", "last"], metrics: Mapping[str, float]) -> None:
        if kind == "best":
            self.summary.kept_epoch = self.epoch
        self._write(
            Checkpoint(
                kind=kind, path=f"checkpoints/{kind}.pt", epoch=self.epoch, step=self.step, metrics=spell_all(metrics)
            )
        )

    def acknowledge(self, command: Command, ok: bool, message: str) -> None:
        """The answer to a command."""
        self._write(
            Acknowledged(
                id=command.id, command=command.command, ok=ok, message=message, step=self.step, epoch=self.epoch
            )
        )

    def override(self, setting: str, value: float, step: int) -> None:
        self._write(Override(setting=setting, value=spell(value), step=step, epoch=self.epoch))

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
            with suppress(OSError):
                self._writer.close()

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
        assert self._diagnosis is not None
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
