"""A training job: all that a step needs, and what can be asked of it between two steps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

import msgspec
import torch
from torch import Tensor, nn

from training.config.schema import TrainingConfig
from training.engine import checkpoint
from training.engine.average import WeightAverage
from training.engine.control import Control
from training.engine.data.batches import Batch, Subset, step_parts
from training.engine.data.normalisation import Normalisation
from training.engine.device import Device, seed_generators
from training.engine.evaluation import Evaluation, evaluate
from training.engine.meter import Meter
from training.engine.models.size import Shape
from training.engine.objective import Objective
from training.engine.precision import Precision
from training.engine.progress import StepMetrics, Stopwatch, TrainState
from training.engine.reporting import Report
from training.engine.schedule import Schedule
from training.engine.update import Update
from training.errors import RunFailed
from training.seeds import derive


class NotFinite(RunFailed):
    """The loss or a gradient was not finite. The weights are those from before that step."""

    def __init__(self, step: StepMetrics) -> None:
        what = "gradient" if isfinite(step.metrics["train_loss"]) else "loss"
        super().__init__(f"non-finite {what} at step {step.step}")


@dataclass
class Job:
    """One run on one device."""

    config: TrainingConfig
    device: Device
    precision: Precision
    training: Subset
    validation: Subset
    test: Subset | None
    normalisation: Normalisation
    classes: list[str]
    input_shape: Shape
    """Of what the model sees."""
    model: nn.Module
    forward: Callable[[Tensor], Tensor]
    """The model, compiled where the config wants it."""
    objective: Objective
    update: Update
    schedule: Schedule
    average: WeightAverage | None
    control: Control
    report: Report
    batch_size: int
    watch: Stopwatch = field(default_factory=Stopwatch)
    state: TrainState = field(default_factory=TrainState)
    meter: Meter = field(init=False)

    def __post_init__(self) -> None:
        self.meter = Meter(self.watch, self.update.given_up if self.update.scaler else None)
        self._epoch_began = 0.0

    @property
    def steps_per_epoch(self) -> int:
        return len(step_parts(len(self.training), self.batch_size, self.config.optimization.accumulate))

    @property
    def base_lr(self) -> float:
        return self.config.learning_rate

    def steps(self) -> Iterator[tuple[Batch, ...]]:
        """What is left of the epoch, step by step: the batches whose gradients are added."""
        accumulate, state = self.config.optimization.accumulate, self.state
        return self.training.steps(state.epoch, self.batch_size, accumulate=accumulate, start=state.step_in_epoch)

    def evaluate(self, batches: Iterable[Batch]) -> Evaluation:
        """With the averaged weights where there are any."""
        with self.average.in_place() if self.average else nullcontext():
            return self.judge(batches, lambda: self.control.breathe(self))

    def judge(self, batches: Iterable[Batch], between: Callable[[], None]) -> Evaluation:
        """With the weights as they are; `between` is called before each batch."""
        return evaluate(self.model, batches, self.objective, len(self.classes), self.precision, between)

    def begin_epoch(self) -> None:
        """Dropout draws from a generator that seed and epoch decide, so that an epoch can be repeated alone."""
        self._epoch_began = self.watch.seconds
        self.report.epoch = self.state.epoch
        self.meter.begin()
        seed_generators(derive(self.config.runtime.seed, "dropout", self.state.epoch), self.device.torch)

    def flush(self) -> None:
        """Fetch the pending metrics and write them. Raises NotFinite where a step was refused."""
        steps = self.meter.fetch()
        self.report.steps(steps, self.watch.seconds)
        if steps and steps[-1].final:
            raise NotFinite(steps[-1])

    def epoch_metrics(self, validation: Evaluation) -> dict[str, float]:
        """The epoch that has just been validated; the learning rate is the one it was trained with."""
        return {
            **self.meter.totals.metrics(),
            **validation.metrics("val"),
            "lr": self.meter.lr,
            "epoch_seconds": self.watch.seconds - self._epoch_began,
        }

    def save_epoch(self, metrics: dict[str, float]) -> None:
        """Checkpoints at the end of an epoch. What does not even validate is not saved over what does."""
        if not isfinite(metrics["val_loss"]):
            self.report.log(
                f"Validation loss is {metrics['val_loss']} after epoch {self.state.epoch}: no checkpoint was written.",
                "warning",
            )
            return
        best = self.state.keep(metrics, self.config.optimization.monitor)
        checkpoint.save(self.report.folder, self._content(self.state.epoch, 0))
        self.report.checkpoint("last", metrics)
        if best:
            checkpoint.mark_best(self.report.folder)
            self.report.checkpoint("best", metrics)

    def save_checkpoint(self) -> str:
        """Write `last` where training is; the pending metrics first, since weights are only good if those are."""
        self.flush()
        checkpoint.save(self.report.folder, self._content(self.state.epoch - 1, self.state.step_in_epoch))
        self.report.checkpoint("last", {})
        return f"saved checkpoints/last.pt at step {self.state.step}"

    def pause(self) -> None:
        self.flush()
        self.watch.halt()

    def go_on(self) -> None:
        self.watch.go()

    def scale_lr(self, factor: float) -> str:
        self.schedule.scale(factor)
        self.report.override("lr_factor", factor, self.state.step)
        return f"the learning rate is {self.schedule.lr:.3g} from step {self.state.step} on"

    def _content(self, epochs_done: int, step_in_epoch: int) -> dict[str, Any]:
        """`epoch` counts whole epochs; `step_in_epoch` steps of the next one are done too."""
        return {
            # A checkpoint may be asked for in the middle of an evaluation.
            "model": {**self.model.state_dict(), **(self.average.trained() if self.average else {})},
            "optimizer": self.update.state(),
            "schedule": self.schedule.state(),
            "average": self.average.state() if self.average else None,
            "scaler": self.update.scaler.state_dict() if self.update.scaler else None,
            "epoch": epochs_done,
            "step": self.state.step,
            "step_in_epoch": step_in_epoch,
            "progress": {**self.state.as_dict(), "epoch": epochs_done + 1, "step_in_epoch": step_in_epoch},
            "totals": self.meter.totals.as_dict() if step_in_epoch else None,
            "training_seconds": self.watch.seconds,
            "random": checkpoint.random_state(self.device.torch),
            "classes": self.classes,
            "input_shape": list(self.input_shape),
            "batch_size": self.batch_size,
            "normalisation": {"mean": list(self.normalisation.mean), "std": list(self.normalisation.std)},
            "config": msgspec.to_builtins(self.config),
            "torch": str(torch.__version__),
        }
