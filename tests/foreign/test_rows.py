"""How the rows of a log become epochs and steps."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.foreign.logs import attempts, epochs, opened, polled, steps, written
from training.curves import Curves
from training.runs.events import Epoch, Log
from training.runs.log import standing


def _lines(*rows: str) -> str:
    return "".join(f"{row}\n" for row in rows)


def test_a_resume_supersedes_the_epochs_that_it_does_again(tmp_path: Path) -> None:
    log = written(tmp_path, _lines("epoch,loss,val_loss", "1,3,3", "2,2,2", "3,9,9", "2,1.5,1.5", "3,1,1"))
    stand = standing(log.events)
    assert [(epoch, metrics["train_loss"]) for epoch, metrics in epochs(stand)] == [(1, 3.0), (2, 1.5), (3, 1.0)]
    curves = Curves()
    curves.extend(log.events)
    assert list(curves.epochs["train_loss"].y) == [3.0, 1.5, 1.0]
    assert [(seam.attempt, seam.epoch) for seam in curves.seams] == [(2, 1)]


def test_another_run_in_the_same_file_supersedes_the_first(tmp_path: Path) -> None:
    log = written(tmp_path, _lines("epoch,loss,val_loss", "0,3,3", "1,2,2", "0,1.5,1.5", "1,1,1"))
    assert [attempt.from_seq for attempt in attempts(log.events)] == [0, 0]
    assert [metrics["train_loss"] for _, metrics in epochs(standing(log.events))] == [1.5, 1.0]


def test_steps_that_go_back_are_a_resume_too(tmp_path: Path) -> None:
    rows = [f"{step},{9 - step / 100},{'1' if step % 100 == 99 else ''}" for step in (*range(300), *range(150, 300))]
    log = written(tmp_path, _lines("step,train_loss,val_loss", *rows))
    stand = standing(log.events)
    assert [epoch for epoch, _ in epochs(stand)] == [1, 2, 3]
    curves = Curves()
    curves.extend(log.events)
    assert list(curves.steps["train_loss"].x) == [*range(100), *range(150, 300)]


def test_only_an_epoch_of_one_row_waits_for_the_next_until_the_log_shows_its_way(tmp_path: Path) -> None:
    path, source = opened(tmp_path, _lines("epoch,loss,val_loss,f1", "1,3,3,1"))
    seen = [[event.epoch for event in polled(source) if isinstance(event, Epoch)]]
    for epoch in range(2, 6):
        with path.open("a") as file:
            file.write(f"{epoch},2,2,1\n")
        seen.append([event.epoch for event in polled(source) if isinstance(event, Epoch)])
    assert seen == [[], [1], [2, 3], [4], [5]]


def test_a_late_row_is_told_with_its_epoch_once_more(tmp_path: Path) -> None:
    rows = ("epoch,train_loss,val_loss", "1,3,", "2,2,", "3,1,", "3,,0.5", "4,0.5,", "5,0.4,")
    log = written(tmp_path, _lines(*rows))
    assert epochs(log.events)[2:4] == [(3, {"train_loss": 1.0}), (3, {"train_loss": 1.0, "val_loss": 0.5})]
    assert [epoch for epoch, _ in epochs(log.events)] == [1, 2, 3, 3, 4, 5]


def test_a_log_of_steps_without_validation_is_cut_into_blocks(tmp_path: Path) -> None:
    log = written(tmp_path, _lines("step,loss", *(f"{step},{2 - step / 1000}" for step in range(450))))
    assert [epoch for epoch, _ in epochs(log.events)] == [1, 2, 3, 4, 5]
    assert [step.step for step in steps(log.events)] == list(range(450))
    assert [event.message for event in log.events if isinstance(event, Log)] == [
        "This log counts no whole epochs; here 100 of its rows make one."
    ]


def test_rows_that_are_hundreds_of_steps_apart_make_shorter_blocks(tmp_path: Path) -> None:
    log = written(tmp_path, _lines("step,loss", *(f"{step},1" for step in range(0, 60_000, 250))))
    assert [epoch for epoch, _ in epochs(log.events)] == list(range(1, 25))


def test_an_epoch_that_is_named_when_it_is_over_has_the_rows_before(tmp_path: Path) -> None:
    rows = []
    for epoch in (0, 1, 2, 4):
        rows += [f'{{"step": {step}, "loss": {4 - epoch}}}' for step in range(5 * epoch, 5 * epoch + 5)]
        rows += [f'{{"step": {5 * epoch + 4}, "epoch": {epoch}, "val_loss": {3 - epoch / 2}}}']
        rows += [f'{{"step": {5 * epoch + 4}, "epoch": {epoch}, "val_acc": 0.5}}']
    log = written(tmp_path, _lines(*rows), "log.jsonl")
    assert [(epoch, metrics["train_loss"], metrics["val_loss"]) for epoch, metrics in epochs(log.events)] == [
        (1, 4.0, 3.0),
        (2, 3.0, 2.5),
        (3, 2.0, 2.0),
        (5, 0.0, 1.0),
    ]
    assert [(step.step, step.epoch) for step in steps(log.events)][3:7] == [(3, 1), (4, 1), (5, 2), (6, 2)]


def test_steps_are_told_while_the_first_validation_is_still_awaited(tmp_path: Path) -> None:
    path, source = opened(tmp_path, _lines("step,loss,val_loss", *(f"{step},{step}," for step in range(120))))
    assert [step.step for step in steps(polled(source))] == list(range(120))
    with path.open("a") as file:
        file.write(_lines("119,,0.5", *(f"{step},1," for step in range(120, 130))))
    events = polled(source) + source.finish()
    assert [step.step for step in steps(events)] == list(range(120, 130))
    assert [(epoch, metrics["train_loss"]) for epoch, metrics in epochs(events)] == [(1, 59.5), (2, 1.0)]


def test_a_few_rows_of_steps_without_validation_are_an_epoch_each(tmp_path: Path) -> None:
    log = written(tmp_path, _lines("step,loss", *(f"{step},1" for step in range(30))))
    assert [epoch for epoch, _ in epochs(log.events)] == list(range(1, 31))
    assert steps(log.events) == []


def test_validation_every_few_epochs_stays_where_it_was(tmp_path: Path) -> None:
    rows = [f"{epoch},1,{'0.5' if epoch % 3 == 0 else ''}" for epoch in range(1, 10)]
    log = written(tmp_path, _lines("epoch,train_loss,val_loss", *rows))
    assert [epoch for epoch, metrics in epochs(log.events) if "val_loss" in metrics] == [3, 6, 9]


def test_fractional_epochs_belong_to_the_epoch_that_has_begun(tmp_path: Path) -> None:
    rows = ("0.5,10,3,", "1.0,20,2,", "1.0,20,,2.5", "1.5,30,1,", "2.0,40,0.5,", "2.0,40,,2.0")
    log = written(tmp_path, _lines("epoch,step,loss,eval_loss", *rows))
    assert epochs(log.events) == [
        (1, {"train_loss": 2.5, "val_loss": 2.5}),
        (2, {"train_loss": 0.75, "val_loss": 2.0}),
    ]


def test_error_rates_become_accuracies(tmp_path: Path) -> None:
    log = written(tmp_path, _lines("epoch,loss,top1_error,val_error", "1,1,0.25,0.5"))
    assert epochs(log.events) == [(1, {"train_loss": 1.0, "train_acc": 0.75, "val_acc": 0.5})]


@pytest.mark.parametrize(("separator", "end"), [(",", "\n"), (";", "\r\n"), ("\t", "\n")])
def test_separators_and_line_ends_of_all_kinds_are_told_apart(tmp_path: Path, separator: str, end: str) -> None:
    rows = (" epoch", "train/loss", '"val loss"'), ("1", "2.0", '"nan"'), ("2", "", "inf")
    path = tmp_path / "log.txt"
    path.write_bytes(b"\xef\xbb\xbf" + end.join(separator.join(row) for row in rows).encode() + end.encode())
    log = written(tmp_path, path.read_bytes().decode(), "copy.txt")
    assert epochs(log.events) == [(1, {"train_loss": 2.0, "val_loss": "nan"}), (2, {"val_loss": "inf"})]


def test_a_header_that_a_resume_changed_names_what_follows(tmp_path: Path) -> None:
    log = written(tmp_path, _lines("epoch,loss", "1,3", "epoch,lr,loss", "2,0.1,2"))
    assert epochs(log.events) == [(1, {"train_loss": 3.0}), (2, {"lr": 0.1, "train_loss": 2.0})]


def test_json_lines_may_be_nested_and_hold_what_json_does_not_know(tmp_path: Path) -> None:
    rows = ('{"epoch": 1, "train": {"loss": 2, "acc": NaN}, "val": {"loss": Infinity}}', '{"epoch": 2, "tags": ["a"]}')
    log = written(tmp_path, _lines(*rows, '{"epoch":2,"train":{"loss":"1"}}', "no json"), "log.jsonl")
    assert (log.format, log.skipped) == ("JSON Lines", 2)
    assert epochs(log.events) == [
        (1, {"train_loss": 2.0, "train_acc": "nan", "val_loss": "inf"}),
        (2, {"train_loss": 1.0}),
    ]


def test_of_several_columns_that_mean_the_same_the_best_named_is_taken(tmp_path: Path) -> None:
    log = written(tmp_path, _lines("epoch,test_loss,loss,val_loss", "1,9,2,3"))
    assert epochs(log.events) == [(1, {"test_loss": 9.0, "train_loss": 2.0, "val_loss": 3.0})]
