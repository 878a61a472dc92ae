"""The learning rate over the run: torch's schedule, times the warm-up, times a factor that a command may set."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from torch.optim import Optimizer
from torch.optim.lr_scheduler import CosineAnnealingLR, LRScheduler, ReduceLROnPlateau

AT_ITS_END = 1 - 1e-9
"""A share of a schedule from which on nothing is left of it: what rounding leaves of 1."""


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
        self._started = list(self._scheduled)
        self._step = 0
        self.factor = 1.0
        self._apply()

    @property
    def lr(self) -> float:
        """The rate in force for the next step, of the first group of parameters."""
        return float(self._optimizer.param_groups[0]["lr"])

    @property
    def base(self) -> float:
        """The rate of the first group that the schedule started from: the config's, whatever a fork set it to since."""
        return self._started[0]

    @property
    def scheduled(self) -> float:
        """The rate of the first group by the schedule alone, without the warm-up and the factor."""
        return self._scheduled[0]

    @property
    def warming_up(self) -> bool:
        return self._step < self._warmup_steps

    def scale(self, factor: float) -> None:
        """From the next step on, train at the scheduled rate times this factor."""
        self.factor = factor
        self._apply()

    def replan(self, left: int) -> None:
        """Spread what is left of the schedule over `left` epochs, the one in progress included; at least 1.

        Only Cosine Annealing has an end to be moved. At share p of its way now, it goes through the rest of the way in
        equal parts: after k more epochs it is at p + (1 − p) · k / left, and so at its floor when they are over. The
        rate in force stays until the epoch ends, and as many epochs as were planned change nothing. Where the end is
        reached already there is no way left: the rate stays at its floor. Step Decay, Exponential Decay and
        ReduceLROnPlateau go on by their rule, epoch by epoch; Step Decay keeps the distance between its drops.
        """
        cosine = self._scheduler
        if not isinstance(cosine, CosineAnnealingLR):
            return
        if self.at_its_end:  # a cosine of endless length is constant
            cosine.T_max, cosine.last_epoch = math.inf, 0  # type: ignore[assignment]
            return
        share = cosine.last_epoch / cosine.T_max
        # torch's rule goes from one epoch to the next, and by the share alone: it takes fractions of epochs.
        cosine.T_max = left / (1 - share)  # type: ignore[assignment]
        cosine.last_epoch = share * cosine.T_max  # type: ignore[assignment]

    @property
    def at_its_end(self) -> bool:
        """Whether it has an end, and has come to it."""
        cosine = self._scheduler
        if not isinstance(cosine, CosineAnnealingLR):
            return False
        return cosine.T_max == math.inf or cosine.last_epoch / cosine.T_max >= AT_ITS_END

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
            "started": list(self._started),
            "factor": self.factor,
            "step": self._step,
        }

    def load(self, state: Mapping[str, Any]) -> None:
        """Go on from a state."""
        if self._scheduler is not None and state["scheduler"] is not None:
            self._scheduler.load_state_dict(state["scheduler"])
        self._scheduled = list(state["scheduled"])
        self._started = list(state.get("started", self._started))
        self._step, self.factor = state["step"], state["factor"]
        self._apply()

    def start(self, step: int, left: int) -> None:
        """Begin the schedule of another config here, after that many steps, with `left` epochs to come."""
        for group, rate in zip(self._optimizer.param_groups, self._started, strict=True):
            group["initial_lr"] = rate
        self._step = step
        self.replan(left)
        self._apply()

    def _apply(self) -> None:
        warm = min(1.0, (self._step + 1) / self._warmup_steps) if self._warmup_steps else 1.0
        self._set([rate * warm * self.factor for rate in self._scheduled])

    def _set(self, rates: list[float]) -> None:
        for group, rate in zip(self._optimizer.param_groups, rates, strict=True):
            group["lr"] = rate
