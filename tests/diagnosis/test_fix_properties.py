"""What holds of every fix, for every finding, kind of model and config: they are sound, and taking them ends."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.config.strategies import configs
from tests.diagnosis.test_fixes import STORIES, fixes
from training.config.patch import apply, diff
from training.config.problems import ConfigError
from training.config.schema import TrainingConfig
from training.diagnosis.data_remedies import AUGMENTATIONS
from training.diagnosis.facts import Facts
from training.diagnosis.findings import SEVERITY_ORDER, Fix, Severity
from training.guide import hint
from training.guide.hints import hints

ROUNDS = 60
MODELS = [
    ("custom_cnn", "frozen", "resnet18"),
    ("vit", "frozen", "resnet18"),
    *[
        ("transfer", mode, backbone)
        for mode in ("frozen", "partial", "full")
        for backbone in ("resnet18", "resnet50", "efficientnet_b3", "vit_b_16", "timm/resnet26")
    ],
]
LOSSES = ("None", "Auto Class Weights", "Focal Loss")


@st.composite
def runs(draw: st.DrawFn) -> tuple[TrainingConfig, Facts]:
    """A config of every kind of model as often as any other, and what may be known of its data."""
    config, (kind, mode, backbone) = draw(configs()), draw(st.sampled_from(MODELS))
    patch: dict[str, Any] = {"model.kind": kind, "model.mode": mode, "model.backbone": backbone}
    if kind == "vit":
        patch |= {"model.width": 16 * config.model.heads, "model.patch_size": draw(st.sampled_from([1, 2, 4]))}
    patch["data.val_fraction"] = draw(st.sampled_from([0.1, 0.2, 0.3]))
    try:
        config = apply(config, patch)
    except ConfigError:
        assume(False)
    n_train = draw(st.sampled_from([None, 40, 900, 90_000]))
    facts = Facts(
        classes=draw(st.sampled_from([None, 2, 10])),
        n_train=n_train,
        n_val=n_train // 5 if n_train else None,
        class_ratio=draw(st.sampled_from([None, 1.0, 4.0, 8.0, 40.0])),
    )
    return config, facts


def drawn(config: TrainingConfig, facts: Facts, least: Severity) -> set[tuple[str, str]]:
    """The hints of that severity or above."""
    known = hint.Facts(class_ratio=facts.class_ratio, n_train=facts.n_train, classes=facts.classes)
    found = hints(config, known, include_silenced=True)
    return {(one.rule, one.key) for one in found if SEVERITY_ORDER[one.severity] >= SEVERITY_ORDER[least]}


@settings(max_examples=150, deadline=None)
@given(
    run=runs(),
    story=st.sampled_from(STORIES),
    since=st.integers(0, 40),
    severity=st.sampled_from(["info", "warning", "critical"]),
)
def test_each_patch_is_valid_changes_something_and_draws_no_hint_as_grave_as_the_finding(
    run: tuple[TrainingConfig, Facts], story: str, since: int, severity: Severity
) -> None:
    config, facts = run
    least: Severity = "info" if severity == "info" else "warning"
    before = drawn(config, facts, least)
    for fix in fixes(story, config, since, facts, severity):
        if not fix.patch:
            continue
        after = apply(config, fix.patch)
        assert diff(config, after), fix.title
        assert drawn(after, facts, least) <= before, fix.title


@settings(max_examples=80, deadline=None)
@given(run=runs(), story=st.sampled_from(STORIES))
def test_weights_are_only_kept_where_they_still_fit(run: tuple[TrainingConfig, Facts], story: str) -> None:
    shape = ("filters", "units", "kernel_size", "batch_norm", "blocks", "dense_layers", "depth", "width", "heads",
             "backbone", "kind", "patch_size")  # fmt: skip
    for fix in fixes(story, *run[:1], facts=run[1]):
        if fix.start_from != "scratch":
            assert not [key for key in fix.patch if key.endswith(shape)]
            # What is validated then must not have been trained on.
            assert "data.val_fraction" not in fix.patch
        if fix.live:
            assert set(fix.patch) <= {"learning_rate"}


Strength = dict[str, float]
"""By name; larger is stronger."""


def size(config: TrainingConfig) -> Strength:
    model = config.model
    if model.kind == "custom_cnn":
        filters, units = sum(block.filters for block in model.blocks), sum(layer.units for layer in model.dense_layers)
        return {"blocks": len(model.blocks), "filters": filters, "units": units}
    if model.kind == "vit":
        return {"depth": model.depth, "width": model.width}
    return {"trained": ("frozen", "partial", "full").index(model.mode)}


def dropouts(config: TrainingConfig) -> Strength:
    model = config.model
    if model.kind == "vit":
        return {"dropout": model.dropout}
    if model.kind == "transfer":
        return {}
    blocks = {f"block {number}": block.dropout for number, block in enumerate(model.blocks)}
    return blocks | {f"layer {number}": layer.dropout for number, layer in enumerate(model.dense_layers)}


def less(strength: Strength) -> Strength:
    return {name: -value for name, value in strength.items()}


def regularisation(config: TrainingConfig) -> Strength:
    return {
        "decay": config.effective_decay,
        "augmentation": AUGMENTATIONS.index(config.data.augmentation),
        "smoothing": config.optimization.label_smoothing,
        "stops early": config.early_stopping,
        "epochs": -config.epochs,
        **dropouts(config),
        **less(size(config)),
    }


def capacity(config: TrainingConfig) -> Strength:
    held = {"decay": -config.effective_decay, "epochs": config.epochs}
    return {**held, **less(dropouts(config)), **size(config)}


def calm(config: TrainingConfig) -> Strength:
    return {"clip": -(config.optimization.grad_clip or math.inf), "warm-up": config.optimization.warmup_epochs}


def balance(config: TrainingConfig) -> Strength:
    return {
        "loss": LOSSES.index(config.class_weights),
        "sampler": config.data.sampler == "balanced",
        "augmentation": AUGMENTATIONS.index(config.data.augmentation),
        **size(config),
    }


def validated(config: TrainingConfig) -> Strength:
    return {"share": config.data.val_fraction, "patience": config.es_patience}


STRENGTHENS: dict[str, Callable[[TrainingConfig], Strength]] = {
    "overfitting": regularisation,
    "divergence": calm,
    "divergence/mid_run": calm,
    "nan": calm,
    "nan/mid_run": calm,
    "underfitting": capacity,
    "underfitting/decay": capacity,
    "imbalance_collapse": balance,
    "val_noisy": validated,
    "es_too_early": validated,
}
"""What the fixes of a story are to strengthen."""


@settings(max_examples=150, deadline=None)
@given(run=runs(), story=st.sampled_from(sorted(STRENGTHENS)), since=st.integers(1, 40))
def test_no_fix_weakens_what_it_is_to_strengthen(run: tuple[TrainingConfig, Facts], story: str, since: int) -> None:
    config, facts = run
    strength = STRENGTHENS[story]
    before = strength(config)
    for fix in fixes(story, config, since, facts):
        after = strength(apply(config, fix.patch))
        weakened = [name for name in before.keys() & after.keys() if after[name] < before[name]]
        assert not weakened, fix.title


@settings(max_examples=60, deadline=None)
@given(run=runs(), story=st.sampled_from(STORIES))
def test_taking_the_first_fix_again_and_again_ends(run: tuple[TrainingConfig, Facts], story: str) -> None:
    config, facts = run
    for _ in range(ROUNDS):
        patch = next((fix.patch for fix in fixes(story, config, facts=facts) if fix.patch), None)
        if patch is None:
            return
        config = apply(config, patch)
    pytest.fail(f"still {patch}")


@settings(max_examples=60, deadline=None)
@given(run=runs(), story=st.sampled_from(STORIES), data=st.data())
def test_taking_any_fixes_again_and_again_ends(
    run: tuple[TrainingConfig, Facts], story: str, data: st.DataObject
) -> None:
    config, facts = run
    for _ in range(ROUNDS):
        offered = [fix.patch for fix in fixes(story, config, facts=facts) if fix.patch]
        if not offered:
            return
        config = apply(config, data.draw(st.sampled_from(offered)))
    pytest.fail(f"still {offered}")


@settings(max_examples=40, deadline=None)
@given(run=runs(), story=st.sampled_from(STORIES))
def test_fixes_survive_the_event_log(run: tuple[TrainingConfig, Facts], story: str) -> None:
    for fix in fixes(story, run[0], facts=run[1]):
        assert msgspec.json.decode(msgspec.json.encode(fix), type=Fix) == fix
