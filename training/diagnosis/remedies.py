"""Single changes to the settings of the training, each with what it should do; None where one does not apply.

None means that the change would alter nothing, weaken what it is meant to strengthen, or leave the guide's ranges.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from training.config.fields import format_value
from training.config.patch import replaced
from training.config.schema import Optimizer, TrainingConfig
from training.diagnosis.findings import Fix
from training.diagnosis.settings import Settings
from training.guide.decay import SMALL_DATA_HIGH, decay_range, stronger_decay
from training.guide.lr import above, below, corrected_learning_rate, learning_rate_range, sound_learning_rate

CLIP = 1.0
PATIENCE = 10
LONGEST = 1000
LARGEST_BATCH = 128


@dataclass(frozen=True)
class Case:
    """What a remedy may look at: the settings, the finding's label and variant, and the epoch the trouble began in."""

    settings: Settings
    label: str
    since: int
    variant: str

    @property
    def config(self) -> TrainingConfig:
        return self.settings.config

    def knows(self, *keys: str) -> bool:
        return self.settings.known.issuperset(keys)


def spelled(rate: float) -> str:
    """A number as the config file spells it; 1.0 as 1."""
    return format_value(rate).removesuffix(".0")


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
    now, rate = case.config.learning_rate, corrected_learning_rate(case.config, "low")
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
    """The guide's quick fix: Adam at 1e-3, or at the rate of the range that the model and mode leave it."""
    if not case.knows("optimizer", "learning_rate"):
        return Fix(
            title="Try Adam at a learning rate of 0.001", effect="It learns at this rate on nearly every problem."
        )
    patch = _switch(case.config, "Adam")
    if patch is None or (case.config.optimizer == "Adam" and not _leads_away(case, _rate_after(case.config, patch))):
        return None
    return Fix(
        title=f"Use Adam at a learning rate of {spelled(_rate_after(case.config, patch))}",
        effect="Adam scales its steps to each weight, and learns at this rate on nearly every problem.",
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
    strongest = decay_range(optimizer)[1] if optimizer == "AdamW" else SMALL_DATA_HIGH
    if optimizer != config.optimizer and config.l2_decay and config.l2_lambda > strongest:
        patch["l2_lambda"] = strongest
    return patch or None


def _rate_after(config: TrainingConfig, patch: dict[str, Any]) -> float:
    return float(patch.get("learning_rate", config.learning_rate))


def clip(case: Case) -> Fix | None:
    """Clip the gradient's norm at 1; a tighter clip stays."""
    effect = "A single huge gradient can no longer throw the weights away."
    if not case.settings.whole:
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
        return Fix(title="Lower the learning rate over the epochs with a schedule", effect=effect)
    if case.config.lr_strategy != "Constant":
        return None
    patch: dict[str, Any] = {"lr_strategy": "ReduceLROnPlateau"}
    if case.config.early_stopping and case.config.es_patience < PATIENCE:
        patch["es_patience"] = PATIENCE
    return Fix(title="Use the ReduceLROnPlateau schedule", effect=effect, patch=patch, start_from="best")


def patience(case: Case) -> Fix | None:
    """Early stopping that waits for ten epochs at least (guide, sections 4 and 7)."""
    if not case.knows("early_stopping", "es_patience") or not case.config.early_stopping:
        return None
    now = case.config.es_patience
    if now >= PATIENCE:
        return None
    return Fix(
        title=f"Raise es_patience from {now} to {PATIENCE}",
        effect="Early stopping waits until a lower learning rate has had its chance.",
        patch={"es_patience": PATIENCE},
        start_from="last",
    )


def larger_batch(case: Case) -> Fix | None:
    """Twice the batch, up to where the guide sees it generalise worse (section 7)."""
    effect = "Gradients of more images are steadier, and so are the losses."
    if not case.knows("batch_size"):
        return Fix(title="Use a larger batch", effect=effect)
    now = case.config.batch_size
    if not isinstance(now, int) or 2 * now > LARGEST_BATCH:
        return None
    return Fix(title=f"Raise batch_size from {now} to {2 * now}", effect=effect, patch={"batch_size": 2 * now})


def early_stopping(case: Case) -> Fix | None:
    effect = "Training ends soon after the validation loss was lowest, and that epoch's weights are kept."
    if not case.knows("early_stopping"):
        return Fix(title="Use early stopping", effect=effect)
    if case.config.early_stopping:
        return None
    return Fix(
        title=f"Switch early stopping on, with a patience of {PATIENCE}",
        effect=effect,
        patch={"early_stopping": True, "es_patience": PATIENCE},
    )


def fewer_epochs(case: Case) -> Fix | None:
    """As many as it took to the minimum of the validation loss, and a few more."""
    if not case.knows("epochs"):
        return None
    enough = case.since + max(2, case.since // 5)
    if enough >= case.config.epochs:
        return None
    return Fix(
        title=f"Lower epochs from {case.config.epochs} to {enough}",
        effect=f"Training ends near its best epoch, {case.since}.",
        patch={"epochs": enough},
    )


def more_epochs(case: Case) -> Fix | None:
    if not case.knows("epochs") or case.config.epochs >= LONGEST:
        return None
    more = min(LONGEST, 2 * case.config.epochs)
    return Fix(
        title=f"Raise epochs from {case.config.epochs} to {more}",
        effect="A slow run gets further; one that has settled will not.",
        patch={"epochs": more},
        start_from="last",
    )
