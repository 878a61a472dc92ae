"""What a run that comes of another one is called."""

from __future__ import annotations

import re

from training.runs.store import NAME_LENGTH


def child_name(parent: str, kind: str = "fix") -> str:
    """Such as `digits-fix`, `digits-fix-2` (make_folder adds a number where even that is taken); a long one is cut."""
    match = re.fullmatch(rf"(.+)-{kind}(?:-(\d+))?", parent)
    stem, suffix = (match[1], f"-{kind}-{int(match[2] or 1) + 1}") if match else (parent, f"-{kind}")
    return stem[: NAME_LENGTH - len(suffix)] + suffix
