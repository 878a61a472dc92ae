"""Where decoded images are kept on this host, and whether they fit there."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from pathlib import Path

from training.dataset.folder import leads_nowhere
from training.dataset.listing import shown
from training.errors import TraindeckError
from training.figures import storage

KEPT_FREE_SHARE, KEPT_FREE_BYTES = 0.05, 1 << 30
"""The smaller of the two is never filled: others use this disk too."""

_REMEDY = "Point data.cache_dir at a folder with more room, lower data.image_size, or set data.cache to ram or off."


class Unsuitable(TraindeckError):
    """A disk cannot hold the decoded images."""


def scratch_folder(chosen: Path | str | None) -> Path:
    """The cache folder: the chosen one, $TRAINDECK_CACHE, Slurm's scratch of this job, or one of this user's own on
    this host, in that order. Made where it is missing. Raises Unsuitable.
    """
    if named := chosen or os.environ.get("TRAINDECK_CACHE"):
        return _named(Path(named).expanduser())
    refused = []
    for folder in _own_places():
        try:
            _make_own(folder)
        except OSError as error:
            refused.append(f"{shown(str(folder))}: {error.strerror or error}")
        else:
            return folder
    raise Unsuitable(
        f"No folder for decoded images can be used ({'; '.join(refused)}).", "Name one with data.cache_dir."
    )


def _named(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Unsuitable(
            f"The cache folder {shown(str(folder))} cannot be made: {error.strerror}.",
            "Name another with data.cache_dir.",
        ) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise Unsuitable(
            f"The cache folder {shown(str(folder))} cannot be written to.", "Name another with data.cache_dir."
        )
    return folder.absolute()


def check_usable(folder: Path) -> None:
    """Whether decoded images could be kept there; nothing is made. Raises Unsuitable."""
    there = next(place for place in (folder, *folder.parents) if os.path.lexists(place))
    if not os.path.isdir(there):  # noqa: PTH112
        why = f"{shown(str(there))} is {'a link that leads nowhere' if leads_nowhere(str(there)) else 'no folder'}"
    elif not os.access(there, os.W_OK | os.X_OK):
        why = f"{shown(str(there))} cannot be written to"
    else:
        return
    raise Unsuitable(
        f"The cache folder {shown(str(folder))} cannot be used: {why}.",
        "Name another with data.cache_dir, or leave it out.",
    )


def _own_places() -> list[Path]:
    slurm = os.environ.get("SLURM_TMPDIR")
    name = f"traindeck-{os.getuid()}"
    own = [Path("/var/tmp") / name, Path(tempfile.gettempdir()) / name]
    return [Path(slurm) / "traindeck-cache", *own] if slurm else own


def _make_own(folder: Path) -> None:
    """Anybody may write beside it: what is there already must be a folder of ours. Raises OSError."""
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode):
        raise NotADirectoryError(0, "is a link or a file, not a folder")
    if found.st_uid != os.getuid():
        raise PermissionError(0, "belongs to another user")
    if found.st_mode & 0o022:
        raise PermissionError(0, "can be written to by others")


def check_room(folder: Path, needed: int) -> int:
    """Free bytes of that disk. Raises Unsuitable, with the numbers, where `needed` bytes more do not fit."""
    usage = shutil.disk_usage(folder)
    kept = min(int(usage.total * KEPT_FREE_SHARE), KEPT_FREE_BYTES)
    if needed > usage.free - kept:
        raise Unsuitable(
            f"The decoded images need {storage(needed)}; {shown(str(folder))} has {storage(usage.free)} free, "
            f"of which {storage(kept)} stay free.",
            _REMEDY,
        )
    return usage.free
