"""Keys that come sooner than the screen that they are for: on a slow line a whole word may arrive at once."""

from __future__ import annotations

from collections import deque
from typing import Any
from weakref import WeakKeyDictionary

from textual import events
from textual.app import App
from textual.await_complete import AwaitComplete
from textual.message_pump import MessagePump
from textual.screen import Screen, ScreenResultType
from textual.widget import Widget

MOST_LOOKS = 100
"""Refreshes that are waited for something to have the focus."""
ROUNDS = 3
"""A key, the message by which a field says that it is done, the answer of a dialog to whoever asked."""


class Backlog:
    """The keys of one app that came too early, in their order: one queue for all screens, so that none overtakes.

    They are taken one by one: what one of them opens or closes is there, or gone, for the next.
    """

    def __init__(self, app: App[Any]) -> None:
        self.app = app
        self.waits = False
        """Whether keys are still to be taken: whatever comes now comes after them."""
        self._keys: deque[events.Key] = deque()
        self._looks = 0

    def add(self, key: events.Key) -> None:
        """A key to take as soon as that can be."""
        self._keys.append(key)
        if not self.waits:
            self.waits, self._looks = True, 0
            self.app.call_after_refresh(self._take)

    def _take(self) -> None:
        screen = self.app.screen
        if isinstance(screen, TypeAhead) and screen.focused is None and self._looks < MOST_LOOKS:
            self._looks += 1
            self.app.call_after_refresh(self._take)
            return
        if not self._keys:
            self.waits = False
            return
        key, self._looks = self._keys.popleft(), 0
        target = screen.focused or screen
        Screen._forward_event(screen, key) if target is screen else target._forward_event(key)
        self._follow(target, target, ROUNDS)

    def _follow(self, target: Widget, node: MessagePump | None, rounds: int) -> None:
        """Take the next key when this one has gone its way from the target up to the app, and then what it set off."""
        while node is not None and node is not self.app:
            if node.call_later(self._follow, target, node._parent, rounds):
                return
            node = node._parent  # this one is closing
        if rounds > 1:
            self.app.call_later(self._follow, target, target, rounds - 1)
        else:
            self.app.call_after_refresh(self._take)


_BACKLOGS: WeakKeyDictionary[App[Any], Backlog] = WeakKeyDictionary()


def backlog_of(app: App[Any]) -> Backlog:
    """The one of that app."""
    return _BACKLOGS.setdefault(app, Backlog(app))


class TypeAhead(Screen[ScreenResultType]):
    """A screen that keeps the keys that come before anything on it has the focus."""

    def _forward_event(self, event: events.Event) -> None:
        # The app gives keys to what has the focus, and to the screen only where nothing has.
        if isinstance(event, events.Key) and not event.is_forwarded:
            backlog_of(self.app).add(event)
        else:
            super()._forward_event(event)

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        """Once: a second answer, before the first has taken effect, would take the screen below away."""
        return super().dismiss(result) if self.app.screen is self else AwaitComplete()


def pass_on(app: App[Any], event: events.Key) -> None:
    """A key that was on its way to a screen which is not the one in front any more: it is for the one that is."""
    backlog_of(app).add(events.Key(event.key, event.character))
