"""What is made of reports, however a script counts, names and splits them."""

from __future__ import annotations

import math
import time
from pathlib import Path
from typing import Any

import pytest

from tests.recording.conftest import epochs, found, steps
from training.recording import recorder
from training.recording.recorder import Recorder
from training.recording.start import Start, read_start
from training.replay import diagnose_run
from training.runs.layout import RunFolder
from training.runs.log import EventWriter, read_all
from training.runs.summary import Summary


@pytest.fixture
def warnings() -> list[str]:
    return []


@pytest.fixture
def told(tmp_path: Path, warnings: list[str]) -> Recorder:
    return make(tmp_path / "run", warnings)


def make(path: Path, warnings: list[str], **message: Any) -> Recorder:
    path.mkdir(exist_ok=True)
    start = read_start({"pid": 1, "script": "train", "t": 5.0, **message})
    summary = Summary(id=path.name, name=path.name, kind="reported", created=start.t, settings=start.config,
                      epochs=start.epochs)  # fmt: skip
    return Recorder(RunFolder(path), summary, start, warnings.append)


def say(told: Recorder, **values: float) -> None:
    told.report(values, 7.0)


def test_epochs_that_count_from_zero_count_from_one_here(told: Recorder) -> None:
    for epoch in range(3):
        say(told, epoch=epoch, loss=1.0 - epoch / 10)
    told.end("finished", "")
    assert [number for number, _ in epochs(told.folder)] == [1, 2, 3]
    assert (told.summary.epoch, told.summary.first_epoch) == (3, 0)


def test_the_time_of_an_epoch_is_that_of_its_report(told: Recorder) -> None:
    say(told, epoch=1, loss=1.0)
    told.end("finished", "")
    times = {type(event).__name__: event.t for event in read_all(told.folder.events)}
    assert (times["Attempt"], times["Epoch"]) == (5.0, 7.0)
    assert times["End"] == pytest.approx(time.time(), abs=60)


def test_reports_of_one_epoch_are_put_together(told: Recorder) -> None:
    for epoch in (1, 2):
        say(told, epoch=epoch, loss=1.0, accuracy=0.5)
        say(told, epoch=epoch, **{"validation/loss": 1.1}, val_acc=0.4)
    told.end("finished", "")
    whole = {"train_loss": 1.0, "train_acc": 0.5, "val_loss": 1.1, "val_acc": 0.4}
    assert epochs(told.folder) == [(1, whole), (2, whole)]


def test_an_epoch_is_told_at_once_where_it_has_what_the_one_before_had(told: Recorder) -> None:
    say(told, epoch=1, loss=1.0, val_loss=1.1)
    assert epochs(told.folder) == []
    say(told, epoch=2, loss=0.9, val_loss=1.0)
    assert [number for number, _ in epochs(told.folder)] == [1, 2]


def test_an_epoch_is_kept_open_for_a_moment_and_told_again_when_more_of_it_comes(
    told: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder, "HOLD_SECONDS", 0.0)
    say(told, epoch=1, loss=1.0)
    told.tick()
    assert epochs(told.folder) == [(1, {"train_loss": 1.0})]
    say(told, epoch=1, val_loss=1.1)
    told.tick()
    assert epochs(told.folder)[-1] == (1, {"train_loss": 1.0, "val_loss": 1.1})
    assert told.tick() == math.inf


def test_reports_without_an_epoch_are_the_next_one_each(told: Recorder) -> None:
    for loss in (1.0, 0.9, 0.8):
        say(told, loss=loss)
        say(told, val_loss=loss + 0.1)
    told.end("finished", "")
    assert [
        (number, metrics["train_loss"], round(metrics["val_loss"], 3)) for number, metrics in epochs(told.folder)
    ] == [
        (1, 1.0, 1.1),
        (2, 0.9, 1.0),
        (3, 0.8, 0.9),
    ]


def test_steps_that_count_anew_in_each_epoch_go_on_here(told: Recorder) -> None:
    for epoch in range(2):
        for step in range(3):
            say(told, epoch=epoch, step=step, loss=float(step), lr=0.1)
    told.end("finished", "")
    assert [(step, epoch) for step, epoch, _ in steps(told.folder)] == [(0, 1), (1, 1), (2, 1), (3, 2), (4, 2), (5, 2)]
    assert epochs(told.folder) == [(1, {"train_loss": 1.0, "lr": 0.1}), (2, {"train_loss": 1.0, "lr": 0.1})]
    assert told.summary.step == 6


def test_an_epoch_without_a_training_loss_has_the_mean_of_its_steps(told: Recorder) -> None:
    for epoch in (1, 2):
        for step in range(4):
            say(told, step=4 * (epoch - 1) + step, loss=float(step) if step else math.nan)
        say(told, epoch=epoch, val_loss=3.0)
    told.end("finished", "")
    assert epochs(told.folder) == [(1, {"train_loss": 2.0, "val_loss": 3.0}), (2, {"train_loss": 2.0, "val_loss": 3.0})]
    assert {epoch for step, epoch, _ in steps(told.folder) if step >= 4} == {2}


