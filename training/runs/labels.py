"""What people say of a run: tags, a note, and whether it is archived, in a file of the run folder.

Anybody who may write there may change it, also while the run goes on: the worker neither reads nor writes it. A change
reads and replaces it under a lock, keeps the keys that it does not know, and leaves a file alone that it cannot read.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

from training import files
from training.errors import InvalidInput, RunFailed
from training.runs.layout import RunFolder
from training.runs.lock import briefly
from training.text import has_controls, one_line

TAG_LENGTH = 40
NOTE_LENGTH = 2000


class Labels(msgspec.Struct, frozen=True, forbid_unknown_fields=False):
    """The content of labels.json."""

    tags: tuple[str, ...] = ()
    """Short words, in the order in which they were given."""
    note: str = ""
    archived: bool = False
    """Lists leave it out unless they are asked for it; nothing of it is removed."""


NONE = Labels()

_decoder = msgspec.json.Decoder(Labels)


def read_labels(folder: RunFolder) -> Labels:
    """The labels of a run; none where the file is missing or cannot be read."""
    try:
        stat = folder.labels.stat()
        return _read(folder.labels, stat.st_mtime_ns, stat.st_ino, stat.st_size)
    except OSError:
        return NONE


@lru_cache(maxsize=4096)
def _read(path: Path, _mtime: int, _inode: int, _size: int) -> Labels:
    try:
        return _decoder.decode(path.read_bytes())
    except (ValueError, RecursionError):
        return NONE


def check_tag(tag: str) -> None:
    """Raises InvalidInput for what is no tag: one word, that no search takes for anything else."""
    shown = one_line(tag)[:TAG_LENGTH]
    if not tag or tag.startswith("-") or any(mark in tag for mark in '",') or tag.split() != [tag]:
        raise InvalidInput(f"“{shown}” is no tag.", "A tag is one word without quotes and commas.")
    if has_controls(tag):
        raise InvalidInput(f"The tag “{shown}” holds control characters.", "Use letters, digits and dashes.")
    if len(tag) > TAG_LENGTH:
        raise InvalidInput(f"The tag “{shown}…” is too long.", f"At most {TAG_LENGTH} characters are shown.")


def check_note(note: str) -> None:
    """Raises InvalidInput for a note that cannot be shown safely."""
    if has_controls(note.replace("\n", " ").replace("\t", " ")):
        raise InvalidInput("The note holds control characters.", "Use text alone.")
    if len(note) > NOTE_LENGTH:
        raise InvalidInput(f"The note has {len(note)} characters.", f"At most {NOTE_LENGTH} are kept.")


def tags_from(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The tags to add and those to remove, from words such as `baseline -old`. Raises InvalidInput."""
    words = text.split()
    add = tuple(dict.fromkeys(word for word in words if not word.startswith("-")))
    remove = tuple(dict.fromkeys(word[1:] for word in words if word.startswith("-")))
    for tag in (*add, *remove):
        check_tag(tag)
    return add, remove


def change_labels(
    folder: RunFolder,
    *,
    tags: Iterable[str] | None = None,
    add: Iterable[str] = (),
    remove: Iterable[str] = (),
    note: str | None = None,
    archived: bool | None = None,
) -> Labels:
    """Change what is given, and leave the rest as it is; what the labels are then. `tags` replaces all of them.

    Raises InvalidInput for a tag or a note that is none and for a file that somebody has damaged, RunFailed where the
    run folder cannot be written.
    """
    add, remove, tags = tuple(add), tuple(remove), None if tags is None else tuple(tags)

    def changed(before: Labels) -> Labels:
        gone = {tag.casefold() for tag in remove}
        unique: dict[str, str] = {}
        for tag in (*(before.tags if tags is None else tags), *add):
            if tag.casefold() not in gone:
                unique.setdefault(tag.casefold(), tag)
        after = Labels(
            tags=tuple(unique.values()),
            note=before.note if note is None else note.strip(),
            archived=before.archived if archived is None else archived,
        )
        for tag in after.tags:
            if tag not in before.tags:
                check_tag(tag)
        check_note(after.note)
        return after

    try:
        before = _standing(folder)[0]
        if changed(before) == before:
            return before
        with briefly(folder.labels_lock) as ours:
            if not ours:
                raise RunFailed(f"{one_line(str(folder.path))}: another process holds its labels.", "Try it again.")
            before, content = _standing(folder)
            after = changed(before)
            files.replace(folder.labels, msgspec.json.encode({**content, **msgspec.structs.asdict(after)}) + b"\n")
            return after
    except OSError as error:
        raise RunFailed(
            f"{folder.path}: its labels cannot be written: {error.strerror}.",
            "Tags, notes and the archive need the right to write into the run folder.",
        ) from error


def _standing(folder: RunFolder) -> tuple[Labels, dict[str, Any]]:
    """What the file says, and all that is in it. Raises InvalidInput for what no labels can be read from, OSError."""
    try:
        data = folder.labels.read_bytes()
    except FileNotFoundError:
        return NONE, {}
    if not data.strip():
        return NONE, {}
    try:
        return _decoder.decode(data), msgspec.json.decode(data, type=dict[str, Any])
    except (ValueError, RecursionError) as error:
        place = one_line(str(folder.labels))
        raise InvalidInput(
            f"{place} cannot be read: {one_line(str(error))}.", "Mend it or remove it: it is left as it is."
        ) from error
