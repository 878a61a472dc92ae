"""Reading logs that traindeck did not write."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from tests.diagnosis.curves import CURVES
from training.errors import InvalidInput
from training.foreign.log import ForeignLog
from training.foreign.reading import read
from training.runs.events import Attempt, End, Epoch, Step

KERAS = """epoch,accuracy,learning_rate,loss,val_accuracy,val_loss
0,0.45,0.001,1.67,0.90,0.61
1,0.83,0.001,0.62,0.95,0.20
"""
LIGHTNING = """epoch,lr-Adam,step,train_acc,train_loss_epoch,val_acc,val_loss
,0.001,0,,,,
0,,89,,,0.90,0.61
0,,89,0.45,1.67,,
,0.001,90,,,,
1,,179,,,0.95,0.20
1,,179,0.83,0.62,,
"""


def _read(tmp_path: Path, text: str) -> ForeignLog:
    path = tmp_path / "metrics.csv"
    path.write_text(text)
    return read(path)


def _epochs(log: ForeignLog) -> list[tuple[int, dict[str, float | str]]]:
    return [(event.epoch, event.metrics) for event in log.events if isinstance(event, Epoch)]


def test_a_keras_log_counts_its_epochs_from_one(tmp_path: Path) -> None:
    assert _epochs(_read(tmp_path, KERAS)) == [
        (1, {"train_acc": 0.45, "lr": 0.001, "train_loss": 1.67, "val_acc": 0.90, "val_loss": 0.61}),
        (2, {"train_acc": 0.83, "lr": 0.001, "train_loss": 0.62, "val_acc": 0.95, "val_loss": 0.20}),
    ]


def test_a_lightning_log_has_its_rows_joined_by_epoch(tmp_path: Path) -> None:
    log = _read(tmp_path, LIGHTNING)
    assert [(epoch, set(metrics)) for epoch, metrics in _epochs(log)] == [
        (1, {"train_loss", "train_acc", "val_loss", "val_acc", "lr"}),
        (2, {"train_loss", "train_acc", "val_loss", "val_acc", "lr"}),
    ]
    assert [event.step for event in log.events if isinstance(event, Epoch)] == [89, 179]


def test_several_training_rows_of_an_epoch_are_averaged(tmp_path: Path) -> None:
    log = _read(tmp_path, "epoch,train_loss,val_loss\n1,2.0,\n1,1.0,\n1,,0.9\n")
    assert _epochs(log) == [(1, {"train_loss": 1.5, "val_loss": 0.9})]


def test_without_an_epoch_column_each_row_is_one(tmp_path: Path) -> None:
    log = _read(tmp_path, "step;Loss;Val Loss\n100;1,0;2\n200;0.5;0.6\n".replace("1,0", "1.0"))
    assert _epochs(log) == [(1, {"train_loss": 1.0, "val_loss": 2.0}), (2, {"train_loss": 0.5, "val_loss": 0.6})]


def test_numbers_that_are_not_finite_and_empty_cells_are_told_apart(tmp_path: Path) -> None:
    log = _read(tmp_path, "epoch,train_loss,val_loss,lr\n1,nan,,0.1\n2,inf,-Infinity,\n")
    assert _epochs(log) == [(1, {"train_loss": "nan", "lr": 0.1}), (2, {"train_loss": "inf", "val_loss": "-inf"})]


def test_a_header_repeated_after_a_resume_is_passed_over(tmp_path: Path) -> None:
    log = _read(tmp_path, "epoch,loss\n1,1.0\nepoch,loss\n2,0.5\n")
    assert [epoch for epoch, _ in _epochs(log)] == [1, 2]
    assert log.skipped == 0


def test_other_columns_keep_their_names_and_lose_their_controls(tmp_path: Path) -> None:
    log = _read(tmp_path, "epoch,loss,\x1b[31mf1\x1b[0m\n1,1.0,0.5\n")
    assert _epochs(log) == [(1, {"train_loss": 1.0, "f1": 0.5})]


def test_a_torn_last_line_is_no_reason_to_refuse(tmp_path: Path) -> None:
    log = _read(tmp_path, "epoch,loss,val_loss\n1,1.0,1.1\n2,0.")
    assert ([epoch for epoch, _ in _epochs(log)], log.skipped) == ([1], 1)


def test_a_whole_last_line_needs_no_line_end(tmp_path: Path) -> None:
    assert [epoch for epoch, _ in _epochs(_read(tmp_path, "epoch,loss,val_loss\n1,1.0,1.1\n2,0.5,0.6"))] == [1, 2]


def test_a_byte_order_mark_and_tabs_are_fine(tmp_path: Path) -> None:
    log = _read(tmp_path, "\ufeffEpoch\tTrain/Loss\n1\t1.5\n")
    assert _epochs(log) == [(1, {"train_loss": 1.5})]


def test_a_labelled_curve_is_read_with_its_facts_and_config() -> None:
    log = read(CURVES / "run_109.jsonl")
    start = log.events[0]
    assert isinstance(start, Attempt)
    assert (start.facts["classes"], start.facts["n_val"], start.epochs) == (10, 497, 30)
    assert (log.config["optimizer"], log.config["learning_rate"], log.config["class_weights"]) == ("Adam", 1.0, "None")
    steps = [event for event in log.events if isinstance(event, Step)]
    assert steps[0].metrics["train_loss"] == pytest.approx(2.4, abs=0.3)
    assert isinstance(log.events[-1], End)


def test_numbers_that_are_not_finite_arrive_in_a_labelled_curve() -> None:
    losses = [e.metrics["train_loss"] for e in read(CURVES / "run_046.jsonl").events if isinstance(e, Epoch)]
    assert math.isfinite(float(losses[0]))
    assert not math.isfinite(float(losses[-1]))


def test_torn_and_foreign_lines_of_a_labelled_curve_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    path.write_text('{"type":"meta","config":[]}\n{"type":"epoch","epoch":1,"train_loss":1}\n[]\n{"type":"epo')
    log = read(path)
    assert (len(log.events), log.skipped) == (2, 2)


@pytest.mark.parametrize("text", ["", "\n\n", "{}\n", '"text"\n', "a,b\n1,2\n", "dear diary\n"])
def test_a_file_that_no_reader_takes_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(InvalidInput, match="no log that traindeck can read"):
        _read(tmp_path, text)


def test_a_binary_file_is_refused_as_such(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="is a binary file"):
        _read(tmp_path, "\0\0\0")


def test_a_file_that_is_not_there_is_refused_with_the_reason(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="cannot be read: No such file"):
        read(tmp_path / "nothing.csv")
