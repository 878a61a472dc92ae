"""Lines of styled text as plain data: a row is a list of (text, style name) parts; the theme colours the names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from rich.cells import cell_len, chop_cells, set_cell_size

Part = tuple[str, str]
Row = list[Part]

STYLES = (
    "text",
    "muted",
    "strong",
    "title",
    "accent",
    "success",
    "warning",
    "error",
    "key",
    "marked",
    "bar",
    "track",
    "series1",
    "series2",
    "series3",
    "series4",
    "series5",
    "series6",
    "series7",
    "series8",
    "series9",
    "band-text",
    "band-key",
    "band-muted",
    "band-track",
    "band-series1",
    "band-series2",
    "band-series3",
    "band-series4",
    "band-series5",
    "band-series6",
    "band-series7",
    "band-series8",
    "band-series9",
)
BLANK: Part = (" ", "text")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Cells are counted without them."""


def width_of(row: Sequence[Part]) -> int:
    """Cells that the row takes."""
    return sum(cell_len(text) for text, _ in row)


one_each = re.compile("[ -~\u2500-\u25fc\u2800-\u28ff]*").fullmatch
"""Whether each character of a text is known to take one cell: ASCII, lines and blocks, braille."""


def harmless(text: str) -> str:
    """The text without what a terminal would obey, should any have come as far as this; it takes no cell."""
    return text if text.isprintable() else _CONTROLS.sub("", text)


def fit(row: Sequence[Part], width: int) -> Row:
    """The row cut, with an ellipsis, or filled with spaces, to exactly `width` cells."""
    if width_of(row) <= width:
        return [*row, (" " * (width - width_of(row)), "text")]
    fitted: Row = []
    room = width - 1
    for text, style in row:
        taken = text if cell_len(text) <= room else set_cell_size(text, room)
        fitted.append((taken, style))
        room -= cell_len(taken)
        if room <= 0:
            fitted.append(("…", style))
            break
    return fitted if width > 0 else []


def between(left: Sequence[Part], right: Sequence[Part], width: int) -> Row:
    """Left and right text at the two ends of a line; the left one gives way."""
    room = width - width_of(right)
    return fit([*fit(left, room - 1), (" ", "text"), *right], width) if room > 8 else fit(left, width)


def joined(parts: Iterable[Sequence[Part]], separator: Part = ("  ", "text")) -> Row:
    """The non-empty parts with a separator between them."""
    row: Row = []
    for part in parts:
        if part:
            row += [separator, *part] if row else list(part)
    return row


def fitting(parts: Sequence[Sequence[Part]], width: int, separator: Part = ("  ", "text")) -> Row:
    """As many of the parts, the first ones first, as fit into the width whole."""
    row: Row = []
    for part in parts:
        longer = joined([row, part], separator)
        if width_of(longer) > width:
            break
        row = longer
    return row or (fit(parts[0], width) if parts else [])


def wrap(text: str, width: int, style: str = "text", first: Sequence[Part] = (), indent: int = 0) -> list[Row]:
    """The text broken at spaces into lines of at most `width` cells, after `first` and with later lines indented."""
    rows: list[Row] = []
    line, room = "", width - width_of(first)
    for word in _words(text, max(1, width - max(indent, width_of(first)))):
        needed = cell_len(word) + bool(line)
        if line and needed > room:
            rows.append(_line(rows, first, indent, line, style))
            line, room = word, width - indent - cell_len(word)
        else:
            line = f"{line} {word}" if line else word
            room -= needed
    rows.append(_line(rows, first, indent, line, style))
    return rows


def _line(rows: list[Row], first: Sequence[Part], indent: int, line: str, style: str) -> Row:
    head = list(first) if not rows else [(" " * indent, "text")]
    return [*head, (line, style)]


def _words(text: str, width: int) -> Iterator[str]:
    for word in text.split():
        yield from chop_cells(word, width) if cell_len(word) > width else (word,)


def cells(row: Sequence[Part]) -> list[Part]:
    """One entry a cell: a wide character is followed by an empty one, a zero-width one joins the cell before it."""
    flat: list[Part] = []
    for text, style in row:
        if one_each(text):
            flat += [(character, style) for character in text]
            continue
        for character in text:
            size = cell_len(character)
            if size:
                flat.append((character, style))
                flat += [("", style)] * (size - 1)
            elif flat:
                flat[-1] = (flat[-1][0] + character, flat[-1][1])
    return flat


def changed_spans(old: Sequence[Part], new: Sequence[Part], gap: int) -> list[tuple[int, int]]:
    """The stretches [start, end) of cells that differ; two are one where what is between them has the style of their
    ends, and takes at most `gap` bytes.

    Starts are moved off the second half of wide characters.
    """
    spans: list[tuple[int, int]] = []
    shared = min(len(old), len(new))
    differing = [index for index in range(shared) if old[index] != new[index]]
    differing.extend(range(shared, max(len(old), len(new))))
    for index in differing:
        if spans and _takes_at_most(gap, new, spans[-1][1], index):
            spans[-1] = (spans[-1][0], index + 1)
        else:
            spans.append((index, index + 1))
    return [(_off_wide(old, new, start), _past_wide(old, new, end)) for start, end in spans]


def _takes_at_most(size: int, row: Sequence[Part], start: int, end: int) -> bool:
    """Whether the row goes on in one style from before `start` up to `end`, and has so few bytes between them."""
    if start == end:
        return True
    if end - start > size or end >= len(row):
        return False
    style = row[end][1]
    between = row[start - 1 : end]
    return all(each == style for _, each in between) and sum(len(text.encode()) for text, _ in between[1:]) <= size


def _off_wide(old: Sequence[Part], new: Sequence[Part], start: int) -> int:
    while start > 0 and any(start < len(row) and row[start][0] == "" for row in (old, new)):
        start -= 1
    return start


def _past_wide(old: Sequence[Part], new: Sequence[Part], end: int) -> int:
    while any(end < len(row) and row[end][0] == "" for row in (old, new)):
        end += 1
    return end
