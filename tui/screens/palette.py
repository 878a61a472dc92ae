"""Every action of the screen under it, found by name: the key table once more."""

from __future__ import annotations

from textual.app import App

from tui import keymap
from tui.screens.pick import Choice, PickScreen


def choices(app: App[None]) -> list[Choice]:
    """What can be done now, with the keys that do it."""
    screen = app.screen
    own = [row for row in keymap.of(keymap.screen_of(type(screen).BINDINGS)) if not row.numbered]
    possible = [row for row in own if screen.check_action(row.action.partition("(")[0], ()) is not False]
    rows = [*possible, *(row for row in keymap.of("app") if row.id != "app.palette")]
    return [Choice(row.id, row.help or row.description, row.names) for row in rows]


def open_palette(app: App[None]) -> None:
    """Show the palette over the screen that is there, and do what is picked."""
    under = app.screen

    async def picked(id: str | None) -> None:
        if id is not None:
            row = keymap.find(id)
            await app.run_action(row.action, app if row.screen == "app" else under)

    app.push_screen(PickScreen("Commands", choices(app), search=True), picked)
