"""The dialogs over kept drafts: take one up, look later, discard."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from training.errors import TraindeckError
from training.figures import duration
from training.text import one_line
from tui.editor import keeping
from tui.editor.keeping import Kept
from tui.editor.unsaved import restore
from tui.screens.confirm import ConfirmScreen
from tui.screens.editor import EditorScreen
from tui.screens.home_rows import short
from tui.screens.pick import Choice, PickScreen

if TYPE_CHECKING:
    from tui.app import TraindeckApp

LATER, DISCARD, OPEN = "later", "discard", "open"


def ask(app: TraindeckApp, found: Sequence[Kept]) -> None:
    """Which to take up. Enter alone and esc leave them all where they are."""
    choices = [
        *lines(found),
        Choice(LATER, "Look later", "They stay, and are offered again at the next start."),
        Choice(DISCARD, "Discard …", "Asks before anything is removed.", token="error"),
    ]

    def picked(id: str | None) -> None:
        if id == DISCARD:
            _ask_discard(app, found)
        elif id is not None and id != LATER:
            take_up(app, found[int(id)])

    title = "These changes were never saved"
    app.push_screen(PickScreen(title, choices, selected=LATER, labels={"pick.cancel": "Later"}), picked)


def ask_for_file(
    app: TraindeckApp, path: Path, found: Sequence[Kept], open_file: Callable[[], None], replace: EditorScreen | None
) -> None:
    """Take up changes to a file that is about to be opened, or open it as it is."""
    choices = [*lines(found), Choice(OPEN, "Open the file as it is", "They stay, to be looked at later.")]

    def picked(id: str | None) -> None:
        if id == OPEN:
            open_file()
        elif id is not None:
            take_up(app, found[int(id)], replace)

    title = f"Unsaved changes to {one_line(path.name)}"
    app.push_screen(PickScreen(title, choices, search=False), picked)


def lines(found: Sequence[Kept]) -> list[Choice]:
    """One a draft; the id is its place in the list."""
    return [Choice(str(at), kept.name, detail(kept)) for at, kept in enumerate(found)]


def detail(kept: Kept) -> str:
    """How much, how old, where: what tells two drafts apart."""
    keys = {0: "its text differs", 1: "1 key differs"}.get(kept.changes, f"{kept.changes} keys differ")
    where = f", in {short(Path(kept.path).parent)}" if kept.path else ""
    host = f", on {one_line(kept.holder.host)}" if not kept.holder.here else ""
    return f"{keys}, {duration(time.time() - kept.kept)} ago{host}{where}"


def _ask_discard(app: TraindeckApp, found: Sequence[Kept]) -> None:
    def picked(id: str | None) -> None:
        if id is None:
            ask(app, found)
        else:
            _confirm_discard(app, found, found[int(id)])

    app.push_screen(PickScreen("Discard which changes?", lines(found)), picked)


def _confirm_discard(app: TraindeckApp, found: Sequence[Kept], gone: Kept) -> None:
    """Whatever the answer, what is left is offered again."""

    def confirmed(yes: bool | None) -> None:
        rest = [kept for kept in found if kept is not gone] if yes and _discard(app, gone) else found
        if rest:
            ask(app, rest)

    what = f"{detail(gone)}. They are in no file, and are removed for good."
    app.push_screen(ConfirmScreen(f"Discard {gone.name}?", what, yes="Discard", no="Keep", danger=True), confirmed)


def _discard(app: TraindeckApp, kept: Kept) -> bool:
    try:
        keeping.discard(kept)
    except TraindeckError as error:
        app.notify(one_line(str(error)), severity="error", markup=False)
        return False
    return True


def take_up(app: TraindeckApp, listed: Kept, replace: EditorScreen | None = None) -> None:
    """Edit a draft, in a new editor or the one that is there; says so where it cannot be had any more."""
    kept = keeping.read(listed.id)
    if kept is None or kept.held_here:
        app.notify(f"{listed.name} was taken up elsewhere meanwhile.", severity="warning", markup=False)
        return
    try:
        draft = restore(kept)
    except TraindeckError as error:
        said = f"{kept.name} cannot be taken up: {error} It stays in {keeping.folder()}/{kept.id}.json."
        app.notify(one_line(said), severity="error", markup=False)
        return
    forked = one_line(kept.fork)
    title = f"Was a fork of {forked}" if forked else one_line(kept.title)
    editor = replace
    if editor is None:
        editor = EditorScreen(draft, title)
        editor.upkeep.adopt(draft, kept.id)
        app.push_screen(editor)
    else:
        editor.take_draft(draft, title)
        editor.upkeep.adopt(draft, kept.id)
    if forked:
        said = f"It was a fork of {forked}; launched from here it starts from scratch. To go on from there, fork again."
        app.notify(said, severity="warning", markup=False, timeout=15)
