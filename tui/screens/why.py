"""A key that does nothing now says so: whoever read of it in the help should not wonder whether it was heard."""

from __future__ import annotations

from textual import actions, events
from textual.widgets import Input

from tui import keymap
from tui.widgets.spans import SpanScreen

SAID_SECONDS = 4.0


class WhyScreen(SpanScreen[None]):
    """A screen whose keys may have nothing to do."""

    def why_not(self, action: str, parameters: tuple[object, ...]) -> str:  # noqa: ARG002
        """Why that cannot be done now, in a few words; empty where it goes without saying."""
        return ""

    async def on_key(self, event: events.Key) -> None:
        if self.app.screen is not self or isinstance(self.focused, Input):
            return
        said = self._why(event.key)
        if said and all(note.message != said for note in self.app._notifications):
            self.notify(said, timeout=SAID_SECONDS, markup=False)

    def _why(self, key: str) -> str:
        """Why the key has nothing to do; empty where it has, or is none of the screen's."""
        said = ""
        for row in keymap.of(keymap.screen_of(type(self).BINDINGS)):
            if key in row.keys.split(","):
                _, name, parameters = actions.parse(row.action.format(key=key))
                if self.check_action(name, parameters) is not False:
                    return ""
                said = said or self.why_not(name, parameters)
        return said
