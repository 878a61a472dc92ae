"""What stays where there is little room: the way out, the ends of names, curves' names before notes, whole words."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tui.fakes import learning_run
from tests.tui.monitoring import monitor
from tests.tui.overlaying import overlaid, overlay, run_of
from tests.tui.panel_runs import animals
from tests.tui.panels import text
from training.runs.layout import RunFolder
from tui.monitor.model import Monitored
from tui.monitor.panels.window import titled
from tui.monitor.status import state_part, waiting_text
from tui.overlay.tables import settings_rows
from tui.screens.choose import ChooseScreen
from tui.screens.monitor import MonitorScreen
from tui.widgets.chart_signs import Signs
from tui.widgets.keybar import KeyBar


def footer(screen: object) -> list[str]:
    bar = screen.query_one(KeyBar)  # type: ignore[attr-defined]
    return [key.description for key in bar.fitting(bar.size.width)]


async def test_the_smallest_footers_keep_the_way_out(runs_dir: Path) -> None:
    one, two = run_of(runs_dir, "one", live=True), run_of(runs_dir, "two", learning_rate=0.1)
    async with monitor(one.folder, (40, 12)) as screen:
        await screen.until(lambda: screen.screen.run.state == "running")
        assert "Home" in footer(screen.screen)
        await screen.press("O")
        await screen.until(lambda: isinstance(screen.app.screen, ChooseScreen) and screen.app.screen.is_mounted)
        await screen.pilot.pause()
        assert footer(screen.app.screen)[0] == "Take"
        assert "Back" in footer(screen.app.screen)
    async with overlay([one, two], (40, 12)) as app:
        assert footer(app.screen)[0] == "Open"
        assert "Back" in footer(app.screen)


def test_a_run_that_is_not_read_yet_is_not_called_starting(tmp_path: Path) -> None:
    run = Monitored(RunFolder(tmp_path / "digits"))
    assert run.state == "reading"
    assert state_part(run)[0][0] == "◌ reading"
    assert waiting_text(run) == "Reading the run …"


async def test_a_run_that_is_not_read_yet_has_no_keys_for_its_job(tmp_path: Path) -> None:
    screen = MonitorScreen(RunFolder(tmp_path / "digits"))
    for action in ("stop", "control", "pause", "resume", "checkpoint"):
        assert screen.check_action(action, ()) is False


def test_settings_are_headed_by_names_that_tell_the_runs_apart(runs_dir: Path) -> None:
    names = ("demo-20260101-120000", "demo-20260101-130000")
    found = overlaid([run_of(runs_dir, names[0]), run_of(runs_dir, names[1], learning_rate=0.1)])
    narrow = text(settings_rows(found, 1, Signs(), 42)).splitlines()[1]
    assert "20000" in narrow
    assert "30000" in narrow
    wide = text(settings_rows(found, 1, Signs(), 70)).splitlines()[1]
    assert all(name in wide for name in names)


async def test_the_names_of_the_curves_come_before_how_they_are_drawn(runs_dir: Path) -> None:
    async with monitor(learning_run(runs_dir).folder, (80, 24)) as screen:
        await screen.until(lambda: screen.screen.run.curves.epoch >= 12)
        await screen.press("right_square_bracket")
        heads = [screen.text(f"chart{number}").split("\n")[0] for number in range(2)]
        assert all("val" in head for head in heads)


@pytest.mark.parametrize(
    ("width", "shown"), [(30, "Classes  epoch 5 · c confusion"), (24, "Classes  epoch 5"), (9, "Classes  ")]
)
def test_what_is_said_beside_the_name_of_a_panel_is_said_whole(width: int, shown: str) -> None:
    assert text([titled("Classes", "epoch 5 · c confusion", "", width)]).rstrip() == shown.rstrip()


async def test_the_panel_of_the_classes_names_its_other_side(runs_dir: Path) -> None:
    async with monitor(animals(runs_dir).folder, (80, 24)) as screen:
        await screen.until(lambda: bool(screen.screen.run.curves.classes))
        await screen.press("c")
        await screen.shows("c confusion", "table")
        await screen.press("c")
        await screen.shows("rows true, columns said", "table")
