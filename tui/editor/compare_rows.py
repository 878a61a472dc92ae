"""The differences between two configs as rows of text, by section: each on one line or, where it is narrow, on two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from training.config.table import SECTIONS
from training.guide.comparison import Change, Difference
from training.text import one_line
from tui.widgets.rows import Row, fit, width_of, wrap

WIDE = 72
"""Cells from which on a difference takes one line."""
GAP = 2
LONGEST_LABEL = 26
STYLES: dict[Change, str] = {"changed": "warning", "added": "success", "removed": "error", "moved": "accent"}
WORDS: dict[Change, str] = {
    "changed": "changed",
    "added": "only here",
    "removed": "only there",
    "moved": "moved",
}
TITLES = {section.name: section.title for section in SECTIONS}


@dataclass(frozen=True)
class Line:
    """One row, and the index of the difference that it tells of; None for a heading."""

    row: Row
    at: int | None


def lines(differences: Sequence[Difference], width: int, marked: int, idle: Sequence[str] = ()) -> list[Line]:
    """All of them, the marked one highlighted; `idle` are the keys that differ without effect."""
    found: list[Line] = []
    section = None
    layout = _Layout.of(differences, width)
    for at, one in enumerate(differences):
        if one.section != section:
            section = one.section
            found.append(Line([(TITLES[section], "title")], None))
        for number, row in enumerate(layout.rows(one)):
            found.append(Line(_marked(row, width, "▸" if number == 0 else " ") if at == marked else row, at))
    if not differences:
        found.append(Line([("✓ ", "success"), ("No difference that counts.", "text")], None))
    if idle:
        told = f"No effect in either: {', '.join(idle)}"
        found += [Line(row, None) for row in wrap(told, max(8, width - 2), "muted", indent=2)]
    return found


@dataclass(frozen=True)
class _Layout:
    width: int
    label: int
    values: int

    @classmethod
    def of(cls, differences: Sequence[Difference], width: int) -> _Layout:
        """Labels take what they need; values what they need and what they mean leaves."""
        label = min(LONGEST_LABEL, max((cell_len(one.label) for one in differences), default=0))
        meaning = max((cell_len(one.meaning) for one in differences), default=0)
        room = width - 4 - label - GAP
        values = max((cell_len(_values(one)) for one in differences if one.meaning), default=0)
        return cls(width, label, max(1, min(values, max(room - GAP - meaning, room // 2))))

    def rows(self, one: Difference) -> list[Row]:
        """`  ~ Learning rate  0.001 → 0.0001  10× lower`."""
        head: Row = [("  ", "text"), (f"{one.sign} ", STYLES[one.change])]
        if self.width < WIDE:
            tail: Row = [("    ", "text"), (_values(one), "strong")]
            # What it means goes first where both do not fit: the values are told again under the list.
            room = self.width - 4 - GAP - cell_len(one.meaning)
            if one.meaning and room >= 8:
                tail = [("    ", "text"), *fit([(_values(one), "strong")], min(room, cell_len(_values(one))))]
                tail += [(" " * GAP, "text"), (one.meaning, "muted")]
            return [fit([*head, (one.label, "text")], self.width), fit(tail, self.width)]
        row: Row = [*head, *fit([(one.label, "text")], self.label), (" " * GAP, "text")]
        # Without a meaning the values may take its place, too.
        room = self.values if one.meaning else self.width - width_of(row)
        row += fit([(_values(one), "strong")], room)
        return [fit([*row, (" " * GAP, "text"), (one.meaning, "muted")] if one.meaning else row, self.width)]


def _values(one: Difference) -> str:
    return one_line(one.values)


def _marked(row: Row, width: int, sign: str) -> Row:
    """The row as the cursor shows it: one ground from end to end, and a sign for where there are no colours."""
    text = "".join(part for part, _ in fit(row, width))
    return [(sign + text[1:], "marked")]


def detail(one: Difference, there: str, key_of_take: str, width: int) -> list[Row]:
    """The marked difference in full: its key and values, what it means, and what taking it over would set."""
    text = f"{one.key}: {one_line(one.values)}" + (f" ({one.meaning})" if one.meaning else "")
    return [
        *wrap(f"{WORDS[one.change]}: {text}", width, first=[(f"{one.sign} ", STYLES[one.change])], indent=2),
        *wrap(_taking(one, there, key_of_take), width, "muted", indent=2),
    ]


def _taking(one: Difference, there: str, key: str) -> str:
    if not one.patch:
        return "This cannot be taken over: one has to stay."
    others = [name for name in one.patch if name not in (one.key, one.key.rpartition(".")[0])]
    along = f", with {', '.join(others)}" if others else ""
    return f"{key} makes it as in {there}{along}."
