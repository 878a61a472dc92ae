"""The learning rate over the run: torch's schedule, times the warm-up, times a factor that a command may set."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler, ReduceLROnPlateau


class Schedule:
    """lr(step) = scheduled(epoch) × min(1, (step + 1) / warm-up steps) × factor.

    torch's schedulers compute the next rate from the one in the optimizer, so they are stepped on the scheduled rate
    and never see the other two. ReduceLROnPlateau only counts epochs after the warm-up: before, a validation loss that
    does not fall says nothing about the rate.
    """

    def __init__(self, optimizer: Optimizer, scheduler: LRScheduler | None, warmup_steps: int = 0) -> None:
        self._optimizer = optimizer
        self._scheduler = scheduler
        self._warmup_steps = warmup_steps
        self._scheduled: list[float] = [group["lr"] for group in optimizer.param_groups]
        self._step = 0
        self.factor = 1.0
        self._apply()

    @property
    def lr(self) -> float:
        """The rate in force for the next step, of the first group of parameters."""
        return float(self._optimizer.param_groups[0]["lr"])

    @property
    def warming_up(self) -> bool:
        return self._step < self._warmup_steps

    def scale(self, factor: float) -> None:
        """From the next step on, train at the scheduled rate times this factor."""
        self.factor = factor
        self._apply()

    def count_step(self) -> None:
        """A step was taken."""
        warming_up = self.warming_up
        self._step += 1
        if warming_up:
            self._apply()

    def step(self, val_loss: float) -> None:
        """An epoch is over."""
        if self._scheduler is None:
            return
        self._set(self._scheduled)
        if not isinstance(self._scheduler, ReduceLROnPlateau):
            self._scheduler.step()
        elif not self.warming_up:
            self._scheduler.step(val_loss)
        self._scheduled = [group["lr"] for group in self._optimizer.param_groups]
        self._apply()

    def state(self) -> dict[str, Any]:
        """What a checkpoint needs to go on from here."""
        return {
            "scheduler": self._scheduler.state_dict() if self._scheduler else None,
            "scheduled": list(self._scheduled),
            "factor": self.factor,
            "step": self._step,
        }

    def load(self, state: Mapping[str, Any]) -> None:
        """Go on from a state."""
        if self._scheduler is not None and state["scheduler"] is not None:
            self._scheduler.load_state_dict(state["scheduler"])
        self._scheduled = list(state["scheduled"])
        self._step, self.factor = state["step"], state["factor"]
        self._apply()

    def _apply(self) -> None:
        warm = min(1.0, (self._step + 1) / self._warmup_steps) if self._warmup_steps else 1.0
        self._set([rate * warm * self.factor for rate in self._scheduled])

    def _set(self, rates: list[float]) -> None:
        for group, rate in zip(self._optimizer.param_groups, rates, strict=True):
            group["lr"] = rate
