"""Logs that other tools really wrote (tests/data/foreign/README.md says how)."""

from __future__ import annotations

import pytest

from tests.foreign.logs import LOGS, attempts, epochs, steps
from training.foreign.log import ForeignLog
from training.foreign.reading import read
from training.replay import replay
from training.runs.events import End, Log


def _read(name: str) -> ForeignLog:
    log = read(LOGS / name)
    assert log.skipped == 0
    return log


def test_lightnings_csv_has_its_steps_its_epochs_and_the_settings_beside_it() -> None:
    log = _read("lightning/metrics.csv")
    assert (log.format, log.config) == ("Lightning's CSVLogger", {"learning_rate": 0.001, "batch_size": 64})
    assert [epoch for epoch, _ in epochs(log.events)] == [1, 2, 3, 4, 5, 6]
    assert epochs(log.events)[0][1] == {
        "train_loss": pytest.approx(2.29118, abs=1e-5),
        "train_acc": pytest.approx(0.13),
        "val_loss": pytest.approx(2.24615, abs=1e-5),
        "val_acc": pytest.approx(0.224456, abs=1e-6),
        "lr": 0.001,
    }
    assert [(step.step, step.epoch) for step in steps(log.events)][:4] == [(4, 1), (9, 1), (14, 1), (19, 2)]
    assert steps(log.events)[0].metrics == {"train_loss": pytest.approx(2.30819, abs=1e-5)}


def test_a_test_after_lightnings_training_is_no_epoch_and_no_validation() -> None:
    rows = (LOGS / "lightning" / "metrics.csv").read_text().splitlines()
    assert rows[-1].startswith("6,,114,1.78")  # the test's loss, in an epoch that is none
    epoch, metrics = epochs(_read("lightning/metrics.csv").events)[-1]
    assert epoch == 6
    assert metrics["val_loss"] == pytest.approx(1.78126, abs=1e-5)


def test_keras_csv_counts_its_epochs_from_one() -> None:
    log = _read("keras.csv")
    assert log.format == "Keras' CSVLogger"
    assert [epoch for epoch, _ in epochs(log.events)] == list(range(1, 9))
    assert set(epochs(log.events)[0][1]) == {"train_loss", "train_acc", "val_loss", "val_acc"}


def test_ultralytics_classification_has_loss_accuracy_and_rate() -> None:
    log = _read("ultralytics_classify.csv")
    assert log.format == "Ultralytics' results.csv"
    first = epochs(log.events)[0]
    assert (first[0], first[1]["train_loss"], first[1]["val_loss"]) == (1, 2.3874, 2.30467)
    assert (first[1]["val_acc"], first[1]["lr"]) == (0.1, 0.000204)


def test_ultralytics_detection_losses_are_summed() -> None:
    first = epochs(_read("ultralytics_detect.csv").events)[0][1]
    assert first["train_loss"] == pytest.approx(0.08088 + 0.65557 + 0.05779)
    assert first["val_loss"] == pytest.approx(0.00302 + 2.02228 + 0.0017)
    assert first["metrics/mAP50(B)"] == 0


def test_timms_accuracies_in_percent_become_shares() -> None:
    log = _read("timm.csv")
    assert log.format == "timm's summary.csv"
    assert [metrics["val_acc"] for _, metrics in epochs(log.events)][:2] == pytest.approx([0.1021776, 0.2194305])
    assert epochs(log.events)[0][1]["lr"] == 0.001


def test_a_trainer_state_validated_every_epoch_has_its_epochs_and_its_end() -> None:
    log = _read("hugging_face_epochs.json")
    assert log.format == "Hugging Face's trainer_state.json"
    assert (log.config, attempts(log.events)[0].epochs) == ({"batch_size": 64, "epochs": 5}, 5)
    assert [epoch for epoch, _ in epochs(log.events)] == [1, 2, 3, 4, 5]
    first = epochs(log.events)[0][1]
    assert first["val_acc"] == pytest.approx(0.37856, abs=1e-5)
    assert first["val_loss"] == pytest.approx(2.16715, abs=1e-5)
    assert first["train_loss"] == pytest.approx((2.3192474 + 2.2632471 + 2.2173420) / 3, abs=1e-5)
    assert [(step.step, step.epoch) for step in steps(log.events)][:4] == [(5, 1), (10, 1), (15, 1), (20, 2)]
    assert isinstance(log.events[-1], End)
    assert log.events[-1].state == "finished"


