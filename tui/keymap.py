"""Every key of the app, once: the screens' bindings, the footer, the help screen, the docs and the collision test read this."""

from __future__ import annotations

from dataclasses import dataclass

from textual.binding import Binding, BindingType


@dataclass(frozen=True)
class Key:
    """One key (or several, comma-separated) of one screen; `id` is stable, so that users can remap it."""

    screen: str
    id: str
    keys: str
    action: str
    description: str
    show: bool = True
    priority: bool = False


HOME = (
    Key("home", "home.open", "enter", "open", "Open"),
)  # fmt: skip

MONITOR = (
    Key("monitor", "monitor.pause", "p", "pause", "Pause"),
)  # fmt: skip

TABLE: tuple[Key, ...] = (*HOME, *MONITOR)


def bindings(screen: str) -> list[BindingType]:
    """The Textual bindings of a screen."""
    return [
        Binding(key.keys, key.action, key.description, id=key.id, show=key.show, priority=key.priority)
        for key in TABLE
        if key.screen == screen
    ]
