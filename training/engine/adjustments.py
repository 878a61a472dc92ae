"""The settings of a running job that commands change: done between two steps, logged, and kept in its checkpoints."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from training.errors import InvalidInput
from training.runs import override_names
from training.runs.adjusting import wanted_epochs, wanted_patience, wanted_rate
from training.runs.events import Override, number

if TYPE_CHECKING:
    from training.config.schema import TrainingConfig
    from training.engine.job import Job


class Adjustments:
    """What is in force of a job, and what has to be changed again on the way through steps that are done again."""

    def __init__(self, job: Job, ahead: Iterable[Override] = ()) -> None:
        """`ahead` was made by an earlier attempt beyond the checkpoint that this one goes on from, in that order."""
        self._job = job
        self._ahead = deque(ahead)
        self.epochs = job.config.epochs
        """In all."""
        self.patience = _patience(job.config)
        """Epochs without a better validation loss before early stopping; 0 for none."""

    @property
    def epochs_begun(self) -> int:
        """The epoch under way, or the last one where none is."""
        state = self._job.state
        under_way = state.step_in_epoch > 0 or self._job.report.epoch == state.epoch
        return state.epoch if under_way else state.epoch - 1

    def change(self, command: str, args: Mapping[str, Any]) -> str:
        """Do what `set_lr`, `set_patience` or `set_epochs` asks for; returns what to tell the user.

        Raises InvalidInput, and changes nothing, where it makes no sense.
        """
        match command:
            case "set_lr":
                return self._set_lr(args)
            case "set_patience":
                return self._set_patience(wanted_patience(args.get("patience", "")))
            case "set_epochs":
                return self._set_epochs(wanted_epochs(args.get("epochs", "")))
        raise InvalidInput(f"{command} changes no setting.")

    def again(self) -> None:
        """What was set here by an attempt whose steps from here on are done again."""
        here = (self._job.state.epoch, self._job.state.step)
        while self._ahead and (self._ahead[0].epoch, self._ahead[0].step) <= here:
            one = self._ahead.popleft()
            self._make(one.setting, number(one.value))

    def state(self) -> dict[str, int]:
        """What a checkpoint needs of it; the factor of the learning rate is the schedule's."""
        return {"epochs": self.epochs, "patience": self.patience}

    def load(self, content: Mapping[str, Any]) -> None:
        """Go on from a checkpoint. A key that was changed in the config since is newer than what a command set."""
        job, before = self._job, content["config"]
        kept = content.get("adjusted", {})
        planned = kept.get("epochs", before["epochs"])
        if before["epochs"] == job.config.epochs:
            self.epochs = planned
        else:
            self._forget(override_names.EPOCHS)
        if all(before[key] == getattr(job.config, key) for key in ("early_stopping", "es_patience")):
            self.patience = kept.get("patience", self.patience)
        else:
            self._forget(override_names.PATIENCE)
        if before["lr_strategy"] != job.config.lr_strategy:
            job.schedule.start(job.state.step, max(1, self._epochs_left))
            return
        job.schedule.load(content["schedule"])
        if before["learning_rate"] != job.config.learning_rate:
            job.schedule.scale(job.config.learning_rate / job.schedule.base)
        if self.epochs != planned:
            self._replan()

    @property
    def _epochs_left(self) -> int:
        """The one under way included."""
        return self.epochs - (self._job.state.epoch - 1)

    def _set_lr(self, args: Mapping[str, Any]) -> str:
        schedule = self._job.schedule
        name, value = wanted_rate(args)
        of = {"learning_rate": schedule.base, "rate": schedule.scheduled, "factor": 1.0}
        factor = value / of[name]
        if not 0 < factor < math.inf:
            raise InvalidInput(f"{value:g} is no rate that this schedule can be scaled to.")
        self._newer(override_names.LR_FACTOR, factor)
        rising = f", and rises to {schedule.scheduled * schedule.factor:.3g}" if schedule.warming_up else ""
        return f"the learning rate is {schedule.lr:.3g} from step {self._job.state.step} on{rising}"

    def _set_patience(self, patience: int) -> str:
        self._newer(override_names.PATIENCE, patience)
        if not patience:
            return "no early stopping from now on"
        waited = self._job.state.bad_epochs
        so_far = f"; {waited} {'has' if waited == 1 else 'have'} passed by now" if waited else ""
        epochs = "epoch" if patience == 1 else "epochs"
        return f"early stopping after {patience} {epochs} without a better validation loss{so_far}"

    def _set_epochs(self, epochs: int) -> str:
        begun = self.epochs_begun
        if epochs < begun:
            few = f"Epoch {begun} has begun: {epochs} epochs in all would be too few."
            raise InvalidInput(few, f"Give {begun} or more.")
        if epochs == self.epochs:
            return f"{epochs} epochs in all, as planned"
        was = self.epochs
        self._newer(override_names.EPOCHS, epochs)
        schedule = self._job.schedule
        floor = schedule.at_its_end and epochs > was
        rate = f"; the schedule is at its end, so the learning rate stays at {schedule.lr:.3g}" if floor else ""
        return f"{epochs} epochs in all, planned anew from step {self._job.state.step} on{rate}"

    def _newer(self, setting: str, value: float) -> None:
        """What is asked for now takes the place of what an earlier attempt had still to come."""
        self._forget(setting)
        self._make(setting, value)

    def _forget(self, setting: str) -> None:
        self._ahead = deque(one for one in self._ahead if one.setting != setting)

    def _make(self, setting: str, value: float) -> None:
        job = self._job
        match setting:
            case override_names.LR_FACTOR:
                job.schedule.scale(value)
            case override_names.PATIENCE:
                self.patience = int(value)
            case override_names.EPOCHS:
                self.epochs = int(value)
                self._replan()
        rate = job.schedule.lr if setting == override_names.LR_FACTOR else 0.0
        job.report.override(setting, value, job.state.step, job.state.epoch, rate)

    def _replan(self) -> None:
        if self._epochs_left > 0:
            self._job.schedule.replan(self._epochs_left)


def _patience(config: TrainingConfig) -> int:
    return config.es_patience if config.early_stopping else 0