def test_a_trainer_state_validated_within_epochs_is_cut_at_each_validation_and_says_so() -> None:
    log = _read("hugging_face_steps.json")
    assert [event.message for event in log.events if isinstance(event, Log)] == [
        "This log counts no whole epochs; here each validation ends one."
    ]
    assert (attempts(log.events)[0].epochs, [epoch for epoch, _ in epochs(log.events)]) == (0, [1, 2, 3, 4, 5, 6])


def test_event_files_of_the_trainer_tell_what_its_state_tells() -> None:
    told = epochs(_read("events.out.tfevents.hugging_face").events)
    for (epoch, metrics), (of_state, known) in zip(told, epochs(_read("hugging_face_steps.json").events), strict=True):
        assert epoch == of_state
        for name in ("train_loss", "val_loss", "val_acc", "lr", "grad_norm"):
            assert metrics[name] == pytest.approx(known[name], rel=1e-5)


def test_lightnings_event_files_tell_what_its_csv_tells() -> None:
    told = read(LOGS / "lightning_tensorboard")
    known = _read("lightning/metrics.csv")
    assert told.format == "TensorBoard event file"
    assert told.config == known.config
    assert [(step.step, step.epoch) for step in steps(told.events)] == [
        (step.step, step.epoch) for step in steps(known.events)
    ]
    for (epoch, metrics), (of_csv, expected) in zip(epochs(told.events), epochs(known.events), strict=True):
        assert epoch == of_csv
        assert {name: metrics[name] for name in expected} == pytest.approx(expected, rel=1e-5)


def test_an_event_file_whose_steps_are_epochs_has_an_epoch_each() -> None:
    log = _read("events.out.tfevents.by_epoch")
    assert [epoch for epoch, _ in epochs(log.events)] == [1, 2, 3, 4, 5, 6]
    assert set(epochs(log.events)[0][1]) == {"train_loss", "val_loss", "val_acc"}
    assert steps(log.events) == []


def test_an_event_file_of_steps_is_cut_at_each_validation() -> None:
    log = _read("events.out.tfevents.by_step")
    assert [step.step for step in steps(log.events)] == list(range(114))
    averages = [metrics["train_loss"] for _, metrics in epochs(log.events)]
    # The writer put the first validation at step 19, which the next training step has too.
    assert averages[0] == pytest.approx(sum(float(step.metrics["train_loss"]) for step in steps(log.events)[:20]) / 20)


def test_an_offline_run_has_its_history_its_config_and_its_end() -> None:
    log = _read("offline.wandb")
    assert log.format == "W&B run file"
    assert log.config == {"learning_rate": 0.001, "epochs": 6, "batch_size": 64, "optimizer": "Adam"}
    assert [epoch for epoch, _ in epochs(log.events)] == [1, 2, 3, 4, 5, 6]
    assert len(steps(log.events)) == 60
    assert set(epochs(log.events)[-1][1]) == {"train_loss", "val_loss", "val_acc"}
    assert isinstance(log.events[-1], End)


@pytest.mark.parametrize(
    "name",
    [
        "lightning",
        "keras.csv",
        "timm.csv",
        "hugging_face_checkpoints",
        "hugging_face_epochs.json",
        "lightning_tensorboard",
        "offline.wandb",
    ],
)
def test_short_sound_trainings_are_not_called_ill(name: str) -> None:
    log = read(LOGS / name)
    assert [finding.label for finding in replay(log.events, log.config).open if finding.severity == "critical"] == []


def test_event_files_of_a_training_and_a_validation_folder_are_one_log() -> None:
    log = read(LOGS / "tensorboard_pair")
    assert [epoch for epoch, _ in epochs(log.events)] == [1, 2, 3, 4, 5, 6]
    assert set(epochs(log.events)[0][1]) == {"train_loss", "val_loss", "val_acc", "lr"}
    by_epoch = epochs(_read("events.out.tfevents.by_epoch").events)  # the same training, by another writer
    for (_, metrics), (_, known) in zip(epochs(log.events), by_epoch, strict=True):
        assert {name: metrics[name] for name in known} == pytest.approx(known, rel=1e-5)
