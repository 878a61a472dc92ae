"""The menu of what can be copied from where one is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from textual.screen import Screen

from tui.screens.copy_text import CopyScreen
from tui.screens.pick import Choice, PickScreen

Copyable = tuple[str, Callable[[], str]]
"""What it is called, and the text itself, asked for once it was picked. Columns of a table are apart by tabs."""


def copy_menu(screen: Screen[Any], choices: Sequence[Copyable]) -> None:
    """Ask which of the texts to copy, copy it, and show it. A single one is not asked for."""
    if not choices:
        screen.notify("There is nothing to copy here yet.", markup=False)
    elif len(choices) == 1:
        _copy(screen, choices, "0")
    else:
        listed = [Choice(str(index), title) for index, (title, _) in enumerate(choices)]
        screen.app.push_screen(PickScreen("Copy", listed, search=False), partial(_copy, screen, choices))


def _copy(screen: Screen[Any], choices: Sequence[Copyable], picked: str | None) -> None:
    if picked is None:
        return
    title, text_of = choices[int(picked)]
    screen.app.push_screen(CopyScreen(title, text_of()))
