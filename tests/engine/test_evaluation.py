"""What an evaluation makes of answers."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from training.engine.evaluation import Evaluation


def evaluation(targets: list[int], said: list[int], classes: int) -> Evaluation:
    confusion = torch.zeros(classes, classes, dtype=torch.int64)
    for true, taken in zip(targets, said, strict=True):
        confusion[true, taken] += 1
    return Evaluation(1.0, 2.0, confusion)


def test_macro_f1_is_the_mean_over_the_classes_that_occur() -> None:
    found = evaluation([0, 0, 0, 1, 1, 3], [0, 0, 1, 1, 2, 0], 4)
    # class 0: 2·2/(3+3), class 1: 2·1/(2+2), class 3: 0; class 2 never occurs
    assert found.macro_f1 == pytest.approx((4 / 6 + 2 / 4 + 0) / 3)
    assert found.accuracy == pytest.approx(3 / 6)


def test_precision_recall_and_f1_are_those_of_each_class() -> None:
    precision, recall, f1 = evaluation([0, 0, 0, 1, 1, 3], [0, 0, 1, 1, 2, 2], 4).scores()
    assert precision.tolist() == pytest.approx([1, 1 / 2, 0, 0])
    assert recall.tolist() == pytest.approx([2 / 3, 1 / 2, 0, 0])
    assert f1.tolist() == pytest.approx([4 / 5, 1 / 2, 0, 0])


def test_metrics_carry_the_name_of_their_side() -> None:
    found = evaluation([0, 1], [0, 1], 2)
    assert found.metrics("val") == {
        "val_loss": 1.0, "val_acc": 1.0, "val_ce": 2.0, "macro_f1": 1.0, "val_recall_min": 1.0,
    }  # fmt: skip
    assert found.metrics("test") == {
        "test_loss": 1.0, "test_acc": 1.0, "test_ce": 2.0, "test_macro_f1": 1.0, "test_recall_min": 1.0,
    }  # fmt: skip


def test_the_least_recall_is_that_of_a_class_that_occurs() -> None:
    found = evaluation([0, 0, 0, 1, 1, 3, 3, 3, 3], [0, 0, 1, 1, 2, 0, 0, 0, 3], 5)
    assert found.least_recall == pytest.approx(1 / 4)


def test_dead_units_are_told_where_somebody_looked() -> None:
    found = evaluation([0, 1], [0, 1], 2)
    assert "dead_relu" not in found.metrics("val")
    assert replace(found, dead_relu=0.5).metrics("val")["dead_relu"] == 0.5
