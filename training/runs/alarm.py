"""Telling the user's hook of critical findings while the training goes on: each label once, never in its way."""

from __future__ import annotations

import queue
import subprocess
import threading
from collections import deque
from collections.abc import Iterable

from training.diagnosis.engine import Change
from training.diagnosis.findings import Finding
from training.runs import hooks
from training.runs.layout import RunFolder
from training.runs.muting import read_muted

FAILED = "The hook of your settings failed (told of: {title}); the console says why."


class Alarm:
    """What a run has told of its findings. `hear` returns at once: a thread starts the hook, once for each, in turn."""

    def __init__(self, folder: RunFolder) -> None:
        self._folder = folder
        self._told: set[str] = set()
        self._waiting: deque[Finding] = deque()
        self._starting = threading.Lock()
        """Held to take the next of those that wait, until its hook is started."""
        self._busy = False
        self._failures: queue.SimpleQueue[str] = queue.SimpleQueue()

    def know(self, finding: Finding) -> None:
        """An attempt before this one has told of it."""
        if finding.severity == "critical":
            self._told.add(finding.label)

    def hear(self, changes: Iterable[Change]) -> None:
        """Tell of what is critical now and was not told yet, unless it is muted."""
        for change in changes:
            finding = change.finding
            if change.change == "resolved" or finding.severity != "critical" or finding.label in self._told:
                continue
            self._told.add(finding.label)
            if finding.label not in read_muted(self._folder) and hooks.may_be_wanted():
                self._waiting.append(finding)
        if self._waiting and not self._busy:
            self._busy = True
            threading.Thread(target=self._tell_in_turn, name="hook", daemon=True).start()

    def failures(self) -> list[str]:
        """What went wrong since the last time, in words."""
        return [self._failures.get_nowait() for _ in range(self._failures.qsize())]

    def close(self) -> None:
        """This process is about to end: start what still waits its turn. Nobody waits for it any more."""
        with self._starting:
            while self._waiting:
                self._start(self._waiting.popleft())

    def _tell_in_turn(self) -> None:
        while True:
            with self._starting:
                if not self._waiting:
                    self._busy = False
                    return
                finding = self._waiting.popleft()
                child = self._start(finding)
            if child is not None and hooks.wait(child) != 0:
                self._failures.put(FAILED.format(title=finding.title))

    def _start(self, finding: Finding) -> subprocess.Popen[bytes] | None:
        try:
            return hooks.fire(
                self._folder,
                "finding",
                label=finding.label,
                title=finding.title,
                evidence=finding.evidence,
                epoch=finding.shown_epoch,
            )
        except OSError:  # no process to be had
            self._failures.put(FAILED.format(title=finding.title))
            return None
