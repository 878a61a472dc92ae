"""Which of a finding's causes is the likeliest: what the config, the facts and the curves say for and against each."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median

from training.diagnosis.history import History
from training.diagnosis.rules import inputs, val_noisy

Sign = Callable[[History], float | None]
"""For (above 0), against (below 0) or nothing known (0); None where it is ruled out."""

SPIKE = 10.0
SMALL_BATCH = 16
HEAVY_DROPOUT = 0.5
DECAYED = 0.05
PARAMETERS_AN_IMAGE = 1000.0
WELL_PAST = 3.0
SHORT_PATIENCE = 5


def ranked(causes: tuple[str, ...], history: History) -> tuple[str, ...]:
    """The causes, the likeliest first; those that say nothing keep the order of the guide."""
    signs = [(cause, _sign(cause, history)) for cause in causes]
    kept = [(cause, sign) for cause, sign in signs if sign is not None]
    return tuple(cause for cause, _ in sorted(kept, key=lambda pair: -pair[1])) or causes


def _sign(cause: str, history: History) -> float | None:
    for words, sign in _SIGNS:
        if words in cause:
            return sign(history)
    return 0.0


def _high_rate(history: History) -> float:
    position = history.lr_position
    return 0.0 if position is None or position == 0 else 2.0 if position > 1 else -1.0


def _low_rate(history: History) -> float:
    position = history.lr_position
    return 0.0 if position is None or position == 0 else 2.0 if position < -1 else -1.0


def _decayed(history: History) -> float | None:
    """Whether the schedule has taken the rate down to almost nothing."""
    rates = history.lr
    if history.settings.get("lr_strategy") == "Constant":
        return None
    return 2.0 if rates.first is not None and rates.y[-1] <= DECAYED * rates.first.y else 0.0


def _spikes(history: History) -> float:
    """Whether single steps had gradients many times the usual."""
    usual, highest = history.grad_norm.last(20), history.grad_norm_max.last(20)
    return 1.0 if usual and highest and max(highest) >= SPIKE * median(usual) else 0.0


def _raw_inputs(history: History) -> float | None:
    deviation = history.facts.input_std
    if deviation is None:
        return 0.0
    return 3.0 if deviation >= inputs.LARGE else None


def _no_schedule(history: History) -> float | None:
    strategy = history.settings.get("lr_strategy")
    if strategy is None:
        return 0.0
    return 1.0 if strategy == "Constant" else None


def _plateau_schedule(history: History) -> float | None:
    strategy = history.settings.get("lr_strategy")
    return 0.0 if strategy in (None, "ReduceLROnPlateau") else None


def _small_batch(history: History) -> float:
    batch = history.settings.get("batch_size")
    return 0.5 if isinstance(batch, int) and batch < SMALL_BATCH else 0.0


def _regularised(history: History) -> float:
    """Whether dropout or decay is heavy, as far as the config tells."""
    dropout = history.settings.dropout
    return 1.0 if dropout is not None and dropout > HEAVY_DROPOUT else 0.0


def _large_model(history: History) -> float:
    parameters, images = history.facts.parameters, history.facts.n_train
    return 0.5 if parameters and images and parameters / images >= PARAMETERS_AN_IMAGE else 0.0


def _too_long(history: History) -> float:
    """Whether most of the training came after the best epoch."""
    lowest = history.minimum
    return 0.5 if lowest is not None and history.epoch >= WELL_PAST * lowest.val_loss.x else 0.0


def _short_patience(history: History) -> float:
    patience = history.settings.get("es_patience")
    return 0.0 if patience is None else 1.0 if patience < SHORT_PATIENCE else -1.0


def _few_images(history: History) -> float:
    images = history.facts.n_val
    return 0.0 if images is None else 1.0 if images <= val_noisy.SMALL else -1.0


def _certain(_: History) -> float:
    """What is named only where it is known to have been done."""
    return 9.0


_SIGNS: tuple[tuple[str, Sign], ...] = (
    ("by hand at step", _certain),
    ("learning rate is far too high", _high_rate),
    ("learning rate is too high", _high_rate),
    ("learning rate is too low by now", _decayed),
    ("learning rate is cut too early", _decayed),
    ("learning rate is too low", _low_rate),
    ("gradients explode", _spikes),
    ("inputs are not normalised", _raw_inputs),
    ("no schedule lowers", _no_schedule),
    ("batch is too small", _small_batch),
    ("too much regularisation", _regularised),
    ("model is too large", _large_model),
    ("training goes on too long", _too_long),
    ("patience is shorter", _short_patience),
    ("patience of the schedule", _plateau_schedule),
    ("validation set is", _few_images),
)
"""Words that a cause holds, the more special first."""
