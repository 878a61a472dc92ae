"""What can be done to the items of a list in a draft: blocks and dense layers."""

from __future__ import annotations

from training.config.fields import field, value
from training.config.patch import replaced
from training.config.schema import TrainingConfig
from tui.editor import listing
from tui.editor.items import is_item, item_label


class ItemEdits:
    """What of a draft is about lists."""

    config: TrainingConfig
    saved: TrainingConfig
    typed: dict[str, str]
    errors: dict[str, str]
    arranged: tuple[str, listing.Arrangement] | None = None
    """The list that was rearranged last, and how."""
    rearranged: frozenset[str] = frozenset()
    """Lists that are in another order than in the file."""

    def remember(self, key: str, group: str = "") -> None:
        """A change at that key follows."""
        raise NotImplementedError

    def set(self, key: str, new: object) -> None:
        """Set a valid value."""
        raise NotImplementedError

    def add_item(self, key: str) -> str:
        """Add a copy of the item, or of the last one of a list ("model.blocks"), after it; answers the new key."""
        of = key.rpartition(".")[0] if is_item(key) else key
        items = value(self.config, of)
        at = int(key.rpartition(".")[2]) + 1 if is_item(key) else len(items)
        return self._rearrange(of, listing.added(field(of), items, at), f"{of}.{at}")

    def remove_item(self, key: str) -> str:
        """Take an item out; answers a sentence: that it went, or why it has to stay."""
        of, _, index = key.rpartition(".")
        items = value(self.config, of)
        if len(items) <= field(of).min_length:
            return f"{item_label(key)} stays: there has to be one."
        label = item_label(key)
        self._rearrange(of, listing.removed(items, int(index)), key)
        return f"{label} removed."

    def move_item(self, key: str, by: int) -> str:
        """Move an item by so many places, no further than the ends; answers its key from now on."""
        of, _, index = key.rpartition(".")
        items = value(self.config, of)
        to = min(len(items) - 1, max(0, int(index) + by))
        if to == int(index):
            return key
        return self._rearrange(of, listing.moved(items, int(index), to), f"{of}.{to}")

    def _rearrange(self, of: str, arrangement: listing.Arrangement, key: str) -> str:
        self.remember(key)
        self.arranged = (of, arrangement)
        self.rearranged |= {of}
        for texts in (self.typed, self.errors):
            texts.pop(of, None)
        self.config = replaced(self.config, of, arrangement.items)
        self.typed = listing.renamed(self.typed, of, arrangement)
        self.errors = listing.renamed(self.errors, of, arrangement)
        return key

    def set_item_default(self, key: str) -> str:
        """Make an item what it was when the draft was opened or saved last; a sentence where that is not known."""
        of, _, index = key.rpartition(".")
        before = value(self.saved, of)
        if int(index) >= len(before):
            return f"{item_label(key)} was added here: it has no default."
        if of in self.rearranged:
            return f"{item_label(key)} may have been another one before the list was rearranged: undo leads back there."
        self.set(key, before[int(index)])
        return ""
