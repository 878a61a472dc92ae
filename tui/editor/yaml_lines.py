"""The rows of the YAML view: line numbers, marks of changes and notes, and the line of the focused field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from training.config.fields import FIELDS, format_value, value
from training.config.schema import TrainingConfig
from training.errors import InvalidInput
from training.text import one_line
from tui.editor.notes import ORDER, Note
from tui.editor.yaml_text import YamlText, shown
from tui.theme import SEVERITIES
from tui.widgets.rows import STYLES, Part, Row, between, fit, wrap

MOST_GONE = 3
"""Lines that are gone from one place and shown; of more than these the number is."""
MESSAGE_ROWS = 3
"""Rows that a message may take."""
AROUND = 2
"""Lines that are kept in sight above and below the focused one."""
_MARKS = 3
_CHANGES = {"+": "success", "~": "accent", "−": "error"}
_ON_BAND = {"accent": "band-series2", "muted": "band-track", "text": "band-text"}
_FIELDS = {entry.key for entry in FIELDS}


@dataclass(frozen=True)
class Entry:
    """One row of the view: a line of the file, or something beside it."""

    line: int | None = None
    """Of the text, from 0; None for what is not in it."""
    parts: Row = field(default_factory=list)
    change: str = ""
    note: str = ""
    """The severity of the worst note."""
    focused: bool = False
    message: bool = False
    """Whether this is a part of an error's message, below its line."""


def entries(
    text: YamlText, config: TrainingConfig, notes: Sequence[Note], typed: Mapping[str, str], key: str, width: int
) -> list[Entry]:
    """The file from top to bottom, with what is gone, what is wrong and what is at its default in place.

    `width` is that of the whole view, in cells.
    """
    room = max(8, width - gutter(text))
    worst: dict[int, str] = {}
    beside: dict[int, list[Entry]] = {}
    focused = _line_of(text, key)
    if focused is None:
        beside[_place_of(text, key)] = [_absent(config, notes, key)]
    for note in notes:
        line = _line_of(text, note.key)
        if line is not None and ORDER[note.severity] < ORDER.get(worst.get(line, ""), len(ORDER)):
            worst[line] = note.severity
        if note.severity == "error":
            place = _place_of(text, note.key) if line is None else line
            beside.setdefault(place, []).extend(_message(_said(note, typed, named=line is None), room))
    if text.fault:
        worst[text.fault[0]] = "error"
        beside.setdefault(text.fault[0], []).extend(_message(text.fault[1], room))
    found: list[Entry] = []
    for line in range(len(text.rows) + 1):
        if line in text.gone:
            found += _gone(text.gone[line])
        if line < len(text.rows):
            found.append(Entry(line, text.rows[line], text.marks[line], worst.get(line, ""), line == focused))
        found += beside.get(line, ())
    return found


def gutter(text: YamlText) -> int:
    """Cells before the text of a line: marks, number and a space."""
    return _MARKS + len(str(len(text.rows))) + 1


def _line_of(text: YamlText, key: str) -> int | None:
    """The line of a row's key, of what holds it where an item leaves it out; None for what the file does not say."""
    if key.startswith("section:"):
        section = key.partition(":")[2]
        flat = [line for path, line in text.places.items() if not section and path[0] in _FIELDS]
        return text.places.get((section,), min(flat, default=None))
    path = tuple(key.split("."))
    shortest = len(_field_path(path))
    if path[-1] == "+":
        items = [line for place, line in text.places.items() if place[:-1] == path[:-1]]
        return max(items, default=text.places.get(path[:-1]))
    lengths = range(len(path), shortest - 1, -1)
    return next((text.places[path[:length]] for length in lengths if path[:length] in text.places), None)


def _field_path(path: tuple[str, ...]) -> tuple[str, ...]:
    """Without what leads into the items of a list."""
    return next((path[:at] for at, part in enumerate(path) if part.isdigit() or part == "+"), path)


def _place_of(text: YamlText, key: str) -> int:
    """The line after which a key belongs that the file does not name: the last one of its section."""
    section = key.partition(":")[2] if key.startswith("section:") else key.rpartition(".")[0].partition(".")[0]
    line = text.last_line(section)
    return text.places.get((section,), len(text.rows)) if line is None else line


