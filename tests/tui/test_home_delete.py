"""Deleting from Home: asked for, and refused with the reason for a run that is alive."""

from __future__ import annotations

from pathlib import Path

from tests.runs.builders import add_process, beat, make_run
from tests.tui.driving import home
from tui.screens.confirm import ConfirmScreen


async def test_a_confirmed_deletion_removes_the_run(runs_dir: Path) -> None:
    folder = make_run(runs_dir, "old", state="finished")
    async with home(runs_dir) as app:
        await app.press("d")
        assert isinstance(app.app.screen, ConfirmScreen)
        await app.press("y")
        await app.until(lambda: not folder.path.exists())
        await app.until(lambda: app.app.screen.has_class("empty"))


async def test_enter_alone_keeps_the_run(runs_dir: Path) -> None:
    folder = make_run(runs_dir, "old", state="finished")
    async with home(runs_dir) as app:
        await app.press("delete", "enter")
        assert not isinstance(app.app.screen, ConfirmScreen)
    assert folder.summary.exists()


async def test_a_live_run_is_not_deleted_and_the_reason_is_given(runs_dir: Path) -> None:
    folder = make_run(runs_dir, "busy")
    add_process(folder)
    beat(folder, 0.0)
    async with home(runs_dir) as app:
        await app.press("d")
        assert not isinstance(app.app.screen, ConfirmScreen)
        said = app.said
    assert said == ["busy is running: stop it before deleting it."]
    assert folder.summary.exists()
