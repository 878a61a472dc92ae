"""The file that a chart is written to: its kind by its ending, and never in place of another one unasked."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from training.errors import InvalidInput, RunFailed
from training.text import one_line, plain

KINDS = {".svg": "SVG picture", ".png": "PNG picture", ".csv": "CSV table"}
"""By ending, in words."""
_UNFIT = re.compile(r"[^\w.,=+@-]+")


def kind_of(path: Path) -> str:
    """The ending that says what is written: `.svg`, `.png` or `.csv`. Raises InvalidInput for any other."""
    ending = path.suffix.lower()
    if ending not in KINDS:
        raise InvalidInput(f"{one_line(path.name)}: a chart is written as .svg, .png or .csv.", "End the name so.")
    return ending


def check(path: Path, *, force: bool = False, remedy: str = "Name another file.") -> str:
    """The kind of what would be written there. Raises InvalidInput where that cannot be, or not without `force`.

    `remedy` is what to do about a file that is there.
    """
    name = one_line(str(path))
    # Not pathlib's questions: they raise where a folder above is closed to this user.
    if os.path.isdir(path):  # noqa: PTH112
        raise InvalidInput(f"{name} is a folder.", "Name a file in it, such as loss.svg.")
    kind = kind_of(path)
    if not os.path.isdir(path.parent):  # noqa: PTH112
        raise InvalidInput(f"{one_line(str(path.parent))}: no such folder.", "Create it, or name another.")
    if not force and os.path.lexists(path):
        raise InvalidInput(f"{name} is there already.", remedy)
    return kind


def free_name(folder: Path, *parts: str, ending: str = ".svg") -> str:
    """A name such as `run-loss.svg` that no file of the folder has."""
    stem = "-".join(filter(None, (_UNFIT.sub("-", plain(part)).strip("-.")[:80] for part in parts))) or "chart"
    number, name = 1, f"{stem}{ending}"
    while os.path.lexists(folder / name):
        number += 1
        name = f"{stem}-{number}{ending}"
    return name


def write(path: Path, fill: Callable[[BinaryIO], object], *, force: bool = False) -> None:
    """Let `fill` write a file beside it, then put it in place, whole. Raises InvalidInput where a file is there by now,
    RunFailed where the disk refuses.
    """
    try:
        handle, draft = tempfile.mkstemp(prefix=f".{path.name[:60]}.", suffix=".tmp", dir=path.parent)
    except OSError as error:
        raise RunFailed(
            f"{one_line(str(path.parent))} cannot be written to: {error.strerror}.", "Name another place."
        ) from error
    try:
        with os.fdopen(handle, "wb") as file:
            fill(file)
            mode = path.stat().st_mode & 0o7777 if path.exists() else 0o666 & ~_umask()
            with suppress(OSError):  # mounts that keep no modes of their own refuse
                os.fchmod(file.fileno(), mode)
            file.flush()
            os.fsync(file.fileno())
        _put(Path(draft), path, force=force)
    except OSError as error:
        raise RunFailed(f"{one_line(str(path))} could not be written: {error.strerror}.") from error
    finally:
        Path(draft).unlink(missing_ok=True)


def _put(draft: Path, path: Path, *, force: bool) -> None:
    if force:
        draft.replace(path)
        return
    try:
        path.hardlink_to(draft)  # unlike a rename, it never replaces
    except FileExistsError as error:
        raise InvalidInput(f"{one_line(str(path))} is there already.", "Name another file.") from error
    except OSError:  # a file system without hard links
        check(path)
        draft.replace(path)


def _umask() -> int:
    """Python can only read it by setting it."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
