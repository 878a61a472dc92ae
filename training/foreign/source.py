"""A log of another tool as it is read: what is new in it, event by event, while it may still grow."""

from __future__ import annotations

from typing import Any, Protocol

from training.runs.events import AnyEvent


class Source(Protocol):
    """A foreign log from its start on.

    Events carry `seq` (from 0) and `attempt` (from 1) as those of our own runs do. A further `Attempt` says that the
    log went back: `from_seq` 0 where it starts anew (another run in the same file, or the file was replaced), else
    where a resume goes on; `standing` and `Curves` drop what it supersedes.
    """

    @property
    def format(self) -> str:
        """What the log was recognised as, for a person."""

    @property
    def config(self) -> dict[str, Any]:
        """The guide's flat keys, as far as the log and the files beside it have told them: all after the last poll."""

    @property
    def share(self) -> float:
        """How much of the log, as it was at the last poll, is read; 1 also where that is not known."""

    @property
    def skipped(self) -> int:
        """Lines or records so far that could not be read."""

    def poll(self) -> list[AnyEvent]:
        """What is new and complete since the last call, a bounded part of it: [] only where there is nothing new.

        The first event of all is an `Attempt` with the facts. A file that is gone for a moment has nothing new.
        """

    def poll_columns(self) -> list[AnyEvent]:
        """The same as `poll`, with the steps of an epoch in a row as one `Steps`."""

    def rest(self) -> list[AnyEvent]:
        """What `finish` would say now, likewise; the log may go on, and then says it again."""

    def finish(self) -> list[AnyEvent]:
        """What was held back because more of it might have come; the log is over, and `poll` is not called again."""
