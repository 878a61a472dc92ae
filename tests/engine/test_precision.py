"""Half formats: what they are chosen for, and what becomes of a step that overflows."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from tests.engine.conftest import SMALL, MakeRun
from training.config.schema import TrainingConfig
from training.engine.precision import choose_memory_format, choose_precision
from training.engine.update import Update
from training.errors import InvalidInput
from training.runs.events import Attempt, Epoch, Log, Step

CPU = torch.device("cpu")
OPTIMIZERS = ["Adam", "AdamW", "SGD with Momentum", "RMSprop"]


def test_the_cpu_trains_in_full_precision_unless_the_config_wants_otherwise() -> None:
    assert choose_precision("auto", CPU).format == "fp32"
    assert choose_precision("bf16", CPU).format == "bf16"
    with pytest.raises(InvalidInput, match="fp16 needs a scaled loss"):
        choose_precision("fp16", torch.device("mps"))


@pytest.mark.parametrize(
    ("bf16", "capability", "chosen"), [(True, (8, 0), "bf16"), (False, (7, 5), "fp16"), (False, (6, 1), "fp32")]
)
def test_a_gpu_gets_the_fastest_format_that_it_has(
    monkeypatch: pytest.MonkeyPatch, bf16: bool, capability: tuple[int, int], chosen: str
) -> None:
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation=True: bf16)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda _device: capability)
    precision = choose_precision("auto", torch.device("cuda", 0))
    assert precision.format == chosen
    assert (choose_memory_format("auto", precision)[0] is torch.channels_last) == (chosen != "fp32")


@pytest.mark.parametrize("precision", ["bf16", "fp16"])
def test_a_run_in_half_precision_learns_with_weights_in_full(make_run: MakeRun, precision: str) -> None:
    whole, run = (
        make_run(SMALL + f"runtime: {{precision: {name}, memory_format: {order}}}\n", name)
        for name, order in (("fp32", "contiguous"), (precision, "channels_last"))
    )
    assert whole.train() == run.train() == 0
    assert run.metric(Step, "train_loss") == pytest.approx(whole.metric(Step, "train_loss"), rel=0.02)
    assert run.metric(Step, "train_loss") != whole.metric(Step, "train_loss")
    assert {tensor.dtype for tensor in run.checkpoint("last")["model"].values()} == {torch.float32, torch.int64}
    assert run.one(Attempt).facts["precision"] == precision
    told = " ".join(event.message for event in run.of(Log))
    assert f"Precision: {precision} (the config asks for it)" in told
    assert "Memory format: channels_last (the config asks for it)" in told


def scaled(optimizer: str) -> tuple[nn.Module, Update]:
    torch.manual_seed(1)
    net = nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3))
    config = TrainingConfig(optimizer=optimizer, learning_rate=0.05)  # type: ignore[arg-type]
    return net, Update(net, config, CPU, torch.amp.GradScaler("cpu"))


def take(net: nn.Module, update: Update, factor: float = 1.0) -> float:
    update.begin()
    loss = net(torch.linspace(-1, 1, 40).view(10, 4)).pow(2).mean() * factor
    update.backward(loss)
    return update.step(loss.detach()).item()


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_an_overflow_skips_its_step_alone_and_halves_the_scale(optimizer: str) -> None:
    net, update = scaled(optimizer)
    assert update.scaler
    take(net, update)
    before = {name: tensor.clone() for name, tensor in net.state_dict().items()}
    scale = update.scaler.get_scale()
    assert not math.isfinite(take(net, update, math.inf))
    after = net.state_dict()
    # The forward pass counts the batch; nothing else of it may stay.
    assert all(torch.equal(before[name], after[name]) for name in before if "num_batches" not in name)
    assert update.scaler.get_scale() == scale / 2
    assert update.given_up.item() == 0
    take(net, update)
    assert any(not torch.equal(before[name], tensor) for name, tensor in net.state_dict().items())


def test_the_norm_is_that_of_the_unscaled_gradient() -> None:
    net, update = scaled("Adam")
    norm = take(net, update)
    stepped_on = [p.grad for group in update.optimizer.param_groups for p in group["params"]]
    plain = torch.cat([gradient.flatten() for gradient in stepped_on]).norm().item()
    assert plain < 10
    assert norm == pytest.approx(plain)


def test_training_is_given_up_where_no_scale_helps() -> None:
    net, update = scaled("Adam")
    assert update.scaler
    for _ in range(17):
        take(net, update, math.nan)
        assert update.given_up.item() == 0
    assert update.scaler.get_scale() == 0.5
    take(net, update, math.nan)
    assert update.given_up.item() == 1
    weights = [p.clone() for p in net.parameters()]
    take(net, update)
    assert all(torch.equal(a, b) for a, b in zip(weights, net.parameters(), strict=True))


def test_a_loss_that_no_scale_can_mend_ends_training_at_once() -> None:
    net, update = scaled("Adam")
    take(net, update)
    update.begin()
    loss = net(torch.ones(3, 4)).pow(2).mean()
    update.backward(loss)
    update.step(loss.detach() * math.nan)  # its gradients are finite
    assert update.given_up.item() == 1


def test_skipped_steps_are_logged_and_the_run_goes_on(make_run: MakeRun, monkeypatch: pytest.MonkeyPatch) -> None:
    original = Update.backward
    calls = iter(range(1_000_000))
    monkeypatch.setattr(
        Update, "backward", lambda self, loss: original(self, loss * math.inf if next(calls) == 5 else loss)
    )
    run = make_run(SMALL + "runtime: {precision: fp16}\n")
    assert run.train() == 0
    assert [step.step for step in run.of(Step)] == list(range(24))
    assert [step.step for step in run.of(Step) if isinstance(step.metrics["grad_norm"], str)] == [5]
    first = run.of(Epoch)[1].metrics
    assert first["skipped_steps"] == 1
    assert run.checkpoint("last")["scaler"]["scale"] == 2**15
