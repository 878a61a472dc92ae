"""A config while it is edited: what was typed, what it means, what is wrong with it, and the file that it came from."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from training.config import files, yaml12
from training.config.fields import FIELDS, Field, field, format_value, parse_value, value
from training.config.leaf import WrongValue, check
from training.config.patch import replaced
from training.config.problems import ConfigError, Problem
from training.config.schema import TrainingConfig
from training.errors import InvalidInput
from tui.editor.items import example, is_item, item_label, parse_item
from tui.editor.notes import Note, notes

_IN_ITEM = re.compile(r"(.+?)\.\d+(\.|$)", re.ASCII)


class Draft:
    """Keys are dotted; an item of a list of mappings is edited as one text under `model.blocks.0`.

    `config` holds the last value of each key that made sense; `errors` says why a text that was typed since does not.
    """

    def __init__(
        self, config: TrainingConfig, *, text: str = "", path: Path | None = None, base_dir: Path | None = None
    ) -> None:
        self.config = config
        self.saved = config
        self.text = text
        """The file as it was read or last saved; empty for a config that has none yet."""
        self.path = path
        self.base_dir = base_dir or (path.absolute().parent if path else Path.cwd())
        self.typed: dict[str, str] = {}
        self.errors: dict[str, str] = {}
        self._wrong_in_file: dict[str, str] = {}
        self._notes: list[Note] | None = None

    @classmethod
    def open(cls, path: Path) -> Draft:
        """The config of a file. Values that are wrong stay as they stand there, to be corrected.

        Raises ConfigError for what no field can show: wrong YAML, unknown keys, a file that cannot be read.
        """
        loaded = files.read(path)
        if loaded.config is not None:
            return cls(loaded.config, text=loaded.text, path=path)
        if not all(_has_field(problem) for problem in loaded.problems):
            raise ConfigError(loaded.problems)
        document = yaml12.scan(loaded.text, str(path))
        if document.problems:
            raise ConfigError(document.problems)
        draft = cls(TrainingConfig(), text=loaded.text, path=path)
        for entry in FIELDS:
            draft._take_raw(entry, document.values)
        draft.saved, draft._wrong_in_file = draft.config, draft._wrong
        return draft

    def _take_raw(self, entry: Field, values: dict[str, Any]) -> None:
        """A value as a file holds it: into the config where it fits, as a text to correct where it does not."""
        holder: Any = values.get(entry.section, {}) if entry.section else values
        if not isinstance(holder, dict) or entry.name not in holder:
            return
        raw = holder[entry.name]
        if entry.items and isinstance(raw, list):
            self._take_items(entry, raw)
            return
        try:
            self.config = replaced(self.config, entry.key, check(entry, raw))
        except WrongValue as error:
            self.typed[entry.key] = format_value(raw)
            self.errors[entry.key] = str(error)

    def _take_items(self, entry: Field, raw: list[Any]) -> None:
        items = value(self.config, entry.key)
        fallback = items[0] if items else parse_value(entry, example(entry))[0]
        taken = []
        for index, item in enumerate(raw):
            key = f"{entry.key}.{index}"
            text = format_value(item)
            text = text[1:-1] if isinstance(item, dict) else text
            try:
                taken.append(parse_item(key, text))
            except ValueError as error:
                taken.append(fallback)
                self.typed[key], self.errors[key] = text, str(error)
        self.config = replaced(self.config, entry.key, tuple(taken))

    # Reading

    @property
    def changed(self) -> bool:
        """Whether anything here is not in the file (or the preset) that it came from."""
        return self.config != self.saved or self._wrong != self._wrong_in_file

    @property
    def _wrong(self) -> dict[str, str]:
        return {key: self.typed[key] for key in self.errors}

    @property
    def notes(self) -> list[Note]:
        """Errors and advice, worst first."""
        if self._notes is None:
            self._notes = notes(self.config, self.errors)
        return self._notes

    @property
    def problems(self) -> list[Note]:
        """What has to be corrected before this is a config."""
        return [note for note in self.notes if note.severity == "error"]

    def shown(self, key: str) -> str:
        """The text of a field as the form shows it: as typed, else the canonical spelling."""
        return self.typed.get(key, self._spelled(key))

    def _spelled(self, key: str) -> str:
        found = value(self.config, key)
        if is_item(key):
            return format_value(found)[1:-1]
        entry = field(key)
        if entry.kind == "list":
            return format_value(found or ())[1:-1]
        if isinstance(found, str) and entry.kind == "text" and _reads_back(entry, found):
            return found
        return format_value(found)

    # Changing

    def type(self, key: str, text: str) -> None:
        """Take what was typed; where it is no value, the config keeps its last one and the error says why."""
        self.typed[key] = text
        try:
            new = parse_item(key, text) if is_item(key) else parse_value(field(key), text)
            self.config = replaced(self.config, key, new)
            self.errors.pop(key, None)
        except ValueError as error:
            self.errors[key] = str(error)
        self._notes = None

    def set(self, key: str, new: Any) -> None:
        """Set a valid value at a dotted key, inside an item too ("model.blocks.0.dropout")."""
        self.config = replaced(self.config, key, new)
        for row in (key, key.rpartition(".")[0]):
            self.typed.pop(row, None)
            self.errors.pop(row, None)
        self._notes = None

    def set_default(self, key: str) -> str:
        """Set a field to its default, an item to what it was when the draft was opened or saved last.

        Answers a sentence where there is nothing to set.
        """
        if not is_item(key):
            self.set(key, field(key).default)
            return ""
        of, _, index = key.rpartition(".")
        before = value(self.saved, of)
        if int(index) >= len(before):
            return f"{item_label(key)} was added here: it has no default. Clear the line to remove it."
        self.set(key, before[int(index)])
        return ""

    def silence(self, rule: str) -> None:
        """Switch the hints of a rule off for this config, or on again."""
        silenced = self.config.advice.silenced
        new = tuple(id for id in silenced if id != rule) if rule in silenced else (*silenced, rule)
        self.set("advice.silenced", new)

    def leave(self, key: str) -> str:
        """The cursor leaves a field: a valid text takes its canonical spelling, an item without text goes.

        Answers a sentence for an item that went, or could not.
        """
        if is_item(key) and key in self.typed and not self.typed[key].strip():
            return self._remove_item(key)
        if key not in self.errors:
            self.typed.pop(key, None)
        return ""

    def _remove_item(self, key: str) -> str:
        of, _, index = key.rpartition(".")
        items = value(self.config, of)
        self.typed.pop(key)
        self.errors.pop(key, None)
        self._notes = None
        if len(items) <= field(of).min_length:
            return f"{item_label(key)} stays: there has to be one."
        at = int(index)
        self.config = replaced(self.config, of, (*items[:at], *items[at + 1 :]))
        for texts in (self.typed, self.errors):
            for later in range(at + 1, len(items)):
                if f"{of}.{later}" in texts:
                    texts[f"{of}.{later - 1}"] = texts.pop(f"{of}.{later}")
        return f"{item_label(key)} removed."

    def add_item(self, key: str) -> str:
        """Append a copy of the last item, or a first one, to a list; answers the new item's key."""
        items = value(self.config, key)
        new = items[-1] if items else parse_value(field(key), example(field(key)))[0]
        self.config = replaced(self.config, key, (*items, new))
        self._notes = None
        return f"{key}.{len(items)}"

    # The file

    def yaml(self) -> str:
        """The file as it would be saved: edited in place where there is one, so that comments stay."""
        return files.edit(self.text, self.config) if self.text.strip() else files.dump(self.config)

    def differs_on_disk(self, path: Path) -> bool:
        """Whether saving to `path` would overwrite something that this draft has not seen."""
        if not path.exists():
            return False
        return path != self.path or files.read(path).text != self.text

    def save(self, path: Path) -> None:
        """Write the file. Raises InvalidInput where it cannot be written, and while there are errors."""
        if self.problems:
            raise InvalidInput(f"{len(self.problems)} values are not valid.", "Correct them, then save.")
        text = self.yaml()
        files.save(path, text)
        self.text, self.path, self.saved, self._wrong_in_file = text, path, self.config, {}
        self.base_dir = path.absolute().parent


def _has_field(problem: Problem) -> bool:
    """Whether the form has a place where the value of this problem can be corrected."""
    match = _IN_ITEM.match(problem.key)
    try:
        return field(match[1] if match else problem.key) is not None
    except InvalidInput:
        return False


def _reads_back(entry: Field, text: str) -> bool:
    try:
        return bool(parse_value(entry, text) == text)
    except ValueError:
        return False
