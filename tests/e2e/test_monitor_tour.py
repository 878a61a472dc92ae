"""The tour through the monitor by keys alone: in tmux, and over a real ssh connection."""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.e2e.conftest import QUICK_MODEL, Traindeck
from tests.e2e.terminals import SSHD, Terminal, open_sshd, open_terminal
from tests.waiting import wait_until
from training.runs.events import Override
from training.runs.layout import RunFolder
from training.runs.log import only

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")

LIVE = ("--set", "epochs=100000", "--set", "early_stopping=false", "--set", QUICK_MODEL)


@contextmanager
def in_tmux(traindeck: Traindeck, *words: str) -> Iterator[Terminal]:
    with open_terminal([*traindeck.command, *words], traindeck.cwd, traindeck.env()) as terminal:
        yield terminal


@contextmanager
def over_ssh(traindeck: Traindeck, folder: Path, *words: str) -> Iterator[Terminal]:
    env = {key: value for key, value in traindeck.env().items() if os.environ.get(key) != value}
    remote = f"cd {shlex.quote(str(traindeck.cwd))} && env {shlex.join(f'{k}={v}' for k, v in env.items())} "
    with (
        open_sshd(folder) as ssh,
        open_terminal(
            [*ssh, f"{remote} {shlex.join([*traindeck.command, *words])}"], traindeck.cwd, traindeck.env()
        ) as terminal,
    ):
        yield terminal


def tour(traindeck: Traindeck, terminal: Terminal) -> None:
    """Charts, panels, a changed learning rate, a checkpoint, a fork, the overlay, the file to share, the end."""
    terminal.wait_for("running", "Loss")
    wait_until(lambda: traindeck.view(RunFolder(traindeck.runs_dir / "live")).summary.epoch >= 3, 60, "three epochs")

    terminal.keys("x")
    terminal.wait_for("Loss  epoch")
    terminal.keys("Escape")
    wait_until(lambda: "Loss  epoch" not in terminal.screen, 10, "the crosshair to go")
    terminal.keys("z")
    terminal.keys("]")
    terminal.wait_for("smoothed")
    terminal.keys("[", "z")
    terminal.keys("c")
    terminal.wait_for("Classes", "prec")
    terminal.keys("i")
    terminal.wait_for("Config", "epochs: 100000")
    terminal.keys("?")
    terminal.wait_for("Keys: monitor")
    terminal.keys("?")

    terminal.keys("a")
    terminal.wait_for("Learning rate")
    terminal.keys("Enter")
    terminal.wait_for("Learning rate", "Take")
    terminal.keys(*["BSpace"] * 12)
    terminal.type("3e-4")
    terminal.wait_for("3e-4")
    terminal.keys("Enter")
    log = traindeck.runs_dir / "live/events.jsonl"
    wait_until(lambda: next(iter(only(log, Override)), None), 20, "the worker to take the new rate")
    terminal.keys("K")
    terminal.wait_for("saved checkpoints/last.pt")

    terminal.keys("S")
    terminal.wait_for("Share this run as")
    terminal.keys("Enter")
    terminal.wait_for("live.html")
    terminal.keys("Enter")
    shared = wait_until(lambda: next(traindeck.cwd.glob("live*.html"), None), 20, "the shared file")
    assert "<svg" in shared.read_text()

    terminal.keys("q")
    terminal.wait_for("2 runs")
    terminal.keys("Space", "Space")
    terminal.wait_for("2 marked")
    terminal.keys("c")
    terminal.wait_for("learning_rate")
    terminal.keys("Tab")
    terminal.keys("q")
    terminal.wait_for("2 runs")

    terminal.keys("/")
    terminal.wait_for("Search")
    terminal.type("lr>0.0005")
    terminal.wait_for("1 of 2 runs", "live")
    terminal.keys("Escape")
    terminal.wait_for("2 runs")


def prepare(traindeck: Traindeck) -> None:
    """A run that is over, with another learning rate, and one that goes on."""
    sound = traindeck.run(
        "train", "balanced", "--name", "first", "--set", "epochs=4", "--set", "learning_rate=2e-4", "--set", QUICK_MODEL
    )
    assert sound.returncode == 0, sound.stderr
    live = traindeck.run("train", "balanced", "--name", "live", "--detach", *LIVE)
    assert live.returncode == 0, live.stderr


def test_the_tour_in_a_terminal_of_80_by_24(traindeck: Traindeck) -> None:
    prepare(traindeck)
    with in_tmux(traindeck, "watch", "live") as terminal:
        tour(traindeck, terminal)
    assert traindeck.run("stop", "live").returncode == 0


@pytest.mark.skipif(SSHD is None or shutil.which("ssh") is None, reason="sshd is not installed")
def test_the_same_tour_over_ssh(traindeck: Traindeck, tmp_path: Path) -> None:
    prepare(traindeck)
    folder = tmp_path / "ssh"
    folder.mkdir()
    with over_ssh(traindeck, folder, "watch", "live") as terminal:
        tour(traindeck, terminal)
    assert traindeck.run("stop", "live").returncode == 0
