"""A terminal that only listens: what an app writes to it beside its cells."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from textual.drivers.headless_driver import HeadlessDriver

POINTER = "\x1b]22;"
"""The shape of the mouse pointer, of which Textual tells each time that a screen comes."""
MOUSE = ("_disable_mouse_support", "_enable_mouse_support", "_enable_mouse_pixels")


def listen(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """From here on all that is written, and the names of what is done about the mouse, in their order."""
    heard: list[str] = []

    def write(_: HeadlessDriver, data: str) -> None:
        if not data.startswith(POINTER):
            heard.append(data)

    def noting(name: str) -> Callable[[Any], None]:
        return lambda _: heard.append(name)

    monkeypatch.setattr(HeadlessDriver, "write", write)
    for name in MOUSE:
        monkeypatch.setattr(HeadlessDriver, name, noting(name), raising=False)
    return heard
