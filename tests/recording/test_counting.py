"""Steps, epochs and percentages of scripts that count in their own ways."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.recording.conftest import epochs, steps
from tests.recording.test_recorder import make, say
from training.curves import Curves
from training.recording.counting import Steps
from training.recording.recorder import Recorder
from training.replay import diagnose_run
from training.runs.log import read_all


@pytest.fixture
def warnings() -> list[str]:
    return []


@pytest.fixture
def told(tmp_path: Path, warnings: list[str]) -> Recorder:
    return make(tmp_path / "run", warnings, facts={"classes": 100})


def curves(told: Recorder) -> Curves:
    found = Curves()
    found.extend(read_all(told.folder.events))
    return found


def test_accuracies_in_percent_are_shares_those_below_1_too(told: Recorder) -> None:
    for epoch, accuracy in enumerate([0.9, 1.0, 1.3, 5.0, 12.0], 1):
        say(told, epoch=epoch, train_loss=4.6 - 0.3 * epoch, val_loss=4.7 - 0.3 * epoch, val_acc=accuracy)
    told.end("finished", "")
    assert list(curves(told).epochs["val_acc"].y) == pytest.approx([0.009, 0.01, 0.013, 0.05, 0.12])
    assert told.summary.best_val_acc == 0.12
    assert (told.summary.epoch, told.epoch) == (5, 5)
    assert "val accuracy 12 %" in diagnose_run(told.folder).verdict


def test_percentages_below_1_of_an_epoch_that_is_still_open_are_shares(told: Recorder) -> None:
    say(told, epoch=1, train_acc=0.9)
    say(told, epoch=1, val_acc=1.5)
    told.end("finished", "")
    assert epochs(told.folder)[-1][1] == pytest.approx({"train_acc": 0.009, "val_acc": 0.015})


def test_an_accuracy_of_more_than_1_after_many_epochs_takes_nothing_back(told: Recorder) -> None:
    for epoch in range(1, 60):
        say(told, epoch=epoch, val_loss=1.0, val_acc=0.9)
    say(told, epoch=60, val_loss=1.0, val_acc=90.0)
    told.end("finished", "")
    assert list(curves(told).epochs["val_acc"].y) == [0.9] * 60


def test_a_number_where_no_training_comes_is_left_out_with_a_word(told: Recorder, warnings: list[str]) -> None:
    for number in (1e308, 1e13):
        say(told, epoch=number, loss=1.0)
        say(told, step=number, loss=1.0)
    assert not told.starts_over({"epoch": -1e308})
    say(told, epoch=1, loss=1.0)
    told.end("finished", "")
    assert [number for number, _ in epochs(told.folder)] == [1]
    assert {text.split(" is ")[0] for text in warnings} == {"report(epoch=…)", "report(step=…)"}
    assert len(set(warnings)) == 2


def test_steps_that_come_in_disorder_do_not_explode(told: Recorder) -> None:
    for step in range(0, 300, 2):
        say(told, step=step + 1, loss=2.0)
        say(told, step=step, lr=0.1)
    told.end("finished", "")
    numbers = [number for number, _, _ in steps(told.folder)]
    assert numbers == list(range(1, 300, 2))
    assert told.step == 300


def test_the_loss_of_a_step_that_comes_late_counts_for_its_epoch(told: Recorder) -> None:
    for step, loss in ((0, 1.0), (2, 2.0), (1, 6.0)):
        say(told, epoch=1, step=step, loss=loss)
    told.end("finished", "")
    assert [number for number, _, _ in steps(told.folder)] == [0, 2]
    assert epochs(told.folder) == [(1, {"train_loss": 3.0})]


@pytest.mark.parametrize(
    ("counted", "ours"),
    [
        ([0, 1, 2, 0, 1, 2], [0, 1, 2, 3, 4, 5]),
        ([1, 50, 100, 1, 50], [1, 50, 100, 102, 151]),
        ([40, 41, 60, 0, 1], [40, 41, 60, 61, 62]),
        ([1, 0, 3, 2, 5, 4], [1, None, 3, None, 5, None]),
        ([0, 8, 1600, 1, 9, 1601], [0, 8, 1600, None, None, 1601]),
        ([100, 100, 99, 101], [100, 100, None, 101]),
    ],
)
def test_only_a_counter_that_is_back_at_its_start_begins_anew(counted: list[int], ours: list[int | None]) -> None:
    steps = Steps()
    assert [steps.number(step) for step in counted] == ours


def test_a_counter_may_begin_anew_elsewhere_in_an_epoch_with_another_number() -> None:
    steps = Steps()
    named = [(0, 1), (90, 1), (5, 2), (95, 2), (85, 2), (100, 3), (0, 3)]
    assert [steps.number(step, epoch) for step, epoch in named] == [0, 90, 96, 186, None, 191, 192]


def test_the_batches_of_a_validation_with_its_own_counter_are_one_validation(told: Recorder) -> None:
    step = 0
    for epoch in range(1, 4):
        for _ in range(100):
            say(told, step=step, loss=2.0 / epoch)
            step += 1
        for batch in range(10):
            say(told, step=batch, val_loss=batch + epoch)
        assert not told.starts_over({"epoch": float(epoch)})
        say(told, epoch=epoch, val_acc=0.2 * epoch)
    told.end("finished", "")
    found = curves(told)
    assert list(found.epochs["val_loss"].x) == [1, 2, 3]
    assert list(found.epochs["val_loss"].y) == [5.5, 6.5, 7.5]
    assert list(found.steps["train_loss"].x) == list(range(300))


def test_a_validation_that_is_told_batch_by_batch_ends_with_the_next_step(told: Recorder) -> None:
    for epoch in range(1, 3):
        for step in range(20):
            say(told, epoch=epoch, step=step, loss=1.0)
        for batch in range(4):
            say(told, epoch=epoch, step=batch, val_loss=float(batch))
    told.end("finished", "")
    assert [(number, metrics["val_loss"]) for number, metrics in epochs(told.folder)] == [(1, 1.5), (2, 1.5)]
