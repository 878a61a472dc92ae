"""What the diagnosis panel says beside the findings: that a run is healthy, what is over, muted or warned of."""

from __future__ import annotations

from math import isfinite

from training.diagnosis.facts import read_facts
from training.text import one_line
from tui.monitor.choice import Choice
from tui.monitor.model import WARNINGS, Monitored
from tui.monitor.status import STYLE_OF_TOKEN
from tui.theme import SEVERITIES
from tui.widgets.rows import Row, fit, width_of, wrap

MOST_RESOLVED = 2
LUCK = 1.2
"""An accuracy of so many times that of guessing is still chance."""
CHANCE = 0.97
"""A loss of that share of chance is still chance."""
IN_PERCENT = 1.5
"""No share is larger."""


def verdict_rows(run: Monitored, width: int) -> list[Row]:
    """What is said of a run without findings."""
    if run.curves.epoch < 1:
        if run.ended_badly:
            return wrap(
                "The run ended before its first epoch was complete: there are no curves to judge.", width, "muted"
            )
        return wrap("The diagnosis begins after the first epoch.", width, "muted")
    epochs = f"{run.curves.epoch} epoch{'s' if run.curves.epoch > 1 else ''}"
    found = "nothing serious" if run.findings else "no finding"
    if run.muted_findings:
        return wrap(f"{found.capitalize()} but what is muted in {epochs}.", width)
    if broken := not_a_number(run):
        return wrap(broken, width, "error", first=[("✗ ", "error")], indent=2)
    if run.ended_badly or run.gone:
        return wrap(f"{found.capitalize()} in its curves up to epoch {run.curves.epoch}.", width)
    if is_at_chance(run):
        return wrap(f"{found.capitalize()} in {epochs}, and no better than guessing.", width)
    message = f"Healthy{' so far' if run.live else ''}: {found} in {epochs}."
    rows = wrap(message, width, "success", first=[("✓ ", "success")], indent=2)
    if best := run.best("val_loss", highest=False):
        behind = run.curves.epoch - best[1]
        when = "is the latest" if behind == 0 else f"was {behind} epoch{'s' if behind > 1 else ''} ago"
        rows += wrap(f"The best validation loss {when}.", width, "muted", first=[("  ", "text")], indent=2)
    return rows


def not_a_number(run: Monitored) -> str:
    """That the latest loss is not finite, and since when; empty where it is. The log of another program may hold no
    finding that says so.
    """
    for name, words in (("train_loss", "The loss"), ("val_loss", "The validation loss")):
        series = run.curves.epochs.get(name)
        if series is None or series.last is None or isfinite(series.last):
            continue
        first = next((at for at in range(len(series) - 1, 0, -1) if isfinite(series.y[at - 1])), 0)
        return f"{words} is not a number since epoch {series.x[first]:g}."
    steps = run.curves.steps.get("train_loss")
    if steps is not None and steps.last is not None and not isfinite(steps.last):
        return f"The loss is not a number at step {steps.x[-1]:g}."
    return ""


def is_at_chance(run: Monitored) -> bool:
    """Whether its validation is no better than guessing, as far as the run says how many classes there are."""
    attempt = run.curves.attempt
    facts = read_facts(attempt.facts if attempt else None, None)
    accuracy, loss = run.latest("val_acc"), run.latest("val_loss")
    if accuracy is not None and facts.classes is not None:
        share = accuracy / 100 if accuracy > IN_PERCENT else accuracy
        if share <= LUCK / facts.classes:
            return True
    return loss is not None and facts.chance_loss is not None and loss >= CHANCE * facts.chance_loss


def resolved_rows(run: Monitored, width: int) -> list[Row]:
    """A line for each of the findings that were resolved last."""
    rows: list[Row] = []
    for moment in run.resolved[:MOST_RESOLVED]:
        epoch: Row = [(f", epoch {moment.epoch}", "muted")]
        title: Row = [("✓ ", "success"), (f"resolved: {one_line(moment.finding.title)}", "muted")]
        rows.append([*fit(title, min(width - width_of(epoch), width_of(title))), *epoch])
    return rows


def muted_rows(run: Monitored, width: int, selected: Choice | None) -> list[Row]:
    """The muted findings, folded into one line that names the worst; unfolded while one of them is selected."""
    muted = run.muted_findings
    if not muted:
        return []
    symbol, token = SEVERITIES[muted[0].severity]
    style = STYLE_OF_TOKEN.get(token, token) if muted[0].severity == "critical" else "muted"
    back: Row = [] if run.gone else [(" · ", "muted"), ("m", "key"), (" unmute", "muted")]
    if not any(selected == Choice(finding.label) for finding in muted):
        worst = f"{len(muted)} muted: {one_line(muted[0].title)}"
        if run.findings and back:
            back.insert(1, ("↓ ", "key"))
        line: Row = [(f"{symbol} ", style), (worst, "muted")]
        return [[*fit(line, min(width - width_of(back), width_of(line))), *back]]
    rows: list[Row] = [[(f"{len(muted)} muted", "muted"), *back]]
    for finding in muted:
        mark = "▸" if selected == Choice(finding.label) else " "
        symbol = SEVERITIES[finding.severity][0]
        rows.append(fit([(symbol, "muted"), (mark, "key"), (one_line(finding.title), "muted")], width))
    return rows


def warning_rows(run: Monitored, width: int, *, whole: bool = False) -> list[Row]:
    """The worker's latest warning, and how many there are; on one line unless `whole`."""
    if not run.warnings:
        return []
    number = len(run.warnings)
    text = one_line(run.warnings[-1])
    many = f"{number}+" if number >= WARNINGS else str(number)
    more: Row = [(f" · {many} warnings", "muted")] if number > 1 else []
    if whole:
        text = f"{text}{more[0][0]}" if more else text
        return wrap(text, width, "warning", first=[("! ", "warning")], indent=2)
    return [[*fit([(f"! {text}", "warning")], width - width_of(more)), *more]]
