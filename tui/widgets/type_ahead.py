"""Keys that come sooner than the screen that they are for: on a slow line a whole word may arrive at once."""

from __future__ import annotations

from collections import deque
from typing import Any

from textual import events
from textual.screen import Screen, ScreenResultType

MOST_LOOKS = 100
"""Refreshes that are waited for something to have the focus."""
SETTLED = 0.03
"""Seconds after which what a key opened or closed is there."""


class TypeAhead(Screen[ScreenResultType]):
    """A screen that keeps the keys that come before anything on it has the focus.

    It then takes them one by one, a refresh apart: what one of them opens or closes is there for the next.
    """

    _early: deque[events.Key] | None = None
    _looks = 0

    def _forward_event(self, event: events.Event) -> None:
        # The app gives keys to what has the focus, and to the screen only where nothing has.
        if isinstance(event, events.Key) and not event.is_forwarded:
            self.keep(event)
        else:
            super()._forward_event(event)

    def keep(self, key: events.Key) -> None:
        """A key to take as soon as that can be."""
        if self._early is None:
            self._early, self._looks = deque(), 0
            self.call_after_refresh(self._take_early)
        self._early.append(key)

    def _take_early(self) -> None:
        self._looks += 1
        if self.is_current and self.focused is None and self._looks < MOST_LOOKS:
            self.call_after_refresh(self._take_early)
            return
        if not self._early:
            self._early = None
            return
        key = self._early.popleft()
        if not self.is_current:
            pass_on(self.app.screen, key)
        elif self.focused is not None:
            self.focused._forward_event(key)
        else:
            super()._forward_event(key)
        if key.is_printable:
            self.app.call_after_refresh(self._take_early)
        else:
            self.app.set_timer(SETTLED, self._take_early)


def pass_on(screen: Screen[Any], event: events.Key) -> None:
    """A key that was on its way to another screen, which is not the one in front any more: it is this screen's."""
    key = events.Key(event.key, event.character)
    if isinstance(screen, TypeAhead):
        screen.keep(key)
    else:
        (screen.focused or screen)._forward_event(key)
