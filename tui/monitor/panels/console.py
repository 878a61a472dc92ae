"""Reading what the run printed: its newest lines, or a page further up, and the lines that a search found."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from training.figures import storage
from training.runs.console import Line, Page, Search
from tui.editor.line_edit import LineEdit
from tui.monitor.model import Monitored
from tui.widgets.rows import Part, Row, between, fit, width_of, wrap

Where = Literal["top", "middle", "below", "last"]
"""Where in the panel the wanted line comes: `below` is under it; `last` is a page above the end."""
CARET = "▏"


@dataclass(frozen=True)
class Wanted:
    """A place of the file that is to be shown."""

    at: int
    where: Where


@dataclass
class ConsoleReading:
    """How the console is being read. Follows the end of the file until it is scrolled or something is searched."""

    page: Page | None = None
    """None while the newest lines are followed."""
    typing: LineEdit | None = None
    """The search while it is being typed."""
    query: str = ""
    matches: list[int] = field(default_factory=list)
    """Bytes at which the lines begin that the search found, in the order of the file."""
    current: int | None = None
    """The match that is shown."""
    searching: bool = False
    capped: bool = False
    searched: int = 0
    """Size of the file up to which it was searched."""
    asked: Wanted | None = None
    """The place whose page is being read."""
    wanted: Wanted | None = None
    """The place of the page that comes into sight with the next painting."""
    _top: int = 0
    _room: int = 0
    _laid: tuple[tuple[object, ...], list[Row], list[int]] = ((), [], [])

    # Searching

    def begin(self) -> None:
        """Type a search, from the last one on."""
        self.typing = LineEdit.at_end(self.query, selected=True)

    def type(self, edit: LineEdit) -> bool:
        """What is typed now; whether there is something else to be searched for."""
        changed = edit.text != self.query
        self.typing, self.query = edit, edit.text
        if changed:
            self.matches, self.current, self.capped, self.searched = [], None, False, 0
            self.searching = bool(self.query)
        return changed

    def found(self, search: Search) -> Wanted | None:
        """Take in what a search has found by now; a place to show, where it is the first."""
        self.matches = sorted({*self.matches, *search.found})
        if search.over:
            self.searching, self.searched = False, search.size
            self.capped = self.capped or search.capped
        if self.current is not None or not self.matches:
            return None
        self.current = self.matches[-1]
        return Wanted(self.current, "middle")

    def step(self, by: int) -> Wanted | None:
        """The next match, round the ends."""
        if not self.matches:
            return None
        at = bisect_left(self.matches, self.current) if self.current is not None else -min(by, 0)
        self.current = self.matches[(at + by) % len(self.matches)]
        return Wanted(self.current, "middle")

    def leave(self) -> bool:
        """Back to the newest lines, without a search; False where there was none."""
        if not self.query and self.typing is None:
            return False
        self.type(LineEdit("", 0))
        self.typing = self.page = self.asked = self.wanted = None
        return True

    # Scrolling

    def scroll(self, by: int) -> Wanted | None:
        """A page down or up; a place of the file that has to be read for it."""
        if self.page is None:
            return Wanted(-1, "last") if by < 0 else None
        last = max(0, len(self._laid[1]) - self._room)
        top = self._top + by * max(1, self._room - 1)
        if top < 0 and self._top == 0 and self.page.start > 0:
            return Wanted(self.page.start, "below")
        if top >= last and self.page.end >= self.page.size:
            self.page = None
        elif top > last and self._top == last:
            return Wanted(self.page.end, "top")
        self._top = max(0, min(top, last))
        return None

    def go(self, wanted: Wanted) -> bool:
        """Bring a place into sight; whether its page has to be read for that, and then handed to `show`."""
        here = wanted.where == "middle" and self._holds(wanted.at)
        self.wanted, self.asked = (wanted, None) if here else (self.wanted, wanted)
        return not here

    def _holds(self, at: int) -> bool:
        """Whether the page that is there has the line, with some lines around it."""
        page = self.page
        if page is None or not page.lines:
            return False
        low = page.start if page.start == 0 else page.lines[len(page.lines) // 8].at
        high = page.end if page.end == page.size else page.lines[-1 - len(page.lines) // 8].at
        return low <= at <= high

    def show(self, page: Page, wanted: Wanted) -> None:
        """Take a page that was read, if it is the one that is waited for."""
        if wanted == self.asked:
            self.page, self.wanted, self.asked = page, wanted, None

    # Painting

    def rows(self, run: Monitored, width: int, height: int, ending: Sequence[Row] = ()) -> list[Row]:
        """The title, how the run ended, if that is to be said here, and the lines."""
        self._room = max(0, height - 1 - len(ending))
        lines = self._page_rows(width) if self.page is not None else self._newest(run, width)
        if not lines:
            lines = [[("nothing printed", "muted")]]
        return [self._title(run, width), *ending, *lines][:height]

    def _newest(self, run: Monitored, width: int) -> list[Row]:
        return console_lines(run.console, width, self._room, self.query)[-self._room :] if self._room else []

    def _page_rows(self, width: int) -> list[Row]:
        assert self.page is not None
        key = (self.page.start, self.page.end, self.page.size, width, self.query, self.current)
        if key != self._laid[0]:
            rows: list[Row] = []
            firsts: list[int] = []
            for line in self.page.lines:
                firsts.append(len(rows))
                rows += line_rows(line.text, width, self.query, current=line.at == self.current)
            self._laid = (key, rows, firsts)
        _, rows, firsts = self._laid
        if self.wanted is not None:
            self._top = self._top_for(self.wanted, self.page.lines, firsts, len(rows))
            self.wanted = None
        self._top = max(0, min(self._top, len(rows) - self._room))
        return rows[self._top : self._top + self._room]

    def _top_for(self, wanted: Wanted, lines: Sequence[Line], firsts: Sequence[int], rows: int) -> int:
        if wanted.where == "last":
            return rows - 2 * self._room + 1
        at = bisect_right([line.at for line in lines], wanted.at) - 1
        row = firsts[at] if 0 <= at < len(firsts) else 0
        if wanted.where == "below":
            return row - self._room + (1 if lines and wanted.at <= lines[-1].at else 0)
        return row - self._room // 2 if wanted.where == "middle" else row

    def _title(self, run: Monitored, width: int) -> Row:
        left: list[Part] = [("Console", "title")]
        if self.typing is not None:
            before, after = self.typing.text[: self.typing.cursor], self.typing.text[self.typing.cursor :]
            chosen = "marked" if self.typing.selected else "strong"
            left += [("  /", "key"), (before, chosen), (CARET, "key"), (after, chosen)]
        elif self.query:
            left += [("  /", "key"), (self.query, "strong")]
        else:
            left.append((f"  {run.folder.console.name}", "muted"))
        if self.query:
            left.append(self._count())
        place = self._place()
        beside = place and width_of(left) + 1 + len(place) <= width
        return between(left, [(place, "muted")], width) if beside else fit(left, width)

    def _count(self) -> Part:
        """Such as `3/17`; more may come while it is being searched."""
        if not self.matches:
            return ("  …", "muted") if self.searching else ("  ! no match", "warning")
        at = bisect_left(self.matches, self.current) + 1 if self.current is not None else 0
        more = "…" if self.searching else "+" if self.capped else ""
        return f"  {at}/{len(self.matches)}{more}", "accent"

    def _place(self) -> str:
        """Which rows of how many where all of the file is here, else how far down in it."""
        if self.typing is not None:
            return "enter keep · esc end"
        if self.page is None:
            return ""
        rows = len(self._laid[1])
        if self.page.whole:
            return f"{self._top + 1}–{min(rows, self._top + self._room)} of {rows}"
        at = bisect_right(self._laid[2], self._top) - 1
        begun = self.page.lines[at].at if 0 <= at < len(self.page.lines) else self.page.start
        return f"{100 * begun / self.page.size:.0f} % of {storage(self.page.size)}"


def console_lines(lines: Sequence[str], width: int, enough: int, query: str = "") -> list[Row]:
    """The last lines wrapped, their indent kept; older ones are left out once there are `enough` rows."""
    rows: list[Row] = []
    for line in reversed(lines):
        if len(rows) >= enough:
            break
        rows[:0] = line_rows(line, width, query)
    return rows


def line_rows(line: str, width: int, query: str = "", *, current: bool = False) -> list[Row]:
    """A line, wrapped; while something is searched, with a mark in front of what matches, and the words highlighted."""
    if not query:
        return _wrapped(line, width)
    pattern = re.compile(re.escape(query), re.IGNORECASE)
    if not pattern.search(line):
        return [[("  ", "text"), *row] for row in _wrapped(line, width - 2)]
    mark: Part = ("▸ ", "key") if current else ("· ", "accent")
    rows = [_highlighted(row, pattern, "marked" if current else "key") for row in _wrapped(line, width - 2)]
    return [[mark if not at else ("  ", "text"), *row] for at, row in enumerate(rows)]


def _wrapped(line: str, width: int) -> list[Row]:
    whole: Row = [(line, "text")]
    if width_of(whole) <= width:
        return [whole]
    indent = min(len(line) - len(line.lstrip()), width // 2)
    return wrap(line, width, first=[(" " * indent, "text")], indent=min(indent + 2, width // 2))


def _highlighted(row: Row, pattern: re.Pattern[str], style: str) -> Row:
    """The row with what matches in another style. Words that a line break parts are not found again: the mark tells."""
    found: Row = []
    for text, plain_style in row:
        done = 0
        for match in pattern.finditer(text):
            found += [(text[done : match.start()], plain_style), (match[0], style)]
            done = match.end()
        found.append((text[done:], plain_style))
    return [part for part in found if part[0]]
