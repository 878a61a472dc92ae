"""Textual's way to the terminal (textual 8.2, `LinuxDriver`), with an eye on how far the terminal is behind.

Its reading is ours as well: Textual looks only every tenth of a second whether an escape stands alone.
"""

from __future__ import annotations

import os
import re
import selectors
from codecs import getincrementaldecoder
from threading import Condition
from typing import Any

from textual import constants
from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver

from tui.line.flow import Flow

ESCAPE_SECONDS = 0.004
"""How long an escape waits for the rest of a key's sequence, which comes in one packet; tmux (3.5) waits 0.01 s."""
LOOK_SECONDS = 0.1
"""Between two looks whether to go on."""
ASK = "\x1b[c"
ANSWER = re.compile(r"\x1b\[\?[\d;]*c")
BEGUN = re.compile(r"\x1b\[\?[\d;$]*\Z")
"""An answer of which the rest is to come; no key begins like that."""
LEAVE_SECONDS = 1.0
"""So long answers are waited for at the end: the shell would take them for what was typed."""


class Sieve:
    """Takes the answers of the terminal out of what is typed: the parser would take the parts of one for keys."""

    def __init__(self) -> None:
        self._begun = ""

    def sift(self, text: str) -> tuple[str, bool]:
        """The text without answers, and whether there was one."""
        text, count = ANSWER.subn("", self._begun + text)
        begun = BEGUN.search(text)
        self._begun = begun[0] if begun else ""
        return text[: len(text) - len(self._begun)], count > 0


class LineDriver(LinuxDriver):
    """The driver of the app."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.flow = Flow(self._queued)
        self.shown = ""
        """The last frame, while nothing else may have changed the screen since."""
        self._written = 0
        self._listens = False
        self._sieve = Sieve()
        self._answer_came = Condition()
        if "ESCDELAY" not in os.environ:
            vars(constants)["ESCAPE_DELAY"] = ESCAPE_SECONDS

    def _queued(self) -> int:
        return self._writer_thread._queue.qsize() if self._writer_thread is not None else 0

    def write(self, data: str) -> None:
        self._written += len(data)
        super().write(data)

    def flush(self) -> None:
        """The end of a frame. Nothing is asked where nobody would hear the answer: the shell would, at the end."""
        if self._written and self._listens and self.flow.sent(self._written):
            super().write(ASK)
        self._written = 0
        super().flush()

    def start_application_mode(self) -> None:
        self.shown = ""
        super().start_application_mode()  # type: ignore[no-untyped-call]
        self._listens = self.input_tty

    def disable_input(self) -> None:
        self._listens = False
        with self._answer_came:
            self._answer_came.wait_for(lambda: not (self.flow.answers and self.flow.waiting), LEAVE_SECONDS)
        super().disable_input()

    def run_input_thread(self) -> None:
        """Read what is typed and what the terminal answers, until there is to be no more."""
        parser = XTermParser(self._debug)
        decode = getincrementaldecoder("utf-8")("replace").decode
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            seconds = LOOK_SECONDS
            while not self.exit_event.is_set():
                if selector.select(seconds):
                    text, answered = self._sieve.sift(decode(os.read(self.fileno, 1 << 12)))
                    if answered:
                        self._take_answer()
                    for message in parser.feed(text) if text else ():
                        self.process_message(message)
                    # Only an escape alone is a key; the rest of a longer sequence is on its way.
                    seconds = constants.ESCAPE_DELAY + 0.001 if text.endswith("\x1b") else LOOK_SECONDS
                else:
                    seconds = LOOK_SECONDS
                    for message in parser.tick():
                        self.process_message(message)

    def _take_answer(self) -> None:
        with self._answer_came:
            if self.flow.answered() and self._listens:
                super().write(ASK)
            self._answer_came.notify_all()
