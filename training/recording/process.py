"""The process that writes the run of a user's script: it hears of it on standard input, and lives as long as it does.

A process of its own, so that neither a slow disk nor an error of ours reaches the training, and so that someone is
left to say that the script was killed.
"""

from __future__ import annotations

import json
import os
import select
import shlex
import sys
import traceback
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from training.errors import EXIT_FAILED, EXIT_INVALID, EXIT_OK, InvalidInput
from training.recording.script.pipe import ENTRY, REFUSAL
from training.text import one_line

if TYPE_CHECKING:
    from training.recording.session import Session

CHUNK = 1 << 18
QUIET = "TRAINDECK_QUIET"
"""Environment variable that keeps a script from saying what its run is called."""


def main() -> int:
    """Exit code 2 where no run can be made; why is then said on standard output, which is the script's line too."""
    try:
        # Late: the script's Python may have this folder on its path, and nothing that traindeck needs.
        from training.recording.session import Session
        from training.recording.start import read_start
    except ImportError as error:
        refuse(f"{error}. Install traindeck in this Python: pip install {_source()}.")
        return EXIT_INVALID
    with Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), sys.stderr.fileno())  # until the run has a console
    messages = Messages(sys.stdin.fileno())
    came: list[dict[str, Any]] = []
    while not came:
        if messages.over:
            return EXIT_OK
        came = messages.wait(None)
    first, *more = came
    try:
        session = Session(read_start(first), warn)
    except InvalidInput as error:
        refuse(str(error))
        return EXIT_INVALID
    except OSError as error:
        refuse(f"{error.filename or 'the run'}: cannot be written: {error.strerror}.")
        return EXIT_INVALID
    except Exception as error:  # noqa: BLE001  a script's stderr is no place for a traceback of ours
        refuse(f"{type(error).__name__}: {error}")
        return EXIT_FAILED
    try:
        record(session, messages, more)
    except Exception as error:  # noqa: BLE001  as above
        traceback.print_exc()
        refuse(f"{type(error).__name__}: {error}")
        return EXIT_FAILED
    return EXIT_OK


def record(session: Session, messages: Messages, more: list[dict[str, Any]]) -> None:
    """All that comes, until the script is over."""
    if not os.environ.get(QUIET):
        warn(session.where)
    session.take(more)
    while not messages.over and not session.over and session.script_lives:
        session.take(messages.wait(session.seconds_to_wait()))
    session.close()


def warn(text: str) -> None:
    """A line that the script shows, unless it is gone."""
    with suppress(OSError):
        os.write(1, f"{one_line(text)}\n".encode(errors="replace"))


def refuse(why: str) -> None:
    """The last word: the script will not be recorded."""
    warn(f"{REFUSAL}{why}")


def _source() -> str:
    """Where pip finds traindeck: the folder that this is run from, where it is one that can be installed."""
    root = ENTRY.parent
    return f"-e {shlex.quote(str(root))}" if (root / "pyproject.toml").is_file() else "traindeck"


class Messages:
    """The lines of JSON that come from the script; what is none is passed over."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._rest = b""
        self.over = False
        """Whether the script has closed its side, or is gone."""

    def wait(self, seconds: float | None) -> list[dict[str, Any]]:
        """What has come within that time, as soon as something has."""
        if not select.select([self._fd], [], [], seconds)[0]:
            return []
        try:
            data = os.read(self._fd, CHUNK)
        except OSError:
            data = b""
        self.over = not data
        *lines, self._rest = (self._rest + data).split(b"\n")
        found = []
        for line in lines:
            with suppress(ValueError):
                message = json.loads(line)
                if isinstance(message, dict):
                    found.append(message)
        return found
