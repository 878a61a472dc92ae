"""The panel of events: the last lines of what happened, as many as fit."""

from __future__ import annotations

import time
from collections.abc import Sequence

from training.curves import Interruption
from training.figures import duration, percent
from training.figures import loss as shown_loss
from training.runs.events import (
    Acknowledged,
    AnyEvent,
    Attempt,
    Checkpoint,
    End,
    FinalTest,
    FindingChanged,
    Log,
    Override,
    State,
)
from training.runs.summary import FORKED
from training.text import one_line
from tui.monitor.model import Monitored
from tui.theme import SEVERITIES
from tui.widgets.rows import Row, between, fit, wrap

STAMPED = 40
"""Cells from which on an event says when it was."""
EVERY = 1_000_000
"""More lines than the events that are kept could take."""
LEVEL_STYLES = {"info": "text", "warning": "warning", "error": "error"}


def log_rows(run: Monitored, width: int, height: int, scrolled: int = 0) -> list[Row]:
    """The newest events at the bottom; `scrolled` lines further up."""
    left: Row = [("Events", "title")]
    if run.skipped:
        left.append((f"  {run.skipped} unreadable line{'s' if run.skipped > 1 else ''} skipped", "warning"))
    room = max(0, height - 1)
    # Only who scrolls is told of how many lines: to count them all is too much for each event of a live run.
    lines = _lines(run, width, EVERY if scrolled else room + 1)
    place = "pgup: older" if len(lines) > room else ""
    if scrolled and place:
        end = max(min(len(lines), room), len(lines) - scrolled)
        place = f"{end - room + 1}–{end} of {len(lines)}"
    title = between(left, [(place, "muted")], width) if place else left
    return [title, *(_window(lines, room, scrolled) or [[("nothing yet", "muted")]])]


def log_length(run: Monitored, width: int) -> int:
    """Lines of all events that are kept."""
    return len(_lines(run, width, EVERY))


def _lines(run: Monitored, width: int, enough: int) -> list[Row]:
    return event_lines(run.curves.log, width, enough, run.curves.interruptions, by_epoch=run.foreign)


def _window(rows: Sequence[Row], height: int, scrolled: int) -> list[Row]:
    end = max(min(len(rows), height), len(rows) - scrolled)
    return list(rows[max(0, end - height) : end])


def event_lines(
    events: Sequence[AnyEvent],
    width: int,
    enough: int,
    interruptions: Sequence[Interruption] = (),
    *,
    by_epoch: bool = False,
) -> list[Row]:
    """The last events in lines, oldest first; older ones are left out once there are `enough` lines.

    `interruptions` are those that the events of new attempts among them are about. Of a log whose events were read
    at another time than they happened, the place is an epoch (`by_epoch`).
    """
    begun = {interruption.attempt: interruption for interruption in interruptions}
    rows: list[Row] = []
    for event in reversed(list(_without_repeats(events))):
        interruption = begun.get(event.attempt) if isinstance(event, Attempt) else None
        stamp = _epoch_of(event) if by_epoch else time.strftime("%H:%M:%S", time.localtime(event.t))
        first = [(f"{stamp} ", "muted")] if width >= STAMPED and stamp else []
        placed = by_epoch and bool(first)
        text, style = describe_interruption(interruption) if interruption else describe(event, placed=placed)
        rows[:0] = [*wrap(text, width, style, first=first, indent=2), *_news_of(event, width)]
        if len(rows) >= enough:
            break
    return rows


def _epoch_of(event: AnyEvent) -> str:
    epoch = getattr(event, "epoch", None)
    return "" if epoch is None else f"epoch {epoch}"


def _news_of(event: AnyEvent, width: int) -> list[Row]:
    """What a finding rests on by now, on one line."""
    if not isinstance(event, FindingChanged) or event.change != "changed":
        return []
    return [fit([("  ", "text"), (one_line(event.finding.evidence), "muted")], width)]


def _without_repeats(events: Sequence[AnyEvent]) -> list[AnyEvent]:
    """The events with the newest best checkpoint only, and of a finding that only has newer numbers the newest.

    The last checkpoint is written each epoch, and no news.
    """
    kept: list[AnyEvent] = []
    best = False
    changed: set[tuple[str, str]] = set()
    for event in reversed(events):
        if isinstance(event, FindingChanged) and event.change == "changed":
            again = (event.finding.title, event.finding.severity)
            if again in changed:
                continue
            changed.add(again)
        if isinstance(event, Checkpoint):
            if best or event.kind == "last":
                continue
            best = True
        kept.append(event)
    return kept[::-1]


def describe_interruption(found: Interruption) -> tuple[str, str]:
    """What ended the attempt before, when, for how long the run was down, and where it went on."""
    place = f"went on from epoch {found.epoch}, step {found.step}" if found.step else "started over"
    again = f"; {found.repeated} step{'' if found.repeated == 1 else 's'} done again" if found.repeated else ""
    day = "" if _date(found.ended) == _date(found.resumed) else time.strftime("%d %b ", time.localtime(found.ended))
    ended = f"{day}{time.strftime('%H:%M:%S', time.localtime(found.ended))}"
    why = f": {one_line(found.why)}" if found.why else ""
    before = f"The one before ended at {ended}, {duration(found.seconds)} earlier{why}"
    return f"attempt {found.attempt} {place}{again}. {before}", "accent"


def _date(t: float) -> tuple[int, int]:
    moment = time.localtime(t)
    return moment.tm_year, moment.tm_yday


def describe(event: AnyEvent, *, placed: bool = False) -> tuple[str, str]:
    """An event in words, and the style that they deserve; `placed` where its epoch stands beside it."""
    match event:
        case Log():
            return one_line(event.message), LEVEL_STYLES[event.level]
        case State():
            return one_line(f"{event.state}: {event.message}" if event.message else event.state), "accent"
        case End():
            return one_line(f"{event.state} after epoch {event.epoch}: {event.reason}"), "accent"
        case Checkpoint():
            return f"{event.kind} checkpoint: epoch {event.epoch}, step {event.step}", "muted"
        case FinalTest():
            accuracy, loss = event.metrics.get("test_acc"), event.metrics.get("test_loss")
            figures = f"accuracy {percent(accuracy)}, loss {shown_loss(loss)}"
            return f"test split, weights of epoch {event.epoch}: {figures}", "accent"
        case Override():
            value = f"{event.value:g}" if isinstance(event.value, float) else event.value
            return one_line(f"{event.setting} is {value} from step {event.step} on"), "accent"
        case Acknowledged():
            answer = event.message or ("done" if event.ok else "refused")
            return one_line(f"{event.command}: {answer}"), "success" if event.ok else "warning"
        case FindingChanged():
            return _finding(event, "" if placed else f" at epoch {event.epoch}")
        case Attempt(why=why) if why.startswith(FORKED):
            return one_line(f"{why}, epoch {event.from_epoch}"), "accent"
        case Attempt():
            return f"attempt {event.attempt} began, but did not come to go on", "warning"
        case _:
            return "", "muted"


def _finding(event: FindingChanged, place: str) -> tuple[str, str]:
    finding = event.finding
    if event.change == "resolved":
        return f"✓ resolved: {one_line(finding.title)}", "success"
    symbol, token = SEVERITIES[finding.severity]
    word = "found" if event.change == "opened" else "changed"
    return (
        f"{symbol} {word}{place}: {one_line(finding.title)}",
        token if token != "primary" else "accent",
    )
