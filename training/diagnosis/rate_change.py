"""A learning rate that somebody set by hand."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class RateChange:
    """The learning rate was set by hand, from that step on."""

    step: int
    epoch: int
    rate: float
    before: float
    """The rate that was in force until then."""

    @property
    def sentence(self) -> str:
        return f"the learning rate was set to {self.rate:.3g} by hand at step {self.step}, from {self.before:.3g}"
