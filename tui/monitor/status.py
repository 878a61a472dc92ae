"""The lines at the top of the monitor: what runs, how far it is, how well it does, how busy the machine is."""

from __future__ import annotations

import math
import re
from pathlib import PurePath

from rich.cells import cell_len

from training.figures import duration, loss, percent
from training.text import one_line
from tui.monitor.model import Monitored
from tui.theme import STATES
from tui.widgets.rows import Part, Row, between, fit, fitting, joined, width_of, wrap

STYLE_OF_TOKEN = {"primary": "accent"}
METRICS = (
    ("train_loss", "train loss"),
    ("val_loss", "val loss"),
    ("train_acc", "train acc"),
    ("val_acc", "val acc"),
)
LEAST = ("train acc", "train loss", "val acc")
"""What gives way first where the latest metrics do not fit on their line."""
LONG_PATH = re.compile(r"(?<![^\s'\"(])(?:~|\.{1,2})?(?:/[^/\s:;,]+)+?/([^/\s:;,]+/[^/\s:;,]+)(?=$|[\s:;,])")
WIDE = 150
"""Cells from which on the latest and the best metrics share a line."""
ROOMY = 30
"""Rows of a screen from which on it has room for both, where a run comes from and what that was good for."""
ASKING = {
    "pause": "pause asked for",
    "resume": "resume asked for",
    "stop": "stop asked for",
    "stop_after_epoch": "stop after the epoch asked for",
    "checkpoint": "checkpoint asked for",
    "set_lr": "new learning rate asked for",
    "set_patience": "new patience asked for",
    "set_epochs": "new epochs asked for",
}


def status_rows(run: Monitored, width: int, height: int) -> list[Row]:
    """At most `height` rows, the most important first."""
    if height <= 2:
        return [_what(run, width), between(_tiny(run, width), _answer(run), width)][:height]
    rows = [_what(run, width), _progress(run, width)]
    if width >= WIDE:
        best = _best(run, width)
        rows.append(between(_latest(run, width - width_of(best) - 2), best, width))
    else:
        rows += [_latest(run, width), _best(run, width)]
    if _needs_last_row(run):
        rows.append(between(_hardware(run), _answer(run), width))
    kinship = _kinship(run, width)
    rows[1:1] = kinship if len(rows) + len(kinship) <= height else kinship[-1:]
    return rows[:height]


def status_height(run: Monitored, width: int, height: int) -> int:
    """Rows that the status takes on a screen of that size."""
    if height < 20 or width < 60:
        return 2
    kinship = min(len(_kinship(run, width)), 2 if height >= ROOMY else 1)
    return (3 if width >= WIDE else 4) + _needs_last_row(run) + kinship


def _needs_last_row(run: Monitored) -> bool:
    """Whether there is a machine to watch, or an answer to show."""
    return (run.live and not run.foreign) or bool(_answer(run))


def waiting_text(run: Monitored) -> str:
    """What stands where curves will be."""
    if run.gone:
        return "The run's folder is gone."
    if run.unreadable:
        return "There is no run that can be read in this folder."
    if run.state == "reading":
        return "Reading the run …"
    if run.started:
        return "no values yet" if run.live else "no values were logged"
    if run.ended_badly:
        return "The run ended before it trained: tab shows its console."
    if run.state == "queued":
        return f"Queued: {one_line(run.view.detail)}." if run.view else "Queued."
    if run.state == "starting" and run.view and run.view.summary.state == "queued":
        return f"Starting: {one_line(run.view.detail)}"
    if not run.live:
        return "no values were logged"
    if run.foreign:
        return "Reading the log …"
    return "Starting: importing torch, reading the data …" if run.controllable else "no values yet"


def state_part(run: Monitored) -> Row:
    """The state with its symbol."""
    symbol, token = ("✗", "error") if run.gone else STATES.get(run.state, ("?", "warning"))
    return [(f"{symbol} {run.state}", STYLE_OF_TOKEN.get(token, token))]


