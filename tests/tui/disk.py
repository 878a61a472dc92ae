"""Files and folders that tests find their way among."""

from __future__ import annotations

from pathlib import Path


def make(folder: Path, *names: str) -> None:
    """Files, and folders where the name ends in a slash."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if name.endswith("/"):
            path.mkdir(exist_ok=True)
        else:
            path.write_text("")
