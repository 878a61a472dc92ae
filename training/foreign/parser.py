"""What a reader of one format is: bytes in, events on a timeline."""

from __future__ import annotations

from typing import Any, Protocol

from training.foreign.timeline import Timeline
from training.foreign.units import Accuracies


class Parser(Protocol):
    """One reading of a log from its start. The same bytes make the same events, however they are cut."""

    timeline: Timeline
    config: dict[str, Any]
    accuracies: Accuracies

    @property
    def by_epochs(self) -> bool:
        """Whether the log itself counts epochs, so that what it says of planned ones can be compared."""

    @property
    def skipped(self) -> int:
        """Lines or records so far that could not be read."""

    def feed(self, data: bytes) -> None:
        """Take in the next bytes."""

    def finish(self) -> None:
        """The bytes are over: take in what might have been torn, where it is whole, and close the last epoch."""
