"""Config files: read with every problem and its line, written so that what nobody changed stays as it was."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from training.config import yaml12
from training.config.inplace import edit
from training.config.problems import ConfigError, Problem, in_file_order, shown
from training.config.schema import TrainingConfig
from training.config.spelling import dump
from training.config.validate import convert
from training.errors import InvalidInput

__all__ = ["Loaded", "dump", "edit", "load", "read", "read_text", "save"]

_MAX_BYTES = 256 * 1024


@dataclass(frozen=True)
class Loaded:
    """A config file as it is: `config` is None where there are problems."""

    config: TrainingConfig | None
    problems: tuple[Problem, ...]
    text: str
    """The exact text: line ends and byte order mark included."""
    path: Path


def read(path: Path | str) -> Loaded:
    """The config in a file, with everything that is wrong with it. Never raises for what a file may hold."""
    path = Path(path)
    try:
        text = _content(path)
    except ConfigError as error:
        return Loaded(None, tuple(error.problems), "", path)
    config, problems = read_text(text, str(path))
    return Loaded(config, problems, text, path)


def read_text(text: str, source: str = "<text>") -> tuple[TrainingConfig | None, tuple[Problem, ...]]:
    """The config in a text, and everything that is wrong with it."""
    try:
        document = yaml12.scan(text, source)
    except ConfigError as error:
        return None, tuple(error.problems)
    checked = convert(document.values, document.lines, source)
    problems = tuple(in_file_order((*document.problems, *checked.problems)))
    return (None if problems else checked.config), problems


def load(path: Path | str) -> TrainingConfig:
    """The config in a file. Raises ConfigError with every problem."""
    loaded = read(path)
    if loaded.config is None:
        raise ConfigError(loaded.problems)
    return loaded.config


def _content(path: Path) -> str:
    """The text of a file. Raises ConfigError."""
    source = str(path)
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise ConfigError([Problem(*_unreadable(error), source=source)]) from None
    if len(data) > _MAX_BYTES:
        message = f"This file is larger than {_MAX_BYTES // 1024} KiB; it is no training config."
        raise ConfigError([Problem(message, source=source)])
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = "This file is not UTF-8 text."
        raise ConfigError([Problem(message, line=line, source=source, remedy="Save it as UTF-8.")]) from None


def _unreadable(error: OSError | ValueError) -> tuple[str]:
    if isinstance(error, FileNotFoundError):
        return ("There is no such file.",)
    if isinstance(error, IsADirectoryError):
        return ("This is a folder, not a config file.",)
    if isinstance(error, OSError):
        return (f"This file cannot be read: {error.strerror or 'unknown reason'}.",)
    return ("This is not the name of a file.",)


def save(path: Path | str, text: str) -> None:
    """Replace a file atomically, through a symlink if it is one; its permissions stay. Raises InvalidInput."""
    try:
        _replace(Path(os.path.realpath(path)), text.encode("utf-8"))
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else "") or "not the name of a file"
        message = f"{shown(path, 200)} cannot be written: {reason}."
        raise InvalidInput(message, "Save it under another name.") from None


def _replace(target: Path, data: bytes) -> None:
    if target.exists() and not os.access(target, os.W_OK):
        # A rename would replace a file that its owner has protected; writing into it would not.
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    before = target.stat() if target.exists() else None
    if before and not stat.S_ISREG(before.st_mode):
        raise OSError(errno.EINVAL, "Not a regular file")
    temporary = target.with_name(f".traindeck-{os.urandom(6).hex()}")
    try:
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if before:
            _give(temporary, before)
        temporary.replace(target)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise


def _give(path: Path, like: os.stat_result) -> None:
    """The owner, the group and the permissions of another file, as far as this user may give them."""
    for owner in (like.st_uid, -1):
        with suppress(OSError):
            os.chown(path, owner, like.st_gid)
            break
    path.chmod(stat.S_IMODE(like.st_mode))
