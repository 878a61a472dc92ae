"""Saving what an editor holds: under which name, and never over something that was not seen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from training.config.problems import ConfigError
from training.errors import TraindeckError
from training.runs.compared import of_file
from training.text import one_line
from tui import recent_files
from tui.screens.confirm import ConfirmScreen
from tui.screens.editor import EditorScreen
from tui.screens.open_file import PathScreen
from tui.screens.pick import Choice, PickScreen

Then = Callable[[], None]
NEW_NAME = "config.yaml"


def save(editor: EditorScreen, then: Then | None = None) -> None:
    """Save, asking for a name where there is none and before anything foreign is overwritten; then go on."""
    if editor.draft.problems:
        editor.list_problems("Not saved: these values are not valid", editor.own_problems())
    elif editor.draft.path is not None:
        _save_to(editor, editor.draft.path, then)
    else:
        save_as(editor, Path.cwd() / NEW_NAME, then)


def save_as(editor: EditorScreen, start: Path, then: Then | None = None) -> None:
    """Ask for a name, then save under it; the path to type begins with `start`."""

    def named(path: Path | None) -> None:
        if path is not None:
            _save_to(editor, path if path.suffix else path.with_suffix(".yaml"), then)

    editor.app.push_screen(PathScreen("Save as", start, must_exist=False), named)


def _save_to(editor: EditorScreen, path: Path, then: Then | None) -> None:
    """Look at what is there, ask where something would be lost, write."""
    try:
        is_folder, has_place, differs = path.is_dir(), path.parent.is_dir(), editor.draft.differs_on_disk(path)
        blocked = not has_place and path.parent.exists()
    except OSError as error:  # a folder above that is closed to this user, a name that is too long
        _refuse(editor, f"{path} cannot be reached: {error.strerror}.")
        return
    if is_folder:
        _refuse(editor, f"{path} is a folder. Save under a name in it.")
    elif blocked:
        _refuse(editor, f"{path.parent} is a file, not a folder. Save under another name.")
    elif not has_place:
        _ask_for_folder(editor, path, then)
    elif not differs:
        _write(editor, path, then)
    elif path == editor.draft.path:
        _ask_about_changed(editor, path, then)
    else:
        _ask_about_other(editor, path, then)


def _refuse(editor: EditorScreen, why: str) -> None:
    editor.say(f"Not saved: {one_line(why)}")


def _ask_for_folder(editor: EditorScreen, path: Path, then: Then | None) -> None:
    def confirmed(yes: bool | None) -> None:
        if not yes:
            return
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            _refuse(editor, f"{path.parent} cannot be created: {error.strerror}.")
            return
        _write(editor, path, then)

    question = f"Create the folder {one_line(path.parent.name)}?"
    where = f"There is no {one_line(str(path.parent))} yet."
    editor.app.push_screen(ConfirmScreen(question, where, yes="Create it and save", no="Do not save"), confirmed)


def _ask_about_changed(editor: EditorScreen, path: Path, then: Then | None) -> None:
    """Somebody, or another program, has written the file that is edited here."""
    choices = [
        Choice("keep", "Keep what is on disk", "Nothing is saved."),
        Choice("compare", "Compare the two", "Key by key; what you want of the file can be taken over."),
        Choice("overwrite", "Overwrite it", "What is on disk is lost.", token="error"),
    ]

    def picked(choice: str | None) -> None:
        if choice == "compare":
            _compare(editor, path)
        elif choice == "overwrite":
            _write(editor, path, then)

    title = f"{one_line(path.name)} was changed on disk"
    editor.app.push_screen(PickScreen(title, choices, selected="keep", search=False), picked)


def _compare(editor: EditorScreen, path: Path) -> None:
    from tui.screens.compare import open_compare

    try:
        open_compare(editor, of_file(path))
    except ConfigError as error:
        _refuse(editor, str(error))


def _ask_about_other(editor: EditorScreen, path: Path, then: Then | None) -> None:
    def confirmed(yes: bool | None) -> None:
        if yes:
            _write(editor, path, then)

    question = f"Overwrite {one_line(path.name)}?"
    why = f"There is such a file in {one_line(str(path.absolute().parent))}."
    editor.app.push_screen(ConfirmScreen(question, why, yes="Overwrite", no="Keep it", danger=True), confirmed)


def _write(editor: EditorScreen, path: Path, then: Then | None) -> None:
    try:
        editor.draft.save(path)
    except TraindeckError as error:
        _refuse(editor, str(error))
        return
    editor.forget_kept()
    recent_files.remember(path.absolute())
    editor.say(f"Saved as {one_line(str(path))}.")
    if then is not None:
        then()


def when_kept(editor: EditorScreen, then: Then) -> None:
    """Go on once nothing would be lost: at once, after saving, or after the user left the changes or gave them up."""
    if not editor.draft.changed:
        then()
        return
    choices = [
        Choice("stay", "Keep editing"),
        Choice("save", "Save them, then go on"),
        Choice("later", "Leave them for later", "Kept; offered at the next start."),
        Choice("drop", "Drop them", token="error"),
    ]

    def picked(choice: str | None) -> None:
        if choice == "save":
            save(editor, then)
        elif choice == "later":
            if problem := editor.upkeep.leave():
                editor.say(f"They cannot be kept: {problem}")
            else:
                then()
        elif choice == "drop":
            # Given up: not to be offered again. Whoever comes back from what follows is kept anew.
            editor.forget_kept()
            then()

    editor.app.push_screen(PickScreen("There are changes that are not saved", choices, selected="stay"), picked)
