"""Changes that are not saved are kept on disk while they are made, until they are in a file or given up."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tui.driving import editor, until
from tests.tui.kept import COMMENTED, changed, kept_with, of_commented, on_disk
from tui.editor import keeping
from tui.screens.home import HomeScreen


async def test_what_is_typed_is_kept_without_being_saved(runs_dir: Path) -> None:
    async with editor(runs_dir) as app:
        assert on_disk() == []
        await app.type_into("epochs", "12")
        await kept_with(app, lambda kept: "epochs: 12\n" in kept.yaml)
        (kept,) = keeping.all_kept()
        assert kept.held_here
        assert keeping.orphans() == []
        await app.type_into("epochs", "34")
        await kept_with(app, lambda kept: "epochs: 34\n" in kept.yaml)
        assert len(on_disk()) == 1


async def test_whoever_types_without_a_pause_is_kept_all_the_same(
    runs_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.editor.upkeep.MOST_SECONDS", 0.0)
    async with editor(runs_dir) as app:
        app.draft.set("epochs", 12)
        app.screen.show()
        timer = app.screen.upkeep._timer
        assert timer is not None
        monkeypatch.setattr(timer, "reset", lambda: pytest.fail("it is put off for ever"))
        app.draft.set("epochs", 13)
        app.screen.show()


async def test_what_is_undone_to_the_start_is_kept_no_longer(runs_dir: Path) -> None:
    async with editor(runs_dir) as app:
        await app.set("epochs", 12)
        await until(app.pilot, on_disk)
        await app.press("u")
        assert not app.draft.changed
        await until(app.pilot, lambda: not on_disk())


async def test_what_is_saved_is_kept_no_longer(runs_dir: Path, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    async with editor(runs_dir, of_commented(path)) as app:
        await until(app.pilot, on_disk)
        await app.press("s")
        assert path.read_text() == COMMENTED.replace("7", "9")
        assert on_disk() == []


async def test_what_is_given_up_is_kept_no_longer(runs_dir: Path) -> None:
    async with editor(runs_dir, changed()) as app:
        pass
    async with editor(runs_dir) as app:
        await app.set("epochs", 12)
        await until(app.pilot, on_disk)
        await app.press("escape", "down", "down", "enter")
        assert isinstance(app.pilot.app.screen, HomeScreen)
        assert on_disk() == []


async def test_dropped_changes_are_kept_anew_by_whoever_edits_on(runs_dir: Path) -> None:
    async with editor(runs_dir) as app:
        await app.set("epochs", 12)
        await until(app.pilot, on_disk)
        await app.press("o", "down", "down", "enter")
        assert on_disk() == []
        await app.press("escape")
        assert app.pilot.app.screen is app.screen
        await app.set("batch_size", 8)
        await kept_with(app, lambda kept: kept.changes == 2)


async def test_an_app_that_ends_without_asking_leaves_the_draft(runs_dir: Path) -> None:
    async with editor(runs_dir) as app:
        await app.set("epochs", 12)
        await until(app.pilot, on_disk)
        app.pilot.app.exit()
    assert len(on_disk()) == 1


async def test_a_home_that_cannot_be_written_is_said_once(runs_dir: Path, tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file, where a folder has to be")
    async with editor(runs_dir) as app:
        await app.set("epochs", 12)
        await until(app.pilot, lambda: "Drafts cannot be kept: " in app.about)
        assert "Not a directory" in app.about or "File exists" in app.about
        app.screen.say("")
        await app.set("epochs", 13)
        await until(app.pilot, lambda: app.screen.upkeep._timer is None)
        await app.pilot.app.workers.wait_for_complete()
        await app.press()
        assert "Drafts" not in app.about
