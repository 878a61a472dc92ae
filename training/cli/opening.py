"""What the verbs that open the app share."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Protocol

from training.errors import InvalidInput


class OpenApp(Protocol):
    """Open the screens on a runs folder; returns the exit code when the user quits.

    The monitor of the run `watch` comes first, or the editor of a file or a preset called `edit` ("": the presets).
    """

    def __call__(self, runs_dir: Path, watch: Path | None, edit: str | None = None, /) -> int: ...


def need_terminal(what: str, remedy: str) -> None:
    """Raises InvalidInput where there is none."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise InvalidInput(f"{what} needs a terminal.", remedy)
