"""Run folders as their writers would have left them, at times that do not move, and a machine that never changes."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import msgspec

from tests.runs.builders import add_process, beat, make_run
from training.config.files import dump
from training.config.schema import TrainingConfig
from training.devices.load import HardwareReading
from training.diagnosis.findings import Finding, Fix
from training.runs.describe import data_label, model_label, settings
from training.runs.events import (
    AnyEvent,
    Attempt,
    Checkpoint,
    End,
    Epoch,
    FindingChanged,
    Log,
    State,
    Step,
    encode,
    spell_all,
)
from training.runs.layout import RunFolder
from training.runs.summary import FindingLine, Summary

T0 = 1_760_000_000.0
"""When synthetic runs begin: 2025-10-09, 08:53:20 UTC."""
STEPS_PER_EPOCH = 45
SECONDS_PER_EPOCH = 9.0


class StillMachine:
    """Hardware that always reads the same."""

    def read(self) -> HardwareReading:
        return HardwareReading(cpu=87.0, cores=8, memory_used=5 * 2**30, memory_total=32 * 2**30)


class FakeRun:
    """A run whose events, summary and process record are written by hand."""

    def __init__(
        self,
        runs_dir: Path,
        name: str = "digits-adam-0.001",
        *,
        config: TrainingConfig | None = None,
        live: bool = False,
        **summary: Any,
    ) -> None:
        self.config = config or TrainingConfig(epochs=30)
        known = {"model": model_label(self.config), "data": data_label(self.config), "settings": settings(self.config)}
        times = {"created": T0, "started": T0, "updated": T0}
        self.folder: RunFolder = make_run(
            runs_dir,
            name,
            **{"epochs": self.config.epochs, "device": "CPU", "state": "running", **known, **times, **summary},
        )
        self.folder.config.write_text(dump(self.config))
        self.t = T0
        self.seq = 0
        self.attempt = 1
        self.step = 0
        self.done = 0
        if live:
            add_process(self.folder)
            beat(self.folder, 0.0)

    def write(self, *events: AnyEvent) -> None:
        """Append events as the worker does: one line each."""
        with self.folder.events.open("ab") as log:
            for event in events:
                event.seq, event.attempt, event.t = self.seq, self.attempt, self.t
                self.seq += 1
                log.write(encode(event))

    def change_summary(self, **changes: Any) -> None:
        summary = msgspec.json.decode(self.folder.summary.read_bytes(), type=Summary)
        new = msgspec.structs.replace(summary, **changes)
        partial = self.folder.summary.with_suffix(".new")
        partial.write_bytes(msgspec.json.encode(new))
        partial.replace(self.folder.summary)

    def begin(self, **facts: Any) -> None:
        self.write(
            Attempt(
                run=self.folder.id,
                epochs=self.config.epochs,
                steps_per_epoch=STEPS_PER_EPOCH,
                from_step=self.step,
                facts={"n_train": 1437, "n_val": 360, **facts},
            ),
            State(state="running"),
        )

    def go_on(self, checkpoint: tuple[int, int], down: float = 60.0, why: str = "crashed: killed by signal 9") -> None:
        """Another attempt from the checkpoint of that (seq, step), so many seconds after the last sign of this one."""
        seq, self.step = checkpoint
        self.done = self.step // STEPS_PER_EPOCH
        self.attempt += 1
        self.t += down
        self.write(
            Attempt(
                run=self.folder.id,
                epochs=self.config.epochs,
                steps_per_epoch=STEPS_PER_EPOCH,
                from_step=self.step,
                from_epoch=self.done,
                from_seq=seq,
                why=why,
            ),
            State(state="running"),
        )
        self.change_summary(state="running", attempt=self.attempt, from_epoch=self.done, interruption=why)

    def train_step(self, **metrics: float) -> None:
        self.t += SECONDS_PER_EPOCH / STEPS_PER_EPOCH
        epoch = self.step // STEPS_PER_EPOCH + 1
        self.write(Step(step=self.step, epoch=epoch, metrics=spell_all(metrics)))
        self.step += 1

    def train_epoch(self, train_loss: float, val_loss: float, train_acc: float, val_acc: float, lr: float) -> None:
        """An epoch whose step losses swing around its mean."""
        for index in range(STEPS_PER_EPOCH):
            swing = 1 + 0.25 * math.sin(2.4 * index)
            self.train_step(train_loss=train_loss * swing, lr=lr, images_per_s=160.0)
        self.done += 1
        metrics = {
            "train_loss": train_loss,
            "val_loss": val_loss,
            "train_acc": train_acc,
            "val_acc": val_acc,
            "lr": lr,
        }
        self.write(Epoch(epoch=self.done, step=self.step, metrics=spell_all(metrics)))

    def learn(self, epochs: int, overfit_from: int = 10_000) -> None:
        """A run that learns, and from some epoch on only its training data."""
        for epoch in range(self.done + 1, self.done + epochs + 1):
            train = 2.3 * math.exp(-epoch / 3) + 0.02
            rise = max(0, epoch - overfit_from)
            val = 2.3 * math.exp(-min(epoch, overfit_from) / 3.2) + 0.06 + 0.03 * rise
            self.train_epoch(train, val, 1 - train / 2.6, 0.99 - val / 3, 1e-3)

    def stay_flat(self, epochs: int) -> None:
        """A run that does not learn."""
        for epoch in range(epochs):
            self.train_epoch(2.31 + 0.004 * (epoch % 2), 2.305, 0.102, 0.1, 1.0)

    def find(self, finding: Finding, change: Any = "opened") -> None:
        self.write(FindingChanged(change=change, finding=finding, rules=1, epoch=self.done, step=self.step))
        if change == "opened":
            line = FindingLine(
                issue=finding.issue,
                label=finding.label,
                title=finding.title,
                severity=finding.severity,
                since_epoch=finding.since_epoch,
            )
            self.change_summary(findings=[line])

    def say(self, message: str) -> None:
        self.write(Log(message=message))

    def checkpoint(self, kind: Any = "best") -> tuple[int, int]:
        """Returns its (seq, step), for an attempt to go on from."""
        place = (self.seq, self.step)
        self.write(Checkpoint(kind=kind, path=f"checkpoints/{kind}.pt", epoch=self.done, step=self.step))
        return place

    def finish(self, reason: str = "all epochs done", state: Any = "finished") -> None:
        self.write(End(state=state, reason=reason, epoch=self.done, step=self.step))
        self.change_summary(state=state, message=reason, ended=self.t, epoch=self.done, step=self.step)

    def crash(self, console: str = "", **process: Any) -> None:
        """The worker is gone without a word."""
        self.folder.console.write_text(console)
        add_process(self.folder, **{"started": T0, "ended": self.t, **process})


LR_FIX = Fix(
    title="Lower the learning rate: 1 → 0.001",
    effect="The loss falls from the first epoch on instead of staying at chance.",
    patch={"learning_rate": 0.001},
)
CLIP_FIX = Fix(
    title="Clip gradients at norm 1",
    effect="Single large steps no longer throw the weights out.",
    patch={"optimization.grad_clip": 1.0},
)
INPUT_FIX = Fix(title="Check that the inputs are normalised", effect="Inputs of very different sizes stall learning.")
FLAT = Finding(
    issue="loss_not_decreasing",
    label="lr_too_high_flat",
    title="The training loss does not fall: learning rate too high",
    severity="critical",
    since_epoch=1,
    shown_epoch=3,
    evidence="Train loss 2.31 after 3 epochs, 2.30 before training; accuracy 10.2 % where guessing gives 10.1 %.",
    stretch=(1, 3),
    curves=("train_loss",),
    causes=("Learning rate 1 is 1000 times the default of Adam", "Dead activations after the first large steps"),
    fixes=(LR_FIX, CLIP_FIX, INPUT_FIX),
)
OVERFIT = Finding(
    issue="overfitting",
    label="val_loss_rising",
    title="Overfitting: the validation loss rises while the training loss falls",
    severity="warning",
    since_epoch=9,
    shown_epoch=14,
    evidence="Validation loss 0.31 against its best of 0.17 at epoch 9; train accuracy 99.2 %, validation 88.6 %.",
    stretch=(9, 14),
    curves=("val_loss", "train_loss"),
    causes=("Too little regularisation for 1437 training images", "Training goes on after the best epoch"),
    fixes=(
        Fix(
            title="Raise the dropout of the dense layers: 0.5 → 0.7",
            effect="The gap between train and validation accuracy narrows.",
            patch={"model.dense_layers.0.dropout": 0.7},
        ),
        Fix(
            title="Stop early: patience 10",
            effect="Training ends soon after the best epoch.",
            patch={"early_stopping": True},
        ),
    ),
)


def learning_run(runs_dir: Path) -> FakeRun:
    """A run in its thirteenth epoch, with nothing to complain about."""
    run = FakeRun(runs_dir, live=True)
    run.begin()
    run.learn(12)
    return run


def faulty_run(runs_dir: Path, epochs: int = 3, **options: Any) -> FakeRun:
    """A run whose learning rate is far too high, with its finding."""
    run = FakeRun(runs_dir, "digits-adam-1", config=TrainingConfig(epochs=30, learning_rate=1.0), **options)
    run.begin()
    run.stay_flat(epochs)
    run.find(FLAT)
    return run
