"""The runs folders that this user has used, so that a run is found from any directory (XDG state, one path a line)."""

from __future__ import annotations

import os
from pathlib import Path

from training import files


def registry_path() -> Path:
    base = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local/state"
    return Path(base) / "traindeck" / "runs_folders"


def known_folders() -> list[Path]:
    """Runs folders that still exist, last used first."""
    try:
        lines = registry_path().read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return []
    folders = [Path(line) for line in reversed(lines) if line]
    return [folder for folder in dict.fromkeys(folders) if folder.is_dir()]


def remember(folder: Path) -> None:
    """Put the folder first. A home that cannot be written only costs the finding from elsewhere."""
    known = known_folders()
    if known and known[0] == folder:
        return
    lines = [str(path) for path in reversed([folder, *(path for path in known if path != folder)])]
    path = registry_path()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        files.replace(path, ("\n".join(lines) + "\n").encode(errors="surrogateescape"))
    except OSError:
        return
