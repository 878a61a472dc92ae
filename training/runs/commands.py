"""commands.jsonl: what people ask of a running job, and how the worker hears of it."""

from __future__ import annotations

import getpass
import os
import time
import uuid
from collections.abc import Collection
from pathlib import Path
from typing import Any, Literal, get_args

import msgspec

from training.errors import RunFailed
from training.runs.layout import RunFolder

CommandName = Literal[
    "pause", "resume", "stop", "stop_after_epoch", "checkpoint", "set_lr", "set_patience", "set_epochs"
]
COMMANDS: tuple[str, ...] = get_args(CommandName)


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """One request; the worker answers with an event that carries the same id."""

    id: str
    t: float
    user: str
    command: CommandName
    args: dict[str, Any] = {}


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Command)


def user_name() -> str:
    """Who this process runs as; a number where the account has no name (containers)."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


def send(folder: RunFolder, command: CommandName, **args: Any) -> str:
    """Ask the run for something; returns the id that its answer will carry. Raises RunFailed."""
    request = Command(id=uuid.uuid4().hex[:12], t=time.time(), user=user_name(), command=command, args=args)
    try:
        fd = os.open(folder.commands, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise _unasked(folder, command, error) from error
    try:
        os.write(fd, _encoder.encode(request) + b"\n")
    except OSError as error:
        raise _unasked(folder, command, error) from error
    finally:
        os.close(fd)
    return request.id


def _unasked(folder: RunFolder, command: CommandName, error: OSError) -> RunFailed:
    return RunFailed(f"{folder.commands}: cannot ask for {command}: {error.strerror}.")


class CommandReader:
    """Polls the file between steps; a line that is not a command is passed over.

    So is what lies before the byte `start`, and what an earlier attempt has `answered` already.
    """

    def __init__(self, path: Path, *, start: int = 0, answered: Collection[str] = ()) -> None:
        self._path = path
        self._offset = start
        self._answered = answered

    def poll(self) -> list[Command]:
        """The commands that came since the last call; costs one stat where there are none."""
        try:
            if self._path.stat().st_size <= self._offset:
                return []
            with self._path.open("rb") as file:
                file.seek(self._offset)
                data = file.read()
        except OSError:
            # Not there yet, or a network file system that stumbles: no reason to end a training run.
            return []
        whole = data.rpartition(b"\n")[0]
        if not whole:
            return []
        self._offset += len(whole) + 1
        commands = []
        for line in whole.split(b"\n"):
            try:
                command = _decoder.decode(line)
            except ValueError:  # no JSON, no command, no UTF-8
                continue
            if command.id not in self._answered:
                commands.append(command)
        return commands
