"""A config while it is edited: what was typed, what it means, what is wrong with it, and the file that it came from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from training.config import files
from training.config.fields import field, parse_value, value
from training.config.patch import replaced
from training.config.problems import ConfigError
from training.config.schema import TrainingConfig
from training.errors import InvalidInput
from training.runs.compared import Placed, beside
from tui.editor.annotated import Annotated
from tui.editor.draft_items import ItemEdits
from tui.editor.history import History, State
from tui.editor.items import is_item, item_of, parse_item
from tui.editor.reading import read_config_text
from tui.editor.spelled import spelled


class Draft(ItemEdits, Annotated):
    """Keys are dotted; an item of a list of mappings is edited as one text under `model.blocks.0`, or field by field
    under `model.blocks.0.filters`.

    `config` holds the last value of each key that made sense; `errors` says why a text that was typed since does not.
    """

    def __init__(
        self, config: TrainingConfig, *, text: str = "", path: Path | None = None, base_dir: Path | None = None
    ) -> None:
        self.config = config
        self.saved = config
        self.text = text
        """The file as it was read or last saved; empty for a config that has none yet."""
        self.base = text
        """The text that is edited in place: the file's, or one that an editor of the user's made of it."""
        self.path = path
        self.base_dir = base_dir or (path.absolute().parent if path else Path.cwd())
        self.typed: dict[str, str] = {}
        self.errors: dict[str, str] = {}
        self.history = History()
        self._wrong_in_file: dict[str, str] = {}
        self._yaml: tuple[TrainingConfig, str, str] | None = None

    @classmethod
    def open(cls, path: Path) -> Draft:
        """The config of a file. Values that are wrong stay as they stand there, to be corrected.

        Raises ConfigError for what no field can show: wrong YAML, unknown keys, a file that cannot be read.
        """
        loaded = files.read(path)
        if loaded.config is not None:
            return cls(loaded.config, text=loaded.text, path=path)
        if not loaded.text:
            raise ConfigError(loaded.problems)
        read = read_config_text(loaded.text, str(path))
        draft = cls(read.config, text=loaded.text, path=path)
        draft.typed, draft.errors = read.typed, read.errors
        draft.settle(loaded.text)
        return draft

    # Reading

    @property
    def changed(self) -> bool:
        """Whether anything here is not in the file (or the preset) that it came from."""
        if self.config != self.saved or self._wrong != self._wrong_in_file:
            return True
        return self.base != self.text and self.yaml() != self.text

    @property
    def _wrong(self) -> dict[str, str]:
        return {key: self.typed[key] for key in self.errors}

    def shown(self, key: str) -> str:
        """The text of a field as the form shows it: as typed, else the canonical spelling."""
        return self.typed[key] if key in self.typed else spelled(self.config, key)

    # Changing

    def type(self, key: str, text: str) -> None:
        """Take what was typed; where it is no value, the config keeps its last one and the error says why.

        What is typed on one field until `leave` is one step to undo.
        """
        self.remember(key, group=f"typing {key}")
        self._typed_anew(key)
        self.typed[key] = text
        try:
            new = parse_item(key, text) if is_item(key) else parse_value(field(key), text)
            self.config = replaced(self.config, key, new)
            self.errors.pop(key, None)
        except ValueError as error:
            self.errors[key] = str(error)

    def set(self, key: str, new: Any) -> None:
        """Set a valid value at a dotted key, inside an item too ("model.blocks.0.dropout")."""
        self.take({key: new})

    def take(self, patch: dict[str, Any]) -> None:
        """Set several valid values as one step: what a hint recommends."""
        config = self.config
        for key, new in patch.items():
            config = replaced(config, key, new)
        if config == self.config and not any(_within(text, key) for key in patch for text in self.typed):
            return
        self.remember(next(iter(patch)))
        self.config = config
        for key in patch:
            self._typed_anew(key)
            for texts in (self.typed, self.errors):
                texts.pop(key, None)

    def _typed_anew(self, key: str) -> None:
        """A field of an item that is changed ends what was typed for its item, and the other way round."""
        item = item_of(key)
        for texts in (self.typed, self.errors):
            for other in [other for other in texts if other != key and item and item_of(other) == item]:
                if item in (key, other):
                    del texts[other]

    def set_default(self, key: str) -> str:
        """Set a field to its default, an item to what it was when the draft was opened or saved last.

        Answers a sentence where there is nothing to set.
        """
        key = key.removesuffix(".+")
        if is_item(key):
            return self.set_item_default(key)
        entry = field(key)
        if entry.items and key not in self.errors:
            return "This line adds one: it has no default."
        if entry.required:
            return f"{entry.title} has no default."
        if value(self.config, key) == entry.default and key not in self.typed:
            return f"{entry.title} is at its default."
        self.set(key, entry.default)
        return ""

    def silence(self, rule: str) -> None:
        """Switch the hints of a rule off for this config, or on again."""
        silenced = self.config.advice.silenced
        new = tuple(id for id in silenced if id != rule) if rule in silenced else (*silenced, rule)
        self.set("advice.silenced", new)

    def leave(self, key: str) -> str:
        """Typing in a field ends: a valid text takes its canonical spelling, an item without text goes.

        Answers a sentence for an item that went, or could not.
        """
        self.history.pause()
        if is_item(key) and key in self.typed and not self.typed[key].strip():
            return self._leave_empty(key)
        if key not in self.errors:
            self.typed.pop(key, None)
        return ""

    def _leave_empty(self, key: str) -> str:
        for texts in (self.typed, self.errors):
            texts.pop(key, None)
        self._notes = None
        return self.remove_item(key)

    # Whole configs

    def replace(self, config: TrainingConfig, keep: tuple[str, ...] = ()) -> None:
        """Another config as one step; the file and its comments stay what is saved into.

        Of the sections in `keep` the texts that are no values stay, too.
        """
        self.remember("")
        texts = [
            tuple((key, text) for key, text in texts.items() if key.partition(".")[0] in keep)
            for texts in (self.typed, self.errors)
        ]
        self._restore(State(config, self.base, self.base_dir, *texts))

    def take_text(self, text: str) -> None:
        """Another YAML text as one step, such as one from the user's own editor.

        Raises ConfigError for what no field can show.
        """
        read = read_config_text(text, self.path.name if self.path else "the text")
        self.remember("")
        texts = (tuple(read.typed.items()), tuple(read.errors.items()))
        self._restore(State(read.config, text, self.base_dir, *texts))

    def undo(self) -> str | None:
        """Go back by one step; answers the key that changed, None where nothing is left to undo."""
        step = self.history.back(self._state)
        if step is not None:
            self._restore(step.state)
        return step.key if step is not None else None

    def redo(self) -> str | None:
        """Do again what was undone last; answers as `undo` does."""
        step = self.history.forward(self._state)
        if step is not None:
            self._restore(step.state)
        return step.key if step is not None else None

    def remember(self, key: str, group: str = "") -> None:
        """A change at that key follows; `group` makes one step of several. Notes are made anew after it."""
        self.history.remember(self._state, key, group)
        self._notes = None

    @property
    def _state(self) -> State:
        return State(self.config, self.base, self.base_dir, tuple(self.typed.items()), tuple(self.errors.items()))

    def _restore(self, state: State) -> None:
        self.config, self.base = _relative_to(self.base_dir, state.config, state.base_dir), state.base
        self.typed, self.errors = dict(state.typed), dict(state.errors)
        self._notes = None

    # The file

    def yaml(self) -> str:
        """The file as it would be saved: edited in place where there is one, so that comments stay."""
        if self._yaml is None or self._yaml[0] is not self.config or self._yaml[1] != self.base:
            text = files.edit(self.base, self.config) if self.base.strip() else files.dump(self.config)
            self._yaml = (self.config, self.base, text)
        return self._yaml[2]

    def differs_on_disk(self, path: Path) -> bool:
        """Whether saving to `path` would overwrite something that this draft has not seen."""
        if not path.exists():
            return False
        now = files.read(path)
        unreadable = bool(now.problems) and not now.text
        return path != self.path or unreadable or now.text != self.text

    def save(self, path: Path) -> None:
        """Write the file; in another folder its paths still lead where they led.

        Raises InvalidInput where it cannot be written, and while there are errors.
        """
        if self.problems:
            raise InvalidInput(f"{len(self.problems)} values are not valid.", "Correct them, then save.")
        moved = _relative_to(path.absolute().parent, self.config, self.base_dir)
        if moved != self.config:
            self.replace(moved)
        text = self.yaml()
        files.save(path, text)
        self.path, self.base_dir = path, path.absolute().parent
        self.settle(text)
        self.history.pause()

    def settle(self, text: str) -> None:
        """What this draft holds is what its file holds, in this spelling."""
        self.text = self.base = text
        self.saved, self._wrong_in_file = self.config, self._wrong
        self.rearranged = frozenset()


def _within(key: str, outer: str) -> bool:
    """Whether a key is that one, lies in it, or holds it."""
    return f"{key}.".startswith(f"{outer}.") or f"{outer}.".startswith(f"{key}.")


def _relative_to(folder: Path, config: TrainingConfig, base_dir: Path) -> TrainingConfig:
    """The config in another folder than the one that its paths are relative to: they lead where they led."""
    return config if folder == base_dir else beside(Placed("", config, base_dir), Placed("", config, folder))
