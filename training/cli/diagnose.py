"""`traindeck diagnose RUN…`: what is wrong with runs of ours, and with logs that other tools wrote."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

from training.cli.findings import finding_lines
from training.cli.output import say, say_json
from training.errors import EXIT_OK, InvalidInput
from training.replay import Diagnosed, diagnose_file, diagnose_run
from training.runs import store
from training.text import one_line


def run(arguments: argparse.Namespace) -> int:
    """One report a run, in the order given. Raises InvalidInput for the first that cannot be read."""
    for wanted in arguments.runs:
        path = Path(wanted)
        # Not pathlib's questions: they raise where a folder above is closed to this user.
        if os.path.isfile(wanted):  # noqa: PTH113
            name, diagnosed = str(path), diagnose_file(path)
        elif os.sep in wanted and not os.path.exists(wanted):  # noqa: PTH110
            raise InvalidInput(f"{one_line(wanted)}: there is no such file or run.", "Check the path.")
        else:
            folder = store.find_run(wanted, arguments.runs_dir).folder
            path, name, diagnosed = folder.path, folder.id, diagnose_run(folder)
        if arguments.json:
            say_json(_as_json(path, diagnosed))
        else:
            _report(name, diagnosed)
    return EXIT_OK


def _report(name: str, diagnosed: Diagnosed) -> None:
    found = len(diagnosed.open)
    say(f"{one_line(name)}: {diagnosed.verdict if not found else '1 finding' if found == 1 else f'{found} findings'}")
    for finding in diagnosed.open:
        for line in finding_lines(finding):
            say(f"  {line}")


def _as_json(path: Path, diagnosed: Diagnosed) -> dict[str, Any]:
    """The scorer's format of the labelled curves, with path, title, evidence and fixes beside."""
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
                "evidence": finding.evidence,
                "causes": finding.causes,
                "fixes": finding.fixes,
                "open": finding in diagnosed.open,
            }
            for finding in diagnosed.shown
        ],
    }
