"""Downloading the default weights of a torchvision backbone: torch.hub's folder, names and hashes, with a time limit.

torch.hub itself waits for ever for a host that does not answer, and tells its progress to a terminal only.
"""

from __future__ import annotations

import hashlib
import http.client
import os
import re
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from training.engine.models.backbones import Backbone
from training.engine.models.weights import missing
from training.errors import RunFailed
from training.text import one_line

SILENT_SECONDS = 15.0
"""How long the server may say nothing."""
TELL_SECONDS = 0.5
CHUNK = 1 << 18
# torch.hub's rule: the file's name ends in the first digits of its SHA-256.
_HASH = re.compile(r"-([0-9a-f]{8,})\.")


def fetch_weights(backbone: Backbone, folder: Path, tell: Callable[[Any], None]) -> Path:
    """The file in `folder`, whole and with the hash that its name promises; `tell` hears how far it is.

    Raises TraindeckError with what else can be done where the server cannot be reached or the folder not written.
    """
    try:
        return download(backbone.url, folder / backbone.file, lambda done, total: tell(_said(backbone, done, total)))
    except (OSError, http.client.HTTPException) as error:  # urllib's errors are OSErrors too
        refused = isinstance(error, urllib.error.URLError)
        if isinstance(error, OSError) and not refused and error.filename is not None:
            raise RunFailed(f"{error.filename}: {error.strerror}.", "Choose another folder, or free space.") from error
        raise missing(backbone, _reason(error)) from error


def download(url: str, path: Path, progress: Callable[[int, int], None]) -> Path:
    """`path`, whole. Raises OSError, HTTPException. `progress` hears of bytes, and of all (0: unknown)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # An opener of its own: urllib's common one keeps to the proxies of the environment that it first saw.
    with urllib.request.build_opener().open(url, timeout=SILENT_SECONDS) as answer:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".partial", dir=path.parent)
        partial = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                digest = _copy(answer, file, progress)
            promised = _HASH.search(path.name)
            if promised and not digest.startswith(promised[1]):
                raise http.client.HTTPException("what came is not the file that its name promises")
            partial.chmod(0o644)
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
    return path


def _copy(answer: Any, file: IO[bytes], progress: Callable[[int, int], None]) -> str:
    """All of the answer; returns its SHA-256."""
    digest = hashlib.sha256()
    total = int(answer.headers.get("Content-Length") or 0)
    done, told = 0, time.monotonic()
    while chunk := answer.read(CHUNK):
        file.write(chunk)
        digest.update(chunk)
        done += len(chunk)
        if time.monotonic() - told >= TELL_SECONDS:
            progress(done, total)
            told = time.monotonic()
    if done < total:
        raise http.client.IncompleteRead(b"", total - done)
    return digest.hexdigest()


def _said(backbone: Backbone, done: int, total: int) -> str:
    of = f" of {total / 1e6:.0f}" if total else ""
    return f"fetching the weights of {backbone.name}: {done / 1e6:.0f}{of} MB"


def _reason(error: Exception) -> str:
    """In one line; the status for an answer, what the system says where there was none."""
    if isinstance(error, urllib.error.URLError) and not isinstance(error, urllib.error.HTTPError):
        return one_line(str(error.reason))
    return one_line(str(error)) or type(error).__name__
