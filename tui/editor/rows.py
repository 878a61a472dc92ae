"""The rows of the form: every field that counts, in the order of a file, with its text and its worst note."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from training.config.fields import FIELDS, SECTIONS, Field, applies, format_value, value
from tui.editor.draft import Draft
from tui.editor.items import item_label, singular
from tui.editor.notes import Note

Kind = Literal["section", "number", "text", "item", "choice", "add"]


@dataclass(frozen=True)
class FormRow:
    """One line of the form."""

    key: str
    kind: Kind
    label: str
    text: str = ""
    unit: str = ""
    aside: str = ""
    """Said beside the value where there is no note: the effective value where it differs."""
    changed: bool = False
    """Whether it differs from the default."""
    note: Note | None = None
    """The worst thing to say of it."""

    @property
    def editable(self) -> bool:
        """Whether text is typed into it."""
        return self.kind in ("number", "text", "item")

    @property
    def reachable(self) -> bool:
        return self.kind != "section"


def rows(draft: Draft) -> list[FormRow]:
    """All rows of a draft; fields that do not count under the others are left out."""
    worst = _worst_by_row(draft)
    found: list[FormRow] = []
    for section in SECTIONS:
        found.append(FormRow(f"section:{section.name}", "section", section.title))
        for entry in FIELDS:
            if entry.section == section.name and applies(entry, draft.config):
                found += _list_rows(draft, entry, worst) if entry.items else [_row(draft, entry, worst)]
    return found


def _worst_by_row(draft: Draft) -> dict[str, Note]:
    worst: dict[str, Note] = {}
    for note in draft.notes:
        worst.setdefault(row_of(note.key), note)
    return worst


def row_of(key: str) -> str:
    """The row on which a key is edited: "model.blocks.0.dropout" stands in the row "model.blocks.0"."""
    parts = key.split(".")
    at = next((index for index, part in enumerate(parts) if part.isdigit()), None)
    return key if at is None else ".".join(parts[: at + 1])


def _row(draft: Draft, entry: Field, worst: dict[str, Note]) -> FormRow:
    now = value(draft.config, entry.key)
    return FormRow(
        entry.key,
        _kind(entry),
        entry.title,
        text=draft.shown(entry.key),
        unit=entry.unit,
        aside=_effective(draft, entry.key),
        changed=now != entry.default or entry.key in draft.errors,
        note=worst.get(entry.key),
    )


def _kind(entry: Field) -> Kind:
    if entry.kind in ("bool", "choice"):
        return "choice"
    return "number" if entry.kind in ("int", "float") else "text"


def _list_rows(draft: Draft, entry: Field, worst: dict[str, Note]) -> list[FormRow]:
    items: Sequence[object] = value(draft.config, entry.key)
    found = []
    for index, item in enumerate(items):
        key = f"{entry.key}.{index}"
        default = entry.default[index] if index < len(entry.default) else None
        changed = item != default or key in draft.errors
        found.append(FormRow(key, "item", item_label(key), text=draft.shown(key), changed=changed, note=worst.get(key)))
    return [*found, FormRow(f"{entry.key}.+", "add", f"+ add a {singular(entry).lower()}", note=worst.get(entry.key))]


def _effective(draft: Draft, key: str) -> str:
    """The decay that the optimizer is given, where the form says another one (guide, section 2)."""
    config = draft.config
    stated = config.l2_lambda if config.l2_decay else 0.0
    if config.effective_decay == stated or key != ("l2_lambda" if config.l2_decay else "l2_decay"):
        return ""
    return f"effective {format_value(config.effective_decay)}: {config.optimizer}'s own"
