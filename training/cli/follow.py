"""Following a run in plain lines: one an epoch, findings and warnings as they come, until it is over."""

from __future__ import annotations

import time
from collections.abc import Iterator

from training.cli.findings import finding_lines
from training.cli.output import say, say_json
from training.cli.runs import as_json
from training.cli.show import CONSOLE_LINES
from training.errors import EXIT_FAILED, EXIT_OK, InvalidInput
from training.figures import duration, loss, percent
from training.runs import commands
from training.runs.console import console_tail
from training.runs.events import AnyEvent, Attempt, Epoch, FinalTest, FindingChanged, Log, State, Step
from training.runs.layout import RunFolder
from training.runs.lifecycle import view
from training.runs.log import EventReader
from training.runs.muting import read_muted
from training.story.telling import NOW_TOLD
from training.text import one_line

POLL_SECONDS = 0.1
GOOD_ENDS = ("finished", "stopped")


def follow(folder: RunFolder, *, as_json: bool = False) -> None:
    """Print the run from its start until it ends."""
    Follower(folder, as_json=as_json).follow()


class Follower:
    """What was told of a run so far."""

    def __init__(self, folder: RunFolder, *, as_json: bool = False) -> None:
        self.folder = folder
        self._as_json = as_json
        self._reader = EventReader(folder.events)
        self._steps = 0
        """Steps done, as far as logged."""

    def pass_over(self) -> None:
        """Read what is there already, and tell nothing of it."""
        while not self._reader.at_end:
            for event in self._reader.read():
                self._count(event)

    def to_the_end(self) -> int:
        """Follow, and return the exit code that the end deserves. Raises InvalidInput where the folder has gone."""
        self.follow()
        ended = view(self.folder)
        if ended is None:
            raise InvalidInput(f"{self.folder.path} was removed while it trained.")
        if self._as_json:
            say_json(as_json(ended))
        return EXIT_OK if ended.state in GOOD_ENDS or ended.live else EXIT_FAILED

    def follow(self) -> None:
        """Print the run until it ends. Ctrl+C stops it with a checkpoint; a second one leaves it to itself."""
        asked = False
        while True:
            try:
                while not self._print_news():
                    time.sleep(POLL_SECONDS)
                return
            except KeyboardInterrupt:
                if asked:
                    say(f"Left running: `traindeck watch {self.folder.id}` shows it.")
                    return
                asked = True
                commands.send(self.folder, "stop", reason="Ctrl+C")
                say("Stopping with a checkpoint; Ctrl+C again leaves it to itself.")

    def _print_news(self) -> bool:
        """Print what is new; True when the run is over and everything of it was printed."""
        current = view(self.folder)
        over = current is None or not current.live
        while True:
            for event in self._reader.read():
                self._tell(event, current.summary.epochs if current else 0)
            if self._reader.at_end:
                break
        if over and current is not None and not self._as_json:
            state = f"{current.state}{_because(current.detail)}"
            say(f"{one_line(current.summary.name)}: {state}, {duration(current.seconds)}.")
            if current.state in ("failed", "crashed"):
                for text in console_tail(self.folder.console, CONSOLE_LINES):
                    say(f"  | {text}")
        return over

    def _tell(self, event: AnyEvent, epochs: int) -> None:
        if self._as_json:
            if isinstance(event, Epoch | FindingChanged | FinalTest) or _is_seam(event):
                say_json(event)
        else:
            if isinstance(event, Attempt) and _is_seam(event):
                say(_seam(event, self._steps))
            muted = isinstance(event, FindingChanged) and event.finding.label in read_muted(self.folder)
            for line in () if muted else _lines(event, epochs):
                say(line)
        self._count(event)

    def _count(self, event: AnyEvent) -> None:
        if isinstance(event, Attempt) and _is_seam(event):
            self._steps = event.from_step
        elif isinstance(event, Step):
            self._steps = event.step + 1


def _is_seam(event: AnyEvent) -> bool:
    """Whether it is an attempt that went on; one that failed before supersedes nothing."""
    return isinstance(event, Attempt) and event.attempt > 1 and event.from_seq < event.seq


def _seam(attempt: Attempt, steps: int) -> str:
    """Where another attempt goes on after one that had logged so many steps."""
    place = f"went on from epoch {attempt.from_epoch}, step {attempt.from_step}" if attempt.from_seq else "started over"
    again = steps - attempt.from_step
    repeated = f"; {again} step{'' if again == 1 else 's'} done again" if again > 0 else ""
    return f"— {place} (attempt {attempt.attempt}{repeated}) —"


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
        case FindingChanged(change="resolved", finding=finding) if NOW_TOLD not in finding.evidence:
            yield f"✓ no longer: {finding.title}"
        case Log(level="warning" | "error" as level, message=message):
            yield f"{level}: {one_line(message)}"
        case State(state="paused" | "running" as state, message=message) if message:
            yield f"{state}: {one_line(message)}"
