"""Each rule on true curves: one that it must catch, and look-alikes that it must not."""

from __future__ import annotations

import math

import pytest

from tests.diagnosis.curves import TEN_CLASSES, labels, recorded, run_epochs, shown_labels
from training.diagnosis.engine import Diagnosis

CAUGHT = [
    ("nan", 46, 11, 11),
    ("divergence", 100, 7, 8),
    ("divergence", 109, 1, 1),
    ("lr_too_high_flat", 109, 2, 5),
    ("lr_too_low", 1, 2, 7),
    ("vanishing_gradients", 121, 1, 4),
    ("overfitting", 16, 3, 14),
    ("oscillation", 98, 5, 12),
    ("plateau", 60, 14, 19),
    ("underfitting", 102, 6, 12),
    ("val_noisy", 42, 0, 14),
    ("unnormalised_inputs", 14, 0, 1),
    ("unnormalised_inputs", 126, 0, 1),
    ("shuffled_labels", 12, 3, 16),
    ("shuffled_labels", 115, 3, 16),
    ("imbalance_collapse", 74, 1, 11),
    ("imbalance_collapse", 92, 1, 11),
    ("es_too_early", 37, 7, 10),
    ("es_too_early", 89, 3, 6),
]
"""Label, run, and the epochs between which it has to be shown: the earliest with evidence, and the onset or so."""

LOOKALIKES = [
    ("lr_too_high_flat", 1),
    ("lr_too_high_flat", 98),
    ("divergence", 98),
    ("divergence", 46),
    ("nan", 100),
    ("oscillation", 16),
    ("oscillation", 28),
    ("plateau", 28),
    ("plateau", 102),
    ("overfitting", 28),
    ("overfitting", 42),
    ("lr_too_low", 53),
    ("lr_too_low", 121),
    ("not_learning", 53),
    ("underfitting", 53),
    ("underfitting", 60),
    ("vanishing_gradients", 109),
    ("val_noisy", 98),
    ("val_noisy", 10),
    ("val_noisy", 80),
    ("unnormalised_inputs", 109),
    ("shuffled_labels", 24),
    ("shuffled_labels", 71),
    ("shuffled_labels", 16),
    ("imbalance_collapse", 3),
    ("imbalance_collapse", 51),
    ("es_too_early", 40),
]


@pytest.mark.parametrize(("label", "run", "first", "last"), CAUGHT)
def test_a_rule_catches_its_fault_in_time(label: str, run: int, first: int, last: int) -> None:
    epochs = [finding.shown_epoch for finding in recorded(run).shown if finding.label == label]
    assert epochs
    assert first <= epochs[0] <= last


@pytest.mark.parametrize(("label", "run"), LOOKALIKES)
def test_a_rule_is_silent_about_a_look_alike(label: str, run: int) -> None:
    assert label not in shown_labels(recorded(run), informative=True)


@pytest.mark.parametrize("run", [28, 53])
def test_a_healthy_run_gets_no_warning(run: int) -> None:
    assert shown_labels(recorded(run)) == set()


def test_causes_come_in_the_order_of_what_speaks_for_them() -> None:
    config = {"optimizer": "SGD with Momentum", "learning_rate": 0.01}
    exploding = {"train_loss": [1.5, 0.5, 0.2, 40.0], "grad_norm": [1.0] * 4, "grad_norm_max": [2.0, 2.0, 2.0, 900.0]}
    in_range, _ = run_epochs(exploding, config, TEN_CLASSES | {"input_std": 1.0})
    assert in_range.open[0].causes == ("gradients explode", "the learning rate is far too high")
    far_above, _ = run_epochs(exploding | {"lr": [0.01, 0.01, 0.01, 3.0]}, config)
    assert far_above.open[0].causes[0] == "the learning rate is far too high"


def test_a_net_that_could_learn_its_images_by_heart_is_not_called_too_small() -> None:
    settled = [2.2, 1.9, 1.7, *[1.6 - 0.001 * epoch for epoch in range(12)]]
    columns = {"train_loss": settled, "val_loss": settled, "train_acc": [0.4] * 15, "val_acc": [0.4] * 15}
    for parameters, severity in ((300, "warning"), (50_000, "info")):
        diagnosis, _ = run_epochs(columns, None, TEN_CLASSES | {"n_train": 1500, "parameters": parameters})
        assert [(finding.label, finding.severity) for finding in diagnosis.open] == [("underfitting", severity)]