def test_a_validation_ends_an_epoch_where_a_script_counts_steps_alone(told: Recorder) -> None:
    for step in range(100, 600, 100):
        say(told, step=step, loss=1.0)
        say(told, step=step, val_loss=step / 100)
    told.end("finished", "")
    assert [(number, metrics["val_loss"]) for number, metrics in epochs(told.folder)] == [
        (n, float(n)) for n in range(1, 6)
    ]


def test_steps_alone_make_no_epoch(told: Recorder) -> None:
    for step in range(50):
        say(told, step=step, loss=1.0)
    told.end("finished", "")
    assert epochs(told.folder) == []
    assert len(steps(told.folder)) == 50


def test_percent_is_told_as_a_share(told: Recorder) -> None:
    for epoch in (1, 2):
        say(told, epoch=epoch, accuracy=55.0, val_acc=1.0 if epoch == 2 else 50.0)
    told.end("finished", "")
    assert [(m["train_acc"], m["val_acc"]) for _, m in epochs(told.folder)] == [(0.55, 0.5), (0.55, 0.01)]


def test_the_first_epoch_again_is_another_run_and_a_late_metric_of_the_first_is_not(told: Recorder) -> None:
    say(told, epoch=1, loss=1.0)
    assert not told.starts_over({"epoch": 1.0})
    for epoch in (2, 3):
        say(told, epoch=epoch, loss=1.0)
    assert told.starts_over({"epoch": 1.0})
    assert not told.starts_over({"epoch": 2.0})
    assert not told.starts_over({"loss": 2.0})


def test_an_epoch_that_is_done_again_replaces_what_followed_it(told: Recorder) -> None:
    for epoch in (1, 2, 3, 4, 3, 4):
        say(told, epoch=epoch, loss=1.0 / epoch)
    told.end("finished", "")
    assert told.summary.epoch == 4
    assert diagnose_run(told.folder).verdict.startswith("Healthy")


def test_what_was_found_is_found_again_in_the_log(tmp_path: Path, warnings: list[str]) -> None:
    told = make(tmp_path / "run", warnings, config={"optimizer": "adam", "lr": 0.5}, facts={"classes": 10}, epochs=30)
    for epoch, loss in enumerate([2.3, 1.9, 1.6, 1.4, 30.0, 300.0, 4000.0, 50000.0, 6e5], 1):
        for step in range(30):
            say(told, epoch=epoch, step=step, loss=loss)
        say(told, epoch=epoch, val_loss=loss)
    told.end("failed", "ValueError: gone")
    replayed = [(one.change.change, one.change.finding.label) for one in diagnose_run(told.folder).told]
    assert replayed == found(told.folder)
    assert ("opened", "divergence") in replayed


def test_a_full_disk_is_said_and_what_it_did_not_take_is_written_later(
    told: Recorder, warnings: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    flush = EventWriter.flush

    def full(self: EventWriter) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(EventWriter, "flush", full)
    for epoch in (1, 2):
        say(told, epoch=epoch, loss=1.0)
    monkeypatch.setattr(EventWriter, "flush", flush)
    say(told, epoch=3, loss=0.5)
    told.end("finished", "")
    assert "No space left on device" in warnings[0]
    assert [number for number, _ in epochs(told.folder)] == [1, 2, 3]


def test_a_resumed_run_supersedes_the_epochs_that_are_done_again(tmp_path: Path, warnings: list[str]) -> None:
    told = make(tmp_path / "run", warnings)
    for epoch in (0, 1, 2, 3):
        say(told, epoch=epoch, loss=1.0, val_loss=1.0 if epoch < 3 else 0.1)
    told.lose()
    again = Recorder(told.folder, told.summary, Start(1, "train", "train", 6.0), warnings.append)
    say(again, epoch=3, loss=0.5, val_loss=0.9)
    again.end("finished", "")
    assert (again.summary.attempt, again.summary.epoch, again.summary.from_epoch) == (2, 4, 3)
    assert again.summary.best_val_loss == 0.9
    assert diagnose_run(again.folder).verdict.startswith("Healthy, ")


def test_text_of_a_script_is_safe_to_show() -> None:
    start = read_start(
        {"pid": 1, "script": "a\x1b[2Jb", "t": 0.0, "name": "\x1b]0;evil\x07" + "n" * 200, "epochs": "ten",
         "config": {"model\n": "\x1b[31mresnet", "weight_decay": 1e-4, "optimizer": "ADAMW"}, "facts": {"classes": 3}}
    )  # fmt: skip
    assert (start.script, start.name, start.epochs) == ("ab", "n" * 80, 0)
    assert start.config == {"model": "resnet", "l2_lambda": 1e-4, "l2_decay": True, "optimizer": "AdamW"}
