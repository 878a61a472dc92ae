"""Changes that are not saved are kept on disk while they are made, until they are in a file or given up."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from tests.tui.driving import editor, until
from tests.tui.kept import COMMENTED, kept_with, of_commented, on_disk
from tui.editor import keeping
from tui.editor.keeping import Keeper
from tui.screens.editor import EditorScreen
from tui.screens.home import HomeScreen

LATER = ("down", "down", "enter")
DROP = ("down", "down", "down", "enter")
"""Answers to the question of what becomes of changes that are not saved."""


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
    async with editor(runs_dir) as app:
        await app.set("epochs", 12)
        await until(app.pilot, on_disk)
        await app.press("escape", *DROP)
        assert isinstance(app.pilot.app.screen, HomeScreen)
        assert on_disk() == []


async def test_dropped_changes_are_kept_anew_where_the_user_comes_back_to_them(runs_dir: Path) -> None:
    async with editor(runs_dir) as app:
        await app.set("epochs", 12)
        await until(app.pilot, on_disk)
        await app.press("o", *DROP)
        assert on_disk() == []
        await app.press("escape")
        assert app.pilot.app.screen is app.screen
        await kept_with(app, lambda kept: kept.changes == 1)


# Left for later


async def test_changes_that_are_left_are_free_for_this_app_and_the_next_one(runs_dir: Path) -> None:
    async with editor(runs_dir) as app:
        await app.type_into("epochs", "12")
        await app.press("enter", "escape", *LATER)
        assert isinstance(app.pilot.app.screen, HomeScreen)
        (kept,) = keeping.orphans()
        assert "epochs: 12\n" in kept.yaml
        await app.press("D", "up", "up", "enter")
        taken = app.pilot.app.screen
        assert isinstance(taken, EditorScreen)
        assert taken.draft.config.epochs == 12
        await kept_with(app, lambda kept: kept.held_here)
        assert len(on_disk()) == 1


async def test_changes_that_are_not_valid_can_be_left_too(runs_dir: Path) -> None:
    async with editor(runs_dir) as app:
        await app.type_into("epochs", "many")
        await app.press("enter", "escape", *LATER)
        assert isinstance(app.pilot.app.screen, HomeScreen)
        assert [kept.wrong for kept in keeping.orphans()] == [{"epochs": "many"}]


async def test_changes_that_are_left_stay_when_another_file_takes_their_editor(
    runs_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.yaml").write_text(COMMENTED)
    async with editor(runs_dir) as app:
        await app.set("epochs", 12)
        await app.press("o", *LATER)
        await app.press(*"mine", "tab", "enter")
        assert app.draft.path == tmp_path / "mine.yaml"
        await app.set("epochs", 9)
        await until(app.pilot, lambda: len(on_disk()) == 2)
        assert [kept.name for kept in keeping.orphans()] == ["New config"]


async def test_changes_that_were_left_are_the_editors_again_where_the_user_comes_back(
    runs_dir: Path, tmp_path: Path
) -> None:
    path = tmp_path / "mine.yaml"
    async with editor(runs_dir, of_commented(path)) as app:
        await app.press("o", *LATER)
        assert len(keeping.orphans()) == 1
        await app.press("escape")
        await kept_with(app, lambda kept: kept.held_here)
        assert len(on_disk()) == 1
        await app.press("s")
        assert on_disk() == []


async def test_changes_that_another_app_took_up_meanwhile_are_not_taken_from_it(runs_dir: Path) -> None:
    async with editor(runs_dir) as app:
        await app.set("epochs", 12)
        await app.press("o", *LATER)
        (left,) = keeping.orphans()
        taken = msgspec.structs.replace(left, holder=keeping.me(), yaml="epochs: 99\n")
        Keeper(left.id).put(taken, 1)
        await app.press("escape")
        await until(app.pilot, lambda: len(on_disk()) == 2)
        assert keeping.read(left.id) == taken


async def test_changes_that_cannot_be_kept_are_not_left(runs_dir: Path, tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file, where a folder has to be")
    async with editor(runs_dir) as app:
        await app.set("epochs", 12)
        await app.press("escape", *LATER)
        assert app.pilot.app.screen is app.screen
        assert "They cannot be kept: " in app.about


async def test_quitting_leaves_changes_for_the_next_start(runs_dir: Path) -> None:
    async with editor(runs_dir) as app:
        await app.set("epochs", 12)
        await app.press("ctrl+c", "ctrl+c", *LATER)
        await until(app.pilot, lambda: not app.pilot.app.is_running)
    assert len(keeping.orphans()) == 1


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
