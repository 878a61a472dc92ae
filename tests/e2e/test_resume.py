"""A worker killed with -9, and its run resumed: from the command line, and by a key in a real terminal."""

from __future__ import annotations

import os
import shutil
import signal

import pytest

from tests.e2e.conftest import QUICK_MODEL, Traindeck
from tests.e2e.terminals import open_terminal
from tests.waiting import wait_until
from training.curves import Curves
from training.runs.events import Attempt, Checkpoint
from training.runs.layout import RunFolder
from training.runs.log import read_all

EPOCHS = 40
CONFIG = ("balanced", "--set", f"epochs={EPOCHS}", "--set", "early_stopping=false", "--set", QUICK_MODEL)


def killed(traindeck: Traindeck, *words: str) -> RunFolder:
    """A run whose worker was killed after its third epoch."""
    run = traindeck.detach(*CONFIG, *words)
    process = wait_until(lambda: seen.process if (seen := traindeck.view(run)).summary.epoch >= 3 else None, 60)
    assert process.worker is not None
    os.kill(process.worker.pid, signal.SIGKILL)
    wait_until(lambda: traindeck.view(run).state == "crashed", 10, "the crash to be seen")
    return run


def history(run: RunFolder) -> Curves:
    curves = Curves()
    curves.extend(read_all(run.events))
    return curves


def test_a_killed_run_is_resumed_and_finishes_with_one_history(traindeck: Traindeck) -> None:
    run = killed(traindeck)
    told = traindeck.run("resume", run.id)
    assert told.returncode == 0, told.stdout + told.stderr
    lines = told.stdout.splitlines()
    assert "It goes on from epoch" in lines[0]
    (seam,) = [line for line in lines if line.startswith("— went on from epoch")]
    assert "(attempt 2" in seam
    epochs = [int(line.split()[1].partition("/")[0]) for line in lines if line.startswith("epoch ")]

    events = read_all(run.events)
    begun = [event for event in events if isinstance(event, Attempt)]
    assert [event.attempt for event in begun] == [1, 2]
    assert epochs == list(range(begun[1].from_epoch + 1, EPOCHS + 1))  # none of the old history is told again
    curves = history(run)
    assert list(curves.epochs["val_loss"].x) == list(range(EPOCHS + 1))
    losses = curves.steps["train_loss"]
    assert list(losses.x) == list(range(len(losses)))
    assert curves.step == len(losses) == EPOCHS * begun[1].steps_per_epoch
    assert any(isinstance(event, Checkpoint) and event.attempt == 2 for event in events)

    shown = traindeck.run("show", run.id).stdout
    assert "finished" in shown.splitlines()[0]
    assert f"  attempt   2, went on from epoch {begun[1].from_epoch} (crashed: killed by signal 9 (SIGKILL))" in shown
    assert traindeck.json("show", run.id)["attempt"] == 2
    again = traindeck.run("resume", run.id)
    assert (again.returncode, "is finished" in again.stderr) == (2, True)


@pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
def test_a_killed_run_is_resumed_by_a_key_in_its_monitor_which_then_shows_it_live(traindeck: Traindeck) -> None:
    run = killed(traindeck, "--set", "epochs=100000")
    with open_terminal([*traindeck.command, "watch", run.id], traindeck.cwd, traindeck.env()) as terminal:
        terminal.wait_for("crashed", "signal 9", "Resume")
        terminal.keys("r")
        terminal.wait_for("It goes on from epoch", "Device: CPU")
        terminal.keys("Enter")
        terminal.wait_for("running", "attempt 2", "resumed", seconds=30)
        epoch = traindeck.view(run).summary.epoch
        wait_until(lambda: traindeck.view(run).summary.epoch > epoch, what="another epoch")
        terminal.keys("Escape")
        terminal.wait_for("running", "attempt 2, went on from epoch")
    assert traindeck.json("stop", run.id)["state"] == "stopped"
    assert len(history(run).interruptions) == 1
