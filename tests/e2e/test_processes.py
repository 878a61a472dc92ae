"""Runs outlive what launched them, and their ends are told as they were."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

from tests.e2e.conftest import QUICK_MODEL, Traindeck
from tests.waiting import wait_until
from training.runs.layout import RunFolder
from training.runs.process import ProcessRecord, read_process

LONG = ("balanced", "--set", "epochs=100000", "--set", "early_stopping=false", "--set", QUICK_MODEL)


def started(traindeck: Traindeck, folder: RunFolder) -> ProcessRecord:
    """The record of a run that has trained an epoch."""
    wait_until(lambda: traindeck.view(folder).summary.epoch >= 1, what="the first epoch")
    record = read_process(folder.process)
    assert record is not None
    return record


def test_a_killed_worker_is_shown_as_crashed_by_its_signal(traindeck: Traindeck) -> None:
    run = traindeck.detach(*LONG)
    worker = started(traindeck, run).worker
    assert worker is not None
    os.kill(worker.pid, signal.SIGKILL)
    wait_until(lambda: traindeck.view(run).state == "crashed", 10, "the crash to be seen")
    shown = traindeck.json("show", run.id)
    assert (shown["state"], shown["message"]) == ("crashed", "killed by signal 9 (SIGKILL)")
    assert shown["epoch"] >= 1


def test_a_killed_supervisor_does_not_take_the_training_along(traindeck: Traindeck) -> None:
    run = traindeck.detach(*LONG)
    record = started(traindeck, run)
    os.kill(record.supervisor.pid, signal.SIGKILL)
    epoch = traindeck.view(run).summary.epoch
    wait_until(lambda: traindeck.view(run).summary.epoch > epoch, what="another epoch")
    assert traindeck.view(run).state == "running"
    assert traindeck.json("stop", run.id)["state"] == "stopped"


def test_stopping_keeps_a_checkpoint_and_says_so_in_the_log(traindeck: Traindeck) -> None:
    run = traindeck.detach(*LONG)
    started(traindeck, run)
    assert traindeck.json("stop", run.id)["state"] == "stopped"
    assert (run.checkpoints / "last.pt").stat().st_size > 0
    types = [json.loads(line)["type"] for line in run.events.read_text().splitlines()]
    assert types[-1] == "end"
    assert "ack" in types
    again = traindeck.run("stop", run.id)
    assert (again.returncode, "already" in again.stdout) == (0, True)


def test_a_run_is_found_by_name_prefix_and_last_from_another_directory(traindeck: Traindeck, tmp_path: Path) -> None:
    run = traindeck.detach("balanced", "--set", "epochs=1", "--set", QUICK_MODEL, "--name", "first try")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for wanted in ("last", "first try", "first", str(run.path)):
        assert traindeck.json("show", wanted, cwd=elsewhere)["path"] == str(run.path)


def test_the_same_seed_twice_gives_the_same_metrics_to_the_last_bit(traindeck: Traindeck) -> None:
    logged = []
    for _ in range(2):
        run = traindeck.detach("balanced", "--set", "epochs=2", "--set", QUICK_MODEL)
        traindeck.wait_for_end(run)
        assert run.console.read_text() == ""
        events = [json.loads(line) for line in run.events.read_text().splitlines()]
        logged.append([_without_clock(event) for event in events if event["type"] in ("step", "epoch")])
    assert len(logged[0]) > 80
    assert logged[0] == logged[1]


def _without_clock(event: dict[str, object]) -> dict[str, object]:
    metrics = event["metrics"]
    assert isinstance(metrics, dict)
    timed = ("images_per_s", "epoch_seconds", "gpu_util", "gpu_memory")
    return {
        **{key: value for key, value in event.items() if key not in ("t", "seq")},
        "metrics": {name: value for name, value in metrics.items() if name not in timed},
    }
