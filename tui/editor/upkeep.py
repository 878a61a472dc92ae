"""Keeping the draft of an editor on disk while it is edited: looked at after every change, written when keys pause."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

from tui.editor import keeping
from tui.editor.draft import Draft
from tui.editor.keeping import Keeper
from tui.editor.unsaved import Unsaved, as_kept, unsaved

if TYPE_CHECKING:
    from textual.timer import Timer

    from tui.screens.editor import EditorScreen

QUIET_SECONDS = 0.15
"""No key for so long: time to write. Writing on every key would take the processor from the hints."""
MOST_SECONDS = 1.0
"""Whoever types on and on is written all the same."""


class Upkeep:
    """Of one editor; the draft that it edits may change, each has a file of its own."""

    def __init__(self, editor: EditorScreen) -> None:
        self.editor = editor
        self.keeper = Keeper()
        self._draft: Draft | None = None
        self._seen: Unsaved | None = None
        self._timer: Timer | None = None
        self._since = 0.0
        self._on_disk = False
        """Whether there may be a file."""
        self._left = False
        """Whether the file is for whoever takes it up next."""
        self._complained = False

    def adopt(self, draft: Draft, id: str) -> None:
        """Keep this draft, which the editor shows or is about to, in the file that it was kept in before."""
        self._begin(draft, Keeper(id))
        self._on_disk = True
        if self.editor.is_running:
            self.look()

    def _begin(self, draft: Draft, keeper: Keeper) -> None:
        """The former draft was saved or given up: an editor takes another one only then."""
        self.forget()
        self._draft, self.keeper, self._left = draft, keeper, False

    def look(self) -> None:
        """Call it after every change, and whenever there may have been one: what is as it was costs microseconds."""
        if self._left and self.editor.draft is self._draft:
            if self.editor.app.screen is not self.editor:
                return
            self._take_back()
        before, now = self._seen, self._see()
        if now == before:
            return
        if self._timer is None:
            self._since = time.monotonic()
            self._timer = self.editor.set_timer(QUIET_SECONDS, self._write_in_thread)
        elif time.monotonic() - self._since < MOST_SECONDS:
            self._timer.reset()

    def _see(self) -> Unsaved | None:
        """What there is to keep now."""
        draft = self.editor.draft
        if draft is not self._draft:
            self._begin(draft, Keeper())
        fork = self.editor.fork
        self._seen = unsaved(draft, self.editor.heading, fork.place if fork is not None else "")
        return self._seen

    def _write_in_thread(self) -> None:
        self._timer = None
        self._on_disk = True
        work = partial(self._write, self.keeper, self._seen, self.keeper.turn())
        self.editor.run_worker(work, thread=True, group="keep", exclusive=False, exit_on_error=False)

    def _write(self, keeper: Keeper, state: Unsaved | None, turn: int) -> None:
        if problem := keeper.put(as_kept(state, keeper.id) if state else None, turn):
            self.editor.call_later(self._complain, problem)

    def _complain(self, problem: str) -> None:
        if not self._complained:
            self._complained = True
            self.editor.say(f"Drafts cannot be kept: {problem}")

    def write_now(self) -> None:
        """Without waiting for a pause: before the screen is handed to another program, and when the line is cut."""
        if self._left:
            return
        state = self._see()
        if state is not None:
            self._on_disk = True
        # A thread may be writing it at this moment: then this waits for it, and writes the same once more.
        if self._on_disk:
            self.keeper.put(as_kept(state, self.keeper.id) if state else None, self.keeper.turn())
        self._stop_timer()

    def leave(self) -> str:
        """Keep the draft for whoever takes it up next, this app or another one.

        Answers why that cannot be, or an empty text. Where the user comes back to the editor instead, it is taken back.
        """
        state = self._see()
        self._stop_timer()
        self._seen = None
        if state is None:
            return ""
        kept = as_kept(state, self.keeper.id, holder=keeping.nobody())
        if problem := self.keeper.put(kept, self.keeper.turn()):
            return problem
        self._left, self._on_disk = True, False
        return ""

    def _take_back(self) -> None:
        """Another app may have taken the draft up meanwhile, or discarded it: then this one goes into a new file."""
        self._left = False
        kept = keeping.read(self.keeper.id)
        if kept is None or not kept.free:
            self.keeper = Keeper()
        else:
            self._on_disk = True

    def forget(self) -> None:
        """The changes are saved, launched or given up. What is changed after this is kept anew."""
        self._stop_timer()
        self._seen = None
        if self._on_disk:
            self._on_disk = False
            self.keeper.put(None, self.keeper.turn())

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
