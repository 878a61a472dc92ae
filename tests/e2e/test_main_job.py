"""The main job by keys alone, in a real terminal of 80×24, and over a real ssh connection."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from tests.e2e.conftest import QUICK_MODEL, Traindeck
from tests.e2e.terminals import SSHD, Terminal, open_sshd, open_terminal, pick_small_data
from tests.waiting import wait_until
from training.curves import Curves
from training.runs import pids, store
from training.runs.layout import RunFolder
from training.runs.lifecycle import RunView
from training.runs.log import read_all

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")

LONG = ("balanced", "--set", "epochs=100000", "--set", "early_stopping=false", "--set", QUICK_MODEL)


def launch_with_lr_one(terminal: Terminal) -> None:
    """From Home: the small-data preset on the digits, the LR changed to 1.0, the hint read, launched."""
    pick_small_data(terminal)
    terminal.wait_for("New config: Small", "1 warning")
    terminal.keys("Down")
    terminal.wait_for("Learning rate  learning_rate")
    terminal.keys(*["BSpace"] * 5)
    terminal.type("1.0")
    terminal.wait_for("2 warnings", "1 is above the usual", "sets learning_rate: 0.001")
    terminal.keys("F5")
    terminal.wait_for("Launch a run", "Device: CPU")
    terminal.keys("Enter")


def test_edit_launch_watch_diagnosis_corrected_run(traindeck: Traindeck) -> None:
    with open_terminal(traindeck.command, traindeck.cwd, traindeck.env()) as terminal:
        launch_with_lr_one(terminal)
        # The run stops early, after epoch 6 or 7; the finding stays readable.
        screen = terminal.wait_for("finished", "early stopping", seconds=90)
        for shown in ("Learning rate too high", "since epoch 1", "chance is", "Lower learning_rate from 1 to 0.001"):
            assert shown in screen
        (parent,) = store.list_runs(traindeck.runs_dir)
        opened = [event.epoch for event in history(parent.folder).finding_history if event.change == "opened"]
        assert min(opened) <= 5

        terminal.keys("Enter")
        terminal.wait_for("What changes", "learning_rate", "0.001", "same split")
        terminal.keys("Enter")
        terminal.wait_for("corrects", "Lower learning_rate from 1 to 0.001")
        child = wait_until(lambda: next(iter(children(traindeck.runs_dir)), None), 20, "the child")
        wait_until(lambda: best_accuracy(traindeck, child.folder) >= 0.95, 90, "the child to reach 95 %")
        assert accuracy_by_epoch(child.folder, 12) >= 0.95
        assert child.folder.split.read_bytes() == parent.folder.split.read_bytes()


def history(folder: RunFolder) -> Curves:
    curves = Curves()
    curves.extend(read_all(folder.events))
    return curves


def children(runs_dir: Path) -> list[RunView]:
    return [run for run in store.list_runs(runs_dir) if run.summary.parent]


def best_accuracy(traindeck: Traindeck, folder: RunFolder) -> float:
    return float(traindeck.view(folder).summary.best_val_acc or 0)


def accuracy_by_epoch(folder: RunFolder, epochs: int) -> float:
    """The best validation accuracy within that many epochs."""
    series = history(folder).epochs["val_acc"]
    return max(y for x, y in zip(series.x, series.y, strict=True) if x <= epochs)


def test_a_killed_app_leaves_the_run_going_and_another_directory_attaches(traindeck: Traindeck, tmp_path: Path) -> None:
    run = traindeck.detach(*LONG)
    with open_terminal([*traindeck.command, "watch", run.id], traindeck.cwd, traindeck.env()) as terminal:
        terminal.wait_for("running", run.id, "Loss")
        app = terminal.pid
        os.kill(app, signal.SIGKILL)
        wait_until(lambda: not pids.start_mark(app), what="the app to be gone")
    epoch = traindeck.view(run).summary.epoch
    wait_until(lambda: traindeck.view(run).summary.epoch > epoch, what="another epoch")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    with open_terminal([*traindeck.command, "watch", "last"], elsewhere, traindeck.env()) as terminal:
        terminal.wait_for("running", run.id, "Loss")
        terminal.keys("s")
        terminal.wait_for("Stop it (y)")
        terminal.keys("y")
        terminal.wait_for("stopped")
    assert (run.checkpoints / "last.pt").exists()


def test_home_shows_a_killed_worker_as_crashed_within_ten_seconds(traindeck: Traindeck) -> None:
    run = traindeck.detach(*LONG)
    with open_terminal(traindeck.command, traindeck.cwd, traindeck.env()) as terminal:
        terminal.wait_for("running", run.id)
        process = traindeck.view(run).process
        assert process is not None
        assert process.worker is not None
        os.kill(process.worker.pid, signal.SIGKILL)
        terminal.wait_for("crashed", "signal 9", seconds=10)
    with open_terminal(traindeck.command, traindeck.cwd, traindeck.env()) as terminal:
        terminal.wait_for("crashed", "signal 9", seconds=10)


@pytest.mark.skipif(SSHD is None, reason="sshd is not installed")
def test_a_run_launched_over_ssh_outlives_the_connection(traindeck: Traindeck, tmp_path: Path) -> None:
    keys = tmp_path / "ssh"
    keys.mkdir(mode=0o700)
    kept = {name: traindeck.env()[name] for name in ("HOME", "XDG_STATE_HOME", "OMP_NUM_THREADS")}
    remote = shlex.join(["env", "-C", str(traindeck.cwd), *(f"{k}={v}" for k, v in kept.items()), *traindeck.command])
    with open_sshd(keys) as ssh, open_terminal([*ssh, remote], traindeck.cwd, traindeck.env()) as terminal:
        launch_with_lr_one(terminal)
        terminal.wait_for("Diagnosis")
        (run,) = wait_until(lambda: store.list_runs(traindeck.runs_dir), 20)
        subprocess.run(["pkill", "-KILL", "-P", str(terminal.pid)], check=False)
        os.kill(terminal.pid, signal.SIGKILL)
    ended = traindeck.wait_for_end(run.folder)
    assert ended.state == "finished"
    assert "early stopping" in ended.detail
