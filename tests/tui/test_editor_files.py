"""Opening, saving, presets and leaving: nothing is overwritten or lost without being asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runs.builders import make_run
from tests.tui.driving import dialog, editor, home, type_epochs, until, unwrapped
from training.config import files
from tui.screens.editor import EditorScreen
from tui.screens.home import HomeScreen
from tui.screens.open_file import PathScreen
from tui.screens.pick import PickScreen

pytestmark = pytest.mark.usefixtures("here")


async def test_a_preset_opens_from_home(runs_dir: Path) -> None:
    async with home(runs_dir) as app:
        await app.press("n", "down", "down", "enter")
        screen = app.app.screen
        assert isinstance(screen, EditorScreen)
        assert (screen.draft.config.epochs, screen.draft.config.batch_size) == (50, 16)
        await app.press("escape")
        assert isinstance(app.app.screen, HomeScreen)


async def test_the_config_of_an_old_run_opens_as_a_new_one(runs_dir: Path) -> None:
    folder = make_run(runs_dir, "old", state="finished", created=1.0)
    folder.config.write_text("# kept\nepochs: 7\n")
    async with home(runs_dir) as app:
        await app.press("e")
        screen = app.app.screen
        assert isinstance(screen, EditorScreen)
        assert screen.draft.config.epochs == 7
        assert screen.draft.path is None
        assert screen.draft.yaml() == "# kept\nepochs: 7\n"


async def test_a_file_opens_from_home_by_its_completed_path(runs_dir: Path, here: Path) -> None:
    (here / "mine.yaml").write_text("epochs: 9\n")
    async with home(runs_dir) as app:
        await app.press("f", "m", "i", "tab", "enter")
        screen = app.app.screen
        assert isinstance(screen, EditorScreen)
        assert screen.draft.config.epochs == 9


async def test_a_file_that_no_field_can_show_is_refused_with_its_lines(runs_dir: Path, here: Path) -> None:
    (here / "mine.yaml").write_text("epochs: nine\nlearing_rate: 1\nbatch_size: 0\n")
    async with home(runs_dir) as app:
        await app.press("f", *"mine", "tab", "enter")
        screen = app.app.screen
        assert isinstance(screen, PickScreen)
        assert [choice.title for choice in screen.choices[1:]] == ["line 1", "line 2", "line 3"]
        assert "learning_rate" in screen.choices[2].detail


async def test_the_marked_line_of_a_dialog_shows_without_colours(runs_dir: Path) -> None:
    async with home(runs_dir) as app:
        await app.press("n", "down")
        screen = app.app.screen
        assert isinstance(screen, PickScreen)
        lines = [screen.table.render_line(y).text for y in range(3)]
        assert [line[0] for line in lines] == [" ", "▸", " "]


async def test_enter_alone_never_drops_changes(runs_dir: Path) -> None:
    async with editor(runs_dir) as app:
        await type_epochs(app, "7")
        await app.press("escape")
        assert [choice.id for choice in dialog(app).choices] == ["stay", "save", "later", "drop"]
        await app.press("enter")
        assert app.pilot.app.screen is app.screen
        assert app.draft.changed


async def test_leaving_without_changes_asks_nothing(runs_dir: Path) -> None:
    async with editor(runs_dir) as app:
        await app.press("escape")
        assert isinstance(app.pilot.app.screen, HomeScreen)


@pytest.mark.parametrize(("picked", "kept"), [("stay", True), ("drop", False)])
async def test_leaving_with_changes_asks(runs_dir: Path, picked: str, kept: bool) -> None:
    async with editor(runs_dir) as app:
        await type_epochs(app, "7")
        await app.press("escape")
        dialog(app).dismiss(picked)
        await app.press()
        assert isinstance(app.pilot.app.screen, EditorScreen) is kept


async def test_leaving_can_save_first(runs_dir: Path, here: Path) -> None:
    async with editor(runs_dir) as app:
        await type_epochs(app, "7")
        await app.press("escape", "down", "enter")
        assert isinstance(app.pilot.app.screen, PathScreen)
        await app.press("enter")
        assert files.load(here / "config.yaml").epochs == 7
        assert isinstance(app.pilot.app.screen, HomeScreen)


async def test_an_editor_that_gave_way_to_another_screen_has_nothing_more_to_show(runs_dir: Path) -> None:
    async with editor(runs_dir) as app:
        app.screen.show()
        await app.pilot.app.switch_screen(HomeScreen(runs_dir))
        app.screen.show_view()


async def test_quitting_with_changes_asks(runs_dir: Path) -> None:
    async with editor(runs_dir) as app:
        await type_epochs(app, "7")
        await app.press("ctrl+c", "ctrl+c")
        assert dialog(app).selected == "stay"
        await app.press("down", "down", "down", "enter")
        await until(app.pilot, lambda: not app.pilot.app.is_running)


@pytest.mark.parametrize("key", ["o", "f3", "ctrl+o"])
async def test_opening_a_file_over_changes_asks_first(runs_dir: Path, key: str) -> None:
    async with editor(runs_dir) as app:
        await type_epochs(app, "7")
        await app.press(key)
        assert dialog(app).selected == "stay"
        await app.press("enter")
        assert app.pilot.app.screen is app.screen
        assert app.draft.config.epochs == 7


async def test_a_preset_that_trains_on_digits_tells_the_way_to_ones_own_images(runs_dir: Path) -> None:
    async with home(runs_dir) as app:
        await app.press("n", *"CNN", "enter")
        screen = app.app.screen
        assert isinstance(screen, EditorScreen)
        assert screen.draft.config.data.source == "digits"
        told = "Data → Source chooses your own images (/ source)"
        about = unwrapped(screen.side.about.whole(200))
        assert told in about.splitlines()[0]
        await app.press("down")
        assert told not in unwrapped(screen.side.about.whole(200))
        await app.press("slash", *"source", "enter")
        assert screen.form.row is not None
        assert screen.form.row.key == "data.source"
