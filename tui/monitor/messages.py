"""What the monitor hears of its threads: news of the run, and what became of a command."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

from training.runs.commands import CommandName
from training.runs.console import Page, Search
from tui.monitor.panels.console import Wanted

if TYPE_CHECKING:
    from tui.monitor.panels.papers import Papers


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


@dataclass
class PapersRead(Message):
    """What the run was started with, as its folder says."""

    run_id: str
    papers: Papers


@dataclass
class ConsoleRead(Message):
    """A page of what the run printed, read for the place that is wanted."""

    run_id: str
    page: Page
    wanted: Wanted


@dataclass
class ConsoleSearched(Message):
    """What a search of the console has found by now."""

    run_id: str
    query: str
    search: Search

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, ConsoleSearched) and (message.run_id, message.query) == (self.run_id, self.query)
