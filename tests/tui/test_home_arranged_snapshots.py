"""Pictures of Home with marks, groups and a search, at the sizes that have to work."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.runs.builders import make_run
from tests.tui.driving import until
from training.config.schema import TrainingConfig
from training.runs.describe import settings
from training.runs.labels import change_labels
from training.runs.layout import RunFolder
from tui.app import TraindeckApp
from tui.home import arrangement
from tui.home.arrangement import Arrangement
from tui.screens.home import HomeScreen

SIZES = [(120, 40), (80, 24), (40, 12)]
T0 = 1_760_000_000.0
Snap = Callable[..., bool]


@pytest.fixture(autouse=True)
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Six runs in three groups, at a place that has the same name every time; their times do not move."""
    monkeypatch.chdir(tmp_path)
    Path("runs").mkdir()
    for number, (lr, acc) in enumerate(((1e-3, 0.981), (1e-3, 0.975), (1e-2, 0.962), (1e-2, 0.958), (1.0, 0.1))):
        make_run(
            Path("runs"), f"digits-adam-{number}", state="finished", created=T0 - number, started=T0, ended=T0 + 90,
            epoch=30, epochs=30, model="CNN 32-64 · 128", data="digits", device="CPU", sections={},
            best_val_acc=acc, best_val_loss=1.05 - acc, settings={**settings(TrainingConfig()), "learning_rate": lr},
        )  # fmt: skip
    change_labels(RunFolder(Path("runs/digits-adam-0")), add=["baseline"], note="the one of the paper")
    make_run(Path("runs"), "archived", state="finished", created=T0 - 99)
    change_labels(RunFolder(Path("runs/archived")), archived=True)


def pressing(*keys: str) -> Callable[[Pilot[Any]], Any]:
    async def press(pilot: Pilot[Any]) -> None:
        screen = pilot.app.screen
        assert isinstance(screen, HomeScreen)
        await until(pilot, lambda: screen.seen and not screen.unread and len(screen.disk) == len(screen.runs))
        # What runs take on the disk differs with the time stamps in their files.
        screen.stop_watching()
        screen.disk = {}
        screen.show_runs()
        await pilot.press(*keys)

    return press


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_groups_with_marks(snap_compare: Snap, size: tuple[int, int]) -> None:
    arrangement.remember(Arrangement(group="learning_rate", sort="acc"))
    keys = ("space", "j", "j", "space")
    assert snap_compare(TraindeckApp(Path("runs")), run_before=pressing(*keys), terminal_size=size)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_a_search_with_a_wrong_term(snap_compare: Snap, size: tuple[int, int]) -> None:
    keys = ("slash", *"modle", "colon", *"vit", "space", *"adam")
    assert snap_compare(TraindeckApp(Path("runs")), run_before=pressing(*keys), terminal_size=size)


def test_columns_of_ones_own(snap_compare: Snap) -> None:
    arrangement.remember(Arrangement(columns=("name", "learning_rate", "batch_size", "acc", "tag", "note")))
    assert snap_compare(TraindeckApp(Path("runs")), run_before=pressing(), terminal_size=(80, 24))
