"""Asking a running job for something and hearing its answer, without reading the log from its start."""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import dataclass, field

import msgspec

from training.errors import InvalidInput
from training.runs.commands import CommandName, send
from training.runs.events import Acknowledged, decode
from training.runs.layout import RunFolder
from training.runs.lifecycle import RunView, view
from training.text import one_line

POLL_SECONDS = 0.05
VIEW_SECONDS = 0.5
"""How often it is looked whether the run still goes on."""


def check_listens(run: RunView) -> None:
    """Raises InvalidInput for a run that hears no commands: one that is over, or that traindeck does not train."""
    name = one_line(run.summary.name)
    if not run.controllable:
        raise InvalidInput(f"{name} is not trained by traindeck, which only looks at it.", "Tell what trains it.")
    if not run.live and run.state != "silent":
        raise InvalidInput(
            f"{name} is {run.state}: only a run that goes on can be told anything.",
            "Go on with it by `traindeck resume`, or start from one of its checkpoints by `traindeck fork`.",
        )


@dataclass
class Conversation:
    """With one run, from now on."""

    folder: RunFolder
    _offset: int = field(init=False)
    _heard: dict[str, Acknowledged] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._offset = _size(self.folder)

    def ask(self, command: CommandName, args: dict[str, object]) -> str:
        """Returns the id that the answer will carry. Raises RunFailed."""
        return send(self.folder, command, **args)

    def answers(self, ids: Collection[str], seconds: float) -> dict[str, Acknowledged]:
        """The answers to these, once all are there, the time is up, or nobody is left to answer."""
        deadline = time.monotonic() + seconds
        look = 0.0
        while True:
            over = False
            if time.monotonic() >= look:
                look = time.monotonic() + VIEW_SECONDS
                now = view(self.folder)
                over = now is None or not (now.live or now.state == "silent")
            self._listen()
            if over or self._heard.keys() >= set(ids) or time.monotonic() >= deadline:
                return {id: self._heard[id] for id in ids if id in self._heard}
            time.sleep(POLL_SECONDS)

    def _listen(self) -> None:
        """Take in the whole lines that are new."""
        if _size(self.folder) <= self._offset:
            return
        with self.folder.events.open("rb") as log:
            log.seek(self._offset)
            whole = log.read().rpartition(b"\n")[0]
        self._offset += len(whole) + bool(whole)
        for line in whole.split(b"\n"):
            if line.startswith(b'{"type":"ack"'):
                try:
                    event = decode(line)
                except msgspec.DecodeError:
                    continue
                if isinstance(event, Acknowledged):
                    self._heard[event.id] = event


def _size(folder: RunFolder) -> int:
    """Bytes of the log; 0 where there is none yet."""
    try:
        return folder.events.stat().st_size
    except OSError:
        return 0
