"""The lines of a table as columns of numbers, many at once: a log of a million is nearly all of them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import cast

import msgspec

from training.foreign.units import Columns

Run = tuple[Columns, int]
"""Rows that have a value in the same columns: those, and how many rows."""
_decoder = msgspec.json.Decoder(list[float | None])


def runs_of(lines: Sequence[str], names: Sequence[str], delimiter: str) -> list[Run] | None:
    """The lines as runs of rows, in their order. None where some line is not all numbers and empty cells, one for each
    name, with a number among them: it may be a header, a comment or torn, and has to be looked at by itself.
    """
    width = len(names)
    if width < 2 or len(set(names)) < width or {line.count(delimiter) for line in lines} != {width - 1}:
        return None
    cells = _cells(lines, delimiter)
    if cells is None:
        return None
    columns: dict[str, list[float | None]] = {}
    empty: list[list[bool]] = []
    for place, name in enumerate(names):
        values = cells[place::width]
        missing = values.count(None)
        if missing == len(lines):
            continue
        columns[name] = values
        if missing:
            empty.append([value is None for value in values])
    if not columns or (len(empty) == len(columns) and any(all(row) for row in zip(*empty, strict=True))):
        return None
    if not empty:
        return [(cast("Columns", columns), len(lines))]
    found: list[Run] = []
    place = 0
    for _, alike in groupby(zip(*empty, strict=True)):
        end = place + sum(1 for _ in alike)
        part = {name: values[place:end] for name, values in columns.items() if values[place] is not None}
        found.append((cast("Columns", part), end - place))
        place = end
    return found


def _cells(lines: Sequence[str], delimiter: str) -> list[float | None] | None:
    """All cells, line by line; None where one is neither a number nor empty."""
    text = delimiter.join(lines)
    if delimiter != ",":
        if "," in text:
            return None
        text = text.replace(delimiter, ",")
    try:
        return _decoder.decode(f"[{_filled(text)}]")
    except msgspec.DecodeError:  # spelled as JSON cannot: a point without a digit, or nan
        try:
            return [float(cell) if cell else None for cell in text.split(",")]
        except ValueError:
            return None


def _filled(text: str) -> str:
    """Something in each empty cell."""
    if ",," in text:
        text = text.replace(",,", ",null,").replace(",,", ",null,")
    return ("null" if text.startswith(",") else "") + text + ("null" if text.endswith(",") else "")