def _absent(config: TrainingConfig, notes: Sequence[Note], key: str) -> Entry:
    """The focused field where the file does not name it."""
    if key.startswith("section:"):
        return Entry(parts=[(f"{key.partition(':')[2]}: at its defaults, not in the file", "muted")], focused=True)
    name = ".".join(_field_path(tuple(key.split("."))))
    try:
        spelled = format_value(value(config, name))
    except InvalidInput:
        return Entry(parts=[(f"{one_line(key)}: not in the file", "muted")], focused=True)
    indent = "  " * name.count(".")
    says = f"{indent}{name.rpartition('.')[2]}: {one_line(spelled)}  # default, not in the file"
    severity = next((note.severity for note in notes if f"{note.key}.".startswith(f"{name}.")), "")
    return Entry(parts=[(says, "muted")], note=severity, focused=True)


def _said(note: Note, typed: Mapping[str, str], named: bool) -> str:
    """What is wrong, with what was typed and, where no line says it, the key."""
    said = one_line(f"{note.message} {note.reason}")
    text = one_line(typed.get(note.key, ""))
    if text and text not in said:
        said = f'"{text}": {said}'
    return f"{note.key}: {said}" if named else said


def _message(said: str, width: int) -> list[Entry]:
    """The rows of an error below its line."""
    rows = wrap(one_line(said), width - 2, "error", first=[("✗ ", "error")], indent=2)
    if len(rows) > MESSAGE_ROWS:
        rows = [*rows[: MESSAGE_ROWS - 1], [*rows[MESSAGE_ROWS - 1], (" …", "error")]]
    return [Entry(parts=row, message=True) for row in rows]


def _gone(lines: Sequence[str]) -> list[Entry]:
    """Lines that the file on disk has and this one has not."""
    shown_lines = lines if len(lines) <= MOST_GONE else lines[: MOST_GONE - 1]
    found = [Entry(parts=[(shown(line), "muted")], change="−") for line in shown_lines]
    if len(lines) > len(shown_lines):
        found.append(Entry(parts=[(f"… {len(lines) - len(shown_lines)} more lines", "muted")], change="−"))
    return found


# Painting


def title_row(name: str, text: YamlText, on_disk: str, width: int, late: bool = False) -> Row:
    """The file's name, and how far it is from the one on disk."""
    changed = f"{text.changed} line{'' if text.changed == 1 else 's'} changed"
    says = changed if on_disk and text.changed else "as on disk" if on_disk else "not on disk yet"
    style = "accent" if on_disk and text.changed else "muted"
    return between([(one_line(name), "title")], [("… " if late else "", "muted"), (says, style)], width)


def yaml_rows(found: Sequence[Entry], text: YamlText, top: int, width: int, height: int) -> tuple[list[Row], int]:
    """The rows of a view that scrolls as little as it has to from the row `top`, and its new first row."""
    top = _first_row(found, top, height)
    return [_entry_row(entry, gutter(text), width) for entry in found[top : top + height]], top


def _first_row(found: Sequence[Entry], top: int, height: int) -> int:
    """So that the focused line is in sight, with the messages below it and a few lines around where they fit."""
    at = next((index for index, entry in enumerate(found) if entry.focused), top)
    around = min(AROUND, max(0, height - 1) // 3)
    last = at + 1
    while last < len(found) and found[last].message:
        last += 1
    last = max(last, min(at + 1 + around, len(found)))
    lowest = max(0, last - height)
    highest = max(0, at - around)
    top = max(lowest, min(top, highest)) if lowest <= highest else highest
    return max(0, min(top, len(found) - height))


def _entry_row(entry: Entry, indent: int, width: int) -> Row:
    if entry.message:
        return fit([(" " * indent, "text"), *entry.parts], width)
    number = "" if entry.line is None else str(entry.line + 1)
    symbol, token = SEVERITIES.get(entry.note, (" ", "text"))
    row: Row = [
        ("▸" if entry.focused else " ", "accent"),
        (entry.change or " ", _CHANGES.get(entry.change, "text")),
        (symbol, token if token in STYLES else "accent"),
        (f"{number:>{indent - _MARKS - 1}} ", "muted"),
        *entry.parts,
    ]
    if not entry.focused:
        return fit(row, width)
    # The gutter keeps its colours; the line lies on a band.
    return [*row[:4], *((part, _ON_BAND.get(style, style)) for part, style in _filled(entry.parts, width - indent))]


def _filled(parts: Sequence[Part], width: int) -> Row:
    return [(text, "band-text" if not text.strip() else style) for text, style in fit(parts, width)]
