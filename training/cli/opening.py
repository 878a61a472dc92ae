"""What the verbs that open the app share."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from training.errors import InvalidInput

if TYPE_CHECKING:
    from training.config.schema import TrainingConfig
    from training.runs.fork import Fork


class OpenApp(Protocol):
    """Open the screens on a runs folder; returns the exit code when the user quits.

    The monitor of the run `watch` comes first, or the editor of a file or a preset called `edit` ("": the presets), or
    that of a fork with its config and the text of it.
    """

    def __call__(
        self,
        runs_dir: Path,
        watch: Path | None,
        edit: str | None = None,
        fork: tuple[Fork, TrainingConfig, str] | None = None,
        /,
    ) -> int: ...


def need_terminal(what: str, remedy: str) -> None:
    """Raises InvalidInput where there is none."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise InvalidInput(f"{what} needs a terminal.", remedy)
