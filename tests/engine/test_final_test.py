"""The test split and the reports on classes."""

from __future__ import annotations

import pytest

from tests.engine.conftest import SMALL, MakeRun
from training.runs.commands import send
from training.runs.events import Attempt, Checkpoint, Classes, End, Epoch, FinalTest, number

TESTED = SMALL + "data: {test_fraction: 0.2}\n"


def test_the_test_split_is_evaluated_once_on_the_best_checkpoint(make_run: MakeRun) -> None:
    run = make_run(TESTED.replace("epochs: 2", "epochs: 6\nlearning_rate: 0.3"))
    assert run.train() == 0
    tested = run.one(FinalTest)
    losses = run.metric(Epoch, "val_loss")
    assert tested.epoch == losses.index(min(losses)) + 1 < 6
    assert run.summary.test == tested.metrics
    assert tested.metrics.keys() == {"test_loss", "test_acc", "test_ce", "test_macro_f1", "test_recall_min"}
    report = [event for event in run.of(Classes) if event.side == "test"]
    assert sum(report[0].support) == run.one(Attempt).facts["n_test"] == 359
    assert isinstance(run.events[-1], End)
    # `last` is still where training ended, not the tested weights.
    assert run.checkpoint("last")["epoch"] == 6


def test_a_run_without_a_test_split_tests_nothing(make_run: MakeRun) -> None:
    run = make_run()
    run.train()
    assert not run.of(FinalTest)
    assert run.summary.test == {}


def test_a_stopped_run_keeps_its_test_split_unseen(make_run: MakeRun) -> None:
    run = make_run(TESTED)
    send(run.folder, "stop")
    assert run.train() == 0
    assert not run.of(FinalTest)


def test_every_epoch_reports_on_its_classes(make_run: MakeRun) -> None:
    run = make_run()
    run.train()
    first, last = run.of(Classes)
    assert (first.epoch, last.epoch, last.side) == (1, 2, "val")
    assert sum(last.support) == sum(count for _, _, count in last.confusion) == 359
    right = sum(count for true, said, count in last.confusion if true == said)
    metrics = run.of(Epoch)[-1].metrics
    assert number(metrics["val_acc"]) == pytest.approx(right / 359)
    assert number(metrics["macro_f1"]) == pytest.approx(sum(last.f1) / 10)
    per_class = [0] * 10
    for true, said, count in last.confusion:
        per_class[true] += count if true == said else 0
    assert last.recall == pytest.approx([hits / there for hits, there in zip(per_class, last.support, strict=True)])


@pytest.mark.parametrize("monitor", ["val_acc", "macro_f1"])
def test_the_best_checkpoint_follows_the_monitored_metric(make_run: MakeRun, monitor: str) -> None:
    text = SMALL.replace("epochs: 2", "epochs: 6\nlearning_rate: 0.1")
    run = make_run(text + f"optimization: {{monitor: {monitor}}}\n")
    assert run.train() == 0
    values = run.metric(Epoch, monitor)
    best = [event for event in run.of(Checkpoint) if event.kind == "best"][-1]
    assert best.epoch == values.index(max(values)) + 1
    assert run.checkpoint("best")["epoch"] == best.epoch
    assert (run.summary.kept_epoch, run.summary.monitor) == (best.epoch, monitor)
