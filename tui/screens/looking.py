"""Learning in a thread what stands at paths, for a screen that lists them: the disk may be slow."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from textual import work
from textual.message import Message
from textual.screen import ModalScreen
from textual.worker import get_current_worker

from tui.path_facts import about
from tui.paths import Wants
from tui.widgets.type_ahead import TypeAhead

SECONDS = 0.05
"""Between two batches of what entries are, where the disk is slow."""


@dataclass
class FactsRead(Message):
    """What stands at these paths."""

    facts: Mapping[Path, str]


class LooksAtPaths(ModalScreen[Path | None], TypeAhead[Path | None]):
    """A dialog over paths that hears what they are, some at a time, as FactsRead."""

    wants: Wants

    @work(thread=True, exclusive=True, exit_on_error=False, group="facts")
    def look(self, places: Sequence[Path]) -> None:
        worker = get_current_worker()
        facts: dict[Path, str] = {}
        since = time.monotonic()
        for place in places:
            if worker.is_cancelled:
                return
            facts[place] = about(place, self.wants)
            if time.monotonic() - since > SECONDS:
                self.post_message(FactsRead(facts))
                facts, since = {}, time.monotonic()
        self.post_message(FactsRead(facts))
