"""Advice that is followed helps: it ends its hint, raises no other as severe, and comes to an end."""

from __future__ import annotations

from random import Random
from typing import Literal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.config.strategies import configs
from training.config.patch import apply
from training.config.schema import TrainingConfig
from training.guide.decay import stronger_decay
from training.guide.hints import Facts, Hint, hints
from training.guide.lr import corrected_learning_rate, learning_rate_range

RANK = {"info": 0, "warning": 1}
FACTS = st.builds(
    Facts,
    class_ratio=st.none() | st.floats(1, 100),
    n_train=st.none() | st.integers(1, 2000) | st.integers(10, 200_000),
    classes=st.none() | st.integers(2, 20),
    fixed_bytes=st.none() | st.integers(0, 2**31),
    bytes_per_image=st.none() | st.integers(0, 2**26),
    device_bytes=st.none() | st.integers(2**28, 2**33),
)
# The edges of each range, so that few values stand for all.
EDGES = st.fixed_dictionaries(
    {},
    optional={
        "optimizer": st.sampled_from(["Adam", "AdamW", "SGD with Momentum", "RMSprop"]),
        "learning_rate": st.sampled_from([1e-5, 1e-4, 2e-4, 3e-4, 5e-4, 1e-3, 2e-3, 4e-3, 5e-3, 1e-2, 0.1, 0.4]),
        "batch_size": st.sampled_from(["auto", 1, 2, 7, 8, 9, 31, 33, 63, 64, 100, 255, 256, 512]),
        "optimization.accumulate": st.sampled_from([1, 2, 3, 8, 64]),
        "optimization.warmup_epochs": st.sampled_from([0, 1, 5, 10, 100]),
        "epochs": st.sampled_from([1, 2, 8, 9, 10, 11, 20, 30, 50, 100]),
        "early_stopping": st.booleans(),
        "es_patience": st.integers(1, 21),
        "lr_strategy": st.sampled_from(["Constant", "ReduceLROnPlateau", "Cosine Annealing", "Step Decay"]),
        "class_weights": st.sampled_from(["None", "Auto Class Weights", "Focal Loss"]),
        "data.sampler": st.sampled_from(["shuffle", "balanced"]),
        "runtime.processes": st.sampled_from(["auto", 1, 4]),
        "model.kind": st.sampled_from(["custom_cnn", "transfer"]),
        "model.mode": st.sampled_from(["frozen", "full"]),
        "model.backbone": st.sampled_from(["resnet18", "vit_b_16"]),
    },
)
EDGY = EDGES.map(lambda patch: apply(TrainingConfig(), patch))
CALM = settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))


def severities(found: list[Hint]) -> dict[tuple[str, str], int]:
    return {(hint.rule, hint.key): RANK[hint.severity] for hint in found}


@CALM
@given(configs() | EDGY, FACTS)
def test_taking_a_hint_ends_it_and_raises_none_as_severe(config: TrainingConfig, facts: Facts) -> None:
    found = hints(config, facts, include_silenced=True)
    before = severities(found)
    for hint in found:
        if hint.recommended is not None:
            assert hint.patch == {hint.key: hint.recommended}
        if not hint.patch:
            continue
        after = severities(hints(apply(config, hint.patch), facts, include_silenced=True))
        assert (hint.rule, hint.key) not in after
        raised = {entry for entry, rank in after.items() if rank > before.get(entry, -1)}
        assert all(after[entry] < RANK[hint.severity] for entry in raised)


@CALM
@given(configs() | EDGY, FACTS, st.randoms(use_true_random=False))
def test_taking_hints_one_after_the_other_ends(config: TrainingConfig, facts: Facts, random: Random) -> None:
    for _ in range(60):
        offered = [hint for hint in hints(config, facts, include_silenced=True) if hint.patch]
        if not offered:
            return
        config = apply(config, random.choice(offered).patch)
    raise AssertionError("the hints go round in circles")


@CALM
@given(configs())
def test_a_corrected_learning_rate_raises_no_warning(config: TrainingConfig) -> None:
    before = severities(hints(config, include_silenced=True))
    both: tuple[Literal["high", "low"], ...] = ("high", "low")
    for too in both:
        corrected = apply(config, {"learning_rate": corrected_learning_rate(config, too)})
        after = severities(hints(corrected, include_silenced=True))
        if too == "high" and config.learning_rate < learning_rate_range(config)[0]:
            continue  # below the range already, a tenth is further below
        assert not [entry for entry, rank in after.items() if rank == 1 and before.get(entry, -1) < 1]


@CALM
@given(configs())
def test_a_stronger_decay_is_stronger_and_raises_no_warning(config: TrainingConfig) -> None:
    patch = stronger_decay(config)
    if patch is None:
        return
    stronger = apply(config, patch)
    assert stronger.effective_decay > config.effective_decay
    before = severities(hints(config, include_silenced=True))
    after = severities(hints(stronger, include_silenced=True))
    assert not [entry for entry, rank in after.items() if rank == 1 and before.get(entry, -1) < 1]
