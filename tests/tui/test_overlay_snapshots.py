"""Pictures of the overlay. After a wanted change: pytest --snapshot-update."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.tui.driving import until
from tests.tui.monitoring import Stage
from tests.tui.overlaying import read, run_of, seeds_of
from tui.screens.overlay import OverlayScreen

SIZES = [(120, 40), (80, 24), (40, 12)]
KEYS = {"settings": (), "metrics": ("tab",), "verdict": ("shift+tab",), "each": ("shift+tab", "g", "x")}


def stage(runs_dir: Path) -> Stage:
    """A bad run, a fix of it, and another one with three seeds."""
    runs = [
        run_of(runs_dir, "digits-adam-1", level=1.5, learning_rate=1.0),
        run_of(runs_dir, "digits-adam-1-fix", level=0.25),
        *seeds_of(runs_dir, "digits-cosine", 3, 0.12, lr_strategy="Cosine Annealing", learning_rate=0.003),
    ]
    return Stage(OverlayScreen([run.folder for run in runs]))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("view", KEYS)
def test_overlay(runs_dir: Path, snap_compare: Any, size: tuple[int, int], view: str) -> None:
    async def shown(pilot: Pilot[None]) -> None:
        screen = pilot.app.screen
        assert isinstance(screen, OverlayScreen)
        await until(pilot, lambda: read(screen) and screen.overlaid.settings)
        screen.paint()
        more = 2 if size[0] < 60 and view in ("settings", "metrics") else 0  # behind the charts and the list
        await pilot.press(*["tab"] * more, *KEYS[view])
        overlaid = screen.overlaid
        await until(pilot, lambda: all(overlaid.verdict(side) or side == overlaid.baseline for side in overlaid.sides))
        screen.paint()
        await pilot.pause()

    assert snap_compare(stage(runs_dir), run_before=shown, terminal_size=size)
