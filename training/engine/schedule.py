"""The learning rate over the run: torch's schedule, times a factor that a command may set on the way."""

from __future__ import annotations

from typing import Any

from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler, ReduceLROnPlateau


class Schedule:
    """lr(t) = scheduled(t) × factor.

    torch's schedulers compute the next rate from the one in the optimizer, so they are stepped on the scheduled rate
    and never see the factor.
    """

    def __init__(self, optimizer: Optimizer, scheduler: LRScheduler | None) -> None:
        self._optimizer = optimizer
        self._scheduler = scheduler
        self._scheduled: list[float] = [group["lr"] for group in optimizer.param_groups]
        self.factor = 1.0

    @property
    def lr(self) -> float:
        """The rate in force for the next step."""
        return float(self._optimizer.param_groups[0]["lr"])

    def scale(self, factor: float) -> None:
        """From the next step on, train at the scheduled rate times this factor."""
        self.factor = factor
        self._set([rate * factor for rate in self._scheduled])

    def step(self, val_loss: float) -> None:
        """An epoch is over."""
        if self._scheduler is None:
            return
        self._set(self._scheduled)
        if isinstance(self._scheduler, ReduceLROnPlateau):
            self._scheduler.step(val_loss)
        else:
            self._scheduler.step()
        self._scheduled = [group["lr"] for group in self._optimizer.param_groups]
        self.scale(self.factor)

    def state(self) -> dict[str, Any]:
        """What a checkpoint needs to go on from here."""
        return {
            "scheduler": self._scheduler.state_dict() if self._scheduler else None,
            "scheduled": list(self._scheduled),
            "factor": self.factor,
        }

    def _set(self, rates: list[float]) -> None:
        for group, rate in zip(self._optimizer.param_groups, rates, strict=True):
            group["lr"] = rate
