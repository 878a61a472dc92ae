"""The line from a user's script to the process that writes its run. Standard library only: it lives in the script.

Nothing here waits for the other side while the script trains: what the line does not take is kept for the next time.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

ENTRY = Path(__file__).resolve().parents[3] / "traindeck.py"
BUFFER_BYTES = 1 << 20
HELD_BYTES = 16 << 20
"""What is kept for a recorder that does not read; more than that is dropped."""
POLL_SECONDS = 0.01
REFUSAL = "not recorded: "
"""Begins the last word of a recorder that makes no run."""
# A socket, not a pipe: a script that has set SIGPIPE back to its default would be killed by writing to a closed pipe.
NO_SIGNAL = getattr(socket, "MSG_NOSIGNAL", 0)


class Broken(Exception):
    """The recorder is gone; the message is its last word."""


class Pipe:
    """Starts the recorder and tells it what the script reports. Raises OSError where it cannot be started."""

    def __init__(self) -> None:
        self._line, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-X", "utf8", str(ENTRY), "_record"],
                stdin=theirs.fileno(),
                stdout=theirs.fileno(),
                stderr=theirs.fileno(),
                start_new_session=True,  # ctrl+c and a closed window are the script's; the recorder tells of them
            )
        self._line.setblocking(False)
        with suppress(OSError):
            self._line.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER_BYTES)
        if hasattr(socket, "SO_NOSIGPIPE"):
            self._line.setsockopt(socket.SOL_SOCKET, socket.SO_NOSIGPIPE, 1)
        self._socket = self._what_is_open()
        self._held = bytearray()
        self._said = b""

    def send(self, message: Mapping[str, Any]) -> None:
        """Hand it over, or keep it until the line takes it. Raises Broken where nobody listens any more."""
        if len(self._held) < HELD_BYTES:
            self._held += json.dumps(message).encode() + b"\n"
        self._flush()

    def _what_is_open(self) -> tuple[int, int]:
        found = os.fstat(self._line.fileno())
        return found.st_dev, found.st_ino

    def _is_open(self) -> bool:
        """False where the script has closed the line, as daemons close all they have; its number may be another's."""
        try:
            return self._line.fileno() >= 0 and self._what_is_open() == self._socket
        except OSError:
            return False

    def _flush(self) -> None:
        if not self._is_open():
            raise Broken("The script has closed the line to its recorder")
        try:
            while self._held:
                sent = self._line.send(self._held, NO_SIGNAL)
                del self._held[:sent]
        except BlockingIOError:
            return
        except OSError as error:
            raise Broken(self._last_word()) from error

    def said(self) -> list[str]:
        """What the recorder has said since the last time: warnings, a line each."""
        try:
            while self._is_open() and (said := self._line.recv(65536)):
                self._said += said
        except OSError:  # nothing at this moment, or it is gone
            pass
        *lines, self._said = self._said.split(b"\n")
        return [line.decode("utf-8", "replace") for line in lines if line.strip()]

    def _last_word(self) -> str:
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(1.0)
        lines = self.said()
        return lines[-1] if lines else f"the recorder ended with exit code {self._process.poll()}"

    def close(self, seconds: float) -> list[str]:
        """Hand over what is kept, and wait that long until all is written; returns the recorder's last warnings."""
        deadline = time.monotonic() + seconds
        with suppress(Broken):
            self._flush()
            while self._held and time.monotonic() < deadline:
                time.sleep(POLL_SECONDS)
                self._flush()
        if not self._is_open():
            self.forget()
            return []
        with suppress(OSError):
            self._line.shutdown(socket.SHUT_WR)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(max(0.0, deadline - time.monotonic()))
        said = self.said()
        self.forget()
        return said

    def forget(self) -> None:
        """Let go of it without a word: a forked child holds the line too, and would keep the recorder waiting."""
        if self._is_open():
            self._line.close()
        else:
            self._line.detach()
        if self._process.poll() is None:
            self._process.returncode = 0  # nobody waits for it here: no ResourceWarning
