"""Learning rates, decays and schedules are the guide's, number for number."""

from __future__ import annotations

from typing import Any, Literal

import pytest

from training.config.patch import apply
from training.config.schema import Optimizer, TrainingConfig
from training.guide.decay import decay_range, stronger_decay
from training.guide.lr import corrected_learning_rate, default_learning_rate, learning_rate_range, scaled_learning_rate

CNN: dict[str, Any] = {}
FROZEN = {"model.kind": "transfer"}
FINE = {"model.kind": "transfer", "model.mode": "full"}
PARTLY = {"model.kind": "transfer", "model.mode": "partial"}
VIT = {"model.kind": "vit"}
VIT_FINE = FINE | {"model.backbone": "vit_b_16"}
UNTRAINED = FINE | {"model.weights": "none"}


def config(patch: dict[str, Any], optimizer: Optimizer = "Adam", **flat: Any) -> TrainingConfig:
    return apply(TrainingConfig(), patch | {"optimizer": optimizer} | flat)


@pytest.mark.parametrize(
    ("model", "optimizer", "expected"),
    [
        (CNN, "Adam", (1e-4, 1e-3)),
        (CNN, "AdamW", (1e-4, 1e-3)),
        (CNN, "RMSprop", (1e-4, 1e-2)),
        (CNN, "SGD with Momentum", (1e-3, 1e-1)),
        (UNTRAINED, "Adam", (1e-4, 1e-3)),
        (FROZEN, "Adam", (1e-4, 1e-3)),
        (FROZEN, "RMSprop", (1e-4, 1e-3)),
        (FROZEN, "SGD with Momentum", (1e-3, 1e-2)),
        (FINE, "Adam", (1e-5, 1e-4)),
        (PARTLY, "AdamW", (1e-5, 1e-4)),
        (FINE, "SGD with Momentum", (1e-4, 1e-3)),
        (VIT, "Adam", (1e-4, 3e-4)),
        (VIT, "SGD with Momentum", (1e-2, 1e-1)),
        (VIT_FINE, "AdamW", (1e-5, 1e-4)),
    ],
)
def test_the_range_follows_model_mode_and_optimizer(
    model: dict[str, Any], optimizer: Optimizer, expected: tuple[float, float]
) -> None:
    assert learning_rate_range(config(model, optimizer)) == expected


@pytest.mark.parametrize(
    ("optimizer", "batch", "high"),
    [
        ("Adam", 16, 1e-3),
        ("Adam", 32, 1e-3),
        ("Adam", 64, 2e-3),
        ("Adam", 128, 4e-3),
        ("Adam", 160, 5e-3),
        ("Adam", 1024, 5e-3),
        ("Adam", "auto", 1e-3),
        ("RMSprop", 1024, 1e-2),
        ("SGD with Momentum", 128, 0.4),
    ],
)
def test_the_upper_end_grows_with_the_batch(optimizer: Optimizer, batch: int | str, high: float) -> None:
    low, upper = learning_rate_range(config(CNN, optimizer, batch_size=batch))
    assert (low, upper) == (learning_rate_range(config(CNN, optimizer))[0], high)


@pytest.mark.parametrize(
    ("model", "optimizer", "batch", "expected"),
    [
        (CNN, "Adam", 16, 1e-3),
        (CNN, "Adam", 32, 1e-3),
        (CNN, "Adam", 64, 2e-3),
        (CNN, "Adam", 128, 4e-3),
        (CNN, "Adam", 160, 5e-3),
        (CNN, "Adam", 512, 5e-3),
        (CNN, "Adam", 101, 3.1e-3),  # 3.156e-3
        (CNN, "Adam", 63, 1.9e-3),  # 1.969e-3
        (CNN, "SGD with Momentum", 512, 0.16),
        (FINE, "AdamW", 128, 4e-4),
        (VIT, "AdamW", 64, 6e-4),
    ],
)
def test_the_usual_rate_grows_with_the_batch_to_a_short_number_within_the_range(
    model: dict[str, Any], optimizer: Optimizer, batch: int, expected: float
) -> None:
    given = config(model, optimizer, batch_size=batch)
    assert scaled_learning_rate(given) == expected <= learning_rate_range(given)[1]


def test_the_defaults_are_the_optimizers_own() -> None:
    optimizers: tuple[Optimizer, ...] = ("Adam", "AdamW", "SGD with Momentum", "RMSprop")
    assert [default_learning_rate(optimizer) for optimizer in optimizers] == [1e-3, 1e-3, 1e-2, 1e-3]


@pytest.mark.parametrize(
    ("model", "optimizer", "rate", "too", "expected"),
    [
        (CNN, "Adam", 1.0, "high", 1e-3),  # a tenth is still dead
        (CNN, "Adam", 0.01, "high", 1e-3),
        (CNN, "Adam", 0.005, "high", 5e-4),
        (CNN, "Adam", 1e-3, "high", 1e-4),
        (CNN, "SGD with Momentum", 10.0, "high", 1e-2),
        (CNN, "SGD with Momentum", 1.0, "high", 0.1),
        (FINE, "Adam", 1.0, "high", 1e-4),  # the default would be above the range of fine-tuning
        (CNN, "Adam", 1e-7, "low", 1e-6),
        (CNN, "Adam", 5e-4, "low", 1e-3),
        (CNN, "Adam", 1e-3, "low", 1e-3),
        (CNN, "Adam", 2e-3, "low", 2e-3),
        (VIT, "AdamW", 1e-5, "low", 1e-4),
    ],
)
def test_the_correction_goes_by_ten_and_ends_within_the_range(
    model: dict[str, Any], optimizer: Optimizer, rate: float, too: Literal["high", "low"], expected: float
) -> None:
    assert corrected_learning_rate(config(model, optimizer, learning_rate=rate), too) == expected


def test_each_optimizer_has_its_decay_range() -> None:
    assert decay_range("Adam") == decay_range("RMSprop") == (1e-5, 1e-4)
    assert decay_range("AdamW") == (0.01, 0.1)
    assert decay_range("SGD with Momentum") == (1e-4, 1e-3)


@pytest.mark.parametrize(
    ("optimizer", "on", "strength", "stronger"),
    [
        ("Adam", False, 1e-4, 1e-4),
        ("Adam", False, 0.5, 1e-4),
        ("Adam", True, 1e-4, 1e-3),
        ("Adam", True, 1e-3, None),
        ("RMSprop", True, 1e-5, 1e-4),
        ("SGD with Momentum", False, 1e-4, 1e-3),
        ("SGD with Momentum", True, 1e-4, 1e-3),
        ("SGD with Momentum", True, 1e-3, None),
        ("AdamW", False, 1e-4, 0.05),  # it runs at 0.01 already
        ("AdamW", True, 0.0, 0.05),
        ("AdamW", True, 1e-4, 0.01),
        ("AdamW", True, 0.01, 0.05),
        ("AdamW", True, 0.05, 0.1),
        ("AdamW", True, 0.1, None),
    ],
)
def test_decay_is_raised_rung_by_rung_and_never_weakened(
    optimizer: Optimizer, on: bool, strength: float, stronger: float | None
) -> None:
    patch = stronger_decay(config(CNN, optimizer, l2_decay=on, l2_lambda=strength))
    assert patch == (None if stronger is None else {"l2_decay": True, "l2_lambda": stronger})
