"""What the form tells that the user did; what it means is the screen's to decide.

It is told by a call, not by a message: keys that a slow line brings all at once each build on what the one before did.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Edited:
    """A text changed."""

    key: str
    text: str


@dataclass(frozen=True)
class Ended:
    """Typing in a field is over."""

    key: str


@dataclass(frozen=True)
class Began:
    """Typing in a field began."""

    key: str


@dataclass(frozen=True)
class Stepped:
    """A choice or a number is to go on or back by so many."""

    key: str
    by: int
    leap: bool = False


@dataclass(frozen=True)
class Folded:
    """A section or an item is to show what is under it, or not."""

    key: str
    unfolded: bool


@dataclass(frozen=True)
class Chosen:
    """A click on the value of the row, as enter would."""

    key: str


@dataclass(frozen=True)
class Moved:
    """The cursor went from one row to another."""

    left: str
    key: str
    ended: bool
    """Whether that ended the typing."""


Deed = Began | Chosen | Edited | Ended | Folded | Moved | Stepped
