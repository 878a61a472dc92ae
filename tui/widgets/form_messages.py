"""What the form says that the user did; what it means is the screen's to decide."""

from __future__ import annotations

from dataclasses import dataclass

from textual.message import Message


@dataclass
class Edited(Message):
    """A text changed."""

    key: str
    text: str


@dataclass
class Ended(Message):
    """Typing in a field is over."""

    key: str


@dataclass
class Began(Message):
    """Typing in a field began."""

    key: str


@dataclass
class Stepped(Message):
    """A choice or a number is to go on or back by so many."""

    key: str
    by: int
    leap: bool = False


@dataclass
class Folded(Message):
    """A section or an item is to show what is under it, or not."""

    key: str
    unfolded: bool


@dataclass
class Chosen(Message):
    """A click on the value of the row, as enter would."""

    key: str


@dataclass
class Moved(Message):
    """The cursor went from one row to another."""

    left: str
    key: str
