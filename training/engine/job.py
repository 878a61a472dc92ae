"""A training job: all that a step needs, and what can be asked of it between two steps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from math import inf, isfinite
from typing import Any

from torch import Tensor, nn

from training.config.schema import TrainingConfig
from training.engine import checkpoint
from training.engine.adjustments import Adjustments
from training.engine.average import WeightAverage
from training.engine.cadence import Cadence
from training.engine.control import Control
from training.engine.data.batches import Batch, Subset, step_parts
from training.engine.data.normalisation import Normalisation
from training.engine.device import Device, seed_generators
from training.engine.evaluation import Evaluation, evaluate
from training.engine.firing import Firing
from training.engine.meter import Meter
from training.engine.models.size import Shape
from training.engine.objective import Objective
from training.engine.precision import Precision
from training.engine.progress import StepMetrics, Stopwatch, TrainState
from training.engine.ranks import ALONE, Ranks
from training.engine.reporting import Report
from training.engine.schedule import Schedule
from training.engine.state import MidEpoch, label, rest, restore, weights
from training.engine.update import Update
from training.errors import RunFailed
from training.runs.checkpoints import path_of
from training.runs.events import Override
from training.runs.override_names import STOP_AFTER_EPOCH
from training.seeds import derive

Metrics = dict[str, float]


class NotFinite(RunFailed):
    """The loss or a gradient was not finite. The weights are those from before that step."""

    def __init__(self, step: StepMetrics) -> None:
        what = "gradient" if isfinite(step.metrics["train_loss"]) else "loss"
        super().__init__(f"non-finite {what} at step {step.step}")


@dataclass
class Job:
    """One run on one device, or this rank's share of one on several."""

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
    """The model, compiled where the config wants it; with several ranks it adds their gradients up."""
    objective: Objective
    update: Update
    schedule: Schedule
    average: WeightAverage | None
    control: Control
    report: Report
    batch_size: int
    threads: int
    ranks: Ranks = ALONE
    watch: Stopwatch = field(default_factory=Stopwatch)
    state: TrainState = field(default_factory=TrainState)
    overrides: Sequence[Override] = ()
    """That an earlier attempt made beyond the checkpoint which this one goes on from, in their order."""
    meter: Meter = field(init=False)

    def __post_init__(self) -> None:
        self.meter = Meter(self.watch, self.update.given_up if self.update.scaler else None)
        self.cadence = Cadence(self.config.runtime.checkpoint_every)
        self.adjustments = Adjustments(self, self.overrides)
        self._epoch_began = 0.0
        self._mid_epoch: MidEpoch | None = None

    @property
    def steps_per_epoch(self) -> int:
        return len(step_parts(len(self.training), self.batch_size, self.config.optimization.accumulate))

    @property
    def seconds(self) -> float:
        """Of training so far."""
        return self.watch.seconds

    @property
    def epoch_seconds(self) -> float:
        """Of the epoch in progress so far."""
        return self.watch.seconds - self._epoch_began

    @property
    def _clock(self) -> float:
        """Seconds of training, by which all ranks decide alike."""
        return self.control.clock(self.watch.seconds)

    @property
    def epochs_begun(self) -> int:
        return self.adjustments.epochs_begun

    def steps(self) -> Iterator[tuple[Batch, ...]]:
        """What is left of the epoch, step by step: the batches whose gradients are added."""
        accumulate, state = self.config.optimization.accumulate, self.state
        return self.training.steps(state.epoch, self.batch_size, accumulate=accumulate, start=state.step_in_epoch)

    def evaluate(self, batches: Iterable[Batch]) -> Evaluation:
        """With the averaged weights where there are any, and a look at which units fire."""
        firing = Firing(self.model)
        with self.average.in_place() if self.average else nullcontext():
            return self.judge(batches, lambda: self.control.breathe(self), firing)

    def judge(self, batches: Iterable[Batch], between: Callable[[], None], firing: Firing | None = None) -> Evaluation:
        """With the weights as they are; `between` is called before each batch."""
        classes, ranks = len(self.classes), self.ranks
        return evaluate(self.model, batches, self.objective, classes, self.precision, between, ranks, firing)

    def begin_epoch(self) -> None:
        """Dropout draws from a generator that seed and epoch decide, so that an epoch can be repeated alone."""
        self._epoch_began = self.watch.seconds
        self.report.epoch = self.state.epoch
        self.meter.begin()
        self._seed_dropout()
        begun, self._mid_epoch = self._mid_epoch, None
        if begun is not None:
            self._epoch_began -= begun.seconds
            self.meter.begin(begun.totals)
            self.meter.lr = begun.lr
            if begun.random is not None:
                checkpoint.restore_random_state(begun.random, self.device.torch)
            else:
                self._seed_dropout("from step", self.state.step)

    def _seed_dropout(self, *names: object) -> None:
        """Each rank drops out other values of its images than the others of theirs."""
        of_rank = () if self.ranks.first else ("rank", self.ranks.rank)
        seed = derive(self.config.runtime.seed, "dropout", self.state.epoch, *names, *of_rank)
        seed_generators(seed, self.device.torch)

    def flush(self) -> None:
        """Fetch the pending metrics and write them. Raises NotFinite where a step was refused: on rank 0, which is the
        one to tell, and whose end is the others' too.
        """
        steps = self.meter.fetch()
        self.report.steps(steps, self.watch.seconds)
        if steps and steps[-1].final and self.ranks.first:
            raise NotFinite(steps[-1])

    def epoch_metrics(self, validation: Evaluation) -> dict[str, float]:
        """The epoch that has just been validated; the learning rate is the one it was trained with."""
        return {
            **self.meter.totals.metrics(),
            **validation.metrics("val"),
            "lr": self.meter.lr,
            "epoch_seconds": self.epoch_seconds,
        }

    def save_epoch(self, metrics: dict[str, float]) -> None:
        """Checkpoints at the end of an epoch. What does not even validate is not saved over what does."""
        if not isfinite(metrics["val_loss"]):
            self.report.log(
                f"Validation loss is {metrics['val_loss']} after epoch {self.state.epoch}: no checkpoint was written.",
                "warning",
            )
            self.cadence.wrote(self.state.step, self._clock)
            return
        best = self.state.keep(metrics, self.config.optimization.monitor)
        # The best is never ahead of the last: a resume would find it to be of steps that are yet to be done.
        if best or self.cadence.each_epoch or self.cadence.due(self.state.step, self._clock):
            self._save_last(self.state.epoch, 0, metrics, best=best)
        if best:
            self._save_best(metrics)

    def save_if_due(self) -> None:
        """Between two steps."""
        if self.state.step_in_epoch and self.cadence.due(self.state.step, self._clock):
            self.save_checkpoint()

    def save_end(self) -> None:
        """After the last epoch, so that the end of training is kept however seldom checkpoints are."""
        if self.cadence.behind(self.state.step):
            self._save_last(self.state.epoch - 1, 0, {})

    def save_checkpoint(self) -> str:
        """Write `last` where training is; the pending metrics first, since weights are only good if those are."""
        self.flush()
        self._save_last(self.state.epoch - 1, self.state.step_in_epoch, {})
        return f"saved checkpoints/last.pt at step {self.state.step}"

    def adjust(self, command: str, args: Mapping[str, Any]) -> str:
        return self.adjustments.change(command, args)

    def note_stop(self, epoch: int) -> None:
        self.report.override(STOP_AFTER_EPOCH, epoch, self.state.step, self.state.epoch)

    def go_on(self, content: dict[str, Any]) -> None:
        """Take up where a checkpoint was written."""
        self._mid_epoch = restore(self, content)
        best = path_of(self.report.folder, "best")
        if not content["said"]["best"] and self.state.kept_epoch and not self.ranks.tell(best.exists()):
            # A fork from before its parent's best: any epoch from here on is better than weights that are not there.
            self.state.best_score, self.state.kept_epoch = -inf, 0
        self.cadence.wrote(self.state.step, self.watch.seconds)

    def say_again(self, said: dict[str, Any]) -> None:
        """Log the checkpoint that training went on from: what the attempt that wrote it logged of it is superseded."""
        self.report.epoch = said["epoch"]
        self.report.checkpoint("last", said["metrics"])
        if said["best"]:
            # It may have died between the two files: this one is written again where it is not the same yet.
            self._save_best(said["metrics"])

    def _save_last(self, epochs_done: int, step_in_epoch: int, metrics: Metrics, *, best: bool = False) -> None:
        random = self.ranks.gather(checkpoint.random_state(self.device.torch))
        if self.ranks.first:
            said = {"epoch": self.report.epoch, "metrics": metrics, "best": best}
            self.report.settle()
            content = {**weights(self, epochs_done), **rest(self, epochs_done, step_in_epoch, said, random)}
            keep = self.config.runtime.checkpoint_keep
            checkpoint.save(self.report.folder, "last", content, label(self, epochs_done, resumable=True), keep=keep)
        self.cadence.wrote(self.state.step, self._clock)
        self.report.checkpoint("last", metrics)

    def _save_best(self, metrics: dict[str, float]) -> None:
        epoch = self.state.kept_epoch
        of_this = label(self, epoch, resumable=False)
        if self.ranks.first and not checkpoint.is_there(path_of(self.report.folder, "best"), of_this):
            checkpoint.save(self.report.folder, "best", weights(self, epoch), of_this)
        self.report.checkpoint("best", metrics)

    def pause(self) -> None:
        self.flush()
        self.watch.halt()

    def unpause(self) -> None:
        self.watch.go()
