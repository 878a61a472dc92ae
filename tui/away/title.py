"""The terminal's title: how far the run is that is watched, told only when that changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from weakref import WeakKeyDictionary

from textual.app import App

from training.runs.lifecycle import RunView
from training.text import one_line
from tui.away.terminal import send
from tui.away.wishes import wishes_of

PUSH, POP = "\x1b[22;2t", "\x1b[23;2t"
"""The terminal keeps the title that it had, and takes it back (xterm's XTWINOPS)."""
MARKS = {
    "queued": "…", "starting": "…", "running": "▶", "paused": "‖", "stopping": "▶",
    "finished": "✓", "stopped": "■", "failed": "✗", "crashed": "✗", "silent": "?",
}  # fmt: skip
LONGEST_NAME = 60
OURS = "traindeck"

_SHOWN: WeakKeyDictionary[App[Any], str] = WeakKeyDictionary()


def title_of(run: RunView, share: float) -> str:
    """Such as `▶ 34 % my run – traindeck`; `share` is how much of the plan is done."""
    name = one_line(run.summary.name)
    name = name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"
    planned = run.live and bool(run.summary.epochs or run.summary.steps)
    how_far = f"{int(100 * share)} % " if planned else "" if run.live else f"{run.state} "
    return f"{MARKS[run.state]} {how_far}{name} – {OURS}"


def title_of_all(runs: Sequence[RunView]) -> str:
    """That of a list of runs: the one that goes on, or how many do."""
    live = [run for run in runs if run.live]
    if len(live) == 1:
        return title_of(live[0], share_of(live[0]))
    return f"▶ {len(live)} runs – {OURS}" if live else OURS


def share_of(run: RunView) -> float:
    """How much of its plan a run has done, from 0 to 1, by its summary alone."""
    summary = run.summary
    done, planned = (summary.step, summary.steps) if summary.steps else (summary.epoch, summary.epochs)
    return min(1.0, done / planned) if planned else 0.0


def show_title(app: App[Any], title: str) -> None:
    """Make it the terminal's title, unless it is already; the first time the old one is kept."""
    shown = _SHOWN.get(app)
    if shown == title or not wishes_of(app).title:
        return
    _SHOWN[app] = title
    send(app, f"{'' if shown is not None else PUSH}\x1b]2;{title}\x07")


def restore_title(app: App[Any]) -> None:
    """Give the terminal the title back that it had; an empty one where it has not kept it."""
    if _SHOWN.pop(app, None) is not None:
        send(app, f"\x1b]2;\x07{POP}")
