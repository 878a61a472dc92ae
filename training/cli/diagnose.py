"""`traindeck diagnose RUN…`: what is wrong with runs of ours, and with logs that other tools wrote."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from training.cli.findings import finding_lines, resolved_line, wrapped
from training.cli.mapping import column_names, is_log
from training.cli.output import say, say_json
from training.cli.report import STANDARD_OUTPUT, check_target, of_log, of_run, write_report
from training.config import files as config_files
from training.errors import EXIT_OK, InvalidInput
from training.foreign.reading import read
from training.replay import Diagnosed, diagnose_run, replay
from training.runs import store
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


def run(arguments: argparse.Namespace) -> int:
    """What is wrong with each run, in the order given. Raises InvalidInput for the first that cannot be read."""
    target = arguments.report
    if target is not None:
        if target == STANDARD_OUTPUT and arguments.json:
            raise InvalidInput("--json and `--report -` cannot both be printed.", "Name a file for the report.")
        check_target(target, force=arguments.force)
    reports = []
    for wanted in arguments.runs:
        looked = _look_at(wanted, arguments)
        if arguments.json:
            say_json(_as_json(looked))
        elif target != STANDARD_OUTPUT:
            _tell(looked)
        if target is not None:
            reports.append(looked.report())
    if target is not None:
        write_report(target, reports)
        if target != STANDARD_OUTPUT and not arguments.json:
            say(f"The report is in {one_line(target)}.")
    return EXIT_OK


def _look_at(wanted: str, arguments: argparse.Namespace) -> Looked:
    path = Path(wanted)
    names = column_names(arguments.names)
    if is_log(wanted, arguments.runs_dir):
        log = read(path, names)
        diagnosed = replay(log.events, log.config)
        report = partial(of_log, path, log.format, log.events, log.config, diagnosed)
        return Looked(path, str(path), diagnosed, log.config, frozenset(), report)
    if os.sep in wanted and not os.path.exists(wanted):  # noqa: PTH110
        raise InvalidInput(f"{one_line(wanted)}: there is no such file or run.", "Check the path.")
    folder = store.find_run(wanted, arguments.runs_dir).folder
    if names:
        raise InvalidInput("--map is for logs of other tools.", f"{one_line(wanted)} is a run.")
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


def _as_json(looked: Looked) -> dict[str, Any]:
    """The scorer's format of the labelled curves, with path, title, evidence and fixes beside."""
    path, diagnosed = looked.path, looked.diagnosed
    return {
        "file": path.name,
        "path": str(path),
        "verdict": diagnosed.verdict,
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
