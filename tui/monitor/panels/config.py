"""The config of a run as it was written, with what it has otherwise than its parent, or than the defaults."""

from __future__ import annotations

from training.config.fields import format_value
from training.guide.comparison import Difference
from training.text import one_line
from tui.editor.yaml_text import YamlText
from tui.monitor.model import Monitored
from tui.monitor.panels.papers import Papers
from tui.monitor.panels.window import Scroll, windowed
from tui.theme import SEVERITIES
from tui.widgets.rows import Row, fit, width_of, wrap

CHANGED = "•"


def config_rows(run: Monitored, papers: Papers | None, width: int, height: int, scroll: Scroll) -> list[Row]:
    """The lines of config.yaml, those marked that differ, with the other value behind them."""
    if papers is None:
        return windowed("Config", "", [[("Reading …", "muted")]], width, height, scroll)
    if papers.text is None:
        return windowed("Config", "", _without(run, width), width, height, scroll)
    lines: list[Row] = wrap(papers.problem, width, "error", first=[("✗ ", "error")], indent=2) if papers.problem else []
    lines += _lines(papers.text, papers, width)
    return windowed("Config", _note(papers), lines, width, height, scroll)


def _note(papers: Papers) -> str:
    differing = len(papers.differences)
    said = f"{CHANGED} {differing} unlike {papers.parent or 'the defaults'}" if differing else ""
    said = said or (f"as {papers.parent}" if papers.parent else "all defaults")
    advice = len(papers.hints)
    parts = [
        "" if papers.problem else said,
        f"{advice} hint{'' if advice == 1 else 's'}" if advice else "",
        "i environment",
    ]
    return " · ".join(part for part in parts if part)


def _lines(text: YamlText, papers: Papers, width: int) -> list[Row]:
    """The file, and at its end what differs without standing in it."""
    told: dict[int, list[Difference]] = {}
    absent: list[Difference] = []
    for found in papers.differences:
        line = _line_of(text, found.key)
        if line is None or found.change == "removed":
            absent.append(found)
        else:
            told.setdefault(line, []).append(found)
    advised = {line: hint.severity for hint in reversed(papers.hints) if (line := _line_of(text, hint.key)) is not None}
    rows: list[Row] = []
    for at, parts in enumerate(text.rows):
        symbol, token = SEVERITIES.get(advised.get(at, ""), (" ", "text"))
        mark: Row = [(CHANGED if at in told else " ", "accent"), (symbol, "accent" if token == "primary" else token)]
        whole: Row = [*mark, (" ", "text"), *parts]
        note = _behind(text, told.get(at, []), papers)
        room = max(width // 2, width - width_of(note))  # what it was matters more than a comment
        rows.append([*(whole if width_of(whole) <= room else fit(whole, room)), *note])
    if absent:
        rows += [[], [("Not in the file:", "muted")]]
        rows += [
            [(f"{CHANGED}  ", "accent"), (f"{one_line(found.key)}: ", "accent"), *_values(found)] for found in absent
        ]
    return rows


def _line_of(text: YamlText, key: str) -> int | None:
    """The line of a key, or of the nearest thing around it that stands in the file, but no mere section."""
    return text.places.get(_place(text, key))


def _place(text: YamlText, key: str) -> tuple[str, ...]:
    """The key's path as far as it stands in the file; empty where it does not."""
    path = tuple(key.split("."))
    lengths = range(len(path), 1 if len(path) > 1 else 0, -1)
    return next((path[:length] for length in lengths if path[:length] in text.places), ())


def _behind(text: YamlText, found: list[Difference], papers: Papers) -> Row:
    """The other value, where one line has one difference; else how many there are on it."""
    if not found:
        return []
    if len(found) > 1:
        return [(f"   {len(found)} differences", "muted")]
    (one,) = found
    rest = ".".join(one.key.split(".")[len(_place(text, one.key)) :])  # the line may be that of a whole block
    what = f"{rest} " if rest else ""
    if not one.old:
        return [(f"   {what}{one.change}", "muted")]
    return [(f"   {what}{'was' if papers.parent else 'default'} {one_line(one.old)}", "muted")]


def _values(found: Difference) -> Row:
    said = "default again, was " if found.change == "removed" else ""
    return [(f"{said}{one_line(found.values)}", "muted")]


def _without(run: Monitored, width: int) -> list[Row]:
    """What is known of the settings of a run that has no config of ours."""
    what = "This is the log of another tool" if run.foreign else "This run has no config of traindeck"
    settings = run.view.summary.settings if run.view else {}
    said = f"{what}{'; what it says of itself:' if settings else '.'}"
    rows = wrap(said, width, "muted")
    return [
        *rows,
        *(
            [(f"{one_line(str(key))}: ", "accent"), (one_line(format_value(value)), "text")]
            for key, value in settings.items()
        ),
    ]
