"""Cleaning: which runs can spare their weights, and removing those; the record of a run always stays."""

from __future__ import annotations

import json
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from training import files
from training.errors import InvalidInput, RunFailed
from training.runs import checkpoints, lock
from training.runs.disk import WeightFile, freed, weight_files
from training.runs.layout import RunFolder
from training.runs.lifecycle import RunView, view
from training.text import one_line

Reason = Literal["live", "silent", "pinned", "ancestor", "link", "foreign", "younger", "empty", "unreadable"]


@dataclass(frozen=True)
class Removal:
    """The files of one run that would go."""

    run: RunView
    files: tuple[WeightFile, ...]

    @property
    def freed(self) -> int:
        """Bytes."""
        return freed(self.files)


@dataclass(frozen=True)
class PassedOver:
    run: RunView
    reason: Reason


@dataclass(frozen=True)
class CleaningPlan:
    """What a cleaning would remove, and why it leaves the others alone."""

    removals: tuple[Removal, ...]
    passed_over: tuple[PassedOver, ...]

    @property
    def freed(self) -> int:
        return sum(removal.freed for removal in self.removals)

    @property
    def count(self) -> int:
        """Files."""
        return sum(len(removal.files) for removal in self.removals)


def plan(
    runs: Sequence[RunView],
    *,
    only: Collection[Path] | None = None,
    older: float = 0.0,
    keep_best: bool = False,
    now: float | None = None,
) -> CleaningPlan:
    """Look at what cleaning would do; changes nothing.

    `runs` are all runs of the runs folders in question, since one that is left alone may name another as its parent;
    `only` are the run folders that are meant, all where it is None. `older` is in seconds since the run's end.
    """
    parents = {(run.folder.path.parent, run.summary.parent) for run in runs if run.summary.parent != run.folder.id}
    before = (time.time() if now is None else now) - older
    removals: list[Removal] = []
    passed_over: list[PassedOver] = []
    for run in runs:
        if only is not None and run.folder.path not in only:
            continue
        reason = _protected(run, parents) or ("younger" if older and run.ended > before else None)
        try:
            spared = () if reason else _to_remove(run.folder, keep_best=keep_best)
        except OSError:
            reason, spared = "unreadable", ()
        if spared:
            removals.append(Removal(run, spared))
        else:
            passed_over.append(PassedOver(run, reason or "empty"))
    return CleaningPlan(tuple(removals), tuple(passed_over))


def _protected(run: RunView, parents: Collection[tuple[Path, str]]) -> Reason | None:
    """Why the run's weights stay whatever was asked for."""
    if run.live:
        return "live"
    if run.state == "silent":
        return "silent"
    if run.pinned:
        return "pinned"
    # By both its names: a folder may have been renamed since its children were launched.
    if any((run.folder.path.parent, name) in parents for name in (run.folder.id, run.summary.id)):
        return "ancestor"
    if run.folder.path.is_symlink():
        return "link"  # the runs that come from it may lie where it leads
    return "foreign" if run.summary.kind != "engine" else None


def _to_remove(folder: RunFolder, *, keep_best: bool) -> tuple[WeightFile, ...]:
    """Raises OSError where its checkpoints cannot be listed."""
    kept = checkpoints.path_of(folder, "best").name if keep_best else ""
    found = tuple(file for file in weight_files(folder) if file.path.name != kept)
    # Where every file has another name that stays, nothing would come free.
    return found if freed(found) or not kept else ()


def clean(removal: Removal) -> None:
    """Remove the files. Raises InvalidInput where the run is no longer as it was planned for, and RunFailed."""
    folder, name = removal.run.folder, one_line(removal.run.summary.name)
    try:
        _check_unchanged(removal)  # before its lock is touched, which a supervisor that starts now wants
        with lock.held(folder) as ours:
            if not ours:
                raise InvalidInput(f"{name} goes on again; its weights stay.")
            _check_unchanged(removal)
            if any(file.whole for file in removal.files):
                _note_cleaned(folder)
            for file in removal.files:
                file.path.unlink(missing_ok=True)
    except OSError as error:
        place = error.filename or folder.path
        raise RunFailed(f"{place}: {name} cannot be cleaned: {error.strerror or error}.") from error


def _check_unchanged(removal: Removal) -> None:
    """Raises InvalidInput where the run was resumed, pinned or otherwise changed since the plan was made."""
    now = view(removal.run.folder)
    name = one_line(removal.run.summary.name)
    if now is None:
        raise InvalidInput(f"{name} is no longer there.")
    if now.pinned:
        raise InvalidInput(f"{name} has been pinned meanwhile; its weights stay.")
    if now.state != removal.run.state or now.summary != removal.run.summary:
        raise InvalidInput(f"{name} has moved meanwhile; its weights stay.")


def _note_cleaned(folder: RunFolder) -> None:
    """Say so in the summary first: of a run without weights one must be able to tell why. Raises OSError."""
    try:
        summary = json.loads(folder.summary.read_bytes())
    except ValueError as error:
        raise OSError(f"{folder.summary} is damaged: {error}") from error
    summary["cleaned"] = time.time()
    files.replace(folder.summary, json.dumps(summary).encode())
