"""What enter and the arrows do to a value in the editor: type, pick, step, fold; and the items of lists."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from training.config.fields import Field, field, format_value, value
from tui.editor.items import item_of
from tui.editor.rows import FormRow
from tui.editor.stepping import stepped
from tui.screens.editor_base import EditorPart
from tui.screens.pick import Choice, PickScreen
from tui.widgets.form_deeds import Stepped

OTHER = "\0other"
"""Id of the choice that is none of the usual values."""


class SetsValues(EditorPart, inherit_bindings=False):
    """What of the editor changes one value."""

    def step(self, deed: Stepped) -> None:
        """The next choice, or number."""
        key = deed.key
        entry = field(key)
        if entry.kind in ("int", "float"):
            self.draft.type(key, format_value(stepped(entry, value(self.draft.config, key), deed.by, leap=deed.leap)))
        else:
            choices = self.choices(key)
            at = choices.index(self.draft.shown(key))
            self.draft.type(key, choices[(at + deed.by) % len(choices)])
        if not self.form.typing:
            self.draft.leave(key)
        self.say("")

    def choices(self, key: str) -> Sequence[str]:
        """What the field can be, what it is now among them."""
        entry = field(key)
        shown = self.draft.shown(key)
        choices = entry.choices or entry.suggest or ("false", "true")
        return choices if shown in choices else (shown, *choices)

    def action_choose(self) -> None:
        """Enter: what suits the row."""
        row = self.form.row
        if row is None:
            return
        if row.kind == "section":
            self.folds.set(row.key, not row.unfolded)
            self.say("")
        elif row.kind == "add":
            self._go_to_new(self.draft.add_item(row.key.removesuffix(".+")))
        elif row.kind == "choice":
            self._choose(row)
        elif row.key == "data.path":
            self._choose_path()
        elif row.kind == "text" and field(row.key).suggest:
            self._pick(field(row.key), [*field(row.key).suggest], other=True)
        else:
            self.form.begin()

    def _choose(self, row: FormRow) -> None:
        entry = field(row.key)
        if entry.kind == "bool" and row.key not in self.draft.errors:
            self.step(Stepped(row.key, 1))
        else:
            self._pick(entry, self.choices(row.key), other=False)

    def _pick(self, entry: Field, choices: Sequence[str], *, other: bool) -> None:
        def picked(choice: str | None) -> None:
            if choice == OTHER:
                self.form.begin()
            elif choice is not None:
                self.draft.type(entry.key, choice)
                self.draft.leave(entry.key)
                self.say("")

        shown = self.draft.shown(entry.key)
        lines = [Choice(choice, choice) for choice in choices]
        if other:
            lines.append(Choice(OTHER, "Type another …"))
        self.app.push_screen(PickScreen(entry.title, lines, selected=shown if shown in choices else OTHER), picked)

    def _choose_path(self) -> None:
        """A folder or manifest from a dialog; relative to the config's folder where it was typed so, or lies in it."""
        from tui.screens.open_file import PathScreen

        draft = self.draft

        def picked(path: Path | None) -> None:
            if path is not None:
                draft.type("data.path", _relative(path, draft.base_dir))
                draft.leave("data.path")
                self.say("")

        start = draft.config.data.path or ""
        self.app.push_screen(PathScreen("Where the images are", start, wants="data", base=draft.base_dir), picked)

    # Items of lists

    def action_item(self, what: str) -> None:
        """Add, duplicate, remove or move the item with the cursor."""
        row = self.form.row
        key = item_of(row.key) if row is not None else ""
        if row is not None and row.kind == "add" and what == "add":
            key = row.key.removesuffix(".+")
        if not key:
            self.say("This is for the items of a list: blocks and dense layers.")
        else:
            self.draft.arranged = None
            said, new = self._arrange(what, key)
            if self.draft.arranged is not None:
                self.folds.follow(*self.draft.arranged)
            if what == "add":
                self._go_to_new(new)
            else:
                self.say(said)
                self.form.go(new)

    def _arrange(self, what: str, key: str) -> tuple[str, str]:
        """What there is to say, and the key of the item from now on."""
        draft = self.draft
        if what == "remove":
            return draft.remove_item(key), key
        if what in ("add", "duplicate"):
            return "", draft.add_item(key)
        return "", draft.move_item(key, 1 if what == "down" else -1)

    def _go_to_new(self, key: str) -> None:
        self.say("")
        self.form.go(key)
        self.form.begin()
        self.form.select_all()


def _relative(path: Path, base: Path) -> str:
    """As short as it is right: inside the config's folder relative to it, elsewhere as it is."""
    if not path.is_absolute():
        return str(path)
    whole = Path(os.path.abspath(path))  # noqa: PTH100 - a symlink stays what the user named
    return str(whole.relative_to(base)) if whole.is_relative_to(base) else str(whole)
