"""A run and its diagnosis as a Markdown report: the verdict, the curves, and the story of every finding."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from training.curves import Curves
from training.diagnosis.findings import Finding
from training.story.changes import Known, patch_yaml
from training.story.charts import OVERVIEW, TextChart, charts_of, group_of, stretch_of
from training.story.telling import Moment, Remedy, Story, curves_of, tell
from training.text import one_line, plain

MARK = "<!-- traindeck diagnosis -->"
"""The first line of every report, by which one is told from another file."""
SETTINGS = "Settings"
"""The part of the header that holds them."""
NAME = re.compile(r"(?<![\w/.-])((?=[\w.]*_)[a-z][a-z0-9]*(?:[._][a-z0-9]+)+)(?![\w/])")
"""Of a setting or a metric, with an underscore in it; no part of a path."""
SETTING = re.compile(r", (?=[\w.]+=)")
"""Stands between two settings."""
WIDTH = 76
HEIGHT = 10


@dataclass(frozen=True)
class Report:
    """What there is to tell of one run; texts may come from anywhere."""

    name: str
    header: Mapping[str, str]
    """What it is, such as Model: CNN 32-64."""
    verdict: str
    curves: Curves
    shown: Sequence[Finding]
    """Every finding ever shown, in that order and in its last version."""
    open: Sequence[Finding]
    moments: Sequence[Moment]
    config: Known = None
    muted: frozenset[str] = field(default_factory=frozenset)


def markdown(reports: Iterable[Report]) -> str:
    """The reports one after the other, each under a title of its own."""
    lines = [MARK, ""]
    for report in reports:
        lines += _report(report)
    return "\n".join(lines).rstrip() + "\n"


def by_standing(report: Report) -> tuple[list[Story], list[Story]]:
    """The stories of the findings that are open, and of those that were resolved, each told in its last version."""
    labels = {finding.label for finding in report.open}
    last = {finding.label: finding for finding in report.shown}
    stories = [tell(finding, report.moments, report.config) for finding in last.values()]
    standing = [story for story in stories if story.finding.label in labels]
    return standing, [story for story in stories if story.finding.label not in labels]


def _report(report: Report) -> Iterator[str]:
    yield from (f"# {safe(report.name)}", "")
    for label, text in report.header.items():
        if text:
            yield f"- {label}: {_settings(text) if label == SETTINGS else _prose(text)}"
    yield from ("", f"**Verdict.** {_prose(report.verdict)}", "")
    standing, over = by_standing(report)
    # Of several stretches none is marked here: each has its own charts below.
    stretch = stretch_of(standing[0].finding, report.curves, still_open=True) if len(standing) == 1 else None
    yield from _charts("## Curves", charts_of(report.curves, OVERVIEW, stretch=stretch, width=WIDTH, height=HEIGHT))
    if standing:
        yield from ("## Findings", "")
    for number, story in enumerate(standing, 1):
        yield from _story(f"### {number}. ", story, report, marked_above=stretch is not None)
    if over:
        yield from ("## Resolved", "")
    for story in over:
        yield from _story("### ", story, report)


def _story(head: str, story: Story, report: Report, *, marked_above: bool = False) -> Iterator[str]:
    finding = story.finding
    muted = " (muted)" if finding.label in report.muted else ""
    yield from (f"{head}{safe(story.title)}{muted}", "")
    yield from (f"{story.severity.capitalize()}, {story.confidence}. {story.when}.", "")
    yield from (f"**Evidence.** {_prose(story.evidence)}", "")
    metrics = [name for name in curves_of(finding) if not (marked_above and group_of(name) in OVERVIEW)]
    still_open = any(finding.label == standing.label for standing in report.open)
    stretch = stretch_of(finding, report.curves, still_open=still_open)
    yield from _charts("", charts_of(report.curves, metrics, stretch=stretch, width=WIDTH, height=HEIGHT))
    if story.why:
        yield from (f"**Why.** {_prose(story.why)}", "")
    if story.causes:
        yield from ("**Causes, the likeliest first.**", "")
        yield from (f"{number}. {_prose(cause)}" for number, cause in enumerate(story.causes, 1))
        yield ""
    if story.remedies and story.resolved is None:
        yield from ("**What to try.**", "")
        for number, remedy in enumerate(story.remedies, 1):
            yield from _remedy(number, remedy, report.config)
    if story.guide:
        yield from (f"**Where the guide says so.** Section {'; '.join(story.guide)}.", "")
    if story.moments:
        yield from ("**What became of it.**", "")
        yield from (f"- Epoch {moment.epoch}: {_prose(moment.text)}" for moment in story.moments)
        yield ""


def _remedy(number: int, remedy: Remedy, config: Known) -> Iterator[str]:
    start = f" It {_sentence(remedy.start)}" if remedy.start else " Change this by hand: no setting does it."
    yield f"{number}. **{_prose(remedy.title)}.** {_prose(_sentence(remedy.effect))}{start}"
    yield ""
    if remedy.fix.patch:
        indent = " " * len(f"{number}. ")
        yield from (f"{indent}{line}" for line in _fenced("yaml", patch_yaml(remedy.fix.patch, config)))
        yield ""


def _charts(title: str, drawn: Sequence[TextChart]) -> Iterator[str]:
    if drawn and title:
        yield from (title, "")
    for chart in drawn:
        yield from _fenced("text", [chart.title, *chart.lines])
        yield ""


def _sentence(text: str) -> str:
    return f"{text.rstrip('.')}." if text else ""


def _fenced(language: str, lines: Sequence[str]) -> list[str]:
    """A code block whose fence is longer than any run of backticks inside."""
    lines = [plain(line) for line in lines]
    longest = max((len(run) for line in lines for run in re.findall(r"`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    return [f"{fence}{language}", *lines, fence]


def _settings(text: str) -> str:
    """Such as optimizer=Adam, lr_strategy=Cosine Annealing: each of them as code."""
    items = SETTING.split(one_line(text))
    return ", ".join(safe(item) if "`" in item else f"`{item}`" for item in items)


def safe(text: str) -> str:
    """Text on one line that Markdown neither formats nor takes for HTML."""
    return _escaped(one_line(text))


def _prose(text: str) -> str:
    """The same, with the names of settings and metrics set as code."""
    parts = NAME.split(one_line(text))
    return "".join(f"`{part}`" if index % 2 else _escaped(part) for index, part in enumerate(parts))


def _escaped(text: str) -> str:
    return re.sub(r"([\\`*_\[\]<>|])", r"\\\1", text)
