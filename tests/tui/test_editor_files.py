"""Opening, saving, presets and leaving: nothing is overwritten or lost without being asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runs.builders import make_run
from tests.tui.driving import EditorPilot, editor, home, until
from training.config import files
from tui.screens.editor import EditorScreen
from tui.screens.home import HomeScreen
from tui.screens.open_file import PathScreen
from tui.screens.pick import PickScreen
from tui.widgets.keybar import KeyBar


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def dialog(app: EditorPilot) -> PickScreen:
    screen = app.pilot.app.screen
    assert isinstance(screen, PickScreen)
    return screen


async def type_epochs(app: EditorPilot, text: str) -> None:
    """And end the typing, so that letters and esc are the editor's keys again."""
    await app.type_into("epochs", text)
    await app.press("enter")


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
        assert [choice.title for choice in screen.choices] == ["line 1", "line 2", "line 3"]
        assert "learning_rate" in screen.choices[1].detail


@pytest.mark.parametrize("key", ["enter", "escape"])
async def test_after_the_problems_of_a_file_the_path_is_asked_for_again(runs_dir: Path, here: Path, key: str) -> None:
    (here / "mine.yaml").write_text("learing_rate: 1\n")
    async with home(runs_dir) as app:
        await app.press("f", *"mine", "tab", "enter")
        bar = app.app.screen.query_one(KeyBar)
        assert [row.description for row in bar.fitting(80)] == ["Back to the path"]
        await app.press(key)
        screen = app.app.screen
        assert isinstance(screen, PathScreen)
        assert screen.typed.endswith("mine.yaml")
        (here / "mine.yaml").write_text("learning_rate: 0.01\n")
        await app.press("enter")
        assert isinstance(app.app.screen, EditorScreen)


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
        assert [choice.id for choice in dialog(app).choices] == ["stay", "save", "drop"]
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


async def test_quitting_with_changes_asks(runs_dir: Path) -> None:
    async with editor(runs_dir) as app:
        await type_epochs(app, "7")
        await app.press("ctrl+c", "ctrl+c")
        assert dialog(app).selected == "stay"
        await app.press("down", "down", "enter")
        await until(app.pilot, lambda: not app.pilot.app.is_running)
