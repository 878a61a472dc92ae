"""Contenders that the diagnosis is measured against: the checks that people write themselves, and published ones.

Each looks at the epochs in their order and never ahead. Where a published rule names a symptom and no cause, it is
counted as the label that it most often means, and its thresholds are its authors' defaults.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from typing import Any

from tests.bench.diagnosis_runs import LabelledRun, epochs, facts
from training.replay import Diagnosed, replay
from training.runs.events import numbers

Findings = list[dict[str, Any]]
Contender = Callable[[LabelledRun], Findings]
Curve = list[float]

GAP = 0.10
WINDOW = 10
FLAT = 0.01
SIGN_CHANGES = 0.5
RISE = 1.0


def traindeck(run: LabelledRun) -> Findings:
    """As `traindeck diagnose --json` prints them."""
    return brief(replay(run.events, run.config))


def brief(diagnosed: Diagnosed) -> Findings:
    """What the scorer needs of a diagnosis."""
    return [{"label": f.label, "epoch": f.shown_epoch, "severity": f.severity} for f in diagnosed.shown]


def naive(run: LabelledRun) -> Findings:
    """Not finite; accuracy gap over GAP; flat, rising, or zigzagging over the last WINDOW training losses."""
    found = _Found()
    for epoch, curves in _so_far(run):
        if _not_finite(curves, "train_loss") or _not_finite(curves, "val_loss"):
            found.see("nan", epoch)
        if _last(curves, "train_acc") - _last(curves, "val_acc") > GAP:
            found.see("overfitting", epoch)
        losses = [loss for loss in curves.get("train_loss", []) if math.isfinite(loss)][-WINDOW:]
        if len(losses) < WINDOW:
            continue
        if abs(_slope(losses)) * (WINDOW - 1) <= FLAT * abs(sum(losses) / WINDOW):
            found.see("lr_too_low", epoch)
        if _sign_changes(losses) >= SIGN_CHANGES:
            found.see("oscillation", epoch)
        if losses[-1] > RISE * losses[0]:
            found.see("divergence", epoch)
    return found.findings


def debugger(run: LabelledRun) -> Findings:
    """Amazon SageMaker Debugger's built-in rules at their defaults, an epoch as its step.

    LossNotDecreasing: not 0.1 % lower than 10 steps ago. Overfit: validation loss more than 10 % above training loss.
    Overtraining: validation loss has not improved for 5 steps. ClassImbalance: 10 to 1. Its tensor rules as far as
    their tensors are logged: not finite; a gradient below 1e-7.
    """
    found = _Found()
    if float(facts(run).get("class_ratio", 0.0)) > 10:
        found.see("imbalance_collapse", 0)
    for epoch, curves in _so_far(run):
        if _not_finite(curves, "train_loss") or _not_finite(curves, "val_loss"):
            found.see("nan", epoch)
        losses, val = curves.get("train_loss", []), curves.get("val_loss", [])
        if len(losses) > 10 and losses[-1] > 0.999 * losses[-11]:
            found.see("lr_too_low", epoch)
        if val and losses and val[-1] > 1.1 * losses[-1]:
            found.see("overfitting", epoch)
        if len(val) > 5 and min(val[-5:]) >= min(val[:-5]):
            found.see("plateau", epoch)
        if _last(curves, "grad_norm_first") < 1e-7:
            found.see("vanishing_gradients", epoch)
    return found.findings


def one_epoch(run: LabelledRun) -> Findings:
    """Rules in the manner of UMLAUT (CHI 2021): each looks at one epoch, or at two in a row.

    Not finite; validation loss up while training loss is down; training loss up; inputs beyond ±1 by far; a learning
    rate above 1e-2 or below 1e-7.
    """
    found = _Found()
    told = facts(run)
    if max(abs(float(told.get("input_min", 0.0))), abs(float(told.get("input_max", 0.0)))) > 10:
        found.see("unnormalised_inputs", 0)
    rate = run.config.get("learning_rate")
    if isinstance(rate, float):
        if rate > 1e-2:
            found.see("lr_too_high_flat", 0)
        if rate < 1e-7:
            found.see("lr_too_low", 0)
    for epoch, curves in _so_far(run):
        if _not_finite(curves, "train_loss") or _not_finite(curves, "val_loss"):
            found.see("nan", epoch)
        train, val = _step(curves, "train_loss"), _step(curves, "val_loss")
        if val > 0 > train:
            found.see("overfitting", epoch)
        if train > 0:
            found.see("divergence", epoch)
    return found.findings


CONTENDERS: dict[str, Contender] = {
    "traindeck": traindeck,
    "naive": naive,
    "SageMaker Debugger-like": debugger,
    "UMLAUT-like": one_epoch,
}


class _Found:
    """Findings by the epoch in which each label was first seen."""

    def __init__(self) -> None:
        self.findings: Findings = []

    def see(self, label: str, epoch: int) -> None:
        if all(finding["label"] != label for finding in self.findings):
            self.findings.append({"label": label, "epoch": epoch, "severity": "warning"})


def _so_far(run: LabelledRun) -> Iterator[tuple[int, Mapping[str, Curve]]]:
    """After each epoch, its number and all curves up to it."""
    curves: dict[str, Curve] = {}
    for event in epochs(run):
        for name, value in numbers(event.metrics).items():
            curves.setdefault(name, []).append(value)
        yield event.epoch, curves


def _last(curves: Mapping[str, Curve], name: str) -> float:
    """Not a number where there is none, which no comparison holds for."""
    values = curves.get(name)
    return values[-1] if values else math.nan


def _step(curves: Mapping[str, Curve], name: str) -> float:
    values = curves.get(name, [])
    return values[-1] - values[-2] if len(values) > 1 else math.nan


def _not_finite(curves: Mapping[str, Curve], name: str) -> bool:
    values = curves.get(name)
    return bool(values) and not math.isfinite(values[-1]) if values else False


def _slope(y: Curve) -> float:
    """Least squares, per point."""
    middle, mean = (len(y) - 1) / 2, sum(y) / len(y)
    return sum((i - middle) * (v - mean) for i, v in enumerate(y)) / sum((i - middle) ** 2 for i in range(len(y)))


def _sign_changes(y: Curve) -> float:
    changes = [b - a for a, b in pairwise(y)]
    return sum(a * b < 0 for a, b in pairwise(changes)) / (len(changes) - 1)
