"""What is said on standard error while a verb works: lines that stay, and on a terminal one that is drawn over."""

from __future__ import annotations

import sys


def overwrite(text: str = "") -> None:
    """On a terminal only, on the line that it replaces; empty clears it."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{_spelled(text)}")
        sys.stderr.flush()


def warn(line: str) -> None:
    """A line that stays."""
    overwrite()
    sys.stderr.write(f"{_spelled(line)}\n")
    sys.stderr.flush()


def _spelled(text: str) -> str:
    """As the terminal's encoding can carry it."""
    encoding = sys.stderr.encoding or "utf-8"
    return text.encode(encoding, "replace").decode(encoding)
