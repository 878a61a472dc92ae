"""A config file that no form can show: its problems, and the user's own editor to mend them before it is opened."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from training.config.problems import Problem
from training.errors import TraindeckError
from training.text import one_line
from tui.editor import user_editor
from tui.screens import lend
from tui.screens.pick import Choice, PickScreen

if TYPE_CHECKING:
    from tui.app import TraindeckApp

EDIT = "edit"


def offer_to_mend(
    app: TraindeckApp,
    path: Path,
    title: str,
    problems: Sequence[Problem],
    *,
    reopen: Callable[[], None],
    back: Callable[[], None],
) -> None:
    """List the problems; edit the file at one of them and `reopen` it, or go `back`."""
    choices = [
        Choice(EDIT, f"Edit it in {_editor_name()}", "Then it is opened again."),
        *(
            Choice(
                str(at),
                f"line {problem.line}" if problem.line else "the file",
                one_line(f"{problem.key} {problem.says}"),
            )
            for at, problem in enumerate(problems)
        ),
    ]

    def picked(choice: str | None) -> None:
        if choice is None:
            back()
            return
        _edit(app, path, problems[0 if choice == EDIT else int(choice)].line or 0)
        reopen()

    count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    labels = {"pick.take": "Edit", "pick.cancel": "Back to the path"}
    app.push_screen(PickScreen(f"{title} cannot be opened: {count}", choices, search=False, labels=labels), picked)


def _editor_name() -> str:
    try:
        return user_editor.user_editor().name
    except TraindeckError:
        return "$EDITOR"


def _edit(app: TraindeckApp, path: Path, line: int) -> None:
    """Hand the terminal over; what went wrong is said in the corner."""
    before = _stamp(path)
    try:
        program = user_editor.user_editor()
        ended = lend.lend(app, program, path, line)
    except TraindeckError as error:
        app.notify(one_line(str(error)), severity="error", markup=False)
        return
    if ended.code:
        app.notify(f"{lend.said_failed(program, ended)}.", severity="error", markup=False)
    elif _stamp(path) == before:
        app.notify(lend.said_unchanged(program, ended), severity="warning", markup=False)


def _stamp(path: Path) -> tuple[int, int] | None:
    """What changes with the file; None where it cannot be reached."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size
