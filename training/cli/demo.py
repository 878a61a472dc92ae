"""`traindeck demo`: a sound run and one whose LR is far too high, on the digits that ship with the package.

With a terminal the app opens on them. Without one the faulty run is trained, diagnosed, corrected by its first fix and
trained again, in plain lines.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from training.cli.findings import finding_lines
from training.cli.follow import follow
from training.cli.output import say, table
from training.config import files as config_files
from training.config.fields import format_value
from training.config.patch import apply
from training.curves import Curves
from training.diagnosis.findings import Finding, Fix
from training.errors import EXIT_FAILED, EXIT_OK
from training.figures import loss, percent
from training.runs import store
from training.runs.correct import correct, launch_correction
from training.runs.launch import launch
from training.runs.layout import RunFolder
from training.runs.lifecycle import read_summary
from training.runs.log import read_all
from training.runs.plan import plan

CONFIGS = Path(__file__).resolve().parent.parent / "demo"
EPOCHS_IN_LINES = 10
"""Without a screen nobody watches the fault for a minute."""


def run(arguments: argparse.Namespace, open_app: Callable[[Path, Path | None], int]) -> int:
    if sys.stdin.isatty() and sys.stdout.isatty():
        _start_unless_live("sound", arguments.runs_dir)
        faulty = _start_unless_live("faulty", arguments.runs_dir)
        return open_app(arguments.runs_dir, faulty.path)
    return _in_lines(arguments.runs_dir)


def _start_unless_live(name: str, runs_dir: Path) -> RunFolder:
    """The demo run of that name: the one still going, or a new one."""
    for run in store.list_runs(runs_dir):
        if run.live and run.summary.name.startswith(f"demo-{name}"):
            return run.folder
    return start(name, runs_dir)


def start(name: str, runs_dir: Path, epochs: int | None = None) -> RunFolder:
    path = CONFIGS / f"{name}.yaml"
    text, config = config_files.read(path).text, config_files.load(path)
    if epochs:
        config = apply(config, {"epochs": epochs})
        text = config_files.edit(text, config)
    return launch(text, config, plan(config, CONFIGS), name=f"demo-{name}", runs_dir=runs_dir, base_dir=CONFIGS)


def _in_lines(runs_dir: Path) -> int:
    say("1. A run whose learning rate is far too high.")
    parent = start("faulty", runs_dir, EPOCHS_IN_LINES)
    follow(parent)
    chosen = _first_fix(parent)
    if chosen is None:
        say("No finding with a fix came up, which should not happen here: `traindeck show` has the figures.")
        return EXIT_FAILED
    finding, fix = chosen
    say()
    say("2. What the diagnosis says.")
    for line in finding_lines(finding, config=config_files.read(parent.config).config):
        say(line)
    say()
    say(f"3. The same run with the first fix: {fix.title}.")
    correction = correct(parent, finding, fix)
    child = launch_correction(correction, None, plan(correction.config, parent.path))
    follow(child)
    say()
    say("4. Side by side.")
    changes = {change.key: (change.old, change.new) for change in correction.changes}
    for line in _side_by_side(parent, child, changes):
        say(line)
    ended = read_summary(child.summary)
    return EXIT_OK if ended is not None and ended.state == "finished" else EXIT_FAILED


def _first_fix(folder: RunFolder) -> tuple[Finding, Fix] | None:
    """The worst finding's first fix that is a config change."""
    curves = Curves()
    curves.extend(read_all(folder.events))
    for finding in curves.open_findings:
        for fix in finding.fixes:
            if fix.patch:
                return finding, fix
    return None


def _side_by_side(parent: RunFolder, child: RunFolder, changes: dict[str, tuple[object, object]]) -> list[str]:
    columns = []
    for run, side in ((parent, 0), (child, 1)):
        summary = read_summary(run.summary)
        if summary is None:
            return [f"{run.path}: its summary is gone."]
        columns.append(
            [
                run.id,
                *(format_value(values[side]) for values in changes.values()),
                str(summary.epoch),
                loss(summary.best_val_loss),
                percent(summary.best_val_acc),
                summary.findings[0].title if summary.findings else "none",
            ]
        )
    names = ["run", *changes, "epochs", "best val loss", "best val accuracy", "finding"]
    rows = list(zip(names, *columns, strict=True))
    return table(rows[0], rows[1:])
