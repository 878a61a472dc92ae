"""`traindeck show RUN`: where a run stands."""

from __future__ import annotations

import argparse
import time
from typing import Any

from training.cli.output import say, say_json
from training.cli.runs import as_json
from training.config.fields import format_value
from training.config.files import read
from training.config.patch import diff
from training.config.schema import TrainingConfig
from training.errors import EXIT_OK
from training.figures import duration, loss, percent, storage
from training.runs import store
from training.runs.console import console_tail
from training.runs.describe import attempt_label, origin_label
from training.runs.disk import measure
from training.runs.lifecycle import RunView
from training.text import clean_name, one_line

CONSOLE_LINES = 15
SECTIONS = ("data", "model", "optimization", "runtime")
SHARES = ("_acc", "_f1", "_recall_min", "dead_relu")


def run(arguments: argparse.Namespace) -> int:
    view = store.find_run(arguments.run, arguments.runs_dir)
    if arguments.json:
        use = measure(view.folder)
        say_json({**as_json(view), "changed": changed(view), "disk": {"bytes": use.total, "weights": use.weights}})
    else:
        show(view)
    return EXIT_OK


def changed(view: RunView) -> dict[str, Any]:
    """What the run's sections of data, model, optimization and runtime set otherwise than the defaults, by dotted key.

    Empty where the config cannot be read: there is none in runs of other tools.
    """
    config = read(view.folder.config).config
    if config is None:
        return {}
    changes = diff(TrainingConfig(), config)
    return {change.key: change.new for change in changes if change.key.partition(".")[0] in SECTIONS}


def _disk(view: RunView) -> str:
    """What the run takes, and what becomes of its weights."""
    use = measure(view.folder)
    said = [f"{storage(use.total)}, {storage(use.weights)} of it checkpoints" if use.weights else storage(use.total)]
    if view.summary.cleaned:
        said.append(
            f"cleaned by `traindeck clean` on {time.strftime('%Y-%m-%d', time.localtime(view.summary.cleaned))}"
        )
    if view.pinned:
        said.append("pinned")
    return "; ".join(said)


def show(view: RunView) -> None:
    """State, settings, metrics and findings; the console's end too where the run did not end well."""
    summary = view.summary
    say(f"{one_line(summary.name)}: {view.state}{f' ({one_line(view.detail)})' if view.detail else ''}")
    say(f"  folder    {view.folder.path}")
    say(f"  disk      {_disk(view)}")
    if attempt := attempt_label(summary):
        say(f"  attempt   {attempt.removeprefix('attempt ')}")
    if origin := origin_label(summary):
        verb, _, rest = origin.partition(" ")
        say(f"  {verb:<9} {rest}")
    what = " on ".join(one_line(part) for part in (summary.model, summary.data) if part)
    say(f"  training  {', '.join(part for part in (what, one_line(summary.device)) if part)}")
    if summary.settings:
        settings = ", ".join(f"{key}={format_value(value)}" for key, value in summary.settings.items())
        say(f"  settings  {one_line(settings)}")
    if changes := changed(view):
        say(f"  changed   {one_line(', '.join(f'{key}={format_value(value)}' for key, value in changes.items()))}")
    planned = f" of {summary.epochs}" if summary.epochs else ""
    step = f", step {summary.step}" if summary.step else ""
    say(f"  progress  epoch {summary.epoch}{planned}{step}, {duration(view.seconds)}")
    if summary.best_val_loss is not None:
        say(
            f"  best      val loss {loss(summary.best_val_loss)} in epoch {summary.best_epoch}; "
            f"the highest val accuracy is {percent(summary.best_val_acc)}"
        )
    if summary.kept_epoch:
        say(f"  kept      checkpoints/best.pt is that of epoch {summary.kept_epoch}, best by {summary.monitor}")
    for name, value in summary.latest.items():
        say(f"  {clean_name(name):<18}{percent(value) if name.endswith(SHARES) else loss(value)}")
    for name, value in summary.test.items():
        shown = percent(value) if name.endswith(SHARES) else loss(value)
        say(f"  {clean_name(name):<18}{shown}  (test split, best checkpoint)")
    for line in view.findings:
        say(f"  {line.severity}: {one_line(line.title)}, since epoch {line.since_epoch}")
    if muted := len(summary.findings) - len(view.findings):
        say(f"  muted: {muted} finding{'' if muted == 1 else 's'}; `traindeck diagnose` tells of all")
    if view.state in ("crashed", "failed"):
        for text in console_tail(view.folder.console, CONSOLE_LINES):
            say(f"  | {text}")
