"""The rows of the form: every field that counts, in the order of a file, with text, state and worst note."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from training.config.fields import FIELDS, SECTIONS, Field, SectionTitle, applies, format_value, value
from training.config.fields import field as field_of
from tui.editor.draft import Draft
from tui.editor.items import item_label, singular
from tui.editor.listing import Arrangement, renamed
from tui.editor.notes import Note

Kind = Literal["section", "number", "text", "item", "choice", "add"]
State = Literal["default", "changed", "invalid", "warned", "hinted"]
STATE_OF: dict[str, State] = {"error": "invalid", "warning": "warned", "info": "hinted"}
SECTION = "section:"


@dataclass(frozen=True)
class FormRow:
    """One line of the form."""

    key: str
    kind: Kind
    label: str
    text: str = ""
    unit: str = ""
    aside: str = ""
    """Said beside the value where there is no note: the effective value where it differs, what a fold hides."""
    help: str = ""
    """What the field is, in a sentence."""
    changed: bool = False
    """Whether it differs from the default."""
    note: Note | None = None
    """The worst thing to say of it."""
    depth: int = 0
    """1 for the fields of an item."""
    steps: bool = False
    """Whether it has a next and a previous value: choices, numbers, texts with usual values."""
    unfolded: bool | None = None
    """Whether what is under it shows; None where nothing is."""

    @property
    def editable(self) -> bool:
        """Whether text is typed into it."""
        return self.kind in ("number", "text", "item")

    @property
    def state(self) -> State:
        """What the mark in front of the label says; a note weighs more than a change."""
        if self.note is not None:
            return STATE_OF[self.note.severity]
        return "changed" if self.changed else "default"


@dataclass
class Folds:
    """What is folded away: sections show their fields unless they are named, items theirs only if they are."""

    sections: set[str] = field(default_factory=set)
    items: set[str] = field(default_factory=set)

    @classmethod
    def quiet(cls, draft: Draft) -> Folds:
        """The sections that few configs touch are folded while they are at their defaults and nobody complains."""
        busy = {note.key.partition(".")[0] for note in draft.notes}
        return cls(
            {
                name
                for name in ("optimization", "runtime", "advice")
                if name not in busy and getattr(draft.config, name) == type(getattr(draft.config, name))()
            }
        )

    def show(self, key: str) -> None:
        """Unfold what hides a key; the row of a section hides nothing of itself."""
        if key.startswith(SECTION):
            return
        self.sections.discard(section_of(key))
        parts = key.split(".")
        if len(parts) > 3 and parts[2].isdigit():
            self.items.add(".".join(parts[:3]))

    def follow(self, of: str, arrangement: Arrangement) -> None:
        """The items of a list were rearranged: what is unfolded stays so under its new number."""
        self.items = set(renamed(dict.fromkeys(self.items, ""), of, arrangement))

    def set(self, key: str, unfolded: bool) -> None:
        """Fold or unfold a section's or an item's row."""
        if key.startswith(SECTION):
            (self.sections.discard if unfolded else self.sections.add)(key.removeprefix(SECTION))
        else:
            (self.items.add if unfolded else self.items.discard)(key)


def section_of(key: str) -> str:
    """The section that a row's key belongs to; "" for the guide's flat keys."""
    if key.startswith(SECTION):
        return key.removeprefix(SECTION)
    return key.partition(".")[0] if "." in key else ""


def rows(draft: Draft, folds: Folds | None = None) -> list[FormRow]:
    """All rows of a draft that are not folded away; fields that do not count under the others are left out."""
    folds = folds or Folds()
    found: list[FormRow] = []
    worst = _worst_by_row(draft, folds)
    for section in SECTIONS:
        inside = list(_section_rows(draft, section, folds, worst))
        if section.name in folds.sections:
            found.append(_folded(section, inside))
        else:
            found += [FormRow(f"{SECTION}{section.name}", "section", section.title, unfolded=True), *inside]
    return found


def _section_rows(draft: Draft, section: SectionTitle, folds: Folds, worst: dict[str, Note]) -> Iterator[FormRow]:
    for entry in FIELDS:
        # What is wrong has to be corrected, even where a switch is off that would hide it.
        wrong = any(f"{key}.".startswith(f"{entry.key}.") for key in draft.errors)
        if entry.section == section.name and (wrong or applies(entry, draft.config)):
            yield from _list_rows(draft, entry, worst, folds) if entry.items else [_row(draft, entry, worst)]


def _folded(section: SectionTitle, inside: Sequence[FormRow]) -> FormRow:
    notes = [row.note for row in inside if row.note is not None]
    changed = sum(row.changed for row in inside)
    many = f"{len(inside)} fields" if len(inside) > 1 else "1 field"
    at_default = "at their defaults" if len(inside) > 1 else "at its default"
    aside = f"{many}, {f'{changed} changed' if changed else at_default}"
    worst = min(notes, key=lambda note: ("error", "warning", "info").index(note.severity), default=None)
    return FormRow(
        f"{SECTION}{section.name}",
        "section",
        section.title,
        aside=aside,
        changed=bool(changed),
        note=worst,
        unfolded=False,
    )


def _worst_by_row(draft: Draft, folds: Folds) -> dict[str, Note]:
    worst: dict[str, Note] = {}
    for note in draft.notes:
        row = row_of(note.key)
        worst.setdefault(row, note)
        if row in folds.items:
            worst.setdefault(note.key, note)
    return worst


def row_of(key: str) -> str:
    """The row of an item in which a key lies: "model.blocks.0.dropout" stands in the row "model.blocks.0"."""
    parts = key.split(".")
    at = next((index for index, part in enumerate(parts) if part.isdigit()), None)
    return key if at is None else ".".join(parts[: at + 1])


def _row(draft: Draft, entry: Field, worst: dict[str, Note], default: Any = None, depth: int = 0) -> FormRow:
    now = value(draft.config, entry.key)
    return FormRow(
        entry.key,
        _kind(entry),
        entry.title,
        text=draft.shown(entry.key),
        unit=entry.unit,
        aside=_effective(draft, entry.key),
        help=entry.help,
        changed=now != (entry.default if default is None else default) or entry.key in draft.errors,
        note=worst.get(entry.key),
        depth=depth,
        steps=_kind(entry) != "text" or bool(entry.suggest),
    )


def _kind(entry: Field) -> Kind:
    if entry.kind in ("bool", "choice"):
        return "choice"
    return "number" if entry.kind in ("int", "float") else "text"


def _list_rows(draft: Draft, entry: Field, worst: dict[str, Note], folds: Folds) -> Iterator[FormRow]:
    items: Sequence[object] = value(draft.config, entry.key)
    for index, item in enumerate(items):
        key = f"{entry.key}.{index}"
        default = entry.default[index] if index < len(entry.default) else None
        yield FormRow(
            key,
            "item",
            item_label(key),
            text=draft.shown(key),
            help=entry.help,
            changed=item != default or key in draft.errors,
            note=worst.get(key),
            unfolded=key in folds.items,
        )
        if key in folds.items:
            for part in entry.items:
                inner = field_of(f"{key}.{part.name}")
                yield _row(draft, inner, worst, default=getattr(default, part.name, part.default), depth=1)
    add = f"+ add a {singular(entry).lower()}"
    yield FormRow(f"{entry.key}.+", "add", add, help=entry.help, note=worst.get(entry.key))


def _effective(draft: Draft, key: str) -> str:
    """The decay that the optimizer is given, where the form says another one (guide, section 2)."""
    config = draft.config
    stated = config.l2_lambda if config.l2_decay else 0.0
    if config.effective_decay == stated or key != ("l2_lambda" if config.l2_decay else "l2_decay"):
        return ""
    return f"effective {format_value(config.effective_decay)}: {config.optimizer}'s own"
