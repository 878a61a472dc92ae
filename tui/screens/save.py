"""Saving what an editor holds: under which name, and never over something that was not seen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from training.errors import TraindeckError
from training.text import one_line
from tui.screens.confirm import ConfirmScreen
from tui.screens.editor import EditorScreen
from tui.screens.open_file import PathScreen
from tui.screens.pick import Choice, PickScreen

Then = Callable[[], None]


def save(editor: EditorScreen, then: Then | None = None) -> None:
    """Save, asking for a name where there is none and before anything foreign is overwritten; then go on."""
    if editor.draft.problems:
        editor.list_problems("Not saved: these values are not valid", editor.own_problems())
        return
    if editor.draft.path is not None:
        _save_to(editor, editor.draft.path, then)
        return

    def named(path: Path | None) -> None:
        if path is not None:
            _save_to(editor, path if path.suffix else path.with_suffix(".yaml"), then)

    editor.app.push_screen(PathScreen("Save as", Path.cwd() / "config.yaml", must_exist=False), named)


def _save_to(editor: EditorScreen, path: Path, then: Then | None) -> None:
    if not editor.draft.differs_on_disk(path):
        _write(editor, path, then)
        return
    ours = path == editor.draft.path
    why = "It was changed on disk since it was opened here." if ours else "There is a file with that name."

    def confirmed(yes: bool | None) -> None:
        if yes:
            _write(editor, path, then)

    question = f"Overwrite {one_line(path.name)}?"
    editor.app.push_screen(ConfirmScreen(question, why, yes="Overwrite", no="Keep it", danger=True), confirmed)


def _write(editor: EditorScreen, path: Path, then: Then | None) -> None:
    try:
        editor.draft.save(path)
    except TraindeckError as error:
        editor.say(one_line(str(error)))
        return
    editor.say(f"Saved as {one_line(str(path))}.")
    if then is not None:
        then()


def when_kept(editor: EditorScreen, then: Then) -> None:
    """Go on once nothing would be lost: at once, after saving, or after the user gave the changes up."""
    if not editor.draft.changed:
        then()
        return
    choices = [
        Choice("stay", "Keep editing"),
        Choice("save", "Save them, then go on"),
        Choice("drop", "Drop them", token="error"),
    ]

    def picked(choice: str | None) -> None:
        if choice == "save":
            save(editor, then)
        elif choice == "drop":
            then()

    editor.app.push_screen(PickScreen("There are changes that are not saved", choices, selected="stay"), picked)
