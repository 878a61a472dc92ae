"""Changes that are not saved yet, kept on disk: a crash, a kill or a dropped connection loses none of them.

One JSON file a draft under XDG_STATE_HOME/traindeck/drafts. It names the process that edits it, so that another app
offers only what nobody holds any more.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from threading import RLock

import msgspec

from training import files
from training.errors import InvalidInput
from training.runs import pids
from training.runs.registry import registry_path
from training.text import one_line

SCHEMA = 1
ELSEWHERE_SECONDS = 24 * 3600.0
"""Whether a process on another host still lives cannot be seen from here: after a day its draft is offered."""
_MAX_BYTES = 8 * 2**20


class Holder(msgspec.Struct, frozen=True):
    """The process that edits a draft."""

    host: str
    boot_id: str
    pid_space: str
    pid: int
    start: str

    @property
    def here(self) -> bool:
        """Whether its pid means something to this process: this host and container, since its last boot or before."""
        same_boot = self.boot_id == pids.boot_id()
        return self.host == pids.host() and (not same_boot or self.pid_space == pids.pid_space())

    @property
    def alive(self) -> bool:
        """Judged here; see `here`."""
        return self.boot_id == pids.boot_id() and pids.is_alive(self.pid, self.start)


def me() -> Holder:
    """This process."""
    return _holder(os.getpid())


@lru_cache(maxsize=1)
def _holder(pid: int) -> Holder:
    return Holder(pids.host(), pids.boot_id(), pids.pid_space(), pid, pids.start_mark(pid))


def nobody() -> Holder:
    """Of a draft that was left on this machine: no process has that number, so it is free at once."""
    return Holder(pids.host(), pids.boot_id(), pids.pid_space(), 0, "")


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A draft as its file holds it."""

    schema: int = SCHEMA
    id: str
    title: str
    path: str
    """The config file; empty for a config that has none yet."""
    base_dir: str
    text: str
    """The file as it was opened; empty where there was none."""
    start: str
    """What the draft began with, as YAML: a preset, the defaults."""
    yaml: str
    """As it would be saved."""
    in_place: bool
    """Whether `yaml` holds more than its values: the comments and the order of a file."""
    wrong: dict[str, str]
    """Texts by key that were typed and are no values."""
    changes: int
    """Keys that differ from what the draft began with."""
    kept: float
    """Wall clock."""
    holder: Holder
    fork: str = ""
    """Where it was to go on from, such as `digits at step 360`; a draft alone starts from scratch."""

    @property
    def name(self) -> str:
        """For a list: the file's name, else the title of the editor."""
        return one_line(Path(self.path).name if self.path else self.title) or "New config"

    @property
    def held_here(self) -> bool:
        """Whether a process of this machine edits it."""
        return self.holder.here and self.holder.alive

    @property
    def free(self) -> bool:
        """Whether nobody edits it any more, as far as can be told from here."""
        if self.holder.here:
            return not self.holder.alive
        return time.time() - self.kept > ELSEWHERE_SECONDS


def folder() -> Path | None:
    """Where drafts are kept; None for a user without a home."""
    registry = registry_path()
    return registry.with_name("drafts") if registry is not None else None


class Keeper:
    """The file of one draft. Its methods may be called from any thread: of two states the younger one stays."""

    def __init__(self, id: str = "") -> None:
        self.id = id or os.urandom(8).hex()
        # Reentrant: a hangup may come while the same thread writes.
        self._lock = RLock()
        self._turn = 0
        self._written = 0

    def turn(self) -> int:
        """A number for `put`, larger each time; from one thread only."""
        self._turn += 1
        return self._turn

    def put(self, kept: Kept | None, turn: int) -> str:
        """Write the draft; None removes the file. Answers why it could not be kept, or an empty text."""
        with self._lock:
            if turn <= self._written:
                return ""
            self._written = turn
            place = folder()
            if place is None:
                return "there is no home folder."
            path = place / f"{self.id}.json"
            try:
                if kept is None:
                    path.unlink(missing_ok=True)
                else:
                    place.mkdir(mode=0o700, parents=True, exist_ok=True)
                    files.replace(path, _encoded(kept), mode=0o600)
            except OSError as error:
                # Of drafts that were never kept none has to be removed.
                return "" if kept is None else f"{place}: {error.strerror or error}."
        return ""


def _encoded(kept: Kept) -> bytes:
    import json

    # Paths may hold bytes that are no UTF-8, which msgspec would refuse and the standard library escapes.
    return json.dumps(msgspec.to_builtins(kept), indent=1).encode("ascii")


# Finding them again


def orphans() -> list[Kept]:
    """Drafts that nobody edits any more, the youngest first."""
    return [kept for kept in all_kept() if kept.free]


def all_kept() -> list[Kept]:
    """Every draft that can be read, the youngest first; files that hold none are left alone."""
    return sorted(_read_all(), key=lambda kept: -kept.kept)


def read(id: str) -> Kept | None:
    """The draft of that id as it is on disk now."""
    place = folder()
    return _read(place / f"{id}.json") if place is not None else None


def of_file(path: Path) -> list[Kept]:
    """Drafts of one config file that nobody edits any more."""
    wanted = os.path.realpath(path)
    return [kept for kept in orphans() if kept.path and os.path.realpath(kept.path) == wanted]


def discard(kept: Kept) -> None:
    """Remove a draft for good. Raises InvalidInput where that is not possible."""
    place = folder()
    if place is None:
        return
    try:
        (place / f"{kept.id}.json").unlink(missing_ok=True)
    except OSError as error:
        raise InvalidInput(f"{kept.name} cannot be removed from {place}: {error.strerror}.") from None


def _read_all() -> Iterator[Kept]:
    place = folder()
    if place is None:
        return
    try:
        with os.scandir(place) as entries:
            names = [entry.name for entry in entries if entry.name.endswith(".json")]
    except OSError:
        return
    for name in names:
        kept = _read(place / name)
        if kept is not None:
            yield kept


def _read(path: Path) -> Kept | None:
    """None for what is no draft: another version's, half a file, something else. Such files are left alone."""
    import json  # not before there is a draft: this module is loaded at every start

    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES)
        kept = msgspec.convert(json.loads(data), Kept)
    except (OSError, ValueError, RecursionError):
        return None
    whole = kept.schema == SCHEMA and f"{kept.id}.json" == path.name and "\0" not in f"{kept.path}{kept.base_dir}"
    return kept if whole else None
