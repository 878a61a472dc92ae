"""Replacing a file so that a reader sees the old one or the new one, never half of it. Standard library only."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path


def replace(path: Path, data: bytes | memoryview, *, sync: bool = True, mode: int = 0o644) -> None:
    """Write `data` to `path` by temp file, fsync and rename; keeps the mode of a file that is there. Raises OSError.

    `mode` is that of a new file.
    """
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            with suppress(OSError):  # mounts that keep no modes of their own refuse
                os.fchmod(file.fileno(), path.stat().st_mode & 0o7777 if path.exists() else mode)
            file.write(data)
            file.flush()
            if sync:
                os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
