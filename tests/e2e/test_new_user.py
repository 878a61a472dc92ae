"""Two first days, by keys alone in a terminal of 80×24: a folder of images becomes a run, a YAML file is edited."""

from __future__ import annotations

import random
import re
import shutil
from pathlib import Path

import pytest
from PIL import Image

from tests.e2e.conftest import Traindeck
from tests.e2e.terminals import Terminal, open_terminal
from tests.waiting import wait_until
from training.config import files
from training.runs import pids, store

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")

FLOWERS = {"daisy": 48, "rose": 24, "tulip": 12, "violet": 4}
COLOURS = {"daisy": (230, 230, 200), "rose": (200, 30, 60), "tulip": (220, 120, 30), "violet": (120, 40, 200)}


def grow_flowers(folder: Path) -> None:
    """Four classes of small images, each of its own colour; the largest is twelve times the smallest."""
    shades = random.Random(0)
    for name, count in FLOWERS.items():
        (folder / name).mkdir(parents=True)
        for index in range(count):
            red, green, blue = (min(255, max(0, part + shades.randint(-20, 20))) for part in COLOURS[name])
            Image.new("RGB", (24, 24), (red, green, blue)).save(folder / name / f"{index}.png")


def take_hints(terminal: Terminal) -> list[str]:
    """`n` to each hint and `r` for what it recommends, until none is left; the keys that were set."""
    taken: list[str] = []
    while len(taken) < 10:
        terminal.keys("n")
        found = wait_until(lambda: recommended(terminal.screen), 10, "a hint, or none")
        if found == "none":
            return taken
        terminal.keys("r")
        wait_until(lambda found=found: recommended(terminal.screen) != found, 10, f"{found} to be taken")  # type: ignore[misc]
        taken.append(found.partition(":")[0])
    raise AssertionError(f"hints without an end: {taken}")


def recommended(screen: str) -> str | None:
    """`batch_size: 8` where the panel says that `r` sets it, "none" where no hint is left."""
    if "No errors and no hints." in screen:
        return "none"
    found = re.search(r" sets (\S+: \S+)", screen)
    return found[1] if found else None


def test_from_an_empty_folder_to_a_transfer_learning_run(traindeck: Traindeck) -> None:
    grow_flowers(traindeck.cwd / "flowers")
    with open_terminal(traindeck.command, traindeck.cwd, traindeck.env()) as terminal:
        terminal.wait_for("No runs yet")
        terminal.keys("n")
        terminal.wait_for("Start from a preset", "Imbalanced, transfer")
        terminal.keys("Down", "Enter")
        terminal.wait_for("New config: Imbalanced, transfer", "chooses your own images")

        terminal.keys("/", *"source", "Enter", "Right", "Down", "Enter")
        terminal.wait_for("Where the images are", "flowers/", "4 subfolders")
        terminal.keys("Down", "Enter")
        terminal.wait_for("Path              flowers", "An epoch has only 3 steps")
        assert take_hints(terminal) == ["batch_size"]

        # Pretrained weights would come from the network: without them all of the backbone has to train.
        terminal.keys("/", *"model.weights", "Enter", "Enter")
        terminal.wait_for("Type another")
        terminal.keys("Down", "Enter")
        terminal.wait_for("‹ none ›", "full? The backbone has no")
        assert take_hints(terminal) == ["model.mode"]

        terminal.keys("/", *"image_size", "Enter", *"32", "Enter", "/", *"epochs", "Enter", "2", "Enter")
        terminal.wait_for("Epochs            ‹ 2 epochs ›", "2 hints")
        terminal.keys("F5")
        terminal.wait_for("Launch a run", "resnet18 full on flowers", "2 epochs")
        terminal.keys("Enter")
        terminal.wait_for("epoch 2/2", "val acc", seconds=60)
        (run,) = store.list_runs(traindeck.runs_dir)
        assert traindeck.wait_for_end(run.folder).state == "finished"
        config = files.load(run.folder.config)
        assert (config.model.kind, config.model.mode, config.model.weights) == ("transfer", "full", "none")
        assert (config.batch_size, config.data.image_size) == (8, 32)


EXPERIMENT = """\
# Baseline of March: the comments say why, they have to stay.
optimizer: adam          # the usual
learning_rate: 1e-3      # found by a sweep
epochs: 100  # plenty
batch_size: 32

model:
    kind: custom_cnn
    dense_layers:
    - {units: 128, dropout: 0.5}   # one is enough
data:  # comes with traindeck
    source: 'digits'
    val_fraction: .2
runtime: {seed: 42, checkpoint_keep: 3}
"""


def test_whoever_comes_from_vim_changes_five_values_and_nothing_else(traindeck: Traindeck) -> None:
    path = traindeck.cwd / "exp.yaml"
    path.write_text(EXPERIMENT)
    with open_terminal([*traindeck.command, "edit", "exp.yaml"], traindeck.cwd, traindeck.env()) as terminal:
        terminal.wait_for("exp.yaml", "Optimizer")
        # All in one write, as a paste or a slow line delivers them.
        terminal.keys(
            "j", *"3e-4", "Enter",
            "/", *"epochs", "Enter", *"60", "Enter",
            "/", *"batch_size", "Enter", *"64", "Enter",
            "/", *"val_fraction", "Enter", *"0.25", "Enter",
            "/", *"seed", "Enter", *"7", "Enter",
            "s",
        )  # fmt: skip
        terminal.wait_for("Saved as exp.yaml.")
        before, after = EXPERIMENT.splitlines(), path.read_text().splitlines()
        assert [(old, new) for old, new in zip(before, after, strict=True) if old != new] == [
            ("learning_rate: 1e-3      # found by a sweep", "learning_rate: 3e-4      # found by a sweep"),
            ("epochs: 100  # plenty", "epochs: 60   # plenty"),
            ("batch_size: 32", "batch_size: 64"),
            ("    val_fraction: .2", "    val_fraction: .25"),
            ("runtime: {seed: 42, checkpoint_keep: 3}", "runtime: {seed: 7, checkpoint_keep: 3}"),
        ]
        terminal.keys("Escape")
        terminal.wait_for("No runs yet")
        pid = terminal.pid
        terminal.keys("q")
        wait_until(lambda: not pids.start_mark(pid), 10, "the app to end")
