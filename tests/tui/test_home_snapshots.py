"""Pictures of Home at the sizes that have to work; the tests beside them say what is in them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.runs.builders import make_run, weigh
from tests.tui.driving import until
from training.runs.layout import RunFolder
from training.runs.pin import pin
from training.runs.summary import FindingLine
from tui.app import TraindeckApp
from tui.screens.home import HomeScreen

SIZES = [(120, 40), (80, 24), (40, 12)]
T0 = 1_760_000_000.0
Snap = Callable[..., bool]


@pytest.fixture(autouse=True)
def at_a_fixed_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The runs folder is shown: it has to have the same name every time."""
    monkeypatch.chdir(tmp_path)
    Path("runs").mkdir()


def make_runs() -> None:
    """Runs that are over: their times do not move."""
    flat = FindingLine(
        issue="loss_not_decreasing",
        label="lr_too_high_flat",
        title="Learning rate too high: the net is stuck at chance",
        severity="critical",
        since_epoch=1,
    )
    known: dict[str, Any] = {"model": "CNN 32-64 · 128", "data": "digits", "device": "CPU", "epochs": 50, "created": T0}
    settings = {"optimizer": "Adam", "learning_rate": 0.001}
    make_run(
        Path("runs"), "digits-adam-0.001", **known, state="finished", epoch=50, started=T0, ended=T0 + 132,
        best_val_loss=0.0234, best_val_acc=0.9917, settings=settings,
    )  # fmt: skip
    make_run(
        Path("runs"), "digits-adam-1", **{**known, "created": T0 + 300}, state="stopped", epoch=7, started=T0 + 300,
        ended=T0 + 309, best_val_loss=2.338, best_val_acc=0.1, findings=[flat], settings=settings,
    )  # fmt: skip
    make_run(Path("runs"), "lost", **{**known, "created": T0 + 400}, state="running", epoch=3, updated=T0 + 410)
    for run_id, size in (("digits-adam-0.001", 61_000_000), ("digits-adam-1", 1_400_000_000), ("lost", 142_000_000)):
        weigh(RunFolder(Path("runs") / run_id), "last", size)
    pin(RunFolder(Path("runs/digits-adam-1")))


async def show_home(pilot: Pilot[Any]) -> None:
    screen = pilot.app.screen
    assert isinstance(screen, HomeScreen)
    await until(pilot, lambda: screen.seen and len(screen.disk) == len(screen.runs))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_home_with_runs(snap_compare: Snap, size: tuple[int, int]) -> None:
    make_runs()
    assert snap_compare(TraindeckApp(Path("runs")), run_before=show_home, terminal_size=size)


def test_home_without_runs(snap_compare: Snap) -> None:
    assert snap_compare(TraindeckApp(Path("runs")), run_before=show_home, terminal_size=(80, 24))


def test_presets_over_home(snap_compare: Snap) -> None:
    async def show(pilot: Pilot[Any]) -> None:
        await show_home(pilot)
        await pilot.press("n")

    assert snap_compare(TraindeckApp(Path("runs")), run_before=show, terminal_size=(80, 24))


def test_help_over_home(snap_compare: Snap) -> None:
    async def show(pilot: Pilot[Any]) -> None:
        await show_home(pilot)
        await pilot.press("question_mark")

    assert snap_compare(TraindeckApp(Path("runs")), run_before=show, terminal_size=(80, 24))
