"""What the monitor hears of its threads: news of the run, and what became of a command."""

from __future__ import annotations

from dataclasses import dataclass

from textual.message import Message

from training.runs.commands import CommandName


@dataclass
class NewsArrived(Message):
    """There is something in the inbox of that run."""

    run_id: str

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, NewsArrived) and message.run_id == self.run_id


@dataclass
class MuteChanged(Message):
    """Which findings of the run are muted now that `label` was changed, or why it could not be (`error`)."""

    run_id: str
    label: str
    muted: frozenset[str] = frozenset()
    said: str = ""
    error: str = ""


@dataclass
class CommandSent(Message):
    """A command was written for the run's worker (no `id` where none was needed), or could not be (`error`)."""

    run_id: str
    command: CommandName
    id: str = ""
    error: str = ""
