"""Changes to the optimizer, its learning rate and the loss, each with what it should do."""

from __future__ import annotations

from typing import Any

import msgspec

from training.config.patch import replaced
from training.config.schema import Optimizer, TrainingConfig
from training.diagnosis.case import Case, spelled
from training.diagnosis.findings import Fix
from training.diagnosis.patience_remedies import PATIENCE
from training.guide.decay import SMALL_DATA_HIGH, decay_range, stronger_decay
from training.guide.lr import above, below, corrected_learning_rate, learning_rate_range, sound_learning_rate
from training.guide.regime import is_transformer

CLIP = 1.0
LARGEST_BATCH = 128
WARMUP = 5
WARMUP_SHARE = 10
"""A warm-up takes at most one in so many epochs."""
SMOOTHING = 0.1


def lower_rate(case: Case) -> Fix | None:
    """A tenth, or the optimizer's default where that is still above the range (guide 3); never below the range."""
    effect = "The loss falls instead of staying at chance or exploding."
    if not case.knows("optimizer", "learning_rate"):
        return Fix(title="Lower the learning rate tenfold", effect=effect)
    low, _ = learning_rate_range(case.config)
    rate = max(corrected_learning_rate(case.config, "high"), low)
    return _lowered(case, Fix(title="", effect=effect, patch={"learning_rate": rate}))


def fifth_of_rate(case: Case) -> Fix | None:
    """A fifth, the lower end of the range at least; a rate that is far above the range is corrected as one."""
    effect = "The swings shrink and the losses settle lower."
    if not case.knows("optimizer", "learning_rate"):
        return Fix(title="Lower the learning rate to a fifth", effect=effect)
    low, high = learning_rate_range(case.config)
    fifth = float(f"{case.config.learning_rate / 5:.3g}")
    if above(fifth, high):
        fifth = corrected_learning_rate(case.config, "high")
    patch = {"learning_rate": max(fifth, low)}
    return _lowered(case, Fix(title="", effect=effect, patch=patch, start_from="best", live=True))


def raise_rate(case: Case) -> Fix | None:
    """Ten times, up to the upper end of the range (guide, section 3)."""
    effect = "The loss falls several times faster."
    if not case.knows("optimizer", "learning_rate"):
        return Fix(title="Raise the learning rate tenfold", effect=effect)
    now = case.config.learning_rate
    if case.rate is not None and above(case.rate, now):  # it was raised by hand since
        now = case.rate
    rate = corrected_learning_rate(replaced(case.config, "learning_rate", now), "low")
    if not above(rate, now):
        return None
    title = f"Raise learning_rate from {spelled(now)} to {spelled(rate)}"
    return Fix(title=title, effect=effect, patch={"learning_rate": rate}, start_from="last", live=True)


def _lowered(case: Case, fix: Fix) -> Fix | None:
    """The fix with its title; None where its rate is no lower than the present one."""
    now, rate = case.config.learning_rate, fix.patch["learning_rate"]
    if not below(rate, now):
        return None
    return msgspec.structs.replace(fix, title=f"Lower learning_rate from {spelled(now)} to {spelled(rate)}")


def adam(case: Case) -> Fix | None:
    """The guide's quick fix: Adam at 1e-3, or at the rate of the range that the model and mode leave it; AdamW where a
    transformer is trained.
    """
    if not case.knows("optimizer", "learning_rate"):
        return Fix(
            title="Try Adam at a learning rate of 0.001", effect="It learns at this rate on nearly every problem."
        )
    optimizer: Optimizer = "AdamW" if is_transformer(case.config) else "Adam"
    patch = _switch(case.config, optimizer)
    same = case.config.optimizer == optimizer
    if patch is None or (same and not _leads_away(case, _rate_after(case.config, patch))):
        return None
    rate = spelled(_rate_after(case.config, patch))
    return Fix(
        title=f"Set learning_rate to {rate}" if same else f"Use {optimizer} at a learning rate of {rate}",
        effect=f"{optimizer} scales its steps to each weight, and learns at this rate on nearly every problem.",
        patch=patch,
    )


def _leads_away(case: Case, rate: float) -> bool:
    """Whether a rate lies on the other side of the trouble; where no side is known, whether the present one is odd."""
    now = case.config.learning_rate
    if case.label == "lr_too_high_flat":
        return below(rate, now)
    if case.label == "lr_too_low":
        return above(rate, now)
    return case.settings.lr_position(now) != 0.0


def adam_for_sgd(case: Case) -> Fix | None:
    return adam(case) if case.config.optimizer == "SGD with Momentum" or not case.knows("optimizer") else None


def adamw(case: Case) -> Fix | None:
    """Adam → AdamW at a decay of 0.01, which it applies apart from the gradient."""
    if not case.knows("optimizer", "learning_rate") or case.config.optimizer != "Adam":
        return None
    patch = {"l2_decay": True, "l2_lambda": decay_range("AdamW")[0]} | (_switch(case.config, "AdamW") or {})
    return Fix(
        title="Use AdamW with a weight decay of 0.01",
        effect="Its decay steadies the weights without bending the steps; validation swings less.",
        patch=patch,
        start_from="best",
    )


