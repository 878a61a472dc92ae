"""What the editor's screen hears of what was learned beside the typing."""

from __future__ import annotations

from dataclasses import dataclass

from textual.message import Message


@dataclass
class Gathered(Message):
    """Something new is known: the facts may be others, and the panes have more to show."""

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, Gathered)
