"""What the app remembers of this user between two starts: theme, charts, columns (XDG state, one JSON object)."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import msgspec
from textual.theme import Theme

from training import files
from training.errors import InvalidInput
from training.runs.registry import registry_path
from tui import theme

VARIABLE = "TRAINDECK_THEME"

T = TypeVar("T")


def settings_path() -> Path | None:
    """The file, or None for a user without a home."""
    registry = registry_path()
    return registry and registry.with_name("settings.json")


def theme_at_start() -> Theme:
    """The theme that $TRAINDECK_THEME names, else the one that was chosen last, else the dark one.

    Raises InvalidInput for a name in the variable that no theme has; one in the file only costs the memory.
    """
    if word := os.environ.get(VARIABLE):
        return theme.named(word)
    try:
        return theme.named(str(_read().get("theme", "")))
    except InvalidInput:
        return theme.DARK


def keep_theme(chosen: Theme) -> None:
    """Use this theme at the next start."""
    remember("theme", theme.word_of(chosen.name))


def recall(name: str, kind: type[T], default: T) -> T:
    """What was remembered under a name, and is still of that type (as msgspec converts it); else the default."""
    try:
        return msgspec.convert(_read()[name], kind)
    except (KeyError, msgspec.ValidationError):
        return default


def remember(name: str, value: object) -> None:
    """Know a value that JSON can spell at the next start. A home that cannot be written only costs the memory."""
    path = settings_path()
    if path is None:
        return
    settings = {**_read(), name: value}
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        files.replace(path, msgspec.json.encode(settings) + b"\n", sync=False)


def _read() -> dict[str, object]:
    path = settings_path()
    if path is None:
        return {}
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, object])
    except (OSError, msgspec.DecodeError):
        return {}
