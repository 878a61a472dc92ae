"""The story that the product is measured by: digits, small-data preset, LR 1.0."""

from __future__ import annotations

from tests.diagnosis.curves import TEN_CLASSES, records
from training.config.patch import apply
from training.config.presets import preset
from training.diagnosis.engine import Diagnosis
from training.diagnosis.findings import Finding

CONFIG = apply(preset("small-data").config, {"learning_rate": 1.0})
FACTS = {**TEN_CLASSES, "n_train": 1437, "n_val": 360, "chance_loss": 2.302585, "class_ratio": 1.05}
FIRST_STEPS = [
    2.51, 7307.2, 1680.4, 245.1, 303.1, 62.3, 122.7, 101.9, 51.6, 21.2, 9.09, 53.0, 25.3, 123.2, 28.6, 51.0, 15.0,
    51.7, 152.3, 59.2, 20.2, 10.8, 30.3, 30.4, 57.4, 25.6, 6.66, 9.19, 76.5, 25.4,
]  # fmt: skip
EPOCHS = [
    (122.9, 0.1085, 2.432, 0.0836),
    (2.534, 0.0939, 2.359, 0.0947),
    (3.359, 0.0828, 3.685, 0.117),
    (2.653, 0.1015, 2.481, 0.0836),
    (2.496, 0.0897, 2.470, 0.1058),
    (2.622, 0.1008, 2.553, 0.0836),
]
"""Measured with torch on the digits: train loss and accuracy, validation loss and accuracy."""


def _trained() -> tuple[Diagnosis, dict[int, list[Finding]]]:
    diagnosis = Diagnosis(CONFIG, FACTS)
    diagnosis.epoch(0, {"train_loss": 2.41, "val_loss": 2.33, "val_acc": 0.1})
    for step, loss in enumerate(FIRST_STEPS):
        diagnosis.step(step, 1, {"train_loss": loss, "lr": 1.0})
    found = {0: diagnosis.open}
    for epoch, values in enumerate(EPOCHS, 1):
        diagnosis.epoch(
            epoch, dict(zip(("train_loss", "train_acc", "val_loss", "val_acc"), values, strict=True), lr=1.0)
        )
        found[epoch] = diagnosis.open
    diagnosis.end("stopped", "early stopping after 5 epochs without a better validation loss")
    found[7] = diagnosis.open
    return diagnosis, found


def test_a_learning_rate_of_one_is_named_within_the_first_epoch_and_after_each_one() -> None:
    _, found = _trained()
    for findings in found.values():
        assert findings[0].severity == "critical"
        assert "learning rate" in findings[0].title.casefold()
        assert "too high" in findings[0].title


def test_the_explosion_stays_in_the_evidence_when_the_loss_is_back_at_chance() -> None:
    _, found = _trained()
    expected = "Train loss 2.53 is 1.10× chance, 2.30, after a peak of 123 in epoch 1."
    assert [finding.evidence for finding in found[2]] == [expected]


def test_its_first_fix_is_the_default_rate_after_every_epoch() -> None:
    _, found = _trained()
    for findings in found.values():
        fix = findings[0].fixes[0]
        assert (fix.patch, fix.start_from, fix.live) == ({"learning_rate": 0.001}, "scratch", False)
        assert fix.title == "Lower learning_rate from 1 to 0.001"


def test_after_an_early_stop_the_finding_is_open_with_its_latest_numbers() -> None:
    diagnosis, found = _trained()
    assert [finding.label for finding in found[7]] == ["lr_too_high_flat"]
    evidence = found[7][0].evidence
    assert "Train loss 2.62 after 6 epochs, chance is 2.30" in evidence
    assert "accuracy 10.1 % with 10 classes" in evidence
    assert "peaked at 123" in evidence
    assert evidence in diagnosis.verdict()


def test_the_corrected_run_is_healthy() -> None:
    diagnosis = Diagnosis(apply(CONFIG, {"learning_rate": 0.001}), FACTS)
    values = [(1.67, 0.45, 0.613, 0.9), (0.622, 0.831, 0.204, 0.947), (0.353, 0.893, 0.114, 0.975),
              (0.226, 0.933, 0.0822, 0.975), (0.199, 0.941, 0.0817, 0.983), (0.168, 0.947, 0.0704, 0.981),
              (0.139, 0.957, 0.0512, 0.986), (0.0932, 0.972, 0.0552, 0.989)]  # fmt: skip
    for epoch, (train_loss, train_acc, val_loss, val_acc) in enumerate(values, 1):
        metrics = {
            "train_loss": train_loss,
            "train_acc": train_acc,
            "val_loss": val_loss,
            "val_acc": val_acc,
            "lr": 0.001,
        }
        assert diagnosis.epoch(epoch, metrics) == []
    assert (
        diagnosis.verdict()
        == "Healthy so far, 8 epochs: train loss 0.0932 and falling, val accuracy 98.9 %, gap 0.0 points."
    )


def test_the_recorded_run_at_rate_one_is_told_the_same_story() -> None:
    diagnosis = Diagnosis(CONFIG, FACTS)
    for record in records("run_109.jsonl"):
        if record["type"] == "epoch":
            metrics = {name: value for name, value in record.items() if isinstance(value, float)}
            diagnosis.epoch(record["epoch"], metrics)
            assert diagnosis.open[0].fixes[0].patch == {"learning_rate": 0.001}
