"""`traindeck diagnose RUN…`: what is wrong with runs of ours, and with logs that other tools wrote."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from training.cli.findings import finding_lines, resolved_line, wrapped
from training.cli.mapping import column_names, is_log, run_of
from training.cli.output import complain, say, say_json
from training.cli.report import STANDARD_OUTPUT, check_target, of_log, of_run, rows, write_report
from training.config import files as config_files
from training.errors import EXIT_INVALID, EXIT_OK, InvalidInput, TraindeckError
from training.foreign.reading import read
from training.replay import Diagnosed, diagnose_run, replay
from training.runs.muting import read_muted
from training.story.changes import Known
from training.story.report import Report
from training.story.telling import NOW_TOLD
from training.text import one_line


@dataclass(frozen=True)
class Looked:
    """What was found under a path or a name."""

    path: Path
    name: str
    diagnosed: Diagnosed
    config: Known
    muted: frozenset[str]
    report: Callable[[], Report]
    skipped: int = 0
    """Rows of a log that could not be read."""


def run(arguments: argparse.Namespace) -> int:
    """What is wrong with each run, in the order given; of several, those that cannot be read are told on stderr.

    Exit code 2 where one could not. Raises InvalidInput and OSError for what is wrong with the only one, and for
    options that do not fit.
    """
    target, names = arguments.report, column_names(arguments.names)
    if target is not None:
        if target == STANDARD_OUTPUT and arguments.json:
            raise InvalidInput("--json and `--report -` cannot both be printed.", "Name a file for the report.")
        check_target(target, force=arguments.force)
    reports = []
    code = EXIT_OK
    for wanted in arguments.runs:
        try:
            looked = _look_at(wanted, arguments.runs_dir, names)
            if target is not None:
                reports.append(looked.report())
        except (TraindeckError, OSError) as error:
            if len(arguments.runs) == 1:
                raise
            complain(_in_words(error, wanted), as_json=False)
            code = EXIT_INVALID
            continue
        if arguments.json:
            say_json(_as_json(looked))
        elif target != STANDARD_OUTPUT:
            _tell(looked)
    if reports:
        write_report(target, reports)
        if target != STANDARD_OUTPUT and not arguments.json:
            say(f"The report is in {one_line(target)}.")
    return code


def _in_words(error: TraindeckError | OSError, wanted: str) -> TraindeckError:
    """What is wrong with one of several, whose error may name no file."""
    if isinstance(error, TraindeckError):
        return error
    return InvalidInput(f"{one_line(str(error.filename or wanted))}: {error.strerror or error}.")


def _look_at(wanted: str, runs_dir: Path, names: Mapping[str, str]) -> Looked:
    path = Path(wanted)
    if is_log(wanted, runs_dir):
        log = read(path, names)
        diagnosed = replay(log.events, log.config)
        report = partial(of_log, path, log, diagnosed)
        return Looked(path, str(path), diagnosed, log.config, frozenset(), report, log.skipped)
    folder = run_of(wanted, runs_dir, names).folder
    diagnosed, config = diagnose_run(folder), config_files.read(folder.config).config
    return Looked(folder.path, folder.id, diagnosed, config, read_muted(folder), partial(of_run, folder, diagnosed))


def _tell(looked: Looked) -> None:
    """For a person: the findings, those that are muted by their titles, and what was resolved."""
    diagnosed = looked.diagnosed
    found = [finding for finding in diagnosed.open if finding.label not in looked.muted]
    muted = [finding for finding in diagnosed.open if finding.label in looked.muted]
    counted = "1 finding" if len(found) == 1 else f"{len(found)} findings"
    for line in wrapped(f"{one_line(looked.name)}: {counted if diagnosed.open else diagnosed.verdict}", 0, 2):
        say(line)
    for finding in found:
        for line in finding_lines(finding, config=looked.config):
            say(f"  {line}")
    for finding in muted:
        say(f"  muted: {one_line(finding.title)}")
    last = {told.change.finding.label: told for told in diagnosed.told}
    for told in last.values():
        if told.change.change == "resolved" and NOW_TOLD not in told.change.finding.evidence:
            say(f"  {resolved_line(told.change.finding, told.epoch)}")
    if looked.skipped:
        say(f"  {rows(looked.skipped)} could not be read")


def _as_json(looked: Looked) -> dict[str, Any]:
    """The scorer's format of the labelled curves, with path, title, evidence and fixes beside."""
    path, diagnosed = looked.path, looked.diagnosed
    return {
        "file": path.name,
        "path": str(path),
        "verdict": diagnosed.verdict,
        "skipped": looked.skipped,
        "findings": [
            {
                "label": finding.label,
                "epoch": finding.shown_epoch,
                "severity": finding.severity,
                "issue": finding.issue,
                "title": finding.title,
                "since_epoch": finding.since_epoch,
                "confidence": finding.confidence,
                "stretch": finding.stretch,
                "evidence": finding.evidence,
                "causes": finding.causes,
                "fixes": finding.fixes,
                "open": finding in diagnosed.open,
                "muted": finding.label in looked.muted,
            }
            for finding in diagnosed.shown
        ],
    }
