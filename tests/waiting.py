"""Waiting for what another process does: until it is so, or until the time is up."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def wait_until(condition: Callable[[], T | None], seconds: float = 60.0, what: str = "") -> T:
    """The first true value of the condition; files and screens of other processes give no event to wait for."""
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds:.0f} s: {what or condition}")
        pause.wait(0.05)
    return value