def _switch(config: TrainingConfig, optimizer: Optimizer) -> dict[str, Any] | None:
    """The patch to another optimizer with a rate and a decay that suit it; None where it changes nothing."""
    changed = replaced(config, "optimizer", optimizer)
    low, high = learning_rate_range(changed)
    patch: dict[str, Any] = {}
    if optimizer != config.optimizer:
        patch["optimizer"] = optimizer
    rate = sound_learning_rate(changed)
    keeps = optimizer != config.optimizer and not (
        below(config.learning_rate, low) or above(config.learning_rate, high)
    )
    if not keeps and (above(rate, config.learning_rate) or below(rate, config.learning_rate)):
        patch["learning_rate"] = rate
    if optimizer != config.optimizer and config.l2_decay:
        patch |= _fitting_decay(config.l2_lambda, optimizer)
    return patch or None


def _fitting_decay(decay: float, optimizer: Optimizer) -> dict[str, float]:
    """What brings another optimizer's decay into the range of this one: AdamW's is far larger."""
    low, high = decay_range("AdamW") if optimizer == "AdamW" else (0.0, SMALL_DATA_HIGH)
    fitting = min(max(decay, low), high)
    return {} if fitting == decay else {"l2_lambda": fitting}


def _rate_after(config: TrainingConfig, patch: dict[str, Any]) -> float:
    return float(patch.get("learning_rate", config.learning_rate))


def clip(case: Case) -> Fix | None:
    """Clip the gradient's norm at 1; a tighter clip stays."""
    effect = "A single huge gradient can no longer throw the weights away."
    if not case.whole:
        return Fix(title=f"Clip the gradient norm at {spelled(CLIP)}", effect=effect)
    now = case.config.optimization.grad_clip
    if now is not None and now <= CLIP:
        return None
    title = (
        f"Clip the gradient norm at {spelled(CLIP)}"
        if now is None
        else f"Lower grad_clip from {spelled(now)} to {spelled(CLIP)}"
    )
    return Fix(title=title, effect=effect, patch={"optimization.grad_clip": CLIP})


def warm_up(case: Case) -> Fix | None:
    """A rate that rises from zero over the first epochs, a tenth of the run and WARMUP at most."""
    effect = "The first steps are small, while gradients are largest; the rate is reached once the net can bear it."
    if not case.whole:
        return Fix(title="Warm the learning rate up over the first epochs", effect=effect)
    now, to = case.config.optimization.warmup_epochs, min(WARMUP, case.config.epochs // WARMUP_SHARE)
    if to <= now:
        return None
    title = f"Warm the learning rate up over {to} {'epoch' if to == 1 else 'epochs'}"
    return Fix(title=title, effect=effect, patch={"optimization.warmup_epochs": to})


def label_smoothing(case: Case) -> Fix | None:
    """SMOOTHING, where there is none (Szegedy et al. 2016)."""
    effect = "Being ever surer of a training image no longer pays, and the validation loss rises later."
    if not case.whole or case.config.optimization.label_smoothing > 0:
        return None
    patch = {"optimization.label_smoothing": SMOOTHING}
    return Fix(title=f"Smooth the labels by {spelled(SMOOTHING)}", effect=effect, patch=patch, start_from="best")


def decay(case: Case) -> Fix | None:
    """The next stronger weight decay of this optimizer (guide, section 5)."""
    effect = "Smaller weights fit the noise of the training images less."
    if not case.knows("optimizer", "l2_decay"):
        return Fix(title="Raise the weight decay", effect=effect)
    patch = stronger_decay(case.config)
    if patch is None:
        return None
    now = case.config.effective_decay
    title = f"Raise the weight decay from {spelled(now)} to {spelled(patch['l2_lambda'])}"
    return Fix(title=title, effect=effect, patch=patch, start_from="best")


def less_decay(case: Case) -> Fix | None:
    """Down to the upper end of the optimizer's range, then to its lower end."""
    if not case.knows("optimizer", "l2_decay"):
        return None
    low, high = decay_range(case.config.optimizer)
    now = case.config.effective_decay
    to = high if now > high else low if now > low else None
    if to is None:
        return None
    return Fix(
        title=f"Lower the weight decay from {spelled(now)} to {spelled(to)}",
        effect="The weights can grow as large as the problem needs.",
        patch={"l2_decay": True, "l2_lambda": to},
    )


def scheduler(case: Case) -> Fix | None:
    """ReduceLROnPlateau where the rate is constant: the guide's first thing to try after Constant (section 4)."""
    effect = "The learning rate halves whenever validation stalls, so that the losses settle lower."
    if not case.knows("lr_strategy"):
        words = Fix(title="Lower the learning rate over the epochs with a schedule", effect=effect)
        return None if case.scheduled else words
    if case.config.lr_strategy != "Constant":
        return None
    patch: dict[str, Any] = {"lr_strategy": "ReduceLROnPlateau"}
    if case.config.early_stopping and case.config.es_patience < PATIENCE:
        patch["es_patience"] = PATIENCE
    return Fix(title="Use the ReduceLROnPlateau schedule", effect=effect, patch=patch, start_from="best")


def larger_batch(case: Case) -> Fix | None:
    """Twice the batch, up to where the guide sees it generalise worse (section 7)."""
    effect = "Gradients of more images are steadier, and so are the losses."
    if not case.knows("batch_size"):
        return Fix(title="Use a larger batch", effect=effect)
    now = case.config.batch_size
    if not isinstance(now, int) or 2 * now > LARGEST_BATCH:
        return None
    return Fix(title=f"Raise batch_size from {now} to {2 * now}", effect=effect, patch={"batch_size": 2 * now})
