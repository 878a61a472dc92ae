"""A file that no form can show, picked for opening: mended in the user's own editor, and then opened."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tui.driving import HomePilot, home
from tests.tui.scripted_editor import Script, lent, script
from tui.screens.editor import EditorScreen
from tui.screens.open_file import PathScreen
from tui.screens.pick import PickScreen
from tui.widgets.keybar import KeyBar

__all__ = ["lent", "script"]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def problems(app: HomePilot) -> PickScreen:
    screen = app.app.screen
    assert isinstance(screen, PickScreen)
    return screen


async def pick_file(app: HomePilot, name: str = "mine") -> None:
    await app.press("f", *name, "tab", "enter")


async def test_a_syntax_error_is_mended_in_the_users_editor_and_the_file_opens(
    runs_dir: Path, here: Path, script: Script
) -> None:
    (here / "mine.yaml").write_text("epochs: 3\nmodel: [\n")
    script.does("printf 'epochs: 4\\n' > \"$1\"")
    async with home(runs_dir) as app:
        await pick_file(app)
        assert problems(app).heading == "mine.yaml cannot be opened: 1 problem"
        assert problems(app).choices[0].title == "Edit it in fake editor"
        await app.press("enter")
        screen = app.app.screen
        assert isinstance(screen, EditorScreen)
        assert (screen.draft.config.epochs, screen.draft.path) == (4, here / "mine.yaml")
    assert script.words == [str(here / "mine.yaml")]
    assert script.seen.read_text() == "epochs: 3\nmodel: [\n"


async def test_what_is_still_wrong_afterwards_is_listed_anew(runs_dir: Path, here: Path, script: Script) -> None:
    (here / "mine.yaml").write_text("learing_rate: 1\n")
    script.does("printf 'epochs: 4\\nlearing_rate: 2\\nbach_size: 3\\n' > \"$1\"")
    async with home(runs_dir) as app:
        await pick_file(app)
        await app.press("down", "enter")
        assert [choice.title for choice in problems(app).choices[1:]] == ["line 2", "line 3"]


async def test_an_editor_that_changes_nothing_or_fails_says_so_and_the_problems_stay(
    runs_dir: Path, here: Path, script: Script
) -> None:
    (here / "mine.yaml").write_text("learing_rate: 1\n")
    async with home(runs_dir) as app:
        await pick_file(app)
        await app.press("enter")
        assert app.said[-1].startswith("Nothing was changed in fake editor.")
        script.does("exit 3")
        await app.press("enter")
        assert app.said[-1] == "fake editor ended with exit code 3."
        assert problems(app).choices[1].title == "line 1"


async def test_without_an_editor_that_is_said(runs_dir: Path, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "mine.yaml").write_text("learing_rate: 1\n")
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", "no-such-editor")
    async with home(runs_dir) as app:
        await pick_file(app)
        assert problems(app).choices[0].title == "Edit it in $EDITOR"
        await app.press("enter")
        assert "no-such-editor" in app.said[-1]
        assert problems(app).choices[1].title == "line 1"


async def test_a_terminal_that_cannot_be_lent_is_said(
    runs_dir: Path, here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (here / "mine.yaml").write_text("learing_rate: 1\n")
    monkeypatch.delenv("VISUAL", raising=False)
    script = Script(tmp_path, monkeypatch)
    async with home(runs_dir) as app:
        await pick_file(app)
        await app.press("enter")
        assert app.said[-1].startswith("This terminal cannot be handed to another program")
    assert not script.words_file.exists()


async def test_esc_goes_back_to_the_path(runs_dir: Path, here: Path) -> None:
    (here / "mine.yaml").write_text("learing_rate: 1\n")
    async with home(runs_dir) as app:
        await pick_file(app)
        bar = app.app.screen.query_one(KeyBar)
        assert [row.description for row in bar.fitting(80)][:2] == ["Edit", "Back to the path"]
        await app.press("escape")
        screen = app.app.screen
        assert isinstance(screen, PathScreen)
        assert screen.typed.endswith("mine.yaml")
        (here / "mine.yaml").write_text("learning_rate: 0.01\n")
        await app.press("enter")
        assert isinstance(app.app.screen, EditorScreen)
