"""Y in the monitor: what can be copied of a run, and that it is what the log says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.tui.fakes import STEPS_PER_EPOCH, FakeRun, learning_run
from tests.tui.monitoring import MonitorPilot, monitor
from training.curves import Curves
from training.runs.log import read_all
from tui.away.values import values_at
from tui.screens.copy_text import CopyScreen
from tui.screens.pick import PickScreen


def texts(screen: MonitorPilot) -> dict[str, str]:
    return {title: text() for title, text in screen.screen.copyables()}


async def test_the_menu_offers_path_id_values_tables_panels_and_commands(runs_dir: Path) -> None:
    run = learning_run(runs_dir)
    run.finish("stopped by hand", "stopped")
    async with monitor(run.folder) as screen:
        await screen.shows("■ stopped")
        told = texts(screen)
        path = str(run.folder.path)
        assert told["Path of the run"] == path
        assert told["Id of the run"] == "digits-adam-0.001"
        assert told["Command that watches it"] == f"traindeck watch {path}"
        assert told["Command that resumes it"] == f"traindeck resume {path}"
        assert "Healthy" in told["Panel: diagnosis"]
        header, *rows = told["Table of all epochs"].splitlines()
        assert header.split("\t") == ["epoch", "train_loss", "val_loss", "train_acc", "val_acc", "lr"]
        assert [row.split("\t")[0] for row in rows] == [str(n) for n in range(1, 13)]
        val_loss = read_all(run.folder.events)[-2].metrics["val_loss"]  # type: ignore[union-attr]
        assert rows[-1].split("\t")[2] == repr(val_loss)
        assert f"val_loss\t{val_loss!r}" in told["Latest values"].splitlines()


async def test_it_is_a_menu_and_what_is_picked_is_shown(runs_dir: Path) -> None:
    async with monitor(learning_run(runs_dir).folder, (40, 12)) as screen:
        await screen.shows("epoch 12/30")
        await screen.press("Y")
        assert isinstance(screen.app.screen, PickScreen)
        await screen.press("enter")
        copied = screen.app.screen
        assert isinstance(copied, CopyScreen)
        assert copied.text == str(screen.screen.folder.path)
        await screen.press("q")
        assert screen.screen.is_current


async def test_with_a_crosshair_its_values_are_those_of_that_place(runs_dir: Path) -> None:
    async with monitor(learning_run(runs_dir).folder) as screen:
        await screen.shows("epoch 12/30")
        monitored = screen.screen
        monitored.lens = replace(monitored.lens, unit="epoch", cursor=5.0)
        told = dict(line.split("\t") for line in texts(screen)["Values at the crosshair"].splitlines())
        assert told["val_loss"] == repr(monitored.run.curves.epochs["val_loss"].y[4])
        assert told["images_per_s"] == "160.0"


async def test_a_path_with_spaces_is_quoted_in_a_command(runs_dir: Path) -> None:
    run = FakeRun(runs_dir, "my run; rm -rf", live=True)
    async with monitor(run.folder) as screen:
        await screen.until(lambda: screen.screen.run.view)
        assert texts(screen)["Command that watches it"] == f"traindeck watch '{run.folder.path}'"
        assert "Command that resumes it" not in texts(screen)
        assert "Table of all epochs" not in texts(screen)


@pytest.fixture
def curves(runs_dir: Path) -> Curves:
    """Two epochs, and a step of the third."""
    run = FakeRun(runs_dir, "a")
    run.begin()
    run.train_epoch(2.0, 2.5, 0.1, 0.1, 1e-3)
    run.train_epoch(1.0, 1.5, 0.1, 0.1, 1e-4)
    run.train_step(train_loss=0.5, lr=1e-5)
    curves = Curves()
    curves.extend(read_all(run.folder.events))
    return curves


def test_at_a_place_before_the_first_epoch_only_steps_have_values(curves: Curves) -> None:
    found = values_at(curves, "epoch", 0.5)
    assert "val_loss" not in found
    assert found["train_loss"] == curves.steps["train_loss"].y[int(0.5 * STEPS_PER_EPOCH - 1)]


@pytest.mark.parametrize(("unit", "at"), [("epoch", 2.0), ("step", 2.0 * STEPS_PER_EPOCH - 1), ("time", 18.1)])
def test_the_same_place_is_found_in_every_unit(curves: Curves, unit: str, at: float) -> None:
    found = values_at(curves, unit, at)  # type: ignore[arg-type]
    assert (found["val_loss"], found["train_loss"], found["lr"]) == (1.5, 1.0, 1e-4)


def test_between_two_epochs_the_last_one_counts_and_beyond_the_end_the_last_of_all(curves: Curves) -> None:
    assert values_at(curves, "epoch", 1.9)["val_loss"] == 2.5
    assert values_at(curves, "epoch", 99.0)["val_loss"] == 1.5
