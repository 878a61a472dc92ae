"""Keys that come sooner than the screen that they are for: on a slow line a whole word may arrive at once."""

from __future__ import annotations

from textual import events
from textual.screen import Screen, ScreenResultType


class TypeAhead(Screen[ScreenResultType]):
    """A screen that keeps the keys that come before anything on it has the focus, and then takes them in order."""

    _early: list[events.Key] | None = None

    def _forward_event(self, event: events.Event) -> None:
        if not isinstance(event, events.Key) or (self.focused is not None and self._early is None):
            super()._forward_event(event)
            return
        if self._early is None:
            self._early = []
            self.call_after_refresh(self._take_early)
        self._early.append(event)

    def _take_early(self) -> None:
        keys, self._early = self._early or [], None
        for key in keys:
            super()._forward_event(key)


def pass_on(screen: Screen[object], event: events.Key) -> None:
    """A key that was on its way to a widget when this screen came up over it: it is this screen's."""
    screen._forward_event(events.Key(event.key, event.character))
