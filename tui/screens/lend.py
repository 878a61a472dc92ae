"""The terminal lent to the user's own editor for one file, and how to say what came of it."""

from __future__ import annotations

from pathlib import Path

from textual.app import App, SuspendNotSupported

from training.errors import TraindeckError
from tui.editor import user_editor
from tui.editor.user_editor import Ended, UserEditor

AT_ONCE_SECONDS = 1.0
"""An editor that ends sooner has most likely left its window open and gone on without us."""


def lend(app: App[None], program: UserEditor, path: Path, line: int = 0) -> Ended:
    """Edit the file until the editor ends. Raises TraindeckError where it or the terminal cannot be had."""
    failed: TraindeckError | None = None
    ended: Ended | None = None
    try:
        with app.suspend():
            # Textual takes the terminal back only where nothing is raised in here.
            try:
                ended = user_editor.run(program, path, line)
            except TraindeckError as error:
                failed = error
    except SuspendNotSupported:
        pass
    if ended is not None:
        return ended
    raise failed or TraindeckError(
        "This terminal cannot be handed to another program:", "edit the file itself, in another one."
    )


def said_unchanged(program: UserEditor, ended: Ended) -> str:
    said = f"Nothing was changed in {program.name}."
    if ended.seconds < AT_ONCE_SECONDS and program.origin:
        said += f" An editor with a window of its own has to wait for you: {program.origin}='code --wait'."
    return said


def said_failed(program: UserEditor, ended: Ended) -> str:
    how = f"exit code {ended.code}" if ended.code > 0 else f"signal {-ended.code}"
    return f"{program.name} ended with {how}"