def _name(run: Monitored) -> Row:
    summary = run.view.summary if run.view else None
    name = one_line(summary.name if summary else run.folder.id)
    if run.foreign:  # named by its path: the end of it says most
        name = PurePath(name).name or name
    row = [*state_part(run), ("  ", "text"), (name, "strong")]
    return [*row, (f"  attempt {run.attempt}", "muted")] if run.attempt > 1 else row


def _detail(run: Monitored) -> Part:
    """Why the run is in its state; empty where that goes without saying."""
    if run.gone:
        return f"Its folder is gone: {one_line(str(run.folder.path))}", "error"
    if run.unreadable:
        return f"{run.folder.summary.name} cannot be read", "error"
    if run.state == "running" and run.view is not None and run.view.detail.startswith("stopping after"):
        return one_line(run.view.detail), "warning"
    if run.view is None or run.state in ("running", "starting"):
        return "", "muted"
    return one_line(run.view.detail), "error" if run.ended_badly else "muted"


def ending_rows(run: Monitored, screen_width: int, width: int) -> list[Row]:
    """What the status line of that screen cuts of the run's detail, wrapped; what went wrong is always said in full."""
    text, style = _detail(run)
    shown = text == in_short(text) and width_of(_name(run)) + 2 + cell_len(text) <= screen_width
    if not text or (shown and not run.ended_badly and not run.gone):
        return []
    symbol = state_part(run)[0][0].partition(" ")[0]
    return wrap(text, width, style, first=[(f"{symbol} ", style)], indent=2)


def _what(run: Monitored, width: int) -> Row:
    left = _name(run)
    if run.gone:
        return fit([("✗ Its folder is gone: ", "error"), (_end_of(str(run.folder.path), width - 22), "error")], width)
    # How a run ended matters more than what it was.
    text, style = _detail(run)
    if text:
        return fit([*left, ("  ", "text"), (in_short(text), style)], width)
    room = width - width_of(left) - 3
    config = fitting([[(part, "muted")] for part in _nutshell(run)], room, (" · ", "muted")) if room > 8 else []
    return between(left, config, width) if config else fit(left, width)


def in_short(text: str) -> str:
    """The text with its long paths cut to their last two parts."""
    return LONG_PATH.sub(r"…/\1", text)


def _end_of(text: str, room: int) -> str:
    """The end of a path, which says more than its beginning."""
    text = one_line(text)
    while text and cell_len(text) > room:
        text = f"…{text.removeprefix('…')[1:]}" if len(text) > 2 else ""
    return text


def _nutshell(run: Monitored) -> list[str]:
    """The config in a few words, the most telling first."""
    if run.view is None:
        return []
    summary = run.view.summary
    settings = summary.settings
    parts = [
        f"{settings.get('optimizer', '')} {_plain(settings.get('learning_rate'))}".strip(),
        summary.model,
        summary.data,
        f"batch {settings['batch_size']}" if "batch_size" in settings else "",
        "" if settings.get("lr_strategy", "Constant") == "Constant" else str(settings["lr_strategy"]),
        "" if settings.get("class_weights", "None") == "None" else str(settings["class_weights"]),
        summary.device,
    ]
    return [one_line(part) for part in parts if part]


def _plain(value: object) -> str:
    return f"{value:g}" if isinstance(value, int | float) else ""


def _origin(run: Monitored) -> Row:
    if run.view is None or not run.view.summary.parent:
        return []
    summary = run.view.summary
    reason = f": {one_line(summary.reason)}" if summary.reason else ""
    if summary.start_from == "fork":
        return [("↳ ", "muted"), (one_line(summary.parent), "accent"), (reason, "muted")]
    start = "" if summary.start_from == "scratch" else f", from its {summary.start_from} checkpoint"
    return [("↳ corrects ", "muted"), (one_line(summary.parent), "accent"), (f"{reason}{start}", "muted")]


def _kinship(run: Monitored, width: int) -> list[Row]:
    """Which run it corrects, and what is thought of that; on a screen with little room the latter alone."""
    origin, (style, parts) = _origin(run), run.versus
    rows = [fit(origin, width)] if origin else []
    if not parts:
        return rows
    verdict = fitting([[(parts[0], style)], *([(part, "text")] for part in parts[1:])], width, (", ", "muted"))
    return [*rows, verdict]


