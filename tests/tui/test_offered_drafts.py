"""Changes that an app took with it are offered again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from tests.tui.driving import HomePilot, editor, home, until
from tests.tui.kept import COMMENTED, GONE, changed, kept_of, kept_with, leave, of_commented, on_disk
from tui.app import TraindeckApp
from tui.editor.keeping import Keeper, me
from tui.editor.unsaved import as_kept, restore, unsaved
from tui.screens import kept_drafts
from tui.screens.confirm import ConfirmScreen
from tui.screens.editor import EditorScreen
from tui.screens.home import HomeScreen
from tui.screens.pick import PickScreen


@asynccontextmanager
async def started(runs_dir: Path) -> AsyncIterator[HomePilot]:
    """The app as it starts, whatever it asks first."""
    app = TraindeckApp(runs_dir)
    async with app.run_test(size=(80, 24)) as pilot:
        first = app.screen_stack[0]
        assert isinstance(first, HomeScreen)
        await until(pilot, lambda: first.seen)
        yield HomePilot(pilot, first)


async def offered(app: HomePilot) -> PickScreen:
    await until(app.pilot, lambda: isinstance(app.app.screen, PickScreen))
    screen = app.app.screen
    assert isinstance(screen, PickScreen)
    return screen


async def test_a_draft_that_was_left_is_offered_when_the_app_starts(runs_dir: Path, tmp_path: Path) -> None:
    draft = of_commented(tmp_path / "mine.yaml")
    draft.set("batch_size", 8)
    leave(draft, age=125)
    async with started(runs_dir) as app:
        screen = await offered(app)
        assert [choice.title for choice in screen.choices] == ["mine.yaml", "Look later", "Discard …"]
        assert screen.choices[0].detail.startswith("2 keys differ, 2:05 ago, in ")
        await app.press("up", "enter")
        taken = app.app.screen
        assert isinstance(taken, EditorScreen)
        assert taken.draft.yaml().startswith(COMMENTED.replace("7", "9"))
        assert taken.draft.changed
        # In the same file, held by this process from now on.
        await kept_with(app, lambda kept: kept.id == "draft" and kept.held_here)
        assert len(on_disk()) == 1


async def test_the_draft_of_a_fork_says_that_it_starts_from_scratch_now(runs_dir: Path) -> None:
    state = unsaved(changed(), "Fork of digits at step 360", "digits at step 360")
    assert state is not None
    assert Keeper("draft").put(as_kept(state, "draft", holder=GONE), 1) == ""
    async with started(runs_dir) as app:
        await offered(app)
        await app.press("up", "enter")
        taken = app.app.screen
        assert isinstance(taken, EditorScreen)
        assert taken.heading == "Was a fork of digits at step 360"
        assert taken.fork is None
        (said,) = app.said
        assert said.startswith("It was a fork of digits at step 360; launched from here it starts from scratch.")


@pytest.mark.parametrize("key", ["enter", "escape"])
async def test_looking_later_leaves_the_drafts(runs_dir: Path, key: str) -> None:
    leave(changed(), "New config: x")
    async with started(runs_dir) as app:
        await offered(app)
        await app.press(key)
        assert isinstance(app.app.screen, HomeScreen)
        assert len(on_disk()) == 1


async def test_without_drafts_nothing_is_asked(runs_dir: Path) -> None:
    leave(changed(), holder=me())
    async with home(runs_dir) as app:
        await app.press()
        assert isinstance(app.app.screen, HomeScreen)


async def test_a_draft_is_discarded_after_a_yes_and_the_rest_offered_again(runs_dir: Path) -> None:
    leave(changed(), "one", id="one", age=10)
    leave(changed(), "two", id="two", age=20)
    async with started(runs_dir) as app:
        await offered(app)
        await app.press("down", "enter", "enter")
        assert isinstance(app.app.screen, ConfirmScreen)
        assert "one" in app.app.screen.question
        await app.press("enter")
        assert [path.stem for path in on_disk()] == ["one", "two"]
        await app.press("down", "enter", "enter", "y")
        assert [path.stem for path in on_disk()] == ["two"]
        assert (await offered(app)).choices[0].title == "two"
        await app.press("down", "enter", "enter", "y")
        assert on_disk() == []
        assert isinstance(app.app.screen, HomeScreen)


async def test_a_draft_that_another_app_took_meanwhile_stays_with_it(runs_dir: Path) -> None:
    leave(changed(), "x")
    async with started(runs_dir) as app:
        await offered(app)
        leave(changed(), "x", holder=me())
        await app.press("up", "enter")
        assert isinstance(app.app.screen, HomeScreen)
        assert app.said == ["x was taken up elsewhere meanwhile."]


async def test_a_draft_that_no_field_can_show_stays_and_its_place_is_said(runs_dir: Path) -> None:
    Keeper("draft").put(msgspec.structs.replace(leave(changed(), "x"), yaml="gone_key: 1\n"), 1)
    async with started(runs_dir) as app:
        await offered(app)
        await app.press("up", "enter")
        assert isinstance(app.app.screen, HomeScreen)
        assert "gone_key" in app.said[0]
        assert str(on_disk()[0]) in app.said[0]


async def test_opening_a_file_offers_the_changes_that_were_left_to_it(
    runs_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    leave(of_commented(tmp_path / "mine.yaml"))
    async with started(runs_dir) as app:
        await offered(app)
        await app.press("escape", "f", *"mine", "tab", "enter")
        screen = await offered(app)
        assert [choice.title for choice in screen.choices] == ["mine.yaml", "Open the file as it is"]
        await app.press("down", "enter")
        opened = app.app.screen
        assert isinstance(opened, EditorScreen)
        assert opened.draft.config.epochs == 7
        assert len(on_disk()) == 1


async def test_a_draft_that_is_taken_up_in_an_editor_keeps_its_file(runs_dir: Path, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    async with editor(runs_dir) as app:
        leave(of_commented(path))
        kept_drafts.offer_for(app.pilot.app, path, lambda: pytest.fail("it is offered"), app.screen)  # type: ignore[arg-type]
        await app.press("enter")
        assert app.draft.config.epochs == 9
        await kept_with(app, lambda kept: kept.id == "draft" and kept.held_here)
        assert len(on_disk()) == 1


async def test_saving_a_restored_draft_asks_where_the_file_changed_meanwhile(runs_dir: Path, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    kept = kept_of(of_commented(path))
    path.write_text("epochs: 55\n")
    async with editor(runs_dir, restore(kept)) as app:
        await app.press("s")
        screen = app.pilot.app.screen
        assert isinstance(screen, PickScreen)
        assert "was changed on disk" in screen.heading
        assert path.read_text() == "epochs: 55\n"


async def test_the_palette_lists_fresh_drafts_of_other_hosts_too(runs_dir: Path) -> None:
    leave(changed(), "x", holder=msgspec.structs.replace(GONE, host="login2"))
    async with home(runs_dir) as app:
        await app.press()
        assert isinstance(app.app.screen, HomeScreen)
        kept_drafts.show_all(app.app)
        screen = await offered(app)
        assert screen.choices[0].detail.endswith("ago, on login2")
        await app.press("escape")
        for path in on_disk():
            path.unlink()
        kept_drafts.show_all(app.app)
        await app.press()
        assert app.said == ["No drafts are kept: everything is saved, or open in an editor."]