def test_evidence_is_one_sentence_with_numbers() -> None:
    for run in {run for _, run, _, _ in CAUGHT}:
        for finding in recorded(run).shown:
            assert any(character.isdigit() for character in finding.evidence)
            assert "\n" not in finding.evidence
            assert finding.evidence.endswith(".")
            assert finding.causes
            assert finding.fixes
            assert finding.since_epoch <= finding.shown_epoch <= finding.stretch[1]


def test_a_run_at_chance_without_a_telling_cause_is_told_as_not_learning() -> None:
    loss = [2.304, 2.303, 2.304, 2.3035, 2.3042, 2.3031, 2.3038, 2.3041, 2.3029]
    diagnosis, told = run_epochs({"train_loss": loss, "val_loss": loss, "train_acc": [0.1] * 9})
    assert labels(diagnosis.open) == ["not_learning"]
    assert told[0][0] == 8


def test_a_loss_that_is_flat_and_low_is_converged() -> None:
    loss = [0.5, 0.1, 0.05, 0.02] + [0.01 + 0.0001 * (epoch % 3) for epoch in range(30)]
    diagnosis, told = run_epochs(
        {"train_loss": loss, "val_loss": loss, "train_acc": [0.99] * 34, "val_acc": [0.99] * 34}
    )
    assert told == []
    assert diagnosis.verdict().startswith("Healthy so far")


def test_a_gap_alone_is_no_overfitting() -> None:
    train = [2.0 * 0.8**epoch for epoch in range(30)]
    val = [max(2.0 * 0.8**epoch, 0.4) for epoch in range(30)]
    columns = {"train_loss": train, "val_loss": val, "train_acc": [0.99] * 30, "val_acc": [0.85] * 30}
    assert run_epochs(columns)[1] == []


def test_a_rise_that_the_schedule_explains_is_no_divergence() -> None:
    falling = [2.2, 1.0, 0.5, 0.3, 0.2, 0.15]
    columns = {"train_loss": [*falling, 0.2, 0.3, 0.35, 0.3, 0.2, 0.1], "lr": [0.01] * 6 + [0.02] * 6}
    assert "divergence" not in {change.finding.label for _, change in run_epochs(columns)[1]}


def test_a_validation_loss_that_is_not_finite_beside_a_sound_training_loss_is_a_validation_bug() -> None:
    columns = {"train_loss": [2.0, 1.0, 0.5], "val_loss": [1.9, math.nan, math.nan]}
    diagnosis, _ = run_epochs(columns)
    finding = diagnosis.open[0]
    assert (finding.label, finding.severity, finding.title) == ("nan", "warning", "Validation loss is not finite")


def test_a_net_that_exploded_and_came_back_to_chance_has_not_improved() -> None:
    loss = [1e5, 2.4, 2.32, 2.31, 2.31, 2.305, 2.304]
    diagnosis, told = run_epochs({"train_loss": loss, "val_loss": [2.4] * 7, "train_acc": [0.1] * 7})
    assert [(epoch, change.change, change.finding.label) for epoch, change in told if change.change != "changed"] == [
        (1, "opened", "divergence"),
        (4, "resolved", "divergence"),
        (4, "opened", "lr_too_high_flat"),
    ]
    assert "peaked at 1.0e5" in diagnosis.open[0].evidence


def test_a_net_that_recovers_from_an_explosion_has_its_finding_resolved() -> None:
    diagnosis, told = run_epochs({"train_loss": [50.0, 1.9, 0.9, 0.5], "val_loss": [2.4, 1.2, 0.7, 0.4]})
    assert [(epoch, change.change) for epoch, change in told] == [(1, "opened"), (2, "resolved")]
    assert diagnosis.open == []


def test_a_collapse_after_learning_stays_a_divergence() -> None:
    loss = [1.5, 0.5, 0.2, 40.0, 2.32, 2.31, 2.31, 2.31, 2.31]
    diagnosis, _ = run_epochs({"train_loss": loss, "train_acc": [0.5, 0.9, 0.95, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1]})
    assert labels(diagnosis.open) == ["divergence"]
    assert "its best, 0.200 in epoch 3" in diagnosis.open[0].evidence


def test_not_a_number_after_a_divergence_is_one_story() -> None:
    diagnosis, told = run_epochs({"train_loss": [1.5, 0.5, 0.2, 40.0, math.nan, math.nan]})
    assert labels(diagnosis.open) == ["nan"]
    assert [change.change for _, change in told if change.finding.label == "divergence"] == ["opened", "resolved"]


def test_a_slow_start_that_gathers_pace_is_not_too_slow() -> None:
    loss = [2.303, 2.301, 2.297, 2.288, 2.27, 2.22, 2.1, 1.8, 1.3]
    assert run_epochs({"train_loss": loss, "val_loss": loss})[1] == []


