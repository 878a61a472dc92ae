"""Runs that go on in the other runs folders of this user, looked for again and again."""

from __future__ import annotations

from pathlib import Path

from training.runs import registry
from training.runs.lifecycle import RunView
from training.runs.watching import WatchedFolder

CHECK_SECONDS = 5.0
"""A run that is resumed elsewhere shows after that time; a new one sooner, since its folder is new."""


class LiveElsewhere:
    """The live runs of every other folder, newest first."""

    def __init__(self, excluding: Path) -> None:
        self._excluding = excluding
        self._folders: dict[Path, WatchedFolder] = {}

    def look(self) -> list[RunView]:
        """Those that were found up to now; folders with many runs take several looks."""
        known = [folder for folder in registry.known_folders() if folder != self._excluding]
        self._folders = {
            folder: self._folders.get(folder) or WatchedFolder(folder, check_seconds=CHECK_SECONDS) for folder in known
        }
        found = [run for folder in self._folders.values() for run in folder.look() if run.live]
        return sorted(found, key=lambda run: run.summary.created, reverse=True)
