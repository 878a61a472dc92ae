"""A dialog over a list: which of its lines are wanted, and in which order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.binding import BindingType
from textual.screen import ModalScreen

from tui import keymap
from tui.widgets.type_ahead import TypeAhead


@dataclass(frozen=True)
class Option:
    """One line. All texts are plain, and free of control characters."""

    id: str
    title: str
    detail: str = ""
    chosen: bool = True


class ChooseScreen(ModalScreen[list[str] | None], TypeAhead[list[str] | None]):
    """Answers the ids of the chosen lines in their order, or None."""

    BINDINGS: ClassVar[list[BindingType]] = keymap.bindings("choose")

    def __init__(self, title: str, options: Sequence[Option], *, default: Sequence[str] = ()) -> None:
        """`options` in their order of now; `default` are the ids that the reset key chooses, in their order."""
        super().__init__()
        self.heading = title
        self.options = list(options)
        self.default = tuple(default)
