"""Going to a field by its name, from a list that typing narrows; fields that a switch hides are in it, too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from training.config.fields import FIELDS, SECTIONS, Field, applies, field, format_value
from training.text import one_line
from tui.screens.pick import Choice, PickScreen

if TYPE_CHECKING:
    from tui.screens.editor import EditorScreen


def find_field(editor: EditorScreen) -> None:
    """Ask for a field and put the cursor on it, or say which switch it needs."""

    def picked(key: str | None) -> None:
        if key is None:
            return
        entry = field(key)
        if applies(entry, editor.draft.config):
            editor.go(key)
            return
        switch, *values = needed(entry, editor)
        editor.go(str(switch))
        editor.say(f"{entry.title} counts where {switch} is {' or '.join(format_value(value) for value in values)}.")

    editor.app.push_screen(PickScreen("Go to a field", choices(editor), search=True), picked)


def choices(editor: EditorScreen) -> list[Choice]:
    """Every field: its title, its key and what it is; what does not count at the moment says so."""
    titles = {section.name: section.title for section in SECTIONS}
    found = []
    for entry in FIELDS:
        shown = applies(entry, editor.draft.config)
        state = one_line(editor.draft.shown(entry.key)) if shown and not entry.items else "" if shown else "hidden"
        detail = " · ".join(part for part in (entry.key, titles[entry.section], state, entry.help) if part)
        found.append(Choice(entry.key, entry.title, detail, "" if shown else "muted"))
    return found


def needed(entry: Field, editor: EditorScreen) -> tuple[object, ...]:
    """The outermost switch that hides a field, and the values that show it."""
    switch = entry
    while switch.when and not applies(field(switch.when[0]), editor.draft.config):
        switch = field(switch.when[0])
    return switch.when
