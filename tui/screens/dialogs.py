"""The screens that the keys of the monitor open, loaded once it stands: neither its start nor the first key waits."""

from __future__ import annotations

from importlib import import_module

from tui.turns import TURNS

LOADED_AFTER = 2.5
"""Seconds after the monitor opened; a long log is read by then."""
MODULES = (
    "tui.screens.story",
    "tui.screens.fix",
    "tui.screens.confirm",
    "tui.screens.control_menu",
    "tui.screens.copying",
    "tui.screens.export",
    "tui.screens.resume",
    "tui.screens.home",
)


def load() -> None:
    """For a thread: what they need takes a while."""
    for module in MODULES:
        TURNS.wait()
        import_module(module)
