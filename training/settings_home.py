"""Where a user's own settings and presets lie. The standard library alone: a supervisor needs it, too."""

from __future__ import annotations

import os
from pathlib import Path


def settings_home() -> Path | None:
    """The folder, which need not be there; None for a user without a home (a container's number without a name)."""
    base = os.environ.get("XDG_CONFIG_HOME")
    if not base:
        try:
            base = str(Path.home() / ".config")
        except RuntimeError:
            return None
    return Path(base) / "traindeck"
