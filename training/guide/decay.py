"""Which weight decay the guide holds to be sound for each optimizer, and the next stronger one (guide, section 5)."""

from __future__ import annotations

from typing import Any

from training.config.schema import Optimizer, TrainingConfig

RANGES: dict[Optimizer, tuple[float, float]] = {
    "Adam": (1e-5, 1e-4),
    "AdamW": (0.01, 0.1),
    "SGD with Momentum": (1e-4, 1e-3),
    "RMSprop": (1e-5, 1e-4),
}

# Small data may take ten times Adam's usual decay.
SMALL_DATA_HIGH = 1e-3

# Guide, section 5, "Ours, as a fix": what to raise the decay to, weakest first.
_RUNGS: dict[Optimizer, tuple[float, ...]] = {
    "Adam": (1e-4, 1e-3),
    "AdamW": (0.01, 0.05, 0.1),
    "SGD with Momentum": (1e-3,),
    "RMSprop": (1e-4, 1e-3),
}


def decay_range(optimizer: Optimizer) -> tuple[float, float]:
    """Lowest and highest usual weight decay."""
    return RANGES[optimizer]


def stronger_decay(config: TrainingConfig) -> dict[str, Any] | None:
    """A patch that raises the effective decay to the next rung of its optimizer; None where it is at the top already.

    It never weakens: AdamW without L2 runs at 0.01, so its next rung is 0.05.
    """
    stronger = [rung for rung in _RUNGS[config.optimizer] if rung > config.effective_decay]
    return {"l2_decay": True, "l2_lambda": stronger[0]} if stronger else None
