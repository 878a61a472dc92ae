"""Bell and notification: what became of the runs that the app watches, for somebody who looks elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from textual.app import App

from training.runs.lifecycle import RunView
from training.runs.occasion import Occasion, of_end, of_finding
from tui.away.terminal import passed_through, send
from tui.away.wishes import wishes_of

BELL = "\x07"
LONGEST_NOTICE = 200


@dataclass
class Known:
    """What was seen of a run, from whichever screen."""

    run: RunView
    """As it was seen last: a list of a thousand runs holds the same ones again."""
    over: bool
    updated: float
    critical: set[str]


class Bell:
    """Rings once for each end of a run that was live when it was first seen, and for each new critical finding."""

    def __init__(self, app: App[Any]) -> None:
        self._app = app
        self._known: dict[Path, Known] = {}

    def look(self, runs: Iterable[RunView]) -> None:
        """Take in how the runs are now."""
        occasions = [occasion for run in runs for occasion in self._news(run)]
        if occasions:
            self._ring(occasions)

    def _news(self, run: RunView) -> list[Occasion]:
        known = self._known.get(run.folder.path)
        if known is not None and known.run is run:
            return []
        over = not run.live
        critical = {line.label: line.title for line in run.findings if line.severity == "critical"}
        if known is None:
            self._known[run.folder.path] = Known(run, over, run.summary.updated, set(critical))
            return []
        known.run = run
        # Two screens may watch a run, and the later message may be the older reading.
        if run.summary.updated < known.updated or (known.over and run.summary.updated == known.updated):
            return []
        ended = of_end(run) if over and not known.over else None
        new = critical.keys() - known.critical
        known.over, known.updated = over, run.summary.updated
        known.critical |= new
        found = [of_finding(run.summary.name, title, "") for label, title in critical.items() if label in new]
        return found + ([ended] if ended else [])

    def _ring(self, occasions: list[Occasion]) -> None:
        wishes = wishes_of(self._app)
        notices = "".join(_notice(occasion) for occasion in occasions) if wishes.notify else ""
        if sequence := notices + (BELL if wishes.bell else ""):
            send(self._app, sequence)


def _notice(occasion: Occasion) -> str:
    """OSC 9: a notification of the desktop that the terminal is on, where the terminal knows of such."""
    text = f"{occasion.title}: {occasion.detail}" if occasion.detail else occasion.title
    return passed_through(f"\x1b]9;{text[:LONGEST_NOTICE]}\x07")


_BELLS: WeakKeyDictionary[App[Any], Bell] = WeakKeyDictionary()


def bell_of(app: App[Any]) -> Bell:
    """The one of that app."""
    if app not in _BELLS:
        _BELLS[app] = Bell(app)
    return _BELLS[app]
