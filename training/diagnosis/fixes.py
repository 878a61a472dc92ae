"""Which fixes a finding carries, in the guide's order (guide, section 11)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from training.diagnosis import model_remedies, remedies
from training.diagnosis.findings import Fix
from training.diagnosis.history import History
from training.diagnosis.remedies import Case
from training.diagnosis.rules.rule import Evidence
from training.diagnosis.settings import Settings

Remedy = Callable[[Case], Fix | None]

FAR_ABOVE = 2.0
"""A learning rate so many times above the guide's range comes before clipping, whenever the loss exploded."""

_LEARN: tuple[Remedy, ...] = (model_remedies.larger, model_remedies.normalise, remedies.adam)
_SETTLE: tuple[Remedy, ...] = (
    remedies.fifth_of_rate,
    remedies.adamw,
    remedies.scheduler,
    remedies.patience,
    remedies.larger_batch,
)
_DIVERGED: tuple[Remedy, ...] = (remedies.lower_rate, remedies.adam_for_sgd, remedies.clip)
_DIVERGED_LATE: tuple[Remedy, ...] = (remedies.clip, remedies.lower_rate, remedies.adam_for_sgd)
_CAPACITY: tuple[Remedy, ...] = (
    model_remedies.larger,
    model_remedies.less_dropout,
    remedies.less_decay,
    remedies.raise_rate,
    remedies.more_epochs,
)

REMEDIES: dict[str, tuple[Remedy, ...]] = {
    "lr_too_high_flat": (remedies.lower_rate, *_LEARN),
    "lr_too_low": (remedies.raise_rate, *_LEARN),
    "vanishing_gradients": (
        model_remedies.open_the_gradient,
        model_remedies.normalise,
        remedies.adam,
        model_remedies.another_start,
    ),
    "not_learning": (*_LEARN, model_remedies.check_labels),
    "divergence": _DIVERGED,
    "divergence/mid_run": _DIVERGED_LATE,
    "nan": (*_DIVERGED, model_remedies.check_data),
    "nan/mid_run": (*_DIVERGED_LATE, model_remedies.check_data),
    "nan/validation": (model_remedies.check_data,),
    "overfitting": (
        model_remedies.more_dropout,
        remedies.decay,
        model_remedies.augmentation,
        model_remedies.smaller,
        remedies.early_stopping,
        remedies.fewer_epochs,
    ),
    "oscillation": _SETTLE,
    "plateau": _SETTLE,
    "val_noisy": (model_remedies.more_validation,),
    "underfitting": _CAPACITY,
    "underfitting/decay": (remedies.less_decay, *(remedy for remedy in _CAPACITY if remedy is not remedies.less_decay)),
}
"""By label, or label/variant where a rule's variants differ."""


def fixes_for(label: str, evidence: Evidence, settings: Settings, history: History) -> tuple[Fix, ...]:
    """The fixes that apply, without two that come to the same."""
    case = Case(settings, label, evidence.since, evidence.variant)
    order = REMEDIES.get(f"{label}/{evidence.variant}", REMEDIES.get(label, ()))
    position = settings.lr_position(history.lr.y[-1] if history.lr.y else None) or 0.0
    if order is _DIVERGED_LATE and position > FAR_ABOVE:
        order = _DIVERGED
    if label == "not_learning" and position < 0:
        order = (remedies.raise_rate, *order)
    return _distinct([remedy(case) for remedy in order])


def _distinct(fixes: Sequence[Fix | None]) -> tuple[Fix, ...]:
    kept: list[Fix] = []
    for fix in fixes:
        if fix is not None and not any(
            fix.title == other.title or (fix.patch and fix.patch == other.patch) for other in kept
        ):
            kept.append(fix)
    return tuple(kept)
