"""Pictures of the dialogs that change a running job or fork it. After a wanted change: pytest --snapshot-update."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.runs.sealing import sealed
from tests.tui.fakes import FakeRun, learning_run
from tests.tui.monitoring import Stage
from tests.tui.test_monitor_adjust import knobs
from training.runs.fork import sources
from tui.screens.control_menu import epochs_prompt, menu, rate_prompt
from tui.screens.fork import choices
from tui.screens.pick import PickScreen

SIZES = [(120, 40), (80, 24), (40, 12)]


@pytest.mark.parametrize("size", SIZES)
def test_menu(runs_dir: Path, snap_compare: Any, size: tuple[int, int]) -> None:
    assert snap_compare(Stage(menu(knobs(learning_run(runs_dir)))), terminal_size=size)


@pytest.mark.parametrize("size", SIZES)
def test_rate_that_the_guide_warns_of(runs_dir: Path, snap_compare: Any, size: tuple[int, int]) -> None:
    async def typed(pilot: Pilot[None]) -> None:
        await pilot.press("ctrl+u", *"0.2")
        await pilot.pause()

    stage = Stage(rate_prompt(knobs(learning_run(runs_dir))))
    assert snap_compare(stage, run_before=typed, terminal_size=size)


@pytest.mark.parametrize("size", SIZES)
def test_epochs_of_a_cosine(runs_dir: Path, snap_compare: Any, size: tuple[int, int]) -> None:
    async def typed(pilot: Pilot[None]) -> None:
        await pilot.press("ctrl+u", *"60")
        await pilot.pause()

    stage = Stage(epochs_prompt(knobs(learning_run(runs_dir), lr_strategy="Cosine Annealing")))
    assert snap_compare(stage, run_before=typed, terminal_size=size)


@pytest.mark.parametrize("size", SIZES)
def test_fork_from(runs_dir: Path, snap_compare: Any, size: tuple[int, int]) -> None:
    run = FakeRun(runs_dir, "digits")
    run.begin()
    for name, epochs, resumable in (("step-000000360.pt", 8, True), ("best.pt", 3, False), ("last.pt", 1, True)):
        run.learn(epochs)
        sealed(run.folder, name, run.config, epoch=run.done, step=run.step, seq=run.seq, resumable=resumable)
    listed = choices(sources(run.folder), knobs(run).run)
    assert snap_compare(Stage(PickScreen("Fork digits from", listed, search=False)), terminal_size=size)
