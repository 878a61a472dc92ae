"""One line of text being typed: the text, the cursor, and whether the next character replaces it all."""

from __future__ import annotations

import re
from dataclasses import dataclass

_WORD_BACK = re.compile(r"\S*\s*$")
_WORD_AHEAD = re.compile(r"\s*\S*")


@dataclass(frozen=True)
class LineEdit:
    """Every edit gives a new one. `selected` means that the whole text is selected, as on arriving at a number."""

    text: str
    cursor: int
    selected: bool = False

    @classmethod
    def at_end(cls, text: str, selected: bool = False) -> LineEdit:
        return cls(text, len(text), selected and bool(text))

    def insert(self, new: str) -> LineEdit:
        if self.selected:
            return LineEdit(new, len(new))
        text = self.text[: self.cursor] + new + self.text[self.cursor :]
        return LineEdit(text, self.cursor + len(new))

    def delete(self, start: int, end: int) -> LineEdit:
        """Without the characters from `start` to `end`, both clipped; a selected text goes as a whole."""
        if self.selected:
            return LineEdit("", 0)
        start, end = max(0, start), min(len(self.text), end)
        return LineEdit(self.text[:start] + self.text[end:], start)

    def backspace(self) -> LineEdit:
        return self.delete(self.cursor - 1, self.cursor)

    def delete_right(self) -> LineEdit:
        return self.delete(self.cursor, self.cursor + 1)

    def delete_word(self) -> LineEdit:
        return self.delete(self.word_back, self.cursor)

    def delete_to_start(self) -> LineEdit:
        return self.delete(0, self.cursor)

    def delete_to_end(self) -> LineEdit:
        return self.delete(self.cursor, len(self.text))

    def to(self, cursor: int) -> LineEdit:
        """The cursor elsewhere; nothing is selected any more."""
        return LineEdit(self.text, max(0, min(cursor, len(self.text))))

    @property
    def word_back(self) -> int:
        match = _WORD_BACK.search(self.text[: self.cursor])
        return match.start() if match else 0

    @property
    def word_ahead(self) -> int:
        match = _WORD_AHEAD.match(self.text, self.cursor)
        return match.end() if match else len(self.text)
