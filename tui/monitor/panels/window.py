"""A title and the part of many lines that fits below it, with the place of that part among them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from tui.widgets.rows import Part, Row, between, fit, fitting

Of = TypeVar("Of")
Made = TypeVar("Made")


@dataclass
class Scroll:
    """How far a panel is scrolled; it learns of its length when it is drawn."""

    first: int = 0
    total: int = 0
    room: int = 0
    _owed: int = 0
    """Pages that were asked for before it was drawn."""

    def by(self, pages: int) -> None:
        """A page down or up; one line of the last page stays in sight."""
        if not self.room:
            self._owed += pages
            return
        self.first += pages * max(1, self.room - 1)
        self._clamp()

    def see(self, total: int, room: int) -> range:
        """The lines that are shown of `total`."""
        self.total, self.room = total, max(0, room)
        if self.room and self._owed:
            self._owed, owed = 0, self._owed
            self.by(owed)
        self._clamp()
        return range(self.first, min(total, self.first + self.room))

    def _clamp(self) -> None:
        self.first = max(0, min(self.first, self.total - self.room))

    @property
    def place(self) -> str:
        """Such as `12–30 of 200`; empty where all is in sight."""
        if self.total <= self.room or not self.room:
            return ""
        return f"{self.first + 1}–{min(self.total, self.first + self.room)} of {self.total}"


@dataclass
class Latest(Generic[Of, Made]):
    """What was made of the object that was asked about last: painting twice a second costs nothing while it stays."""

    make: Callable[[Of], Made]
    _of: Of | None = None
    _made: Made | None = None

    def __call__(self, of: Of) -> Made:
        if self._made is None or of is not self._of:
            self._of, self._made = of, self.make(of)
        return self._made


def titled(name: str, note: str, place: str, width: int, style: str = "muted") -> Row:
    """The name of a panel, what is to be said of it, and where its lines are among all.

    Of a note in parts, with ` · ` between them, the first ones stay that fit whole.
    """
    room = width - len(name) - 2 - (len(place) + 1 if place else 0)
    said = fitting([[(part, style)] for part in note.split(" · ")], room, (" · ", style)) if note and room > 0 else []
    left: list[Part] = [(name, "title"), ("  ", style), *said]
    return between(left, [(place, "muted")], width) if place else fit(left, width)


def windowed(
    name: str,
    note: str,
    lines: Sequence[Row] | tuple[int, Callable[[int], Row]],
    width: int,
    height: int,
    scroll: Scroll,
    head: Sequence[Row] = (),
) -> list[Row]:
    """The title, lines that stay (`head`), and those in sight of `lines`: rows, or how many and how each is made."""
    total, line = lines if isinstance(lines, tuple) else (len(lines), lines.__getitem__)
    shown = [line(at) for at in scroll.see(total, height - 1 - len(head))]
    return [titled(name, note, scroll.place, width), *head, *shown][: max(0, height)]


def meter(share: float, width: int, style: str = "bar") -> Row:
    """A bar that says its share without colour, too; empty where there is no room."""
    done = round(max(0.0, min(1.0, share)) * width)
    return [("━" * done, style), ("─" * (width - done), "track")] if width > 0 else []


SPARKS = "▁▂▃▄▅▆▇█"


def spark(values: Sequence[float], width: int) -> str:
    """The last values between 0 and 1 as a line of blocks, one a cell."""
    last = values[-width:] if width > 0 else ()
    return "".join(SPARKS[min(len(SPARKS) - 1, int(max(0.0, min(1.0, value)) * len(SPARKS)))] for value in last)
