"""What is said beside the form about one row: what the last key did, its notes in full, then what the field is."""

from __future__ import annotations

from collections.abc import Iterator

from training.config.fields import format_value
from training.text import one_line
from tui import keymap
from tui.editor.draft import Draft
from tui.editor.help_rows import help_rows
from tui.editor.notes import Note
from tui.editor.rows import SECTION, FormRow, row_of
from tui.theme import SEVERITIES
from tui.widgets.rows import Part, Row, joined, wrap

STYLES = {"error": "error", "warning": "warning", "primary": "accent"}


def badge(draft: Draft) -> Row:
    """How many errors, warnings and hints the config has."""
    parts: list[list[Part]] = []
    for severity, word in (("error", "error"), ("warning", "warning"), ("info", "hint")):
        count = sum(note.severity == severity for note in draft.notes)
        if count:
            symbol, token = SEVERITIES[severity]
            parts.append([(f"{symbol} {count} {word}{'' if count == 1 else 's'}", STYLES[token])])
    if draft.silenced:
        parts.append([(f"{len(draft.silenced)} silenced", "muted")])
    return joined(parts) or [("✓ no hints", "success")]


def about_rows(draft: Draft, row: FormRow, said: str, width: int, *, typing: bool = False) -> list[Row]:
    """What was just `said`, then everything on the row with the cursor; the keys are those that work at the moment."""
    found = wrap(said, width, "key") if said else []
    for note in notes_on(draft, row):
        found += _note(note, _keys("editor.recommended", typing), width)
    if row.aside and row.kind != "section":
        found += wrap(f"= {row.aside}", width, "muted", indent=2)
    for sentence in _rules(draft, row, _keys("editor.silence", typing)):
        found += wrap(sentence, width, "muted")
    if not typing and (keys := _doing(row)):
        found += wrap(keys, width, "accent")
    return [*found, *help_rows(draft, row.key, width)]


def notes_on(draft: Draft, row: FormRow) -> list[Note]:
    """The notes of a row, worst first: of a folded section all that it hides, of an item those of its fields."""
    if row.kind == "section":
        if row.unfolded:
            return []
        name = row.key.removeprefix(SECTION)
        return [note for note in draft.notes if name and note.key.startswith(f"{name}.")]
    return [note for note in draft.notes if row.key in (note.key, row_of(note.key))]


def silenced_on(draft: Draft, row: FormRow) -> list[Note]:
    """The hints of a row that the config keeps from the screen."""
    return [note for note in draft.silenced if row.key in (note.key, row_of(note.key))]


def _keys(id: str, typing: bool) -> str:
    key = keymap.find(id)
    return key.names_while_typing if typing else key.names


def _doing(row: FormRow) -> str:
    """What the keys do on a row where that is not plain to see."""
    if row.key == "data.path":
        return "enter lists the folders to pick from."
    if row.kind == "item":
        add, remove, copy, down, up = (
            keymap.display(keymap.find(f"editor.{id}").keys.split(",")[0])
            for id in ("add", "remove", "duplicate", "item_down", "item_up")
        )
        return (
            f"enter types it as one line, → shows its fields; {add} adds one after it, {copy} duplicates, "
            f"{remove} removes, {down} and {up} move it."
        )
    return ""


def _rules(draft: Draft, row: FormRow, keys: str) -> Iterator[str]:
    """The ids of the row's hints, shown and silenced, with the keys that change between the two."""
    if row.kind == "section":
        return
    for rule in dict.fromkeys(note.rule for note in notes_on(draft, row) if note.rule):
        yield f"Hint {rule}; {keys} silences it."
    for rule in dict.fromkeys(note.rule for note in silenced_on(draft, row)):
        yield f"Hint {rule} is silenced; {keys} shows it."


def _note(note: Note, keys: str, width: int) -> list[Row]:
    symbol, token = SEVERITIES[note.severity]
    rows = wrap(f"{symbol} {note.severity}: {one_line(note.message)}", width, STYLES[token], indent=2)
    more = one_line(note.reason)
    if note.range_text:
        more += f" Recommended: {one_line(note.range_text)}."
    if note.guide:
        more += f" (guide, section {note.guide})"
    if note.patch:
        values = ", ".join(f"{key}: {format_value(new)}" for key, new in note.patch.items())
        rows += wrap(f"{keys} sets {values}", width, "success", first=[("  ", "text")], indent=2)
    if more.strip():
        rows += wrap(more.strip(), width, first=[("  ", "text")], indent=2)
    return rows
