"""Keys that come sooner than what they are for: on a slow line a whole word may arrive at once."""

from __future__ import annotations

import time
from collections import deque
from typing import Any
from weakref import WeakKeyDictionary, WeakSet

from textual import events
from textual.app import App
from textual.await_complete import AwaitComplete
from textual.message_pump import MessagePump
from textual.screen import Screen, ScreenResultType
from textual.widget import Widget

MOST_LOOKS = 100
"""Refreshes that are waited for a screen to be there, with something to have the focus."""
ROUNDS = 3
"""A key, the message by which a field says that it is done, the answer of a dialog to whoever asked."""
LOST_SECONDS = 1.0
"""After which a key is not waited for any more: whoever it went to is gone."""
HELD_SECONDS = 3.0
"""So long keys wait for a thread; who typed them blindly for a dialog did not mean the screen that is there instead."""


class Backlog:
    """The keys of one app in their order, taken one by one: what one opens or closes is there, or gone, for the next.

    Textual would hand all of them to what has the focus now.
    """

    def __init__(self, app: App[Any]) -> None:
        self.app = app
        self._keys: deque[events.Key] = deque()
        self._busy = False
        """Whether a key is on its way, or waits: whatever comes now comes after it."""
        self._turn = 0
        self._since = 0.0
        self._looks = 0
        self._holds = 0
        """Grows with each time that keys are held; 0 and below while they are not."""
        self._parked = False
        """Whether there is nobody to take the next key but who lets go of them."""
        self._painted: WeakSet[Screen[Any]] = WeakSet()
        """Screens that were there when a key was taken."""

    @property
    def waits(self) -> bool:
        """Whether a key is on its way; one that waits for a thread is not."""
        return self._busy and not self._parked

    async def add(self, key: events.Key) -> None:
        """A key to take as soon as that can be: at once, unless another one is on its way."""
        self._keys.append(key)
        lost = time.monotonic() - self._since > LOST_SECONDS and not self._parked
        if not self._busy or lost:
            self._busy, self._looks = True, 0
            await self._take()

    def put_back(self, key: events.Key) -> None:
        """A key that reached what it is not for any more: it is the next one to take."""
        again = events.Key(key.key, key.character)
        again.time = key.time
        self._keys.appendleft(again)
        if not self._busy:
            self._busy, self._looks = True, 0
            self.app.call_later(self._take)

    # Waiting for a thread

    def hold(self) -> None:
        """Take no key before `let_go`: a thread is finding out what the dialog has to say that they are for.

        Where that takes it long, the keys that came until then are dropped.
        """
        self._holds = abs(self._holds) + 1
        self.app.set_timer(HELD_SECONDS, lambda held=self._holds: self._give_up(held))

    def let_go(self) -> None:
        """The dialog is there, or there will be none."""
        self._holds = -abs(self._holds)
        if self._parked:
            self._parked = False
            self.app.call_later(self._take)

    def _give_up(self, held: int) -> None:
        if held == self._holds:
            self._keys.clear()
            self.let_go()

    # One after the other

    @property
    def _is_ready(self) -> bool:
        """Whether the screen in front can take a key."""
        screen = self.app.screen
        return screen.is_mounted and (screen.focused is not None or not isinstance(screen, TypeAhead))

    @property
    def _front(self) -> Widget:
        """Who keys go to."""
        return self.app.screen.focused or self.app.screen

    async def _take(self) -> None:
        self._since = time.monotonic()
        if self._holds > 0:
            self._parked = True
            return
        if not self._keys:
            self._busy = False
            return
        if not self._is_ready and self._looks < MOST_LOOKS:
            self._looks += 1
            self.app.call_after_refresh(self._take)
            return
        key, self._looks = self._keys.popleft(), 0
        self._turn += 1
        self._painted.add(self.app.screen)
        target = self._front
        await App.on_event(self.app, key)
        await self._follow(self._turn, target, target, ROUNDS)

    async def _follow(self, turn: int, target: Widget, node: MessagePump | None, rounds: int) -> None:
        """Take the next key when this one has gone its way from the target up to the app, and then what it set off."""
        if turn != self._turn:  # it was given up
            return
        while node is not None and node is not self.app:
            if node.call_later(self._follow, turn, target, node._parent, rounds):
                return
            node = node._parent  # this one is closing
        if rounds > 1:
            self.app.call_later(self._follow, turn, target, target, rounds - 1)
        elif self._front is not target:  # it opened or closed something: that has to hear of it first
            await self._follow(turn, self._front, self._front, 1)
        elif self.app.screen in self._painted:
            await self._take()
        else:
            self.app.call_after_refresh(self._take)


_BACKLOGS: WeakKeyDictionary[App[Any], Backlog] = WeakKeyDictionary()


def backlog_of(app: App[Any]) -> Backlog:
    """The one of that app."""
    return _BACKLOGS.setdefault(app, Backlog(app))


class TypeAhead(Screen[ScreenResultType]):
    """A screen that takes keys only once something on it has the focus."""

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        """Once: a second answer, before the first has taken effect, would take the screen below away."""
        return super().dismiss(result) if self.app.screen is self else AwaitComplete()


def pass_on(app: App[Any], event: events.Key) -> None:
    """A key that was on its way to a screen which is not the one in front any more: it is for the one that is."""
    backlog_of(app).put_back(event)
