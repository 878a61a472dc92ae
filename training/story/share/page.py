"""A run as one HTML page that needs nothing else: no script, no font, no picture from anywhere, light and dark."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from training.figures import percent
from training.story.changes import ChangeLine, patch_yaml
from training.story.charts import group_of, in_order, stretch_of
from training.story.export.figure import Figure
from training.story.export.figures import figures_of, metrics_of
from training.story.export.layout import compose
from training.story.export.svg import svg
from training.story.report import Report, by_standing
from training.story.share.content import Against, ClassTable, Shared, written_at
from training.story.share.html import block, bullets, numbered, pairs, said, section, table, words
from training.story.telling import Remedy, Story, curves_of, rank

STYLE = Path(__file__).with_name("page.css")
POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""What a browser may do for the page: nothing but style it, whatever a text of the run should have smuggled in."""
CHART = (960, 320)
MOST_CHARTS = 24
MARKS = {"critical": "✗", "warning": "!", "info": "i"}


def page(shared: Shared) -> str:
    """The whole document."""
    report = shared.report
    standing, over = by_standing(report)
    standing.sort(key=lambda story: rank(story.finding))
    title = words(shared.name)
    parts = [
        "<!DOCTYPE html>",
        '<html lang="en"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="generator" content="traindeck">',
        f"<title>{title} · traindeck</title>",
        f"<style>\n{STYLE.read_text(encoding='utf-8')}</style></head><body>",
        f"<h1>{title}</h1>",
        f'<p class="state {words(shared.state)}">{words(report.header.get("State", shared.state))}</p>',
        said("Verdict.", report.verdict),
        pairs((label, text) for label, text in report.header.items() if label != "State"),
        _beside(shared.against) if shared.against else "",
        section("Curves", *_charts(report, standing)),
        section("Findings", *(_story(story, report) for story in standing)),
        section("Resolved", *(_story(story, report) for story in over)),
        section("Settings", _settings(shared)),
        *(section(f"Classes ({table.side}, after epoch {table.epoch})", *_classes(table)) for table in shared.classes),
        section("What happened on the way", bullets(shared.happenings)),
        section("Environment", pairs(shared.environment)),
        f"<footer>Written by traindeck on {words(written_at(shared.written))}"
        f"{'; paths, hosts, users and ids are left out' if shared.redacted else ''}.</footer>",
        "</body></html>",
    ]
    return "\n".join(part for part in parts if part) + "\n"


def _charts(report: Report, standing: Sequence[Story]) -> Iterator[str]:
    groups = in_order(map(group_of, metrics_of(report.curves)))
    shown = groups[:MOST_CHARTS]
    for group, figure in zip(shown, figures_of(report.curves, shown, "epoch"), strict=True):
        if figure.x_name == "epoch":
            figure = _with_stretch(figure, group, report, standing)
        drawn = svg(compose([figure], *CHART)).decode()
        yield f"<figure>{drawn[drawn.index('<svg') :]}</figure>"
    if len(groups) > MOST_CHARTS:
        yield f"<p class=quiet>and {len(groups) - MOST_CHARTS} more: {words(', '.join(groups[MOST_CHARTS:]))}</p>"


def _with_stretch(figure: Figure, group: str, report: Report, standing: Sequence[Story]) -> Figure:
    """With what shows the worst open finding that the chart tells of, marked."""
    for story in standing:
        if group in map(group_of, curves_of(story.finding)):
            first, last = stretch_of(story.finding, report.curves, still_open=True)
            first = max(1, min(first, last))
            stretch = (float(first - 1), float(max(first, last)))
            return replace(figure, stretch=stretch, stretch_label=f"epochs {first} to {max(first, last)}")
    return figure


def _beside(against: Against) -> str:
    return section(
        f"Against {against.parent}, which it corrects",
        said("Verdict.", against.verdict),
        said("Why.", against.reason),
        _changes(against.changes) if against.changes else "<p>No setting differs.</p>",
    )


def _settings(shared: Shared) -> str:
    if shared.changes is None:
        return "<p class=quiet>No config of traindeck.</p>"
    if not shared.changes:
        return "<p>All are the defaults.</p>"
    return "<p class=quiet>Those that are not the defaults:</p>" + _changes(shared.changes, "default")


def _changes(lines: tuple[ChangeLine, ...], old: str = "before") -> str:
    rows = [(line.key, line.old or "–", line.new or "–") for line in lines]
    return table(("key", old, "here"), rows)


def _story(story: Story, report: Report) -> str:
    muted = " (muted)" if story.finding.label in report.muted else ""
    severity = words(story.severity)
    over = f" Resolved after epoch {story.resolved}." if story.resolved is not None else ""
    parts = [
        f'<h3><span class="{severity}">{MARKS.get(story.severity, "·")} {words(story.title)}</span>{muted}</h3>',
        f"<p class=quiet>{words(f'{story.severity}, {story.confidence}. {story.when}.{over}')}</p>",
        said("Evidence.", story.evidence),
        said("Why.", story.why),
        f"<p><b>Causes, the likeliest first.</b></p>{numbered(story.causes)}" if story.causes else "",
        *(_remedy(remedy, report) for remedy in story.remedies),
        f"<p class=quiet>Guide: {words(', '.join(story.guide))}.</p>" if story.guide else "",
    ]
    return f"<article>{''.join(part for part in parts if part)}</article>"


def _remedy(remedy: Remedy, report: Report) -> str:
    start = f" It {remedy.start}." if remedy.start else ""
    told = f"<p><b>Try: {words(remedy.title)}.</b> {words(remedy.effect + start)}</p>"
    return told + (block(patch_yaml(remedy.fix.patch, report.config)) if remedy.fix.patch else "")


def _classes(told: ClassTable) -> Iterator[str]:
    rows = [
        (row.name, percent(row.precision), percent(row.recall), percent(row.f1), str(row.support)) for row in told.rows
    ]
    yield table(("class", "precision", "recall", "F1", "images"), rows, numbers=(1, 2, 3, 4))
    if told.left_out:
        yield f"<p class=quiet>The weakest by F1; {told.left_out} more are not shown.</p>"
    if told.confused:
        yield "<p class=quiet>Taken for another most often:</p>"
        yield table(("class", "taken for", "images"), [(a, b, str(n)) for a, b, n in told.confused], numbers=(2,))
