"""What a changed value means, in a few words: `10× lower`, `effective decay 0.01 → 0.0001: 100× weaker`."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from training.config.fields import format_value, value
from training.config.schema import TrainingConfig
from training.guide.lr import default_learning_rate
from training.guide.schedules import learning_rate_at

Words = tuple[str, str]
"""What is said of a larger number, and of a smaller one."""

RATIOS: dict[str, Words] = {
    "learning_rate": ("higher", "lower"),
    "epochs": ("longer", "shorter"),
    "optimization.grad_clip": ("looser", "tighter"),
    "model.backbone_lr": ("higher", "lower"),
    "model.dropout": ("stronger", "weaker"),
    "model.width": ("wider", "narrower"),
    "model.depth": ("deeper", "shallower"),
    "data.subset": ("more images", "fewer images"),
    "data.val_fraction": ("more images validate", "fewer images validate"),
    "dropout": ("stronger", "weaker"),
    "filters": ("wider", "narrower"),
    "units": ("wider", "narrower"),
}
"""By key; in the items of a list by name."""
DECAY_KEYS = ("l2_lambda", "l2_decay", "optimizer")
"""What the effective decay follows from; the first of them that differs tells of it."""
_MODES = {
    "frozen": "only the head is trained",
    "partial": "the last stages are trained, too",
    "full": "all of it is trained",
}


def meaning(key: str, old: TrainingConfig, new: TrainingConfig, differing: Collection[str]) -> str:
    """Of a key that counts in both configs, or in one; `differing` are all keys that differ. Empty where there is
    nothing to add to the two values."""
    parts = []
    if key == next((name for name in DECAY_KEYS if name in differing), ""):
        parts.append(effective_decay(old, new))
    if tell := _TELLERS.get(key):
        parts.append(tell(old, new))
    elif key in RATIOS:
        parts.append(ratio(value(old, key), value(new, key), RATIOS[key]))
    return "; ".join(part for part in parts if part)


def item_meaning(name: str, old: Any, new: Any) -> str:
    """Of a key of a block or a layer."""
    return ratio(old, new, RATIOS[name]) if name in RATIOS else ""


def ratio(old: Any, new: Any, words: Words) -> str:
    """`10× lower`; empty where one of the two is no number, or not above 0."""
    both = (old, new)
    if any(isinstance(one, bool) or not isinstance(one, int | float) or one <= 0 for one in both) or old == new:
        return ""
    return f"{max(both) / min(both):.3g}× {words[0] if new > old else words[1]}"


def effective_decay(old: TrainingConfig, new: TrainingConfig) -> str:
    """How the decay that the optimizer is given changes, where the config alone does not say so."""
    before, after = old.effective_decay, new.effective_decay
    if before == after:
        return f"effective decay stays {format_value(after)}" if after else ""
    stated = old.l2_decay and new.l2_decay and (before, after) == (old.l2_lambda, new.l2_lambda)
    times = ratio(before, after, ("stronger", "weaker"))
    if stated:
        return times
    change = f"effective decay {format_value(before)} → {format_value(after)}"
    return f"{change}: {times}" if times else change


def _optimizer(old: TrainingConfig, new: TrainingConfig) -> str:
    before, after = default_learning_rate(old.optimizer), default_learning_rate(new.optimizer)
    return "" if before == after else f"usual LR {format_value(before)} → {format_value(after)}"


def _batch(old: TrainingConfig, new: TrainingConfig) -> str:
    """The batch size, or `auto` on one side: then nobody knows."""
    if not (isinstance(old.batch_size, int) and isinstance(new.batch_size, int)):
        return ""
    size = ratio(old.batch_size, new.batch_size, ("larger", "smaller"))
    steps = ratio(new.images_per_step, old.images_per_step, ("more steps an epoch", "fewer steps an epoch"))
    return ", ".join(part for part in (size, steps) if part)


def _accumulate(old: TrainingConfig, new: TrainingConfig) -> str:
    if not (isinstance(old.batch_size, int) and isinstance(new.batch_size, int)):
        return ""
    return f"a step sees {old.images_per_step} → {new.images_per_step} images"


def _schedule(old: TrainingConfig, new: TrainingConfig) -> str:
    if new.lr_strategy == "ReduceLROnPlateau":
        return "LR follows the validation loss"
    last = f"{learning_rate_at(new, new.epochs):.2g}"
    if old.lr_strategy == "ReduceLROnPlateau":
        return f"ends at LR {last}"
    before = f"{learning_rate_at(old, old.epochs):.2g}"
    return f"ends at LR {before} → {last}" if before != last else ""


def _early_stopping(_: TrainingConfig, new: TrainingConfig) -> str:
    return f"may end before epoch {new.epochs}" if new.early_stopping else f"always trains {new.epochs} epochs"


def _patience(old: TrainingConfig, new: TrainingConfig) -> str:
    more = new.es_patience - old.es_patience
    return f"waits {_count(abs(more))} {'longer' if more > 0 else 'less'}" if more else ""


def _mode(_: TrainingConfig, new: TrainingConfig) -> str:
    return _MODES[new.model.mode]


def _image_size(old: TrainingConfig, new: TrainingConfig) -> str:
    before, after = old.data.image_size, new.data.image_size
    if before == "auto" or after == "auto":
        return ""
    return ratio(before**2, after**2, ("as many pixels", "fewer pixels"))


def _seed(_: TrainingConfig, __: TrainingConfig) -> str:
    return "another split, other weights to start from"


def _count(epochs: int) -> str:
    return "1 epoch" if epochs == 1 else f"{epochs} epochs"


_TELLERS: dict[str, Callable[[TrainingConfig, TrainingConfig], str]] = {
    "optimizer": _optimizer,
    "batch_size": _batch,
    "optimization.accumulate": _accumulate,
    "lr_strategy": _schedule,
    "early_stopping": _early_stopping,
    "es_patience": _patience,
    "model.mode": _mode,
    "data.image_size": _image_size,
    "runtime.seed": _seed,
}
