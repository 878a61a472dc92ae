"""What the worker tells the world: events, the summary, and what the diagnosis makes of both."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import msgspec

from training.config.problems import ConfigError
from training.config.schema import TrainingConfig
from training.diagnosis.engine import Diagnosis
from training.engine.class_report import class_report
from training.engine.device_load import DeviceLoad
from training.engine.progress import StepMetrics, TrainState
from training.runs.checkpoints import Label
from training.runs.commands import Command
from training.runs.events import Acknowledged, Attempt, Checkpoint, FinalTest, Override, spell, spell_all
from training.runs.layout import RunFolder
from training.runs.override_names import EPOCHS
from training.runs.overrides import pass_on
from training.runs.summary import Summary
from training.runs.telling import SUMMARY_SECONDS, Teller
from training.runs.user_settings import read_settings
from training.text import one_line

if TYPE_CHECKING:  # torch is not loaded yet when a run begins to speak
    from training.engine.evaluation import Evaluation


class Report(Teller):
    """The worker's account of its run. Raises OSError when the disk refuses."""

    TELLS_HOOK: ClassVar[bool] = True

    def __init__(self, folder: RunFolder, lost: str = "") -> None:
        """`lost` is what made torchrun start this attempt, where it did."""
        summary = msgspec.json.decode(folder.summary.read_bytes(), type=Summary)
        summary.interruption = lost or summary.interruption
        super().__init__(folder, summary)
        self._steps_per_epoch = 0
        self.load: DeviceLoad | None = None
        """Where the GPUs that train are watched."""

    def begin(
        self,
        config: TrainingConfig,
        facts: Mapping[str, Any],
        steps_per_epoch: int,
        start: Label | None = None,
        so_far: TrainState | None = None,
        training_seconds: float = 0.0,
        epochs: int = 0,
    ) -> None:
        """Training starts: all is known that can be before. Or it goes on from the checkpoint with the label `start`,
        with what had been achieved `so_far`. `epochs` are those in force, where they are not the config's.
        """
        self._diagnosis = Diagnosis(config, facts)
        start = start or Label()
        at_once = self._diagnosis.begin()
        if self.attempt > 1:
            self._recall(start.seq)
            self.step, self.epoch = start.step, start.epoch
        summary = self.summary
        summary.training_seconds = training_seconds
        if so_far is not None:
            summary.kept_epoch = so_far.kept_epoch
            if so_far.best_epoch:
                self.best(so_far.best_epoch, so_far.best_val_loss)
        summary.started = time.time()
        summary.from_step, summary.from_epoch = start.step, start.epoch
        self._steps_per_epoch = steps_per_epoch
        self._plan(epochs or config.epochs)
        summary.monitor = config.optimization.monitor
        summary.device = str(facts["device"])
        summary.processes = int(facts["processes"])
        self._open(
            Attempt(
                run=summary.id,
                epochs=summary.epochs,
                steps_per_epoch=steps_per_epoch,
                from_step=start.step,
                from_epoch=start.epoch,
                from_seq=start.seq,
                overrides_from=summary.overrides_from,
                why=self._why,
                facts=dict(facts),
            )
        )
        if not start.seq:  # else it stands in the log already
            self._found(at_once, None, 0)
        self.state("running")
        try:
            read_settings()
        except ConfigError as error:  # said now, not when the hook is needed
            self.log(f"Your settings cannot be used, so that no hook is told: {one_line(str(error))}", "warning")

    def steps(self, steps: list[StepMetrics], training_seconds: float) -> None:
        """Fetched steps, in order; the diagnosis sees each. The last of them carries the newest load of the GPUs."""
        if steps and self.load is not None:
            steps[-1].metrics |= self.load.newest()
        for done in steps:
            self._step(done.step, done.metrics)
        if not steps:
            return
        self._writer.flush()
        self._note_steps(steps[-1].step, spell_all(steps[-1].metrics))
        self.summary.training_seconds = training_seconds
        self._save(at_most_every=SUMMARY_SECONDS)

    def epoch_done(self, epoch: int, metrics: Mapping[str, float], training_seconds: float) -> None:
        """The end of an epoch, or with epoch 0 the state before training."""
        self._epoch(epoch, metrics)
        self.summary.training_seconds = training_seconds
        self._save()

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

    def override(self, setting: str, value: float, step: int, epoch: int, rate: float = 0.0) -> None:
        """A setting was changed in that epoch, from that step on; `rate` is what the learning rate came to."""
        rate = rate if math.isfinite(rate) else 0.0
        made = Override(setting=setting, value=spell(value), step=step, epoch=epoch, rate=rate)
        self._write(made)
        if self._diagnosis is not None:
            pass_on(made, self._diagnosis)
        if setting == EPOCHS:
            self._plan(int(value))
            self._save()

    def _plan(self, epochs: int) -> None:
        self.summary.epochs = epochs
        self.summary.steps = epochs * self._steps_per_epoch
