"""The rules, and which story explains which."""

from __future__ import annotations

from training.diagnosis.rules import (
    divergence,
    early_stop,
    imbalance,
    inputs,
    lr_too_high,
    lr_too_low,
    not_finite,
    not_learning,
    oscillation,
    overfitting,
    plateau,
    shuffled_labels,
    underfitting,
    val_noisy,
    vanishing,
)
from training.diagnosis.rules.rule import Rule

RULES: tuple[Rule, ...] = (
    not_finite.RULE,
    divergence.RULE,
    inputs.RULE,
    shuffled_labels.RULE,
    imbalance.RULE,
    lr_too_high.RULE,
    vanishing.RULE,
    lr_too_low.RULE,
    not_learning.RULE,
    overfitting.RULE,
    oscillation.RULE,
    plateau.RULE,
    underfitting.RULE,
    early_stop.RULE,
    val_noisy.RULE,
)


def rule_of(label: str) -> Rule | None:
    """The rule that tells findings of that label; None for a label of another version."""
    return next((rule for rule in RULES if rule.label == label), None)
