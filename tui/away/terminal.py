"""What an app says to its terminal beside its cells: sequences for the outer one too, and the mouse lent back to it."""

from __future__ import annotations

import os
from typing import Any

from textual.app import App

SCREEN_CHUNK = 256
"""Bytes that GNU screen surely passes through at once (it takes 768 at most)."""


def send(app: App[Any], sequence: str) -> None:
    """Write a control sequence between two paintings; only message handlers may call it. Nothing without a terminal."""
    if app._driver is not None:
        app._driver.write(sequence)


def multiplexer() -> str:
    """`tmux` or `screen` where one lies between this process and the terminal, as far as can be known; else empty.

    A tmux on the user's own side of an SSH connection shows in TERM alone.
    """
    if os.environ.get("TMUX") or os.environ.get("TERM", "").startswith("tmux"):
        return "tmux"
    return "screen" if os.environ.get("STY") else ""


def passed_through(sequence: str) -> str:
    """The sequence as tmux (with `allow-passthrough on`) or screen hands it to the terminal outside; else as it is."""
    match multiplexer():
        case "tmux":
            return "\x1bPtmux;" + sequence.replace("\x1b", "\x1b\x1b") + "\x1b\\"
        case "screen":
            parts = [sequence[at : at + SCREEN_CHUNK] for at in range(0, len(sequence), SCREEN_CHUNK)]
            return "".join(f"\x1bP{part}\x1b\\" for part in parts)
    return sequence


def lend_mouse(app: App[Any]) -> None:
    """From here on the mouse is the terminal's own: it selects text, and the app hears nothing of it."""
    _tell_driver(app, "_disable_mouse_support")


def take_mouse_back(app: App[Any]) -> None:
    """The mouse is the app's again, in the unit that the terminal had agreed on."""
    _tell_driver(app, "_enable_mouse_support")
    if getattr(app._driver, "_mouse_pixels", False):
        _tell_driver(app, "_enable_mouse_pixels")


def _tell_driver(app: App[Any], name: str) -> None:
    """Textual has no public way to this, and the drivers without a terminal have none at all."""
    method = getattr(app._driver, name, None)
    if method is not None:
        method()
