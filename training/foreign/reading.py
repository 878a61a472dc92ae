"""Reading a log that traindeck did not write: which format it is shows in its content."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from training.errors import InvalidInput
from training.foreign import labelled, table
from training.foreign.log import ForeignLog, NotThisFormat
from training.text import one_line

Reader = Callable[[Iterable[str]], ForeignLog]

READERS: tuple[tuple[str, Reader], ...] = (
    ("labelled curves (JSON Lines)", labelled.read),
    ("table (CSV)", table.read),
)
BINARY_PROBE = 4096


def read(path: Path) -> ForeignLog:
    """The log in a file. Raises InvalidInput that says what was tried where no reader takes it."""
    shown = one_line(str(path))
    try:
        with path.open("rb") as file:
            if b"\0" in file.read(BINARY_PROBE):
                raise InvalidInput(
                    f"{shown} is a binary file.", "Give a log in text: a CSV with a header, or JSON Lines."
                )
        tried = []
        for name, reader in READERS:
            with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
                try:
                    return reader(file)
                except NotThisFormat as reason:
                    tried.append(f"{name}: {reason}")
    except OSError as error:
        raise InvalidInput(f"{shown} cannot be read: {error.strerror}.") from error
    raise InvalidInput(
        f"{shown} is no log that traindeck can read. Tried: {'; '.join(tried)}.",
        "Name the columns epoch, train_loss, val_loss, train_acc, val_acc, lr.",
    )
