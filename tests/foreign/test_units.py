"""Percentages, error rates and numbers as some countries write them become what the diagnosis knows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.foreign.logs import attempts, epochs, opened, polled, written
from training.foreign.log import numeric
from training.runs.events import AnyEvent, Number
from training.runs.log import standing

HEADER = "epoch,train_loss,val_loss,train_acc,val_acc\n"


def accuracies(events: Sequence[AnyEvent]) -> list[Number]:
    return [metrics["val_acc"] for _, metrics in epochs(standing(events))]


def test_one_accuracy_above_1_makes_all_of_a_log_percentages_those_before_it_too(tmp_path: Path) -> None:
    rows = "".join(f"{n},4.5,4.6,{acc},{acc}\n" for n, acc in enumerate([0.9, 1.0, 1.02, 1.4, 33.0], 1))
    log = written(tmp_path, HEADER + rows)
    assert accuracies(log.events) == pytest.approx([0.009, 0.01, 0.0102, 0.014, 0.33])
    assert len(attempts(log.events)) == 1


def test_a_share_that_rounding_lifts_above_1_stays_a_share(tmp_path: Path) -> None:
    log = written(tmp_path, HEADER + "1,0.1,0.1,0.5,1.0000001\n2,0.1,0.1,0.5,0.75\n")
    assert accuracies(log.events) == [1.0000001, 0.75]


def test_shares_with_noise_that_lifts_some_above_1_stay_shares(tmp_path: Path) -> None:
    noisy = [0.5, 0.97, 1.031, 0.99, 1.048, 1.0]
    log = written(tmp_path, HEADER + "".join(f"{n},0.1,0.1,{acc},{acc}\n" for n, acc in enumerate(noisy, 1)))
    assert accuracies(log.events) == noisy
    assert len(attempts(log.events)) == 1


def test_a_growing_log_that_turns_out_to_be_in_percent_is_told_anew(tmp_path: Path) -> None:
    path, source = opened(tmp_path, HEADER + "".join(f"{n},4.5,4.6,0.{n},0.{n}\n" for n in range(1, 6)))
    events = polled(source)
    assert accuracies(events) == [0.1, 0.2, 0.3, 0.4, 0.5]
    with path.open("a") as file:
        file.write("".join(f"{n},4,4,{n},{n}\n" for n in range(6, 9)))
    events += polled(source)
    assert accuracies(events) == pytest.approx([0.001, 0.002, 0.003, 0.004, 0.005, 0.06, 0.07, 0.08])
    assert [attempt.why for attempt in attempts(events)] == ["", "the accuracies of the log are in percent"]


def test_an_error_rate_in_percent_is_an_accuracy_below_1(tmp_path: Path) -> None:
    log = written(tmp_path, "epoch,loss,val_loss,val_error\n1,4,4,99.5\n2,3,3,40\n3,2,2,1.2\n")
    assert accuracies(log.events) == pytest.approx([0.005, 0.6, 0.988])


def test_decimal_commas_are_read_where_semicolons_divide_the_cells(tmp_path: Path) -> None:
    log = written(tmp_path, 'epoch;train_loss;val_acc\n1;2,5;0,25\n"2";"1,5";"0,5"\n3;1e-1;0.75\n')
    assert [metrics["train_loss"] for _, metrics in epochs(log.events)] == [2.5, 1.5, 0.1]
    assert accuracies(log.events) == [0.25, 0.5, 0.75]
    assert log.skipped == 0


def test_cells_with_a_percent_sign_are_percentages(tmp_path: Path) -> None:
    log = written(tmp_path, HEADER + "1,4,4,0.5%,0.8%\n2,3,3,40.25%,33 %\n")
    assert accuracies(log.events) == pytest.approx([0.008, 0.33])


@pytest.mark.parametrize(("value", "found"), [(10**400, "inf"), (-(10**400), "-inf"), ("9" * 5000, "inf")])
def test_a_number_beyond_all_floats_is_infinite(value: object, found: str) -> None:
    assert numeric(value) == found


def test_an_integer_beyond_all_floats_does_not_end_the_reading(tmp_path: Path) -> None:
    lines = "".join(f'{{"epoch":{n},"train_loss":1{"0" * 400},"val_loss":1}}\n' for n in range(1, 4))
    assert [metrics["train_loss"] for _, metrics in epochs(written(tmp_path, lines, "log.jsonl").events)] == ["inf"] * 3
