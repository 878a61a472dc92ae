"""Text that was copied, to be selected with the mouse where the terminal did not take it."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType
from textual.screen import ModalScreen

from tui import keymap


class CopyScreen(ModalScreen[None]):
    """Shows `text` under `title`, plainly and without a frame at its sides."""

    BINDINGS: ClassVar[list[BindingType]] = keymap.bindings("copy")

    def __init__(self, title: str, text: str) -> None:
        super().__init__()
        self.heading = title
        self.text = text
