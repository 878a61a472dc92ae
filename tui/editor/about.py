"""What the panel beside the form says about one row: its notes in full, then what the field is."""

from __future__ import annotations

from textual.content import Content

from training.config.fields import expected, field, format_value, value
from training.errors import InvalidInput
from training.text import one_line
from tui import keymap
from tui.editor.draft import Draft
from tui.editor.items import is_item
from tui.editor.notes import Note, silenced
from tui.editor.rows import FormRow, row_of
from tui.theme import SEVERITIES

TOKENS = {"error": "$text-error", "warning": "$text-warning", "primary": "$text-primary"}


def badge(draft: Draft) -> Content:
    """How many errors, warnings and hints the config has."""
    parts = []
    for severity, word in (("error", "error"), ("warning", "warning"), ("info", "hint")):
        count = sum(note.severity == severity for note in draft.notes)
        if count:
            symbol, token = SEVERITIES[severity]
            parts.append(Content.styled(f"{symbol} {count} {word}{'' if count == 1 else 's'}", TOKENS[token]))
    return Content("  ").join(parts) if parts else Content.styled("✓ no hints", "$text-success")


def about(draft: Draft, row: FormRow, said: str = "") -> Content:
    """What was just `said`, then everything on the row with the cursor."""
    lines = [Content.styled(said, "$text-accent bold")] if said else []
    lines += [_note(note) for note in draft.notes if row_of(note.key) == row.key]
    if row.aside:
        lines.append(Content.styled(f"= {row.aside}", "$muted"))
    return Content("\n").join([*lines, *_field(draft, row), *_rules(draft, row)])


def _rules(draft: Draft, row: FormRow) -> list[Content]:
    """The ids of the row's hints, shown and silenced, with the key that changes between the two."""
    keys = keymap.find("editor.silence").names
    shown = dict.fromkeys(note.rule for note in draft.notes if note.rule and row_of(note.key) == row.key)
    hidden = dict.fromkeys(note.rule for note in silenced(draft.config) if row_of(note.key) == row.key)
    return [
        *(Content.styled(f"Hint {rule}; {keys} silences it.", "$muted") for rule in shown),
        *(Content.styled(f"Hint {rule} is silenced; {keys} shows it.", "$muted") for rule in hidden),
    ]


def _note(note: Note) -> Content:
    symbol, token = SEVERITIES[note.severity]
    head = Content.styled(f"{symbol} {note.severity}: {one_line(note.message)}", TOKENS[token])
    more = one_line(note.reason)
    if note.range_text:
        more += f" Recommended: {one_line(note.range_text)}."
    if note.guide:
        more += f" (guide, section {note.guide})"
    lines = [head]
    if note.patch:
        keys = keymap.find("editor.recommended").names
        values = ", ".join(f"{key}: {format_value(new)}" for key, new in note.patch.items())
        lines.append(Content.styled(f"  {keys} sets {values}", "$text-success bold"))
    if more.strip():
        lines.append(Content(f"  {more.strip()}"))
    return Content("\n").join(lines)


def _field(draft: Draft, row: FormRow) -> list[Content]:
    of = row.key.rpartition(".")[0] if is_item(row.key) or row.kind == "add" else row.key
    try:
        entry = field(of)
    except InvalidInput:
        return []
    lines = [Content.assemble((of, "bold"), f"  {entry.help}")]
    if entry.items:
        lines.append(
            Content.styled("  " + ", ".join(f"{item.name} ({expected(item)})" for item in entry.items), "$muted")
        )
        lines.append(Content.styled("  One item a line; clear a line to remove it.", "$muted"))
        return lines
    if entry.choices:
        now = value(draft.config, of)
        lines.append(
            Content("  ").join(
                Content.styled(choice, "reverse" if choice == now else "$muted") for choice in entry.choices
            )
        )
    takes = "" if entry.choices else f"Takes {expected(entry)}{f' ({entry.unit})' if entry.unit else ''}. "
    guide = f" Guide, section {entry.guide}." if entry.guide else ""
    lines.append(Content.styled(f"{takes}Default {format_value(entry.default)}.{guide}", "$muted"))
    return lines
