"""Which fixes a finding carries, in the guide's order (guide, section 11)."""

from __future__ import annotations

from collections.abc import Sequence

from training.config.patch import apply
from training.config.problems import ConfigError
from training.config.schema import TrainingConfig
from training.diagnosis import data_remedies, model_remedies, patience_remedies, remedies
from training.diagnosis.by_hand import taken_back
from training.diagnosis.case import Case, Remedy
from training.diagnosis.findings import SEVERITY_ORDER, Fix, Severity
from training.diagnosis.history import History
from training.diagnosis.rules.rule import Evidence
from training.diagnosis.settings import Settings
from training.guide import hint
from training.guide.hints import hints

FAR_ABOVE = 2.0
"""A learning rate so many times above the guide's range comes before clipping, whenever the loss exploded."""

_LEARN: tuple[Remedy, ...] = (model_remedies.larger, data_remedies.normalise, remedies.adam)
_SETTLE: tuple[Remedy, ...] = (
    remedies.fifth_of_rate,
    remedies.adamw,
    remedies.scheduler,
    patience_remedies.patience,
    remedies.larger_batch,
)
_DIVERGED: tuple[Remedy, ...] = (remedies.lower_rate, remedies.adam_for_sgd, remedies.clip, remedies.warm_up)
_DIVERGED_LATE: tuple[Remedy, ...] = (remedies.clip, remedies.warm_up, remedies.lower_rate, remedies.adam_for_sgd)
_CAPACITY: tuple[Remedy, ...] = (
    model_remedies.train_more,
    model_remedies.larger,
    model_remedies.less_dropout,
    remedies.less_decay,
    remedies.raise_rate,
    patience_remedies.more_epochs,
)

REMEDIES: dict[str, tuple[Remedy, ...]] = {
    "lr_too_high_flat": (remedies.lower_rate, *_LEARN),
    "lr_too_low": (remedies.raise_rate, *_LEARN),
    "vanishing_gradients": (
        model_remedies.open_the_gradient,
        data_remedies.normalise,
        remedies.adam,
        model_remedies.leaky,
        model_remedies.another_start,
    ),
    "not_learning": (*_LEARN, data_remedies.check_labels),
    "unnormalised_inputs": (
        data_remedies.normalise,
        data_remedies.scale_inputs,
        data_remedies.look_at_inputs,
        model_remedies.open_the_gradient,
    ),
    "shuffled_labels": (data_remedies.check_labels, data_remedies.check_order, data_remedies.check_numbering),
    "imbalance_collapse": (
        data_remedies.class_weights,
        data_remedies.balanced_sampler,
        data_remedies.more_of_the_rare,
        data_remedies.augmentation,
        model_remedies.larger,
    ),
    "divergence": _DIVERGED,
    "divergence/mid_run": _DIVERGED_LATE,
    "nan": (*_DIVERGED, data_remedies.check_data),
    "nan/mid_run": (*_DIVERGED_LATE, data_remedies.check_data),
    "nan/validation": (data_remedies.check_data,),
    "overfitting": (
        model_remedies.more_dropout,
        remedies.decay,
        data_remedies.augmentation,
        model_remedies.train_less,
        model_remedies.smaller,
        patience_remedies.early_stopping,
        patience_remedies.fewer_epochs,
        remedies.label_smoothing,
    ),
    "oscillation": _SETTLE,
    "plateau": _SETTLE,
    "val_noisy": (data_remedies.more_validation, data_remedies.several_splits),
    "es_too_early": (patience_remedies.more_patience, remedies.scheduler, data_remedies.more_validation),
    "underfitting": _CAPACITY,
    "underfitting/decay": (remedies.less_decay, *(remedy for remedy in _CAPACITY if remedy is not remedies.less_decay)),
}
"""By label, or label/variant where a rule's variants differ."""


def fixes_for(label: str, evidence: Evidence, settings: Settings, history: History) -> tuple[Fix, ...]:
    """The fixes that apply, without two that come to the same, and without one that the guide would warn of."""
    rate = history.lr.y[-1] if history.lr.y else None
    case = Case(settings, label, evidence.since, evidence.variant, history.facts, rate, history.lr_was_lowered)
    order = REMEDIES.get(f"{label}/{evidence.variant}", REMEDIES.get(label, ()))
    position = history.lr_position or 0.0
    if order is _DIVERGED_LATE and position > FAR_ABOVE:
        order = _DIVERGED
    if label == "not_learning" and position < 0:
        order = (remedies.raise_rate, *order)
    sound = _Soundness(case, evidence.severity)
    fixes = [fix for remedy in order if (fix := remedy(case)) is not None and sound.of(fix)]
    if change := evidence.by_hand:
        # The config's own rate is not what was trained at, so no other one is any better.
        fixes = [taken_back(change), *(fix for fix in fixes if "learning_rate" not in fix.patch)]
    return _distinct(fixes)


class _Soundness:
    """Whether the config of a fix draws no hint, as grave as the finding or graver, that it did not draw before."""

    def __init__(self, case: Case, severity: Severity) -> None:
        self._case = case
        self._least = min(SEVERITY_ORDER[severity], SEVERITY_ORDER["warning"])  # which is the gravest of hints
        facts = case.facts
        self._facts = hint.Facts(class_ratio=facts.class_ratio, n_train=facts.n_train, classes=facts.classes)
        self._drawn = self._hints(case.config) if case.whole else set()

    def of(self, fix: Fix) -> bool:
        if not fix.patch or not self._case.whole:
            return True
        try:
            corrected = apply(self._case.config, fix.patch)
        except ConfigError:
            return False
        return self._hints(corrected) <= self._drawn

    def _hints(self, config: TrainingConfig) -> set[tuple[str, str]]:
        found = hints(config, self._facts, include_silenced=True)
        return {(one.rule, one.key) for one in found if SEVERITY_ORDER[one.severity] >= self._least}


def _distinct(fixes: Sequence[Fix]) -> tuple[Fix, ...]:
    kept: list[Fix] = []
    for fix in fixes:
        if not any(fix.title == other.title or (fix.patch and fix.patch == other.patch) for other in kept):
            kept.append(fix)
    return tuple(kept)