def test_a_net_held_at_zero_by_its_weight_decay_is_told_so() -> None:
    loss = [2.30, 2.303, 2.3026, 2.3025, 2.3027, 2.3026, 2.3026]
    config = {"optimizer": "SGD with Momentum", "learning_rate": 0.01, "l2_decay": True, "l2_lambda": 0.1}
    diagnosis, _ = run_epochs({"train_loss": loss, "train_acc": [0.1] * 7}, config)
    assert labels(diagnosis.open) == ["underfitting"]
    assert diagnosis.open[0].fixes[0].title == "Lower the weight decay from 0.1 to 0.001"


def test_a_learning_rate_that_was_just_cut_explains_a_step_and_is_no_oscillation() -> None:
    loss = [0.9, 0.7, 0.85, 0.65, 0.8, 0.3, 0.31, 0.29, 0.3]
    assert run_epochs({"train_loss": loss, "lr": [0.1] * 5 + [0.01] * 4})[1] == []


def test_weights_that_were_trained_before_may_lose_by_what_is_new() -> None:
    diagnosis = Diagnosis(None, TEN_CLASSES)
    diagnosis.epoch(0, {"train_loss": 0.075, "val_acc": 0.98})
    for epoch, loss in enumerate([2.0, 1.4, 1.0, 0.8, 0.7], 1):  # augmentation makes the same images harder
        assert diagnosis.epoch(epoch, {"train_loss": loss, "val_loss": loss, "train_acc": 1 - loss / 3}) == []


def test_a_first_epoch_that_was_bad_in_its_first_steps_alone_is_no_divergence() -> None:
    columns = {"train_loss": [5.3, 1.6, 1.2], "val_loss": [2.4, 1.5, 1.1], "train_acc": [0.2, 0.5, 0.6]}
    assert run_epochs(columns)[1] == []


def test_a_rate_that_jumped_is_named_beside_the_divergence() -> None:
    (finding,) = recorded(100).open
    assert "the learning rate rose from 0.0100 to 0.300 in epoch 7" in finding.evidence


def test_a_rate_that_was_raised_while_it_trained_is_judged_anew() -> None:
    config = {"optimizer": "Adam", "learning_rate": 1e-6, "lr_strategy": "Constant"}
    flat = [2.303 - 0.0002 * epoch for epoch in range(12)]
    falling = [2.2, 1.8, 1.3, 0.9]
    columns = {
        "train_loss": flat + falling,
        "val_loss": flat + falling,
        "train_acc": [0.1] * 12 + [0.3, 0.4, 0.6, 0.7],
        "lr": [1e-6] * 12 + [1e-5] * 4,
    }
    _, told = run_epochs(columns, config)
    story = [(epoch, change.change, change.finding.label) for epoch, change in told if change.change != "changed"]
    assert story == [(4, "opened", "lr_too_low"), (14, "resolved", "lr_too_low")]
    half_way = {name: values[:12] + values[11:12] * 9 for name, values in columns.items() if name != "lr"}
    diagnosis, _ = run_epochs(half_way | {"lr": [1e-6] * 12 + [1e-5] * 9}, config)
    (finding,) = diagnosis.open
    assert "10.0× below the guide's range" in finding.evidence
    assert finding.fixes[0].title == "Raise learning_rate from 1e-05 to 0.0001"


def test_a_net_whose_units_are_dead_is_told_so() -> None:
    columns = {
        "train_loss": [2.303] * 5,
        "train_acc": [0.1] * 5,
        "grad_norm_first": [0.5] * 5,
        "grad_norm_last": [0.6] * 5,
        "dead_relu": [1.0] * 5,
    }
    diagnosis, _ = run_epochs(columns)
    assert labels(diagnosis.open) == ["vanishing_gradients"]
    assert "100 % of a ReLU layer's units are zero for every image" in diagnosis.open[0].evidence


def test_what_stalls_in_a_long_run_has_to_stall_for_longer() -> None:
    stalled = [2.2, 1.8, 1.6, *[1.55 - 0.0005 * epoch for epoch in range(12)]]
    columns = {"train_loss": stalled, "val_loss": stalled, "train_acc": [0.4] * 15, "val_acc": [0.4] * 15}
    for epochs, found in ((40, ["underfitting"]), (2000, [])):
        diagnosis, _ = run_epochs(columns, {"epochs": epochs})
        assert labels(diagnosis.open) == found


def test_a_net_at_chance_is_not_called_healthy() -> None:
    diagnosis, _ = run_epochs({"train_loss": [2.31, 2.3], "val_acc": [0.1, 0.11]})
    assert diagnosis.verdict().startswith("No finding in 2 epochs, and no better than guessing: ")
