"""The user's own settings, settings.yaml beside the presets: what traindeck does for this person in every run.

Never part of a run's config: whoever hands over a config must not be able to have commands run.
"""

from __future__ import annotations

import os
from typing import Any

import msgspec

from training.config.problems import ConfigError, Problem, nearest
from training.runs.hook_words import VARIABLES, is_shell, placeholder_in_code
from training.runs.hooks import settings_path
from training.text import one_line

MOST_BYTES = 64 * 1024
EXAMPLE = 'on_event: ["notify-send", "{title}", "{detail}"]'
KEYS = {
    "on_event": "a command to run when a run ends, or when a critical finding comes up",
    "bell": "whether the terminal's bell rings then, while the app is open",
    "notify": "whether the terminal is asked to show a notification then (OSC 9)",
    "title": "whether the terminal's title shows the progress",
}
_SWITCH = {"on": True, "yes": True, "true": True, "off": False, "no": False, "false": False}


class UserSettings(msgspec.Struct, frozen=True):
    """What settings.yaml says; defaults where it says nothing."""

    on_event: tuple[str, ...] | str = ()
    """A command: a list is run as it is, a text by `sh -c`; empty for none."""
    bell: bool = True
    notify: bool = True
    title: bool = True


def read_settings() -> UserSettings:
    """The settings; the defaults where there is no file, or none that this process may read.

    Raises ConfigError with everything that is wrong in the file.
    """
    path = settings_path()
    if path is None:
        return UserSettings()
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError:
        return UserSettings()
    return parse(data, str(path))


def parse(data: bytes, source: str) -> UserSettings:
    """The settings in the content of a file called `source`. Raises ConfigError."""
    if len(data) > MOST_BYTES:
        raise ConfigError([Problem(f"This file is larger than {MOST_BYTES // 1024} KiB.", source=source)])
    from training.config import yaml12

    try:
        document = yaml12.scan(data.decode("utf-8"), source)
    except UnicodeDecodeError:
        raise ConfigError([Problem("This file is no UTF-8 text.", source=source)]) from None
    problems = list(document.problems)
    values: dict[str, Any] = {}
    for key, value in document.values.items():
        said = _unknown(key) if key not in KEYS else _judged(key, value, values)
        if said:
            message, remedy = said
            problems.append(Problem(message, key, document.lines.get((key,)), source, remedy))
    if problems:
        raise ConfigError(problems)
    return UserSettings(**values)


def _unknown(key: str) -> tuple[str, str]:
    close = nearest(key, tuple(KEYS))
    meant = f"Did you mean {close}?" if close else f"Known are {', '.join(KEYS)}."
    return "There is no such setting.", meant


def _judged(key: str, value: Any, values: dict[str, Any]) -> tuple[str, str] | None:
    """Put the value among the `values`, or say what is wrong with it and what would be right."""
    if value is None:
        return None
    if key == "on_event":
        command = tuple(value) if isinstance(value, list) else value
        words = command if isinstance(command, tuple) else (command,)
        if not words or not all(isinstance(word, str) for word in words) or not words[0].strip():
            return "A command is a list of words, or one text for the shell.", f"Such as {EXAMPLE}"
        if any("\0" in word for word in words):
            return "A command cannot hold a NUL character.", ""
        if isinstance(command, tuple) and (found := placeholder_in_code(command)):
            return _in_code(*found)
        values[key] = command
        return None
    switch = _SWITCH.get(value.lower()) if isinstance(value, str) else value
    if not isinstance(switch, bool):
        return "This is a switch.", "Write on or off."
    values[key] = switch
    return None


def _in_code(name: str, program: str) -> tuple[str, str]:
    variable = VARIABLES[name]
    instead = f'"${variable}"' if is_shell(program) else f"the environment's {variable}"
    return (
        f"{one_line(program)} would run what stands in {{{name}}} as code: a run could be called anything.",
        f"Use {instead} there.",
    )


def source() -> str:
    """Where the settings are, or would be; empty for a user without a home."""
    path = settings_path()
    return os.fspath(path) if path else ""