def _progress(run: Monitored, width: int) -> Row:
    """Epoch, bar, step, pace and time left; one style for what changes, so that it goes out as one span."""
    curves = run.curves
    head = f"{_epoch(run)}  "
    facts = [f"{100 * run.share:3.0f} %"] if run.epochs else []
    if run.reading:
        facts = [run.reading]
    if run.steps or curves.step:
        facts.append(f"step {curves.step}/{run.steps}" if run.steps else f"step {curves.step}")
    left = run.seconds_left
    if run.live and run.epochs and not run.foreign:
        facts.append(f"ETA {duration(left)}" if left is not None else "ETA –")
    elif not run.live and run.view is not None and not run.gone and not run.foreign:
        facts.append(f"took {duration(run.view.seconds)}")
    pace = run.latest_step("images_per_s")
    if pace is not None and run.live and math.isfinite(pace):
        facts.append(f"{pace:.0f} images/s")
    room = max(4, min(40, width - 66))
    tail = fitting([[(fact, "text")] for fact in facts], width - len(head) - room - 2)
    if not run.epochs:  # no plan, no share of it
        return fit([(head, "text"), *tail], width)
    return fit([(head, "text"), *bar(run.share, room), ("  ", "text"), *tail], width)


def _epoch(run: Monitored) -> str:
    """How far it is; without a `?` where it is known that no plan is."""
    if run.started and not run.epochs:
        return f"epoch {run.curves.epoch}"
    return f"epoch {run.curves.epoch}/{run.epochs or '?'}"


def bar(share: float, width: int) -> list[Part]:
    """A progress bar that says its share without colour, too."""
    done = round(share * width)
    return [("━" * done, "bar"), ("─" * (width - done), "track")]


def _latest(run: Monitored, width: int) -> Row:
    figures = {label: shown(name, value) for name, label in METRICS if (value := run.latest(name)) is not None}
    rate = run.latest_step("lr")
    if rate is not None:
        figures["lr"] = f"{rate:.3g}"
    if not figures:
        return [("now   –", "muted")]
    for label in ("", *LEAST):
        figures.pop(label, None)
        row = [
            ("now   ", "muted"),
            *joined([(f"{name} ", "muted"), (figure, "text")] for name, figure in figures.items()),
        ]
        if width_of(row) <= width:
            break
    return fit(row, width) if width_of(row) > width else row


def _best(run: Monitored, width: int) -> Row:
    parts: list[list[Part]] = []
    for name, label, highest in (("val_loss", "val loss", False), ("val_acc", "val acc", True)):
        if best := run.best(name, highest=highest):
            value, epoch = best
            parts.append([(f"{label} ", "muted"), (shown(name, value), "success"), (f" at epoch {epoch}", "muted")])
    return fitting([[("best  ", "muted"), *parts[0]], *parts[1:]], width) if parts else [("best  –", "muted")]


def _tiny(run: Monitored, width: int) -> Row:
    """Progress and the two figures that matter, for the smallest screens."""
    facts = [_epoch(run), *([run.reading] if run.reading else [])]
    for name, label in (("val_loss", "val"), ("val_acc", "acc")):
        if (value := run.latest(name)) is not None:
            facts.append(f"{label} {shown(name, value)}")
    if run.live and (left := run.seconds_left) is not None:
        facts.append(duration(left))
    return fitting([[(fact, "text")] for fact in facts], width)


def _hardware(run: Monitored) -> Row:
    if run.hardware is None or not run.live:
        return []
    return [(run.hardware.sentence(), "muted")]


def _answer(run: Monitored) -> Row:
    """What was asked of the worker, or what it answered."""
    if run.asked:
        return [(f"{ASKING.get(run.asked[-1].command, run.asked[-1].command)}, waiting for the worker", "warning")]
    text, done = run.answer
    return [(one_line(text), "success" if done else "warning")] if text else []


def shown(name: str, value: float) -> str:
    """A metric as a person reads it: accuracies in percent."""
    return percent(value) if name.endswith("_acc") else loss(value)
