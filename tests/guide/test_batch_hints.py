"""What goes with a smaller batch: as many images a step where that is sound, and an LR that fits what is left."""

from __future__ import annotations

from typing import Any

import pytest

from tests.guide.cases import SGD, data, memory
from tests.guide.test_hints import found
from training.config.patch import apply
from training.config.schema import TrainingConfig
from training.guide.hints import Facts


@pytest.mark.parametrize(
    ("patch", "room", "expected"),
    [
        ({"batch_size": 128}, 200, {"batch_size": 64, "optimization.accumulate": 2}),
        ({"batch_size": 128}, 125, {"batch_size": 8, "optimization.accumulate": 16}),
        ({"batch_size": 64, "optimization.accumulate": 3}, 150, {"batch_size": 32, "optimization.accumulate": 6}),
        # Never more images than before, which would call for another LR.
        ({"batch_size": 100}, 200, {"batch_size": 64}),
        ({"batch_size": 100}, 150, {"batch_size": 32, "optimization.accumulate": 3}),
        # Such steps generalise worse; they are not worth adding up.
        ({"batch_size": 256}, 200, {"batch_size": 64}),
        ({"batch_size": 64, "optimization.accumulate": 4}, 150, {"batch_size": 32}),
        # What the smaller batch no longer allows.
        (SGD | {"batch_size": 256, "learning_rate": 0.8}, 150, {"batch_size": 32, "learning_rate": 0.01}),
    ],
)
def test_a_batch_that_fits_keeps_the_step_where_it_can(
    patch: dict[str, Any], room: int, expected: dict[str, Any]
) -> None:
    hint = found(patch, memory(room))["batch_memory"]
    assert hint.patch == expected
    assert hint.recommended == (expected["batch_size"] if len(expected) == 1 else None)


def test_the_memory_is_told_with_the_device_and_its_size() -> None:
    hint = found({"batch_size": 100}, memory(190))["batch_memory"]
    assert hint.message == "A batch of 100 needs about 210 MB; there are 199 MB (A GPU)."
    nameless = Facts(fixed_bytes=2 * 10**9, bytes_per_image=1, device_bytes=10**9)
    hint = found({}, nameless)["batch_memory"]
    assert hint.message == "A batch of 32 needs about 2.0 GB; there are 1.0 GB."
    assert hint.patch == {}
    assert "smaller model" in hint.reason


def test_where_a_batch_of_eight_does_not_fit_small_ones_are_added_up() -> None:
    hint = found({"batch_size": 3}, memory(120))["batch_small"]
    assert (hint.key, hint.recommended) == ("batch_size", 8)
    hint = found({"batch_size": 3}, memory(119))["batch_small"]
    assert (hint.key, hint.recommended) == ("optimization.accumulate", 3)


def test_a_batch_too_large_for_the_data_is_no_longer_added_up_either() -> None:
    hint = found({"batch_size": 64, "optimization.accumulate": 2}, data(100))["batch_data"]
    assert hint.patch == {"batch_size": 8, "optimization.accumulate": 1}
    assert hint.message == "A step of 128 images is more than the 100 there are to train on."


def test_few_steps_are_counted_as_the_engine_takes_them() -> None:
    assert "only 4 steps: 100 images, 32 at a time" in found({}, data(100))["batch_data"].message
    assert "only 1 step: 32 images" in found({}, data(32))["batch_data"].message


def test_a_batch_has_an_image_for_each_process() -> None:
    for patch in ({"runtime.processes": 16}, {"runtime.processes": 16, "optimization.accumulate": 2}):
        assert found(patch, data(100))["batch_data"].patch == {}
    assert found({"runtime.processes": 4}, data(100))["batch_data"].recommended == 8


def test_much_data_gets_sgd_with_the_learning_rate_that_goes_with_it() -> None:
    assert found({}, data(60_000))["adam_much_data"].patch == {"optimizer": "SGD with Momentum", "learning_rate": 0.01}
    hint = found({"optimizer": "RMSprop", "batch_size": 64}, data(60_000))["rmsprop_special"]
    assert hint.patch == {"optimizer": "SGD with Momentum", "learning_rate": 0.02}


@pytest.mark.parametrize(
    ("patch", "needed"),
    [
        ({"batch_size": 64}, 164),
        ({"batch_size": 64, "optimization.accumulate": 8}, 164),
        ({"batch_size": "auto"}, 132),
        ({"batch_size": 65, "runtime.processes": 2}, 133),
    ],
)
def test_the_memory_of_a_step_is_that_of_one_batch_on_one_device(patch: dict[str, Any], needed: int) -> None:
    assert memory(1).bytes_for(apply(TrainingConfig(), patch)) == needed << 20
    assert Facts(fixed_bytes=1).bytes_for(TrainingConfig()) is None
    assert Facts(bytes_per_image=1).bytes_for(TrainingConfig()) is None
