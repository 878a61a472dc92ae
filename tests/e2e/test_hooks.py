"""The hook of a user, told by real runs with nobody watching."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import QUICK_MODEL, ROOT, Traindeck
from tests.waiting import wait_until
from training.runs.events import FindingChanged, Log
from training.runs.layout import RunFolder
from training.runs.log import only
from training.runs.process import read_process

LONG = ("balanced", "--set", "epochs=100000", "--set", "early_stopping=false", "--set", QUICK_MODEL)


@pytest.fixture
def told(traindeck: Traindeck) -> Path:
    """Where the user's hook keeps what it is told, a file an event."""
    told = traindeck.home / "told"
    told.mkdir()
    write_settings(traindeck, f"on_event: 'cat > {told}/.$$ && mv {told}/.$$ {told}/$$.json; echo thanks'\n")
    return told


def write_settings(traindeck: Traindeck, text: str) -> Path:
    traindeck.environment["XDG_CONFIG_HOME"] = str(traindeck.home / "config")
    path = traindeck.home / "config/traindeck/settings.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    return path


def events(told: Path) -> list[dict[str, Any]]:
    """In their order."""
    paths = sorted(told.glob("*.json"), key=lambda path: path.stat().st_mtime_ns)
    return [json.loads(path.read_text()) for path in paths]


def test_a_run_that_finishes_tells_the_hook_and_keeps_what_it_printed(traindeck: Traindeck, told: Path) -> None:
    run = traindeck.detach("balanced", "--set", "epochs=1", "--set", QUICK_MODEL, "--name", "my $(run)")
    wait_until(lambda: events(told), 60, "the hook")
    (event,) = events(told)
    assert (event["event"], event["title"], event["state"]) == ("finished", "✓ my $(run) finished", "finished")
    assert (event["run"], event["epoch"]) == (str(run.path), 1)
    assert event["latest"]["val_loss"] > 0
    wait_until(lambda: "hook | thanks" in run.console.read_text(), what="the console")


def test_a_killed_worker_is_told_by_its_supervisor(traindeck: Traindeck, told: Path) -> None:
    run = traindeck.detach(*LONG)
    wait_until(lambda: traindeck.view(run).summary.epoch >= 1, 60, "the first epoch")
    record = read_process(run.process)
    assert record is not None
    assert record.worker is not None
    os.kill(record.worker.pid, signal.SIGKILL)
    wait_until(lambda: events(told), 30, "the hook")
    (event,) = events(told)
    assert (event["event"], event["message"]) == ("crashed", "killed by signal 9 (SIGKILL)")


def test_a_stop_and_a_failure_are_told_with_their_reason(traindeck: Traindeck, told: Path) -> None:
    run = traindeck.detach(*LONG)
    wait_until(lambda: traindeck.view(run).summary.epoch >= 1, 60, "the first epoch")
    assert traindeck.json("stop", run.id)["state"] == "stopped"
    wait_until(lambda: len(events(told)) == 1, 30, "the hook")
    assert events(told)[0]["event"] == "stopped"
    run.config.write_text("epochs: many\n")
    traindeck.run("resume", run.id, "--yes")
    done = RunFolder(run.path)
    if traindeck.view(done).state == "failed":  # else the resume was refused, which is no event of the run
        wait_until(lambda: len(events(told)) == 2, 30, "the hook")
        assert events(told)[1]["event"] == "failed"


def test_a_critical_finding_is_told_once_while_the_training_goes_on(traindeck: Traindeck, told: Path) -> None:
    run = traindeck.detach(*LONG, "--set", "learning_rate=3", "--set", "optimizer=SGD with Momentum")
    wait_until(lambda: events(told), 90, "the hook")
    first = events(told)[0]
    assert first["event"] == "finding"
    assert traindeck.view(run).live
    traindeck.run("stop", run.id)
    critical = {event.finding.label for event in only(run.events, FindingChanged) if _critical(event)}
    wait_until(lambda: len(events(told)) == len(critical) + 1, 30, "the hooks of all and of the end")
    assert {event["finding"]["label"] for event in events(told) if event["finding"]} == critical


def _critical(event: FindingChanged) -> bool:
    return event.change != "resolved" and event.finding.severity == "critical"


def test_a_hook_that_fails_and_settings_that_are_broken_hurt_no_training(traindeck: Traindeck) -> None:
    path = write_settings(traindeck, "on_event: exit 7\n")
    run = traindeck.detach("balanced", "--set", "epochs=1", "--set", QUICK_MODEL)
    assert traindeck.wait_for_end(run).state == "finished"
    wait_until(
        lambda: "the hook on_event (finished) ended with exit code 7" in run.console.read_text(), what="the console"
    )
    path.write_text("on_event: {}\n")
    run = traindeck.detach("balanced", "--set", "epochs=1", "--set", QUICK_MODEL)
    assert traindeck.wait_for_end(run).state == "finished"
    warnings = [event.message for event in only(run.events, Log) if event.level == "warning"]
    assert len([said for said in warnings if "so that no hook is told" in said and "on_event" in said]) == 1


def test_a_script_that_reports_tells_the_hook_of_its_end(traindeck: Traindeck, told: Path) -> None:
    script = traindeck.cwd / "mine.py"
    script.write_text(
        f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
        "from traindeck import report\n"
        "for epoch in range(1, 4): report(epoch=epoch, train_loss=1 / epoch, val_loss=1 / epoch)\n"
    )

    done = subprocess.run(
        [sys.executable, script], env=traindeck.env(), cwd=traindeck.cwd, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "thanks" not in done.stdout + done.stderr
    wait_until(lambda: events(told), 30, "the hook")
    (event,) = events(told)
    assert (event["event"], event["kind"], event["epoch"]) == ("finished", "reported", 3)


def test_hook_test_runs_the_hook_and_says_how_it_went(traindeck: Traindeck, told: Path) -> None:
    done = traindeck.run("hook", "test")
    assert (done.returncode, done.stdout.splitlines()) == (0, ["  | thanks", "✓ The hook ran."])
    assert events(told)[0]["event"] == "test"
    listed = traindeck.run("hook")
    assert "on_event: cat >" in listed.stdout
    assert traindeck.json("hook")["bell"] is True


def test_hook_test_says_what_is_wrong(traindeck: Traindeck) -> None:
    traindeck.environment["XDG_CONFIG_HOME"] = str(traindeck.home / "config")
    done = traindeck.run("hook", "test")
    assert done.returncode == 2
    assert "names no hook. Put a line into it such as" in done.stderr
    write_settings(traindeck, "on_event: exit 3\n")
    done = traindeck.run("hook", "test")
    assert (done.returncode, done.stdout) == (1, "✗ The hook ended with exit code 3.\n")
