"""Whole runs: what a worker leaves in its run folder."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn
from torch.optim.lr_scheduler import ReduceLROnPlateau

from tests.engine.conftest import SMALL, MakeRun
from training.optimizers import create_optimizer, create_scheduler
from training.runs.events import Attempt, Checkpoint, End, Epoch, Log, State, Step, number

WELL_KNOWN = {
    "train_loss", "train_acc", "val_loss", "val_acc", "val_ce", "lr", "grad_norm", "grad_norm_max", "epoch_seconds",
    "images_per_s", "macro_f1", "grad_norm_first", "grad_norm_last", "val_recall_min", "dead_relu",
}  # fmt: skip
WALL_CLOCK = {"images_per_s", "epoch_seconds", "gpu_util", "gpu_memory"}


def test_a_run_tells_its_whole_story_in_events_and_ends_finished(make_run: MakeRun) -> None:
    run = make_run()
    assert run.train() == 0
    events = run.events
    assert isinstance(events[0], Attempt)
    assert [event.seq for event in events] == list(range(len(events)))
    steps = run.of(Step)
    assert [step.step for step in steps] == list(range(2 * events[0].steps_per_epoch))
    assert all({"train_loss", "lr", "grad_norm"} <= step.metrics.keys() for step in steps)
    untrained, *epochs = run.of(Epoch)
    assert untrained.epoch == untrained.step == 0
    assert untrained.metrics.keys() >= {"train_loss", "val_loss", "val_acc"}
    assert [(epoch.epoch, epoch.step) for epoch in epochs] == [(1, 12), (2, 24)]
    assert all(epoch.metrics.keys() == WELL_KNOWN for epoch in epochs)
    end = run.one(End)
    assert (end.state, end.reason, end.epoch, end.step) == ("finished", "all 2 epochs done", 2, 24)
    assert events[-1] is not None
    assert isinstance(events[-1], End)


def test_a_run_says_what_is_known_before_training(make_run: MakeRun) -> None:
    run = make_run()
    run.train()
    facts = run.one(Attempt).facts
    assert (facts["n_train"], facts["n_val"], facts["input_shape"]) == (1438, 359, [1, 8, 8])
    assert facts["classes"] == [str(digit) for digit in range(10)]
    assert sum(facts["class_counts"]) == 1438
    assert facts["class_ratio"] == max(facts["class_counts"]) / min(facts["class_counts"])
    assert facts["chance_loss"] == pytest.approx(math.log(10))
    assert facts["parameters"] == 1 * 4 * 9 + 2 * 4 + (4 * 4 * 4 + 1) * 10
    assert (facts["device"], facts["device_reason"], facts["threads"]) == ("CPU", "the test wants it", 1)
    told = " ".join(event.message for event in run.of(Log))
    assert "1438 train, 359 validate" in told
    assert "CPU threads: 1" in told


def test_a_run_says_what_its_inputs_are_like(make_run: MakeRun) -> None:
    raw = "data: {normalise: false}\n"
    runs = [make_run(SMALL + more, name) for name, more in (("one", ""), ("again", ""), ("raw", raw))]
    for run in runs:
        run.train()
    names = ("input_min", "input_max", "input_mean", "input_std")
    one, again, plain = ([run.one(Attempt).facts[name] for name in names] for run in runs)
    assert one == again
    assert one[2] == pytest.approx(0, abs=0.1)
    assert one[3] == pytest.approx(1, abs=0.1)
    # The same images: what is not normalised is linear in what is.
    normalisation = runs[0].one(Attempt).facts["normalisation"]
    mean, std = normalisation["mean"][0], normalisation["std"][0]
    assert plain == pytest.approx(
        [one[0] * std + mean, one[1] * std + mean, one[2] * std + mean, one[3] * std], 1e-3, 1e-6
    )
    assert (plain[0], plain[1]) == (0, 1)


def test_the_summary_follows_the_run(make_run: MakeRun) -> None:
    run = make_run()
    run.train()
    summary = run.summary
    assert (summary.state, summary.message) == ("finished", "all 2 epochs done")
    assert (summary.epoch, summary.epochs, summary.step, summary.steps) == (2, 2, 24, 24)
    losses = run.metric(Epoch, "val_loss")
    assert summary.best_val_loss == min(losses)
    assert summary.best_epoch == losses.index(min(losses)) + 1
    assert summary.best_val_acc == max(run.metric(Epoch, "val_acc"))
    assert summary.latest["val_loss"] == losses[-1]
    assert summary.started <= summary.ended
    assert summary.training_seconds > 0


def test_the_heart_of_a_run_beats(make_run: MakeRun) -> None:
    run = make_run()
    run.train()
    assert b'"counter":' in run.folder.heartbeat.read_bytes()


def test_the_epochs_metrics_are_those_of_its_steps(make_run: MakeRun) -> None:
    run = make_run()
    run.train()
    sizes = [128] * 11 + [1438 - 11 * 128]
    losses = run.metric(Step, "train_loss")[:12]
    mean = sum(loss * size for loss, size in zip(losses, sizes, strict=True)) / 1438
    norms = run.metric(Step, "grad_norm")[:12]
    first = run.of(Epoch)[1].metrics
    assert number(first["train_loss"]) == pytest.approx(mean)
    assert number(first["grad_norm"]) == pytest.approx(sum(norms) / 12)
    assert number(first["grad_norm_max"]) == max(norms)


def test_the_same_seed_gives_the_same_metrics_to_the_last_bit(make_run: MakeRun) -> None:
    config = SMALL.replace("dense_layers: []", "dense_layers: [{units: 16, dropout: 0.5}]")
    one, again = make_run(config, "one"), make_run(config, "again")
    other = make_run(config + "runtime: {seed: 1}\n", "other")
    for run in (one, again, other):
        assert run.train() == 0

    def metrics(kind: type[Step] | type[Epoch]) -> list[list[dict[str, object]]]:
        return [
            [{k: v for k, v in event.metrics.items() if k not in WALL_CLOCK} for event in run.of(kind)]
            for run in (one, again, other)
        ]

    for kind in (Step, Epoch):
        first, second, third = metrics(kind)
        assert first == second
        assert first != third
    weights, same = one.checkpoint("last")["model"], again.checkpoint("last")["model"]
    assert all(torch.equal(weights[name], same[name]) for name in weights)


@pytest.mark.parametrize(
    ("strategy", "epochs"),
    [("Constant", 3), ("Cosine Annealing", 6), ("Step Decay", 6), ("Exponential Decay", 5), ("ReduceLROnPlateau", 16)],
)
def test_the_logged_learning_rate_is_that_of_torchs_own_scheduler(
    make_run: MakeRun, strategy: str, epochs: int
) -> None:
    # At this rate the validation loss soon stops falling, so that the plateau comes into play.
    settings = {"lr_strategy": strategy, "epochs": epochs, "learning_rate": 0.2}
    text = SMALL.replace("epochs: 2", "\n".join(f"{key}: {value}" for key, value in settings.items()))
    run = make_run(text.replace("batch_size: 128", "batch_size: 512"))
    assert run.train() == 0
    optimizer = create_optimizer(nn.Linear(1, 1), settings)
    scheduler = create_scheduler(optimizer, settings, steps_per_epoch=3)
    expected = []
    for val_loss in run.metric(Epoch, "val_loss"):
        expected.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if isinstance(scheduler, ReduceLROnPlateau):
            scheduler.step(val_loss)
        elif scheduler is not None:
            scheduler.step()
    assert run.metric(Epoch, "lr") == expected
    assert run.metric(Step, "lr") == [rate for rate in expected for _ in range(3)]
    assert (len(set(expected)) > 1) == (strategy != "Constant")


def test_early_stopping_counts_epochs_since_the_best(make_run: MakeRun) -> None:
    text = SMALL.replace("epochs: 2", "epochs: 60\nlearning_rate: 0.2\nearly_stopping: true\nes_patience: 3")
    run = make_run(text.replace("batch_size: 128", "batch_size: 512"))
    assert run.train() == 0
    losses = run.metric(Epoch, "val_loss")
    best = losses.index(min(losses)) + 1
    assert len(losses) == best + 3 < 60
    assert run.one(End).reason == f"early stopping: no better validation loss since epoch {best}"
    assert run.summary.state == "finished"
    assert run.checkpoint("best")["epoch"] == best
    assert run.checkpoint("last")["epoch"] == best + 3


@pytest.mark.parametrize("loss", ["Auto Class Weights", "Focal Loss"])
def test_a_run_with_another_loss_logs_the_plain_cross_entropy_beside_it(make_run: MakeRun, loss: str) -> None:
    run = make_run(SMALL + f"class_weights: {loss}\n")
    assert run.train() == 0
    values, plain = run.metric(Epoch, "val_loss"), run.metric(Epoch, "val_ce")
    assert values != plain
    untrained = run.of(Epoch)[0].metrics
    chance = run.one(Attempt).facts["chance_loss"]
    assert number(untrained["val_loss"]) == pytest.approx(chance, rel=0.3)


def test_a_last_image_left_over_joins_the_batch_before_it(make_run: MakeRun) -> None:
    run = make_run(SMALL.replace("batch_size: 128", "batch_size: 479"))
    assert run.train() == 0
    assert run.one(Attempt).steps_per_epoch == 3
    assert "(480)" in " ".join(event.message for event in run.of(Log))


def test_batch_norm_with_a_single_value_a_channel_is_refused_by_name(make_run: MakeRun) -> None:
    blocks = ", ".join(["{filters: 4}"] * 3 + ["{filters: 4, pooling: none}"])
    run = make_run(f"batch_size: 1\nmodel: {{blocks: [{blocks}], dense_layers: []}}\n")
    assert run.train() == 1
    assert "batch_size: 1" in run.one(End).reason


def test_states_are_events_and_checkpoints_too(make_run: MakeRun) -> None:
    run = make_run()
    run.train()
    assert [event.state for event in run.of(State)] == ["running"]
    paths = [(event.kind, event.path, event.epoch) for event in run.of(Checkpoint)]
    assert paths[:2] == [("last", "checkpoints/last.pt", 1), ("best", "checkpoints/best.pt", 1)]
    assert all((run.folder.path / path).is_file() for _, path, _ in paths)
