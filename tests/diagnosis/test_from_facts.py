"""What the facts show before the first step, and what becomes of it once training shows it too."""

from __future__ import annotations

from tests.diagnosis.curves import TEN_CLASSES, labels
from training.diagnosis.engine import Diagnosis

RAW_PIXELS = TEN_CLASSES | {"input_mean": 77.0, "input_std": 95.0}
BORNE = RAW_PIXELS | {"batch_norm": True}
FEW_IMAGES = TEN_CLASSES | {"n_val": 12}


def test_inputs_that_are_not_normalised_warn_before_the_first_step() -> None:
    diagnosis = Diagnosis(None, RAW_PIXELS)
    (change,) = diagnosis.begin()
    assert (change.change, change.finding.label, change.finding.severity) == (
        "opened",
        "unnormalised_inputs",
        "warning",
    )
    assert change.finding.shown_epoch == change.finding.since_epoch == 0
    assert "a mean of 77.0 and a deviation of 95.0" in change.finding.evidence


def test_they_are_only_worth_knowing_where_batch_norm_bears_them() -> None:
    diagnosis = Diagnosis(None, BORNE)
    assert [change.finding.severity for change in diagnosis.begin()] == ["info"]
    assert diagnosis.step(0, 1, {"train_loss": 2.31}) == []
    for epoch in range(1, 6):
        diagnosis.epoch(epoch, {"train_loss": 2.0 / epoch, "val_loss": 2.0 / epoch})
    assert [finding.severity for finding in diagnosis.open] == ["info"]


def test_they_become_a_warning_with_the_first_loss_that_shows_them() -> None:
    diagnosis = Diagnosis(None, BORNE)
    diagnosis.begin()
    (change,) = diagnosis.step(0, 1, {"train_loss": 65.0})
    assert (change.change, change.finding.severity, change.finding.shown_epoch) == ("changed", "warning", 1)
    assert "the loss began at 65.0, chance is 2.30" in change.finding.evidence


def test_inputs_between_0_and_1_are_sound() -> None:
    assert Diagnosis(None, TEN_CLASSES | {"input_mean": 0.3, "input_std": 0.35}).begin() == []


def test_a_tiny_validation_set_becomes_a_warning_once_its_curve_jumps() -> None:
    diagnosis = Diagnosis(None, FEW_IMAGES)
    (change,) = diagnosis.begin()
    assert (change.finding.label, change.finding.severity) == ("val_noisy", "info")
    jumps = [6 / 12, 9 / 12, 7 / 12, 10 / 12, 8 / 12]
    for epoch, accuracy in enumerate(jumps, 1):
        told = diagnosis.epoch(epoch, {"train_loss": 1 / epoch, "train_acc": 0.8 + epoch / 100, "val_acc": accuracy})
    assert [(change.finding.severity, change.finding.shown_epoch) for change in told] == [("warning", 5)]
    for epoch in range(6, 12):
        diagnosis.epoch(epoch, {"train_loss": 1 / epoch, "train_acc": 0.9, "val_acc": 10 / 12})
    assert [finding.severity for finding in diagnosis.open] in (["warning"], [])


def test_the_size_of_a_validation_set_shows_in_its_accuracies() -> None:
    diagnosis = Diagnosis(None, None)
    assert diagnosis.begin() == []
    for epoch, right in enumerate([8, 12, 9, 13, 10, 12, 9], 1):
        diagnosis.epoch(epoch, {"train_loss": 1 / epoch, "train_acc": 0.9, "val_acc": round(right / 14, 4)})
    assert labels(diagnosis.open) == ["val_noisy"]
    assert "Validation accuracy of 14 images" in diagnosis.open[0].evidence


def test_accuracies_that_are_rounded_to_percents_tell_no_size() -> None:
    diagnosis = Diagnosis(None, None)
    for epoch, accuracy in enumerate([0.5, 0.8, 0.6, 0.9, 0.7, 0.8, 0.6], 1):
        diagnosis.epoch(epoch, {"train_loss": 1 / epoch, "train_acc": 0.9, "val_acc": accuracy})
    assert diagnosis.open == []


def test_jumps_of_a_large_validation_set_are_not_its_size() -> None:
    diagnosis = Diagnosis(None, None)
    for epoch, accuracy in enumerate([0.5731, 0.8563, 0.6427, 0.9119, 0.7017, 0.8593, 0.6431], 1):
        diagnosis.epoch(epoch, {"train_loss": 1 / epoch, "train_acc": 0.9, "val_acc": accuracy})
    assert diagnosis.open == []


def test_a_class_that_is_never_recognised_is_told_only_of_classes_that_differ_much() -> None:
    for ratio, found in ((40.0, ["imbalance_collapse"]), (2.0, [])):
        diagnosis = Diagnosis(None, TEN_CLASSES | {"class_ratio": ratio})
        for epoch in range(1, 6):
            diagnosis.epoch(epoch, {"train_loss": 1.0 / epoch, "val_acc": 0.9, "val_recall_min": 0.0})
        assert labels(diagnosis.open) == found


def test_without_recalls_an_accuracy_that_stays_at_the_largest_share_tells_it() -> None:
    facts = {"classes": 2, "class_ratio": 50.0, "val_majority_fraction": 0.9809}
    diagnosis = Diagnosis(None, facts)
    for epoch in range(1, 6):
        diagnosis.epoch(epoch, {"train_loss": 0.3 / epoch, "val_acc": 0.980892})
    assert labels(diagnosis.open) == ["imbalance_collapse"]
    assert diagnosis.open[0].confidence < 0.9


def test_an_early_stop_of_a_run_that_still_improved_is_told_at_its_end() -> None:
    diagnosis = Diagnosis({"epochs": 40, "early_stopping": True, "es_patience": 1}, TEN_CLASSES)
    for epoch in range(1, 9):
        losses = {"train_loss": 2.0 * 0.8**epoch, "val_loss": 2.0 * 0.85**epoch + 0.1 * (epoch == 8)}
        assert diagnosis.epoch(epoch, losses | {"val_acc": 0.5 + 0.03 * epoch}) == []
    (change,) = diagnosis.end("finished", "early stopping: no better validation loss since epoch 7")
    assert (change.change, change.finding.label, change.finding.shown_epoch) == ("opened", "es_too_early", 8)
    assert "at epoch 8 of 40 after a patience of 1" in change.finding.evidence


def test_a_run_that_used_its_epochs_was_not_stopped_too_early() -> None:
    diagnosis = Diagnosis({"epochs": 8}, TEN_CLASSES)
    for epoch in range(1, 9):
        diagnosis.epoch(epoch, {"train_loss": 2.0 * 0.8**epoch, "val_loss": 2.0 * 0.85**epoch})
    assert diagnosis.end("finished", "all epochs are done") == []
