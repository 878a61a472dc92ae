"""The items of a block list as lines of text: each with its comments, to be moved or taken out whole."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import yaml

from training.config.matching import rising
from training.config.spans import Edit, after_comments, end, line_break, line_end, line_start, start, within

# From an anchor, or from the end of the item before, to the next dash.
_TO_DASH = re.compile(r"(?:[&!]\S*(?:[ \t]+|(?=[\r\n])))*(?:[ \t\r\n]|#[^\r\n]*[\r\n])*-")
_BREAK_BEFORE = re.compile(r"(?:\r\n|\n|\r)\Z")


class Lines(NamedTuple):
    """From the line break before an item's first line to the one after its last: `text[start:end]`."""

    start: int
    end: int


class ItemLines:
    """Where the items of one block list lie.

    An item's lines are its own, the comments right above its dash, and those below that are indented deeper than the
    dash. A comment above the first item is the list's own, unless other items have one too. A comment with a blank
    line below it is nobody's, and stays.
    """

    def __init__(self, text: str, items: list[Lines], indent: int) -> None:
        self.text = text
        self.items = items
        self.indent = indent
        """Column of the dashes."""

    @classmethod
    def of(cls, text: str, node: yaml.SequenceNode) -> ItemLines | None:
        """None where an item does not start a line of its own."""
        items: list[Lines] = []
        own_starts: list[int] = []
        place, indent = start(node), 0
        for child in node.value:
            found = _TO_DASH.match(text, place)
            if not found:
                return None
            first = line_start(text, found.end() - 1)
            own = _before_break(text, first)
            if text[first : found.end() - 1].strip(" ") or own == first:
                return None
            indent = found.end() - 1 - first
            own_starts.append(own)
            head = _above_comments(text, own, place if items else 0)
            place = after_comments(text, _last_line_end(text, child), indent + 1)
            items.append(Lines(head, place))
        if all(item.start == own for item, own in zip(items[1:], own_starts[1:], strict=True)):
            items[0] = Lines(own_starts[0], items[0].end)
        return cls(text, items, indent)

    @property
    def top(self) -> int:
        """Where an item that comes before all others is inserted."""
        return self.items[0].start

    def rearranged(
        self, origins: Sequence[int | None], inner: Sequence[Sequence[Edit]], fresh: Mapping[int, str], bottom: int
    ) -> Iterator[Edit]:
        """The edits that bring the list into a new order.

        `origins` says for each new item which old one it is, `inner` what changes inside that one, `fresh` how one is
        written that was not there. What is added at the end goes to `bottom`. Raises ValueError where a text that moves
        changes elsewhere, at an anchor.
        """
        stay = rising(origins)
        yield from self._removals(stay)
        place = self.top
        waiting: list[str] = []
        for at, origin in enumerate(origins):
            if origin is not None and origin in stay:
                yield from self._insertion(place, waiting)
                yield from inner[at]
                waiting, place = [], self.items[origin].end
            elif origin is None:
                waiting.append(fresh[at])
            else:
                waiting.append(within(self.text, *self.items[origin], inner[at]))
        yield from self._insertion(bottom if place == self.items[-1].end else place, waiting)

    def _insertion(self, place: int, texts: Sequence[str]) -> Iterator[Edit]:
        """Items at the end of a line, with the blank lines between them that this list has."""
        if texts:
            gap = self._gap()
            pieces = [text + gap for text in texts] if place == self.top else [gap + text for text in texts]
            yield Edit(place, place, "".join(pieces))

    def _removals(self, stay: set[int]) -> Iterator[Edit]:
        """Take out the lines of items, with the blank lines that parted them from the one before."""
        first = min(stay, default=None)
        for at, item in enumerate(self.items):
            if at not in stay:
                yield Edit(self._gap_start(at) if at else item.start, item.end, "")
            elif at == first and at and self._gap_start(at) < item.start:
                yield Edit(self._gap_start(at), item.start, "")

    def _gap_start(self, at: int) -> int:
        """Where the blank lines above an item start; its own start where there are none, or more than blank lines."""
        before = self.items[at - 1].end
        return self.items[at].start if self.text[before : self.items[at].start].strip() else before

    def _gap(self) -> str:
        """The blank lines that stand between any two items."""
        gaps = {self.text[before.end : item.start] for before, item in zip(self.items, self.items[1:], strict=False)}
        gap = min(gaps, key=len, default="")
        return "" if gap.strip() else gap

    def written(self, lines: Sequence[str]) -> str:
        """The text of an item that is new here, with the line break before it."""
        newline, indent = line_break(self.text), " " * self.indent
        return "".join(f"{newline}{indent}{'  ' if at else '- '}{line}" for at, line in enumerate(lines))


def _before_break(text: str, index: int) -> int:
    """Index of the line break that ends right before `index`; `index` itself where there is none."""
    found = _BREAK_BEFORE.search(text, max(0, index - 2), index)
    return found.start() if found else index


def _above_comments(text: str, place: int, limit: int) -> int:
    """The line break before the comment lines that stand right above the one at `place`, none before `limit`."""
    while place > limit:
        first = line_start(text, place)
        above = _before_break(text, first)
        if above < limit or above == first or not text[first:place].lstrip(" \t").startswith("#"):
            break
        place = above
    return place


def _last_line_end(text: str, node: yaml.Node) -> int:
    """Index of the line break after the node's last line; a block scalar's own end lies beyond its last line break."""
    last = end(node)
    return line_end(text, start(node) + len(text[start(node) : last].rstrip()))
