"""Runs on disk: making their folders, listing them, finding one by what a person calls it, deleting one."""

from __future__ import annotations

import os
from pathlib import Path

from training.errors import InvalidInput
from training.runs import registry
from training.runs.layout import RunFolder
from training.runs.lifecycle import RunView, view
from training.text import has_controls, one_line

NAME_LENGTH = 80
OWN_FILES = (
    "config.yaml",
    "environment.json",
    "split.json",
    "events.jsonl",
    "commands.jsonl",
    "summary.json",
    "process.json",
    "heartbeat.json",
    "lock",
    "console.log",
    "failure.json",
    "job.sh",
    "pinned",
    "muted.json",
    "labels.json",
    "labels.lock",
)


def runs_dir_for(option: str | Path | None = None) -> Path:
    """Where runs go: the option, else $TRAINDECK_RUNS, else ./traindeck_runs. Raises InvalidInput for ~nobody."""
    path = Path(option or os.environ.get("TRAINDECK_RUNS") or "traindeck_runs")
    try:
        return path.expanduser().absolute()
    except RuntimeError as error:
        shown = one_line(str(path))
        raise InvalidInput(f"{shown}: there is no such home directory.", "Give the whole path.") from error


def check_name(name: str) -> None:
    """Raises InvalidInput for a run name that cannot be shown safely."""
    if has_controls(name):
        raise InvalidInput(
            f"The run name {one_line(name)!r} holds control characters, or bytes that are no UTF-8.",
            "Use letters, digits, dots and dashes.",
        )
    if len(name) > NAME_LENGTH:
        raise InvalidInput(f"The run name has {len(name)} characters; at most {NAME_LENGTH} are shown.", "Shorten it.")


def make_folder(runs_dir: Path, name: str) -> RunFolder:
    """A new, empty run folder, numbered where the name is taken. Raises InvalidInput where none can be made."""
    check_name(name)
    from training.runs.describe import slug  # what it knows of configs takes a while to load

    base = slug(name)
    try:
        runs_dir.mkdir(parents=True, exist_ok=True)
        number = 1
        while True:
            path = runs_dir / (base if number == 1 else f"{base}-{number}")
            try:
                path.mkdir()
            except FileExistsError:
                number += 1
                continue
            break
    except OSError as error:
        raise InvalidInput(
            f"{runs_dir}: cannot create a run here: {error.strerror}.",
            "Name another folder with --runs-dir or $TRAINDECK_RUNS.",
        ) from error
    registry.remember(runs_dir)
    return RunFolder(path)


def list_runs(runs_dir: Path) -> list[RunView]:
    """The runs of a folder, newest first; folders that are no runs are passed over."""
    try:
        paths = [Path(entry.path) for entry in os.scandir(runs_dir) if not entry.is_file(follow_symlinks=False)]
    except OSError:
        return []
    views = [found for path in paths if (found := view(RunFolder(path)))]
    return sorted(views, key=lambda run: (run.summary.created, run.folder.id), reverse=True)


def other_live_runs(excluding: Path) -> list[RunView]:
    """Runs going on in the other runs folders of this user, newest first."""
    found = [run for folder in registry.known_folders() if folder != excluding for run in list_runs(folder) if run.live]
    return sorted(found, key=lambda run: run.summary.created, reverse=True)


def all_runs(runs_dir: Path) -> list[RunView]:
    """The runs of this folder and of every other one that the user has used, newest first."""
    folders = dict.fromkeys([runs_dir, *registry.known_folders()])
    found = [run for folder in folders for run in list_runs(folder)]
    return sorted(found, key=lambda run: run.summary.created, reverse=True)


def find_run(wanted: str, runs_dir: Path | None = None) -> RunView:
    """The run that a person means by a path, `last`, a name, an id or a unique prefix. Raises InvalidInput."""
    if not wanted:
        # Every name begins with nothing: `stop "$RUN"` with an unset RUN must not stop the only run there is.
        raise InvalidInput("The name of the run is empty.", "Give a path, a name, a unique prefix or `last`.")
    # A bare word that is a folder here is a path too; one that cannot be a file name at all has no summary.
    if found := view(RunFolder(Path(wanted).absolute())):
        return found
    here = runs_dir or runs_dir_for()
    runs = all_runs(here)
    if not runs:
        raise InvalidInput(
            "There is no run yet.", "Start one with `traindeck train CONFIG`, or name a folder with --runs-dir."
        )
    if wanted == "last":
        return runs[0]
    for matches in (
        [run for run in runs if wanted == run.folder.id],
        [run for run in runs if wanted == run.summary.name],
        [run for run in runs if run.folder.id.startswith(wanted) or run.summary.name.startswith(wanted)],
    ):
        in_folder = [run for run in matches if run.folder.path.parent == here] or matches
        if len(in_folder) == 1:
            return in_folder[0]
        if in_folder:
            raise _ambiguous(wanted, in_folder)
    raise InvalidInput(
        f"No run is called {one_line(wanted)!r}.", f"Known are {_names(runs)}; `traindeck runs` lists all."
    )


def delete_run(run: RunView) -> None:
    """Remove what traindeck wrote of a run; files that others put there stay. Raises InvalidInput for a live run."""
    if run.live or run.state == "silent":
        raise InvalidInput(f"{run.summary.name} is {run.state}.", "Stop it before deleting it.")
    try:
        discard(run.folder)
    except OSError as error:
        raise InvalidInput(f"{run.folder.path}: cannot be deleted: {error.strerror}.") from error


def discard(folder: RunFolder) -> None:
    """Remove what traindeck wrote into a run folder, and the folder when that leaves it empty. Raises OSError."""
    # The summary goes first: without it the folder is no run any more, whatever happens next.
    folder.summary.unlink(missing_ok=True)
    leftovers = [*folder.path.glob(".*.tmp"), *folder.checkpoints.glob(".*.tmp")]
    for path in [*folder.checkpoints.glob("*.pt"), *leftovers, *(folder.path / name for name in OWN_FILES)]:
        path.unlink(missing_ok=True)
    for directory in (folder.checkpoints, folder.path):
        if directory.is_dir() and not any(directory.iterdir()):
            directory.rmdir()


def _ambiguous(wanted: str, runs: list[RunView]) -> InvalidInput:
    return InvalidInput(f"{one_line(wanted)!r} could be any of {_names(runs)}.", "Give more of the name, or a path.")


def _names(runs: list[RunView]) -> str:
    shown = ", ".join(run.folder.id for run in runs[:5])
    return f"{shown} and {len(runs) - 5} more" if len(runs) > 5 else shown
