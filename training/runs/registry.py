"""The runs folders that this user has used, so that a run is found from any directory (XDG state, one path a line)."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from training import files


def registry_path() -> Path | None:
    """The file, or None for a user without a home (a container's number without a name)."""
    base = os.environ.get("XDG_STATE_HOME")
    if not base:
        try:
            base = str(Path.home() / ".local/state")
        except RuntimeError:
            return None
    return Path(base) / "traindeck" / "runs_folders"


def known_folders() -> list[Path]:
    """Runs folders that still exist and can be reached, last used first."""
    path = registry_path()
    if path is None:
        return []
    try:
        lines = path.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return []
    # os.path: pathlib raises where a folder above has been closed to this user.
    return [Path(line) for line in dict.fromkeys(reversed(lines)) if line and os.path.isdir(line)]  # noqa: PTH112


@contextmanager
def one_launch_at_a_time() -> Iterator[None]:
    """Between looking at what is free and writing down that it is taken, no other launch of this user comes."""
    path = registry_path()
    with ExitStack() as held:
        if path is not None:
            # A home that cannot be written, or locked, leaves two launches in the same moment unguarded.
            with suppress(OSError):
                path.parent.mkdir(parents=True, exist_ok=True)
                lock = held.enter_context(path.with_name("launch.lock").open("w"))
                fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def remember(folder: Path) -> None:
    """Put the folder first. A home that cannot be written only costs the finding from elsewhere."""
    known = known_folders()
    path = registry_path()
    if path is None or (known and known[0] == folder):
        return
    lines = [str(path) for path in reversed([folder, *(path for path in known if path != folder)])]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        files.replace(path, ("\n".join(lines) + "\n").encode(errors="surrogateescape"))
    except OSError:
        return
