"""Which learning rates the guide holds to be sound, and the way back to one (guide, section 3)."""

from __future__ import annotations

import math
from typing import Literal

from training.config.schema import Optimizer, TrainingConfig
from training.guide.regime import Regime, regime

Range = tuple[float, float]

DEFAULTS: dict[Optimizer, float] = {"Adam": 1e-3, "AdamW": 1e-3, "SGD with Momentum": 1e-2, "RMSprop": 1e-3}
"""Guide, section 2."""

# Guide, section 3: the Adam column, which every adaptive optimizer uses.
_ADAPTIVE: dict[Regime, Range] = {
    "cnn_scratch": (1e-4, 1e-3),
    "frozen": (1e-4, 1e-3),
    "fine_tuning": (1e-5, 1e-4),
    "transformer_scratch": (1e-4, 3e-4),
    "transformer_fine_tuning": (1e-5, 1e-4),
}
# Guide, section 3: the SGD column. From scratch it takes the union with section 2's range. For transformers section 3
# only says "not recommended", so section 2's range holds.
_SGD: dict[Regime, Range] = {
    "cnn_scratch": (1e-3, 1e-1),
    "frozen": (1e-3, 1e-2),
    "fine_tuning": (1e-4, 1e-3),
    "transformer_scratch": (1e-2, 1e-1),
    "transformer_fine_tuning": (1e-2, 1e-1),
}
# RMSprop from scratch goes up to section 2's upper end; transformers keep their own, far lower one.
_RMSPROP_SCRATCH_HIGH = 1e-2

# Guide, section 7: linear scaling starts from this batch size and stops at this LR for adaptive optimizers.
REFERENCE_BATCH = 32
ADAPTIVE_CAP = 5e-3

# Two LRs that differ by less than this share are the same: decimals that went through binary floating point.
_TOLERANCE = 1e-9


def unscaled_range(config: TrainingConfig) -> Range:
    """Lowest and highest sound LR for this model, mode and optimizer at a batch of 32."""
    row = regime(config)
    if config.optimizer == "SGD with Momentum":
        return _SGD[row]
    low, high = _ADAPTIVE[row]
    return low, _RMSPROP_SCRATCH_HIGH if config.optimizer == "RMSprop" and row == "cnn_scratch" else high


def learning_rate_range(config: TrainingConfig) -> Range:
    """Lowest and highest sound LR for this model, mode, optimizer and batch size.

    The model and mode decide; the upper end grows with the batch size beyond 32, for adaptive optimizers up to 5e-3. It
    does not shrink below 32: the guide's own small-data preset keeps 1e-3 at a batch of 16.
    """
    low, high = unscaled_range(config)
    scaled = rounded(high * _batch_scale(config))
    return low, scaled if config.optimizer == "SGD with Momentum" else max(high, min(scaled, ADAPTIVE_CAP))


def _batch_scale(config: TrainingConfig) -> float:
    return max(1.0, config.images_per_step / REFERENCE_BATCH)


def default_learning_rate(optimizer: Optimizer) -> float:
    """The optimizer's usual LR (guide, section 2)."""
    return DEFAULTS[optimizer]


def sound_learning_rate(config: TrainingConfig) -> float:
    """The optimizer's default, moved into the range of this model and mode: fine-tuning takes a 10× lower LR."""
    low, high = unscaled_range(config)
    return min(max(default_learning_rate(config.optimizer), low), high)


def scaled_learning_rate(config: TrainingConfig) -> float:
    """The sound LR times batch / 32, within the range (guide, section 7), down to two digits."""
    return _down(min(rounded(sound_learning_rate(config) * _batch_scale(config)), learning_rate_range(config)[1]))


def corrected_learning_rate(config: TrainingConfig, too: Literal["high", "low"]) -> float:
    """The LR to try after one that proved too high or too low.

    Too high: a tenth; where that is still above the range, the optimizer's default within the range, since Adam at
    LR 1.0 is still dead at 0.1. Too low: ten times, up to the upper end of the range; an LR at or above that end comes
    back unchanged.
    """
    _, high = learning_rate_range(config)
    now = config.learning_rate
    if too == "low":
        return max(now, min(rounded(now * 10), high))
    tenth = rounded(now / 10)
    return sound_learning_rate(config) if above(tenth, high) else tenth


def above(rate: float, limit: float) -> bool:
    """Whether an LR exceeds a limit by more than rounding."""
    return rate > limit * (1 + _TOLERANCE)


def below(rate: float, limit: float) -> bool:
    """Whether an LR falls short of a limit by more than rounding."""
    return rate < limit * (1 - _TOLERANCE)


def _down(rate: float) -> float:
    """Two significant digits, never more than the LR itself."""
    short = float(f"{rate:.1e}")
    digit = 10 ** (math.floor(math.log10(short)) - 1)
    return rounded(short - digit) if above(short, rate) else short


def rounded(rate: float) -> float:
    """Six significant digits: what the product of two decimals should have been."""
    return float(f"{rate:.6g}")
