"""The panels of the monitor: what they say at which size."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.tui.fakes import FLAT, FakeRun, faulty_run
from tests.tui.panels import learning, text, words
from tests.tui.test_monitor_model import monitored
from training.config.schema import TrainingConfig
from tui.monitor.diagnosis import diagnosis_rows, fix_hint
from tui.monitor.eventlog import log_rows
from tui.monitor.model import Asked, Monitored
from tui.monitor.panels.console import ConsoleReading
from tui.monitor.status import status_height, status_rows, waiting_text
from tui.widgets.rows import width_of


def status(run: Monitored, width: int, height: int) -> str:
    return text(status_rows(run, width, status_height(run, width, height)))


@pytest.fixture
def running(tmp_path: Path) -> Monitored:
    return learning(tmp_path)


def test_the_status_says_what_runs_how_far_and_how_well(running: Monitored) -> None:
    shown = status(running, 120, 40)
    for part in (
        "▶ running  digits-adam-0.001",
        "Adam 0.001 · CNN 32-64 · 128 · digits · batch 32",
        "↳ corrects digits-sgd-1: Lower the learning rate",
        "epoch 12/30",
        "40 %  step 540/1350  ETA 2:42  160 images/s",
        "train loss 0.06213",
        "val acc 89.4 %",
        "val loss 0.1981 at epoch 9",
        "CPU 87 % of 8 cores · RAM 5.4/34.4 GB · no GPU",
    ):
        assert part in shown


@pytest.mark.parametrize(("width", "height"), [(140, 40), (120, 40), (80, 24), (60, 20), (40, 12)])
def test_the_status_fits_its_screen(running: Monitored, width: int, height: int) -> None:
    rows = status_rows(running, width, status_height(running, width, height))
    assert len(rows) == status_height(running, width, height)
    assert all(width_of(row) <= width for row in rows)
    assert "digits-adam-0.001" in text(rows)
    assert "epoch 1" in text(rows)


@pytest.mark.parametrize("width", [140, 80, 72, 60])
def test_the_learning_rate_stays_where_the_latest_metrics_do_not_all_fit(running: Monitored, width: int) -> None:
    line = next(line for line in status(running, width, 40).splitlines() if line.startswith("now"))
    assert line.endswith("lr 0.001")
    assert "val loss" in line
    assert ("train acc" in line) == (width > 80)


def test_the_status_counts_completed_epochs_as_home_does(running: Monitored) -> None:
    for width, height in ((120, 40), (40, 12)):
        assert "epoch 12/30" in status(running, width, height)


def test_a_command_that_was_not_answered_is_shown_as_asked_for_only(running: Monitored) -> None:
    running.asked.append(Asked("1", "pause"))
    assert "pause asked for, waiting for the worker" in status(running, 80, 24)
    assert "▶ running" in status(running, 80, 24)


def test_a_crash_says_how(tmp_path: Path) -> None:
    run = FakeRun(tmp_path)
    run.begin()
    run.learn(2)
    run.crash("loading\nRuntimeError: DataLoader worker is killed\n", signal=9)
    found = monitored(run)
    assert "† crashed  digits-adam-0.001  killed by signal 9 (SIGKILL)" in status(found, 80, 24)


@pytest.mark.parametrize(
    ("ending", "says"),
    [
        ({"exit_code": 3}, "ended with exit code 3"),
        ({"signal": 11}, "killed by signal 11 (SIGSEGV)"),
        ({"signal": 9, "out_of_memory": True, "peak_memory": 3 * 2**30}, "out of memory: the kernel killed it, at 3.2"),
    ],
)
def test_the_status_names_exit_code_signal_and_lack_of_memory(
    tmp_path: Path, ending: dict[str, Any], says: str
) -> None:
    run = FakeRun(tmp_path)
    run.crash(**ending)
    assert says in status(monitored(run), 80, 24)


def test_a_run_that_has_not_begun_says_what_it_is_doing(tmp_path: Path) -> None:
    starting = monitored(FakeRun(tmp_path, "a", live=True, state="starting"))
    queued = monitored(FakeRun(tmp_path, "b", live=True, state="queued", message="waiting for a to end"))
    assert waiting_text(starting) == "Starting: importing torch, reading the data …"
    assert waiting_text(queued) == "Queued: waiting for a to end."


def test_text_from_outside_cannot_command_the_terminal(tmp_path: Path) -> None:
    evil = "\x1b]0;owned\x07\x1b[2Jname\u202e\n[red]x[/red]"
    run = FakeRun(tmp_path, "evil", live=True, message=evil, model=evil, parent=evil, reason=evil)
    run.change_summary(name=evil)
    run.begin()
    run.stay_flat(1)
    fix = msgspec.structs.replace(FLAT.fixes[0], title=evil, effect=evil)
    run.find(msgspec.structs.replace(FLAT, title=evil, evidence=evil, causes=(evil,), fixes=(fix,)))
    run.say(evil)
    found = monitored(run)
    found.answer = (evil, False)
    for rows in (
        status_rows(found, 140, 6),
        status_rows(found, 40, 2),
        diagnosis_rows(found, 60, 30, None),
        log_rows(found, 60, 30),
        [fix_hint(found, 60)],
    ):
        assert not any(
            ord(character) < 32 or character in "\x7f\u202e" for row in rows for part, _ in row for character in part
        )
        assert "[red]x[/red]" in words(rows) or len(rows) <= 2


def test_the_event_log_ends_with_the_newest_event(running: Monitored, tmp_path: Path) -> None:
    run = FakeRun(tmp_path, "logs", live=True)
    run.begin()
    for number in range(40):
        run.say(f"message {number}")
    rows = log_rows(monitored(run), 60, 12)
    assert len(rows) == 12
    assert "message 39" in text(rows[-1:])
    assert "message 29" in text(log_rows(monitored(run), 60, 12, scrolled=10)[-1:])


def test_a_checkpoint_is_logged_once_however_often_it_is_written(tmp_path: Path) -> None:
    run = FakeRun(tmp_path, live=True)
    run.begin()
    for _ in range(5):
        run.learn(1)
        run.checkpoint("best")
    assert text(log_rows(monitored(run), 60, 20)).count("best checkpoint") == 1


def test_a_finding_with_newer_numbers_is_logged_once_more_only(tmp_path: Path) -> None:
    run = faulty_run(tmp_path)
    for _ in range(5):
        run.stay_flat(2)
        run.find(FLAT, "changed")
    shown = words(log_rows(monitored(run), 60, 30))
    assert shown.count("found at epoch 3") == 1
    assert shown.count("changed at epoch") == 1
    assert "changed at epoch 13" in shown


def test_a_changed_finding_says_on_one_line_what_it_rests_on_now(tmp_path: Path) -> None:
    run = faulty_run(tmp_path)
    run.find(msgspec.structs.replace(FLAT, evidence=f"Train loss 2.32 after 9 epochs. {'And so on. ' * 9}"), "changed")
    lines = text(log_rows(monitored(run), 60, 30)).splitlines()
    assert lines[-1].startswith("  Train loss 2.32 after 9 epochs.")
    assert lines[-1].endswith("…")


def test_events_of_a_log_of_another_tool_stand_at_their_epochs(tmp_path: Path) -> None:
    run = faulty_run(tmp_path, kind="foreign")
    run.stay_flat(2)
    run.find(FLAT, "changed")
    shown = text(log_rows(monitored(run), 60, 30))
    assert "epoch 3 ✗ found: The training loss" in shown
    assert "epoch 5 ✗ changed: The training loss" in shown
    assert "08:" not in shown
    assert "✗ changed at epoch 5: The" in text(log_rows(monitored(run), 39, 30))


def test_the_console_panel_ends_with_the_last_line_printed(tmp_path: Path) -> None:
    run = Monitored(FakeRun(tmp_path).folder, console=tuple(f"line {n}" for n in range(50)))
    rows = ConsoleReading().rows(run, 40, 10)
    assert len(rows) == 10
    assert text(rows[-1:]) == "line 49"
    assert text(ConsoleReading().rows(dataclasses.replace(run, console=()), 40, 10)[-1:]) == "nothing printed"


def test_a_config_in_a_nutshell_names_what_is_not_usual(tmp_path: Path) -> None:
    config = TrainingConfig(lr_strategy="Cosine Annealing", class_weights="Focal Loss")
    shown = status(monitored(FakeRun(tmp_path, config=config, live=True)), 140, 40)
    assert "Cosine Annealing · Focal Loss" in shown
