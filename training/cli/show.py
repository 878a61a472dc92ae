"""`traindeck show RUN`: where a run stands."""

from __future__ import annotations

import argparse

from training.cli.output import say, say_json
from training.cli.runs import as_json
from training.config.fields import format_value
from training.errors import EXIT_OK
from training.figures import duration, loss, percent
from training.runs import store
from training.runs.console import console_tail
from training.runs.lifecycle import RunView
from training.text import one_line

CONSOLE_LINES = 15
SHARES = ("_acc", "_f1")


def run(arguments: argparse.Namespace) -> int:
    view = store.find_run(arguments.run, arguments.runs_dir)
    if arguments.json:
        say_json(as_json(view))
    else:
        show(view)
    return EXIT_OK


def show(view: RunView) -> None:
    """State, settings, metrics and findings; the console's end too where the run did not end well."""
    summary = view.summary
    say(f"{one_line(summary.name)}: {view.state}{f' ({one_line(view.detail)})' if view.detail else ''}")
    say(f"  folder    {view.folder.path}")
    if summary.parent:
        say(f"  corrects  {one_line(summary.parent)}: {one_line(summary.reason)}")
    say(f"  training  {one_line(summary.model)} on {one_line(summary.data)}, {one_line(summary.device)}")
    say(f"  settings  {', '.join(f'{key}={format_value(value)}' for key, value in summary.settings.items())}")
    say(f"  progress  epoch {summary.epoch} of {summary.epochs}, step {summary.step}, {duration(view.seconds)}")
    if summary.best_val_loss is not None:
        best = f"val loss {loss(summary.best_val_loss)}, val accuracy {percent(summary.best_val_acc)}"
        say(f"  best      {best} (epoch {summary.best_epoch})")
    for name, value in summary.latest.items():
        say(f"  {name:<18}{percent(value) if name.endswith(SHARES) else loss(value)}")
    for name, value in summary.test.items():
        say(f"  {name:<18}{percent(value) if name.endswith(SHARES) else loss(value)}  (test split, best checkpoint)")
    for line in summary.findings:
        say(f"  {line.severity}: {one_line(line.title)}, since epoch {line.since_epoch}")
    if view.state in ("crashed", "failed"):
        for text in console_tail(view.folder.console, CONSOLE_LINES):
            say(f"  | {text}")
