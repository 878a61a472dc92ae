"""A learning rate that was set by hand is named by the findings that follow from it, and taken back first."""

from __future__ import annotations

import math

import pytest

from tests.diagnosis.curves import TEN_CLASSES
from training.config.schema import TrainingConfig
from training.diagnosis.engine import Diagnosis
from training.diagnosis.findings import Finding

STEPS = 50
GOOD = [2.0, 1.2, 0.8, 0.6, 0.5, 0.45]
SET = "the learning rate was set to 5 by hand at step 310, from 0.001"


def diagnosis_of(losses: list[float], rate: float = 0.001) -> Diagnosis:
    """After epochs with these train losses at that rate."""
    diagnosis = Diagnosis(TrainingConfig(epochs=200), TEN_CLASSES)
    train(diagnosis, losses, rate)
    return diagnosis


def train(diagnosis: Diagnosis, losses: list[float], rate: float, first: int = 1) -> None:
    for epoch, loss in enumerate(losses, first):
        diagnosis.epoch(epoch, {"train_loss": loss, "val_loss": loss, "lr": rate})


def found(diagnosis: Diagnosis) -> Finding:
    (finding,) = diagnosis.open
    return finding


def test_a_divergence_after_a_raised_rate_names_it_and_goes_back_first() -> None:
    diagnosis = diagnosis_of(GOOD)
    diagnosis.rate_set(310, 7, 5000.0, 5.0)
    train(diagnosis, [30.0, 9.0], 5.0, first=7)
    finding = found(diagnosis)
    assert finding.label == "divergence"
    assert finding.evidence.endswith(f"; {SET}.")
    assert finding.causes[0] == SET
    first, *others = finding.fixes
    assert (first.title, first.live, first.undo, first.patch) == (
        "Go back to the scheduled learning rate", True, True, {},
    )  # fmt: skip
    assert others
    assert not any("learning_rate" in fix.patch for fix in others)


def test_a_step_that_is_not_a_number_names_it_too() -> None:
    diagnosis = diagnosis_of(GOOD)
    diagnosis.rate_set(310, 7, 5000.0)  # a log of a version that did not tell the rate
    (change,) = diagnosis.step(311, 7, {"train_loss": math.nan})
    assert change.finding.causes[0] == SET
    assert change.finding.fixes[0].undo


def test_what_began_before_it_or_comes_long_after_is_not_blamed_on_it() -> None:
    diagnosis = diagnosis_of([*GOOD, 30.0, 9.0])
    diagnosis.rate_set(460, 10, 5000.0, 5.0)
    train(diagnosis, [9.0, 9.0, 9.0], 5.0, first=9)
    assert "by hand" not in found(diagnosis).evidence
    diagnosis = diagnosis_of(GOOD)
    diagnosis.rate_set(310, 7, 5000.0, 5.0)
    train(diagnosis, [0.4, 0.39, 0.38, 0.37, 0.36, 30.0], 5.0, first=7)
    assert "by hand" not in found(diagnosis).evidence


@pytest.mark.parametrize("rate", [0.0015, 0.00001])
def test_a_divergence_is_not_blamed_on_a_rate_that_hardly_rose_or_fell(rate: float) -> None:
    diagnosis = diagnosis_of(GOOD)
    diagnosis.rate_set(310, 7, rate / 0.001, rate)
    train(diagnosis, [30.0, 9.0], rate, first=7)
    assert "by hand" not in found(diagnosis).evidence
    assert not any(fix.undo for fix in found(diagnosis).fixes)


def test_a_finding_keeps_the_change_that_it_named_however_long_it_stays_open() -> None:
    diagnosis = diagnosis_of(GOOD)
    diagnosis.rate_set(310, 7, 5000.0, 5.0)
    train(diagnosis, [30.0, *[2.6] * 20], 5.0, first=7)
    diagnosis.rate_set(27 * STEPS + 3, 28, 1.0, 0.001)
    train(diagnosis, [2.6] * 150, 0.001, first=28)
    assert SET in found(diagnosis).causes
    assert found(diagnosis).fixes[0].undo


def test_a_change_whose_steps_are_done_again_without_it_is_forgotten() -> None:
    diagnosis = diagnosis_of(GOOD)
    diagnosis.rate_set(310, 7, 5000.0, 5.0)
    train(diagnosis, [0.6, 0.5, 0.4, 30.0], 0.001, first=4)  # from a checkpoint of epoch 3
    assert found(diagnosis).label == "divergence"
    assert "by hand" not in found(diagnosis).evidence
