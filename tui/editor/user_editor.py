"""Which program edits text for this user, how it is started, and the file that it is handed."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from training.errors import InvalidInput
from training.text import one_line
from tui.editor import keeping

FALLBACKS = ("vi", "nano")
TAKES_LINE = frozenset({"vi", "vim", "nvim", "view", "nano", "emacs", "micro", "kak", "joe", "ne", "mg"})
"""Editors that put the cursor on line N for the argument +N."""


@dataclass(frozen=True)
class UserEditor:
    """A command, and where it comes from."""

    words: tuple[str, ...]
    origin: str

    @property
    def name(self) -> str:
        return one_line(Path(self.words[0]).name)

    def command(self, path: Path, line: int = 0) -> list[str]:
        """What is run to edit a file, from a line on where the editor is known to take one."""
        at = [f"+{line}"] if line and self.name in TAKES_LINE else []
        return [*self.words, *at, str(path)]


def user_editor() -> UserEditor:
    """$VISUAL, else $EDITOR, else vi or nano. Raises InvalidInput where there is none."""
    for origin in ("VISUAL", "EDITOR"):
        if text := os.environ.get(origin, "").strip():
            return _from_variable(text, f"${origin}")
    for name in FALLBACKS:
        if shutil.which(name):
            return UserEditor((name,), "")
    raise InvalidInput("There is no vi and no nano here.", "Set $EDITOR to an editor of yours.")


def _from_variable(text: str, origin: str) -> UserEditor:
    try:
        words = shlex.split(text)
    except ValueError:
        raise InvalidInput(f"{origin} has an open quote: {one_line(text)}.", "Close it.") from None
    if not words or shutil.which(os.path.expanduser(words[0])) is None:  # noqa: PTH111 - "" is no path
        missing = one_line(words[0] if words else "") or "''"
        raise InvalidInput(f"{origin} names {missing}, which cannot be run here.", f"Set {origin} to an editor.")
    return UserEditor((os.path.expanduser(words[0]), *words[1:]), origin)  # noqa: PTH111


@dataclass(frozen=True)
class Ended:
    """How an editor ended."""

    code: int
    seconds: float


def run(editor: UserEditor, path: Path, line: int = 0) -> Ended:
    """Edit a file in the terminal that this process has let go of. Raises InvalidInput where it cannot be started."""
    begun = time.monotonic()
    try:
        with _interrupts_ignored():
            code = subprocess.run(editor.command(path, line), check=False).returncode
    except OSError as error:
        raise InvalidInput(f"{editor.name} cannot be started: {error.strerror}.") from None
    return Ended(code, time.monotonic() - begun)


@contextmanager
def _interrupts_ignored() -> Iterator[None]:
    """ctrl+c in the editor is meant for the editor, but goes to every process of the terminal.

    A handler that does nothing, and not SIG_IGN: the editor would inherit that.
    """
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGQUIT)}
    for number in before:
        signal.signal(number, lambda *_: None)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def private_copy(name: str, text: str) -> Iterator[Path]:
    """A file of that name and text for nobody but this user; gone afterwards. Raises InvalidInput on a full disk.

    It lies beside the kept drafts: should the machine go down meanwhile, what the editor wrote is found there.
    """
    folder = _private_folder()
    path = folder / name
    try:
        path.touch(mode=0o600)
        path.write_bytes(text.encode("utf-8"))
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise InvalidInput(f"No copy for the editor can be written: {error.strerror}.") from None
    try:
        yield path
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _private_folder() -> Path:
    """Readable by this user alone, as mkdtemp makes it."""
    place = keeping.folder()
    if place is not None:
        with suppress(OSError):
            place.mkdir(mode=0o700, parents=True, exist_ok=True)
            return Path(tempfile.mkdtemp(prefix="editing-", dir=place))
    try:
        return Path(tempfile.mkdtemp(prefix="traindeck-"))
    except OSError as error:
        raise InvalidInput(f"No copy for the editor can be written: {error.strerror}.") from None


def keep_text(name: str, text: str) -> Path | None:
    """Put a text that no form can show beside the kept drafts; answers where, None where nothing can be written."""
    place = keeping.folder()
    if place is None:
        return None
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, path = tempfile.mkstemp(prefix=f"{Path(name).stem}-", suffix=".yaml", dir=place)
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode("utf-8"))
    except OSError:
        return None
    return Path(path)
