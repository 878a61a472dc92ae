"""Following a run in plain lines: one an epoch, findings and warnings as they come, until it is over."""

from __future__ import annotations

import time
from collections.abc import Iterator

from training.cli.findings import finding_lines
from training.cli.output import say, say_json
from training.cli.show import CONSOLE_LINES
from training.figures import duration, loss, percent
from training.runs import commands
from training.runs.console import console_tail
from training.runs.events import AnyEvent, Epoch, FinalTest, FindingChanged, Log, State
from training.runs.layout import RunFolder
from training.runs.lifecycle import view
from training.runs.log import EventReader
from training.text import one_line

POLL_SECONDS = 0.1


def follow(folder: RunFolder, *, as_json: bool = False) -> None:
    """Print the run until it ends. Ctrl+C stops it with a checkpoint; a second one leaves it to itself."""
    reader = EventReader(folder.events)
    asked = False
    while True:
        try:
            while not _print_news(folder, reader, as_json):
                time.sleep(POLL_SECONDS)
            return
        except KeyboardInterrupt:
            if asked:
                say(f"Left running: `traindeck watch {folder.id}` shows it.")
                return
            asked = True
            commands.send(folder, "stop", reason="Ctrl+C")
            say("Stopping with a checkpoint; Ctrl+C again leaves it to itself.")


def _print_news(folder: RunFolder, reader: EventReader, as_json: bool) -> bool:
    """Print what is new; True when the run is over and everything of it was printed."""
    current = view(folder)
    over = current is None or not current.live
    while True:
        for event in reader.read():
            if as_json:
                if isinstance(event, Epoch | FindingChanged | FinalTest):
                    say_json(event)
                continue
            for line in _lines(event, current.summary.epochs if current else 0):
                say(line)
        if reader.at_end:
            break
    if over and current is not None and not as_json:
        say(
            f"{one_line(current.summary.name)}: {current.state}{_because(current.detail)}, {duration(current.seconds)}."
        )
        if current.state in ("failed", "crashed"):
            for text in console_tail(folder.console, CONSOLE_LINES):
                say(f"  | {text}")
    return over


def _because(detail: str) -> str:
    return f" ({one_line(detail)})" if detail else ""


def _lines(event: AnyEvent, epochs: int) -> Iterator[str]:
    match event:
        case Epoch(epoch=epoch, metrics=metrics) if epoch > 0:
            yield (
                f"epoch {epoch:>{len(str(epochs))}}/{epochs}"
                f"  train loss {loss(metrics.get('train_loss')):<8} acc {percent(metrics.get('train_acc')):<8}"
                f"  val loss {loss(metrics.get('val_loss')):<8} acc {percent(metrics.get('val_acc')):<8}"
                f"  lr {loss(metrics.get('lr'))}"
            )
        case FinalTest(epoch=epoch, metrics=metrics):
            accuracy, test_loss = percent(metrics.get("test_acc")), loss(metrics.get("test_loss"))
            yield f"test split, weights of epoch {epoch}: loss {test_loss}, accuracy {accuracy}"
        case FindingChanged(change="opened", finding=finding):
            yield from finding_lines(finding, full=False)
        case FindingChanged(change="resolved", finding=finding):
            yield f"✓ no longer: {finding.title}"
        case Log(level="warning" | "error" as level, message=message):
            yield f"{level}: {one_line(message)}"
        case State(state="paused" | "running" as state, message=message) if message:
            yield f"{state}: {one_line(message)}"
