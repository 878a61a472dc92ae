"""Batch sizes that fit."""

from __future__ import annotations

import msgspec
import pytest
import torch

from tests.engine.conftest import SMALL, MakeRun
from training.config.model import Model
from training.config.schema import TrainingConfig
from training.engine import memory
from training.engine.memory import choose_batch_size, largest_fitting, step_memory
from training.engine.models.cnn import build_cnn
from training.engine.objective import Objective
from training.engine.precision import Precision, choose_precision
from training.errors import RunFailed
from training.optimizers import create_criterion
from training.runs.events import Attempt, Log

CPU = torch.device("cpu")
SHAPE = (3, 16, 16)


@pytest.fixture
def parts() -> tuple[torch.nn.Module, Objective, Precision]:
    config = TrainingConfig()
    return build_cnn(config.model, SHAPE, 10), Objective(create_criterion(config)), choose_precision("fp32", CPU)


def choose(parts: tuple[torch.nn.Module, Objective, Precision], images: int) -> tuple[int, str]:
    model, objective, precision = parts
    return choose_batch_size(model, SHAPE, objective, precision, images)


@pytest.mark.parametrize(("room", "found"), [(0, 0), (1, 1), (3, 2), (64, 64), (100, 64), (1000, 128)])
def test_the_largest_power_of_two_that_fits_is_found(room: int, found: int) -> None:
    assert largest_fitting(1, 128, lambda size: size, room) == found


def test_what_cannot_fit_is_not_even_tried() -> None:
    tried: list[int] = []

    def needs(size: int) -> int:
        tried.append(size)
        return 100 + 10 * size

    assert largest_fitting(1, 128, needs, 300) == 16
    assert tried == [1, 2, 4, 8, 16]


def test_a_model_that_cannot_train_on_one_image_is_not_asked_to() -> None:
    model = build_cnn(
        msgspec.convert({"blocks": [{"filters": 4}] * 3 + [{"filters": 4, "pooling": "none"}]}, Model), (1, 8, 8), 3
    )
    objective, precision = Objective(create_criterion(TrainingConfig())), choose_precision("fp32", CPU)
    assert choose_batch_size(model, (1, 8, 8), objective, precision, 4) == (2, "it fits, and 4 images are few")


def test_memory_of_a_step_grows_with_its_images(parts: tuple[torch.nn.Module, Objective, Precision]) -> None:
    model, objective, precision = parts
    needs = [step_memory(model, SHAPE, objective, precision, size) for size in (2, 4, 8)]
    assert needs[2] - needs[1] == pytest.approx(2 * (needs[1] - needs[0]), rel=0.01)
    # An image's first convolution alone keeps 32 channels of 16×16 floats.
    assert (needs[1] - needs[0]) / 2 > 32 * 16 * 16 * 4


def test_the_choice_leaves_the_model_and_the_random_state_alone(
    parts: tuple[torch.nn.Module, Objective, Precision],
) -> None:
    before = {name: tensor.clone() for name, tensor in parts[0].state_dict().items()}
    random = torch.get_rng_state()
    choose(parts, 10_000)
    assert all(torch.equal(before[name], tensor) for name, tensor in parts[0].state_dict().items())
    assert torch.equal(random, torch.get_rng_state())


def test_scarce_memory_makes_the_batch_smaller(
    parts: tuple[torch.nn.Module, Objective, Precision], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert choose(parts, 10_000) == (128, "it fits, and larger ones generalise worse")
    assert choose(parts, 100)[0] == 8
    model, objective, precision = parts
    room = step_memory(model, SHAPE, objective, precision, 20)
    monkeypatch.setattr(memory, "free_memory", lambda _device: room / memory.SHARE)
    assert choose(parts, 10_000)[0] == 16
    monkeypatch.setattr(memory, "free_memory", lambda _device: 1000)
    with pytest.raises(RunFailed, match="on one image does not fit"):
        choose(parts, 10_000)


def test_a_run_finds_its_batch_size_and_says_so(make_run: MakeRun) -> None:
    run = make_run(SMALL.replace("batch_size: 128", "batch_size: auto"))
    assert run.train() == 0
    assert run.one(Attempt).facts["batch_size"] == 128
    assert any(event.message.startswith("Batch size: 128 (") for event in run.of(Log))
