"""Offering the changes again that an app, a machine or a connection took with it.

Imports little: at every start of the app it is asked whether there are any, and mostly there are none.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import ScreenStackError

from tui.editor import keeping

if TYPE_CHECKING:
    from types import FrameType

    from tui.app import TraindeckApp
    from tui.screens.editor import EditorScreen


def offer(app: TraindeckApp) -> None:
    """List the drafts that nobody edits any more, where there are any; for the start of the app."""
    if found := keeping.orphans():
        from tui.screens import draft_list

        draft_list.ask(app, found)


def show_all(app: TraindeckApp) -> None:
    """List every draft that no process of this machine edits, fresh ones of other hosts too; for the palette."""
    found = [kept for kept in keeping.all_kept() if not kept.held_here]
    if not found:
        app.notify("No drafts are kept: everything is saved, or open in an editor.")
        return
    from tui.screens import draft_list

    draft_list.ask(app, found)


def offer_for(
    app: TraindeckApp, path: Path, open_file: Callable[[], None], replace: EditorScreen | None = None
) -> None:
    """Before a file is opened: take up its unsaved changes, where some are kept; else open it."""
    found = keeping.of_file(path)
    if not found:
        open_file()
        return
    from tui.screens import draft_list

    draft_list.ask_for_file(app, path, found, open_file, replace)


def keep_on_hangup(app: TraindeckApp) -> None:
    """When the line is cut, write what no pause of the keys has written yet; then end, as without this."""

    def write(number: int, _: FrameType | None) -> None:
        from tui.screens.editor import EditorScreen

        try:
            with suppress(ScreenStackError):
                for screen in app.screen_stack:
                    if isinstance(screen, EditorScreen):
                        screen.upkeep.write_now()
        finally:
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)

    for number in (signal.SIGHUP, signal.SIGTERM):
        # Whoever started the app with nohup wants it to go on.
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, write)
