"""What is known of another tool's log before it is read."""

from __future__ import annotations

import os
import time
from pathlib import Path

from training.runs.layout import RunFolder
from training.runs.summary import Summary


def first_summary(folder: RunFolder, log: Path, format: str) -> Summary:
    """Of the run that will show the log."""
    now = time.time()
    return Summary(
        id=folder.id, name=name_of(log), kind="foreign", created=now, started=now, updated=now, data=format,
        message="reading the log", device=f"read only, {os.path.normpath(log.absolute())}",
    )  # fmt: skip


def name_of(log: Path) -> str:
    """The name of the file or folder, however the way to it is spelled."""
    return Path(os.path.normpath(log.absolute())).name or str(log)  # pathlib keeps `..`, which is no name
