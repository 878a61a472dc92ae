"""`traindeck edit CONFIG`: the editor comes first, and Home after it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.tui.driving import EditorPilot, until
from tests.tui.kept import COMMENTED, changed, kept_with, leave, of_commented
from training.config import files
from training.config.schema import TrainingConfig
from tui.app import TraindeckApp
from tui.editor.draft import Draft
from tui.screens.editor import EditorScreen
from tui.screens.home import HomeScreen
from tui.screens.open_file import PathScreen
from tui.screens.pick import PickScreen

pytestmark = pytest.mark.usefixtures("here")


class Started:
    """An app that was started with something to edit."""

    def __init__(self, app: TraindeckApp, pilot: EditorPilot) -> None:
        self.app, self.press, self.pilot = app, pilot.press, pilot.pilot

    @property
    def editor(self) -> EditorScreen:
        screen = self.app.screen
        assert isinstance(screen, EditorScreen)
        return screen

    @property
    def dialog(self) -> PickScreen:
        screen = self.app.screen
        assert isinstance(screen, PickScreen)
        return screen

    async def shows(self, screen: type) -> None:
        await until(self.pilot, lambda: isinstance(self.app.screen, screen))
        # And goes on to show it, whatever was still to be done.
        await self.press()
        assert isinstance(self.app.screen, screen)


@asynccontextmanager
async def started(runs_dir: Path, name: str) -> AsyncIterator[Started]:
    app = TraindeckApp(runs_dir, edit=name)
    async with app.run_test(size=(80, 24)) as pilot:
        yield Started(app, EditorPilot(pilot, app.screen))  # type: ignore[arg-type]


async def test_a_file_is_edited_and_home_comes_after_it(runs_dir: Path, here: Path) -> None:
    (here / "mine.yaml").write_text(COMMENTED)
    async with started(runs_dir, "mine.yaml") as app:
        await app.shows(EditorScreen)
        assert (app.editor.heading, app.editor.draft.text) == ("mine.yaml", COMMENTED)
        await app.press("escape")
        await app.shows(HomeScreen)
        await app.press("q")
        await until(app.pilot, lambda: not app.app.is_running)


async def test_a_file_that_is_not_there_yet_is_saved_under_its_name(runs_dir: Path, here: Path) -> None:
    async with started(runs_dir, "new.yaml") as app:
        await app.shows(EditorScreen)
        assert app.editor.draft.config == TrainingConfig()
        assert "A new file" in app.editor.said
        assert not (here / "new.yaml").exists()
        await app.press("s")
        assert files.load(here / "new.yaml") == TrainingConfig()


async def test_without_a_name_the_presets_are_listed(runs_dir: Path) -> None:
    async with started(runs_dir, "") as app:
        await app.shows(PickScreen)
        await app.press("down", "down", "enter")
        await app.shows(EditorScreen)
        assert app.editor.draft.config.epochs == 50
        await app.press("escape")
        await app.shows(HomeScreen)


@pytest.mark.parametrize(("name", "epochs"), [("small-data", 50), ("mine", 7)])
async def test_a_preset_of_that_name_is_a_new_config(runs_dir: Path, here: Path, name: str, epochs: int) -> None:
    (here / "config/traindeck/presets").mkdir(parents=True)
    (here / "config/traindeck/presets/mine.yaml").write_text("epochs: 7\n")
    async with started(runs_dir, name) as app:
        await app.shows(EditorScreen)
        assert (app.editor.draft.config.epochs, app.editor.draft.path) == (epochs, None)


async def test_a_file_goes_before_a_preset_of_its_name(runs_dir: Path, here: Path) -> None:
    (here / "balanced").write_text("epochs: 3\n")
    async with started(runs_dir, "balanced") as app:
        await app.shows(EditorScreen)
        assert app.editor.draft.config.epochs == 3


@pytest.mark.parametrize("there", [True, False])
async def test_what_was_left_of_a_file_is_offered_first(runs_dir: Path, here: Path, there: bool) -> None:
    path = here / "mine.yaml"
    leave(of_commented(path), id="of_it")
    leave(changed(), "another", id="other")
    if not there:
        path.unlink()
    async with started(runs_dir, "mine.yaml") as app:
        await app.shows(PickScreen)
        assert [choice.title for choice in app.dialog.choices] == ["mine.yaml", "Open the file as it is"]
        await app.press("enter")
        await app.shows(EditorScreen)
        assert app.editor.draft.config.epochs == 9
        await kept_with(app, lambda kept: kept.id == "of_it" and kept.held_here)  # type: ignore[arg-type]


async def test_a_new_file_that_was_never_saved_is_offered_with_its_changes(runs_dir: Path, here: Path) -> None:
    draft = Draft(TrainingConfig(), path=here / "new.yaml")
    draft.set("epochs", 9)
    leave(draft)
    async with started(runs_dir, "new.yaml") as app:
        await app.shows(PickScreen)
        await app.press("enter")
        await app.shows(EditorScreen)
        await app.press("s")
        assert files.load(here / "new.yaml").epochs == 9


async def test_a_file_as_it_is_opens_beside_what_was_left_of_it(runs_dir: Path, here: Path) -> None:
    leave(of_commented(here / "mine.yaml"))
    async with started(runs_dir, "mine.yaml") as app:
        await app.shows(PickScreen)
        await app.press("down", "enter")
        await app.shows(EditorScreen)
        assert app.editor.draft.config.epochs == 7


async def test_whoever_takes_nothing_is_at_home(runs_dir: Path, here: Path) -> None:
    leave(of_commented(here / "mine.yaml"))
    async with started(runs_dir, "mine.yaml") as app:
        await app.shows(PickScreen)
        await app.press("escape")
        await app.shows(HomeScreen)


async def test_a_file_that_no_field_can_show_lists_its_problems_and_leads_home(runs_dir: Path, here: Path) -> None:
    (here / "mine.yaml").write_text("epochs: [1\n")
    async with started(runs_dir, "mine.yaml") as app:
        await app.shows(PickScreen)
        assert app.dialog.heading == "mine.yaml cannot be opened: 1 problem"
        await app.press("escape")
        await app.shows(PathScreen)
        await app.press("escape")
        await app.shows(HomeScreen)


async def test_a_folder_is_where_the_path_begins(runs_dir: Path, here: Path) -> None:
    (here / "configs").mkdir()
    (here / "configs/a.yaml").write_text("epochs: 4\n")
    async with started(runs_dir, "configs") as app:
        await app.shows(PathScreen)
        await app.press("tab", "enter")
        await app.shows(EditorScreen)
        assert app.editor.draft.config.epochs == 4
