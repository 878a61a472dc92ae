"""Diagnosing what is on disk: runs of ours and logs of others."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from tests.diagnosis.curves import CURVES, shown_labels
from tests.tui.fakes import FakeRun
from training.config import files as config_files
from training.config.schema import TrainingConfig
from training.errors import InvalidInput
from training.replay import diagnose_file, diagnose_run, replay
from training.runs.events import Attempt, End, Epoch, Metrics, Step
from training.runs.layout import RunFolder
from training.runs.log import EventWriter

FACTS = {"classes": [str(digit) for digit in range(10)], "n_val": 360}


def _run(path: Path, config: str) -> RunFolder:
    folder = RunFolder(path)
    folder.config.write_text(config)
    with EventWriter(folder.events) as log:
        log.write(Attempt(run="x", epochs=10, facts=FACTS))
        log.write(Step(step=0, epoch=1, metrics={"train_loss": 2.4}))
        for epoch, loss in enumerate([90.0, 2.5, 2.4, 2.41, 2.4, 2.42], 1):
            metrics: Metrics = {"train_loss": loss, "val_loss": 2.4, "train_acc": 0.1, "val_acc": 0.1, "lr": 1.0}
            log.write(Epoch(epoch=epoch, step=epoch, metrics=metrics))
        log.write(End(state="stopped", reason="early stopping", epoch=6, step=6))
    return folder


def test_a_run_folder_is_diagnosed_with_its_own_config(tmp_path: Path) -> None:
    diagnosed = diagnose_run(_run(tmp_path, config_files.dump(TrainingConfig(learning_rate=1.0))))
    assert [finding.label for finding in diagnosed.shown] == ["divergence", "lr_too_high_flat"]
    assert diagnosed.open[0].fixes[0].patch == {"learning_rate": 0.001}
    assert diagnosed.open[0] in diagnosed.shown
    assert diagnosed.shown[0] not in diagnosed.open


def test_a_run_that_crashed_is_not_called_healthy(tmp_path: Path) -> None:
    run = FakeRun(tmp_path)
    run.begin()
    run.learn(5)
    run.crash(signal=9)
    found = diagnose_run(run.folder).verdict
    assert found.startswith("The run crashed, killed by signal 9 (SIGKILL); no finding in its curves up to epoch 5:")


def test_what_a_later_attempt_superseded_is_no_part_of_the_diagnosis(tmp_path: Path) -> None:
    run = FakeRun(tmp_path)
    run.begin()
    run.learn(5)
    checkpoint = run.checkpoint("last")
    for _ in range(20):
        run.train_step(train_loss=math.nan)
    assert diagnose_run(run.folder).open != []
    run.go_on(checkpoint)
    run.learn(3)
    run.finish()
    diagnosed = diagnose_run(run.folder)
    assert (diagnosed.shown, diagnosed.told) == ([], [])


def test_a_run_whose_config_cannot_be_read_is_diagnosed_without(tmp_path: Path) -> None:
    diagnosed = diagnose_run(_run(tmp_path, "learning_rate: [\n"))
    assert diagnosed.open[0].label == "lr_too_high_flat"
    assert diagnosed.open[0].fixes[0].title == "Lower the learning rate tenfold"


def test_a_run_without_events_has_nothing_to_judge(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    assert diagnose_run(folder).verdict == "Nothing to judge yet: no epoch is complete."
    assert replay([]).open == []


def test_a_labelled_curve_is_diagnosed_as_a_file() -> None:
    diagnosed = diagnose_file(CURVES / "run_109.jsonl")
    assert shown_labels(diagnosed) == {"divergence", "lr_too_high_flat"}
    assert diagnosed.open[0].fixes[0].title == "Lower learning_rate from 1 to 0.001"


def test_a_file_that_is_no_log_says_what_was_tried(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("dear diary\n")
    with pytest.raises(InvalidInput, match=r"Tried: labelled curves .* table \(CSV\): .* dear diary") as raised:
        diagnose_file(path)
    assert "train_loss" in raised.value.remedy
