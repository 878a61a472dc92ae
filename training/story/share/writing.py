"""Writing a run for others: HTML or Markdown by the ending of the name, whole, and never in place of a file unasked."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import BinaryIO

from training.errors import InvalidInput
from training.runs.layout import RunFolder
from training.runs.lifecycle import RunView
from training.story.export.target import free_name
from training.story.export.target import write as write_file
from training.story.share.content import Shared
from training.story.share.gather import gather
from training.story.share.redaction import redacted
from training.text import one_line

HTML, MARKDOWN = (".html", ".htm"), (".md", ".markdown")


def default_name(run: RunFolder, folder: Path, ending: str = HTML[0]) -> str:
    """A name for the report that no file of the folder has."""
    return free_name(folder, run.id, ending=ending)


def check(path: Path, *, force: bool = False) -> None:
    """Raises InvalidInput where no report can be written there, or not without `force`."""
    name = one_line(str(path))
    # Not pathlib's questions: they raise where a folder above is closed to this user.
    if os.path.isdir(path):  # noqa: PTH112
        raise InvalidInput(f"{name} is a folder.", "Name a file in it, such as run.html.")
    if path.suffix.lower() not in (*HTML, *MARKDOWN):
        raise InvalidInput(f"{name}: a run is written as .html or .md.", "End the name so.")
    if not os.path.isdir(path.parent):  # noqa: PTH112
        raise InvalidInput(f"{one_line(str(path.parent))}: no such folder.", "Create it, or name another.")
    if not force and os.path.lexists(path):
        raise InvalidInput(f"{name} is there already.", "Name another file, or replace it by force.")


def share(run: RunView, path: Path, *, redact: bool = False, force: bool = False) -> Shared:
    """Write the report on the run; returns what is in it. Raises InvalidInput and RunFailed where it cannot be."""
    check(path, force=force)
    shared = gather(run)
    if redact:
        shared = redacted(shared, run)
    # A lone surrogate of a file name is no character that UTF-8 can hold.
    data = laid_out(shared, path).encode(errors="replace")
    write_file(path, partial(_fill, data), force=force)
    return shared


def laid_out(shared: Shared, path: Path) -> str:
    """The report as the file's ending asks for it."""
    if path.suffix.lower() in MARKDOWN:
        from training.story.share.text import text

        return text(shared)
    from training.story.share.page import page

    return page(shared)


def _fill(data: bytes, file: BinaryIO) -> None:
    file.write(data)
