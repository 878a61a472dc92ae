"""What a checkpoint file says of itself, read and checked without torch.

A checkpoint is torch's zip file with a label in the zip's comment: JSON with the checksum of all bytes before it, the
schema version, and where training was. torch and every unzip pass a comment over, so the file stays loadable by itself.
Files are replaced whole, so that a reader, or a run that dies while writing, never meets half of one.
"""

from __future__ import annotations

import hashlib
import os
import struct
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import msgspec

from training.errors import TraindeckError
from training.runs.layout import RunFolder

SCHEMA_VERSION = 2
_COMMENT_BYTES = 0xFFFF
_END = b"PK\x05\x06"
_END_BYTES = 22
"""A zip's end record without its comment, whose length is its last two bytes."""
_CHUNK = 1 << 22


class Label(msgspec.Struct, frozen=True, kw_only=True):
    """The comment of a checkpoint file."""

    traindeck: int = SCHEMA_VERSION
    sha256: str = ""
    """Of the file before its comment, and of the comment without this."""
    attempt: int = 1
    epoch: int = 0
    """Whole epochs done."""
    step: int = 0
    """Steps done since the start."""
    seq: int = 0
    """Of the first event that was logged after it; where training goes on from here, what follows is superseded."""
    resumable: bool = True
    """Whether it holds the optimizer's state and all else that training needs to go on."""
    processes: int = 1
    config: dict[str, Any] = {}
    """What it was trained with; without data.classes, or empty, where that does not fit into a zip's comment."""
    epochs: int = 0
    """That were planned when it was written, which a command may have changed; 0 in an older version's."""


class Damaged(TraindeckError):
    """A checkpoint that cannot be used; the message begins with its path."""


class Unlabelled(Damaged):
    """One without a label: of a version that wrote none, or torn."""


def seal(zipped: BytesIO, label: Label) -> None:
    """Put the label into the comment of a zip file that has none."""
    with zipped.getbuffer() as content:
        if content[-_END_BYTES:][:4] != _END:
            raise ValueError("no zip file, or one that has a comment already")
        digest = hashlib.sha256(content[:-2])
    zipped.seek(-2, 2)
    zipped.write(_comment(label, digest))


def _comment(label: Label, digest: hashlib._Hash) -> bytes:
    """A label with its length before it, as a zip ends with it; `digest` is of all that comes before."""
    for config in (label.config, _without_classes(label.config), {}):
        unsigned = msgspec.structs.replace(label, sha256="", config=config)
        comment = msgspec.json.encode(unsigned)
        if len(comment) <= _COMMENT_BYTES - 64:
            break
    digest.update(comment)
    comment = msgspec.json.encode(msgspec.structs.replace(unsigned, sha256=digest.hexdigest()))
    return struct.pack("<H", len(comment)) + comment


def copy_labelled(path: Path, to: Path, label: Label) -> None:
    """Copy a checkpoint under another label. Raises Damaged where its bytes are not what was written, and OSError."""
    known, comment, left = _read_label(path)
    digest = hashlib.sha256()
    with path.open("rb") as file, to.open("wb") as copy:
        while left > 0 and (chunk := file.read(min(_CHUNK, left))):
            digest.update(chunk)
            copy.write(chunk)
            left -= len(chunk)
        copy.write(_comment(label, digest.copy()))
        copy.flush()
        os.fsync(copy.fileno())
    _check_sum(path, known, comment, digest)


def _without_classes(config: dict[str, Any]) -> dict[str, Any]:
    """Their names may be thousands; what they decide is in the fingerprint of the data too."""
    return {**config, "data": {**config.get("data", {}), "classes": None}}


def read_label(path: Path) -> Label:
    """The label alone, in one short read.

    Raises Damaged, and TraindeckError where it is a newer version's or cannot be read at this moment.
    """
    return _read_label(path)[0]


def _read_label(path: Path) -> tuple[Label, bytes, int]:
    """The label, as it lies there, and how many bytes of the file it is about."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - _COMMENT_BYTES - _END_BYTES))
            tail = file.read()
    except FileNotFoundError as error:
        raise Damaged(f"{path}: there is no such checkpoint.") from error
    except OSError as error:
        raise _unreadable(path, error) from error
    at = tail.rfind(_END)
    comment = tail[at + _END_BYTES :] if at >= 0 else b""
    if at >= 0 and len(tail) - at == _END_BYTES:
        raise Unlabelled(f"{path} has no label: an older traindeck wrote it, and kept nothing to go on from.")
    try:
        version = msgspec.json.decode(comment)["traindeck"]
        if version > SCHEMA_VERSION:
            raise TraindeckError(f"{path} was written by a newer traindeck.", "Update traindeck.")
        return msgspec.json.decode(comment, type=Label), comment, size - len(comment) - 2
    except (msgspec.MsgspecError, UnicodeDecodeError, LookupError, TypeError, RecursionError) as error:
        raise Unlabelled(f"{path} is damaged: it has no label that can be read.") from error


def check(path: Path) -> Label:
    """The label of a checkpoint whose bytes are those that were written. Raises Damaged and TraindeckError."""
    label, comment, left = _read_label(path)
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while left > 0 and (chunk := file.read(min(_CHUNK, left))):
                digest.update(chunk)
                left -= len(chunk)
    except OSError as error:
        raise _unreadable(path, error) from error
    _check_sum(path, label, comment, digest)
    return label


def _check_sum(path: Path, label: Label, comment: bytes, digest: hashlib._Hash) -> None:
    digest.update(comment.replace(label.sha256.encode(), b"", 1))
    if digest.hexdigest() != label.sha256:
        raise Damaged(f"{path} is damaged: its checksum is not that of what was written.")


def _unreadable(path: Path, error: OSError) -> TraindeckError:
    """Not Damaged: the file may be whole, and no run may go back behind it and remove it."""
    return TraindeckError(
        f"{path} cannot be read: {error.strerror}.", "Make it readable, and try again; or move it away to do without."
    )


def path_of(folder: RunFolder, kind: str) -> Path:
    """`best` or `last`."""
    return folder.checkpoints / f"{kind}.pt"


def older_path(folder: RunFolder, step: int) -> Path:
    """Where the checkpoint of that step lies once it is no longer the last."""
    return folder.checkpoints / f"step-{step:09}.pt"


def candidates(folder: RunFolder) -> Iterator[Path]:
    """Checkpoints to go on from, the newest first."""
    last = path_of(folder, "last")
    if last.exists():
        yield last
    yield from sorted(folder.checkpoints.glob("step-*.pt"), reverse=True)


def newest(folder: RunFolder) -> tuple[Path | None, list[TraindeckError]]:
    """The newest checkpoint that is whole, None where there is none; and what is wrong with those that are newer.

    Raises TraindeckError where the newest was written by a newer version, or cannot be read now: an older one is no way
    round that.
    """
    wrong: list[TraindeckError] = []
    for path in candidates(folder):
        try:
            if not check(path).resumable:
                raise Damaged(f"{path} holds the weights alone, and nothing to go on from.")
        except Damaged as error:
            wrong.append(error)
            continue
        return path, wrong
    return None, wrong
