"""`traindeck clean`: free the disk of weights that nobody needs, and keep the record of every run."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from training.cli.output import say, say_json, table
from training.cli.runs import check_readable
from training.config.problems import shown
from training.errors import EXIT_FAILED, EXIT_OK, InvalidInput, TraindeckError
from training.figures import storage
from training.runs import cleaning, store
from training.runs.cleaning import CleaningPlan, PassedOver, Reason, Removal
from training.runs.lifecycle import RunView
from training.runs.registry import known_folders
from training.text import one_line

HOURS = {"h": 1, "d": 24, "w": 7 * 24}
NAMED = 4
"""How many of the runs that are passed over for one reason are named; --json names all."""
REASONS: dict[Reason, str] = {
    "live": "going on",
    "silent": "silent, and may move again",
    "pinned": "pinned",
    "ancestor": "other runs come from them",
    "link": "links to runs that lie elsewhere",
    "foreign": "not trained by traindeck",
    "younger": "ended too lately",
    "empty": "no weights to remove",
    "unreadable": "cannot be read",
}


@dataclass(frozen=True)
class Done:
    """What became of a cleaning."""

    removed: list[Removal]
    failed: list[tuple[RunView, TraindeckError]]


def run(arguments: argparse.Namespace) -> int:
    """Exit code 1 where a run could not be cleaned."""
    only = _meant(arguments.runs, arguments.runs_dir)
    if only is not None and arguments.all:
        raise InvalidInput("--all cleans every runs folder, but runs are named too.", "Leave one of them out.")
    if only is None:
        check_readable(arguments.runs_dir)
    folders = _folders(only, arguments)
    older = seconds(arguments.older) if arguments.older else 0.0
    keep_best = arguments.keep == "best"
    planned = cleaning.plan(_runs(folders), only=only, older=older, keep_best=keep_best)
    if not arguments.json:
        _show(planned)
    if arguments.dry_run or not planned.removals:
        done = Done([], [])
    else:
        if _asked(planned, arguments):
            # Whoever took time to answer may have pinned or corrected a run meanwhile.
            only = {removal.run.folder.path for removal in planned.removals}
            planned = cleaning.plan(_runs(folders), only=only, older=older, keep_best=keep_best)
            _say_left(planned)
        done = _clean(planned)
    if arguments.json:
        say_json(_as_json(planned, done, dry_run=arguments.dry_run))
    else:
        _tell(done)
    return EXIT_FAILED if done.failed else EXIT_OK


def seconds(text: str) -> float:
    """Such as 12h, 30d or 4w. Raises InvalidInput."""
    match = re.fullmatch(r"([0-9]{1,5})([hdw])", text)
    if match is None:
        raise InvalidInput(
            f"--older {one_line(text)!r} is no length of time.",
            "Give a whole number of hours, days or weeks: 12h, 30d, 4w.",
        )
    return int(match[1]) * HOURS[match[2]] * 3600.0


def _meant(names: Sequence[str], runs_dir: Path) -> set[Path] | None:
    """The run folders that are named, by their real place; None for all. Raises InvalidInput for an unknown one."""
    if not names:
        return None
    return {Path(os.path.realpath(store.find_run(name, runs_dir).folder.path)) for name in names}


def _folders(only: set[Path] | None, arguments: argparse.Namespace) -> list[Path]:
    """The runs folders to look through, none of them twice under two names."""
    if only is not None:
        found = [path.parent for path in only]
    else:
        found = [arguments.runs_dir, *(known_folders() if arguments.all else [])]
    return list(dict.fromkeys(Path(os.path.realpath(path)) for path in found))


def _runs(folders: Sequence[Path]) -> list[RunView]:
    return [run for folder in folders for run in store.list_runs(folder)]


def _asked(planned: CleaningPlan, arguments: argparse.Namespace) -> bool:
    """Whether somebody had to say yes, and did. Raises InvalidInput for a no, and where nobody can be asked."""
    if arguments.yes:
        return False
    question = f"Remove {_files(planned.count)} of {_count(len(planned.removals))}, {storage(planned.freed)}, for good?"
    if arguments.json or not sys.stdin.isatty():
        raise InvalidInput(question, "Say --yes to remove them, or --dry-run to look only.")
    sys.stdout.write(f"{question} [y/N] ")
    sys.stdout.flush()
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise InvalidInput("Nothing was removed.")
    return True


def _clean(planned: CleaningPlan) -> Done:
    done = Done([], [])
    for removal in planned.removals:
        try:
            cleaning.clean(removal)
        except TraindeckError as error:
            done.failed.append((removal.run, error))
        else:
            done.removed.append(removal)
    return done


def _show(planned: CleaningPlan) -> None:
    """The table of what would go, and what stays."""
    if planned.removals:
        rows = [
            (
                one_line(one.run.summary.name),
                shown(", ".join(file.path.name for file in one.files), 40),
                storage(one.freed),
            )
            for one in planned.removals
        ]
        for line in table(("RUN", "FILES", "SIZE"), rows):
            say(line)
        say(f"{_files(planned.count)} of {_count(len(planned.removals))}, {storage(planned.freed)}.")
    else:
        say("There are no weights to remove.")
    _say_left(planned)


def _say_left(planned: CleaningPlan) -> None:
    """The runs that are passed over, a line for every reason."""
    for reason, words in REASONS.items():
        if named := [one.run for one in planned.passed_over if one.reason == reason]:
            say(f"Left alone, {words}: {_names(named)}.")


def _names(runs: Sequence[RunView]) -> str:
    more = f" and {len(runs) - NAMED} more" if len(runs) > NAMED else ""
    return ", ".join(one_line(run.summary.name) for run in runs[:NAMED]) + more


def _tell(done: Done) -> None:
    if done.removed:
        files, freed = sum(len(one.files) for one in done.removed), sum(one.freed for one in done.removed)
        say(f"Removed {_files(files)} of {_count(len(done.removed))}: {storage(freed)} are free.")
    for _, error in done.failed:
        say(f"Not cleaned: {one_line(str(error))}")


def _files(count: int) -> str:
    return f"{count} file{'' if count == 1 else 's'}"


def _count(count: int) -> str:
    return f"{count} run{'' if count == 1 else 's'}"


def _as_json(planned: CleaningPlan, done: Done, *, dry_run: bool) -> dict[str, Any]:
    removals = planned.removals if dry_run else done.removed
    return {
        "dry_run": dry_run,
        "bytes": sum(removal.freed for removal in removals),
        "removed": [
            {**_named(one.run), "files": [file.path.name for file in one.files], "bytes": one.freed} for one in removals
        ],
        "passed_over": [_passed_over(one) for one in planned.passed_over],
        "failed": [{**_named(run), "error": str(error)} for run, error in done.failed],
    }


def _passed_over(one: PassedOver) -> dict[str, Any]:
    return {**_named(one.run), "reason": one.reason}


def _named(run: RunView) -> dict[str, Any]:
    return {"id": run.folder.id, "name": run.summary.name, "path": str(run.folder.path)}
