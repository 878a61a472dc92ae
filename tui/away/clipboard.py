"""Copying by OSC 52: the terminal, wherever it is, puts the text into the clipboard of the machine that it runs on."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
from contextlib import suppress
from typing import Any

from textual.app import App

from tui.away.terminal import multiplexer, passed_through, send

MOST_BYTES = 74_994
"""Of text: terminals drop a sequence of more than 100,000 bytes (xterm's and hterm's limit), without a word."""
TMUX_SECONDS = 2.0


def fits(text: str) -> bool:
    """Whether terminals take so much at once."""
    return len(text.encode()) <= MOST_BYTES


def copy(app: App[Any], text: str) -> bool:
    """Ask the terminal to take the text into its clipboard; False where it is too long for that.

    Whether the terminal does cannot be known: none answers.
    """
    if not fits(text):
        return False
    sequence = f"\x1b]52;c;{base64.b64encode(text.encode()).decode()}\x07"
    # To a multiplexer in both ways: which one it takes depends on its settings, and the same text twice does no harm.
    send(app, sequence)
    if multiplexer():
        send(app, passed_through(sequence))
    if os.environ.get("TMUX"):
        app.run_worker(lambda: _give_to_tmux(text), thread=True, exit_on_error=False, group="clipboard")
    return True


def _give_to_tmux(text: str) -> None:
    """Let tmux itself hand it on: by default it does so for its own buffers, and not for what a program asks for."""
    tmux = shutil.which("tmux")
    if tmux is None:
        return
    with suppress(OSError, subprocess.SubprocessError):
        subprocess.run(
            [tmux, "load-buffer", "-w", "-"],
            input=text.encode(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=TMUX_SECONDS,
            check=False,
        )
