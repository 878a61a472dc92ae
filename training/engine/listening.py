"""The report of a rank that is not the first: it keeps count of steps and epochs, and writes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from training.config.schema import TrainingConfig
from training.engine.progress import StepMetrics, TrainState
from training.engine.reporting import Report
from training.runs.checkpoints import Label
from training.runs.events import Event

if TYPE_CHECKING:
    from training.engine.evaluation import Evaluation


class Listener(Report):
    """Takes all that a Report takes."""

    def settle(self) -> None:
        """Rank 0 does."""

    def begin(
        self,
        config: TrainingConfig,  # noqa: ARG002
        facts: Mapping[str, Any],  # noqa: ARG002
        steps_per_epoch: int,  # noqa: ARG002
        start: Label | None = None,
        so_far: TrainState | None = None,  # noqa: ARG002
        training_seconds: float = 0.0,  # noqa: ARG002
        epochs: int = 0,  # noqa: ARG002
    ) -> None:
        start = start or Label()
        self.step, self.epoch = start.step, start.epoch

    def steps(self, steps: list[StepMetrics], training_seconds: float) -> None:  # noqa: ARG002
        if steps:
            self.step = steps[-1].step + 1

    def epoch_done(self, epoch: int, metrics: Mapping[str, float], training_seconds: float) -> None:
        """Rank 0 tells."""

    def classes(self, evaluation: Evaluation, side: Literal["val", "test"], epoch: int) -> None:
        """Rank 0 tells."""

    def end(self, state: Literal["finished", "stopped", "failed"], reason: str) -> None:  # noqa: ARG002
        self._writer.close()

    def _write(self, event: Event) -> None:
        pass

    def _save(self, at_most_every: float = 0.0, *, sync: bool = False) -> None:
        pass
