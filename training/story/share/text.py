"""A run as one Markdown file: the diagnosis report, and what else others want to know."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from training.figures import percent
from training.story.changes import ChangeLine
from training.story.report import MARK, markdown, safe
from training.story.share.content import ClassTable, Shared, written_at

OWN_MARK = "<!-- traindeck share -->"


def text(shared: Shared) -> str:
    """The whole file."""
    told = markdown([shared.report]).replace(MARK, OWN_MARK, 1).rstrip()
    return "\n".join([told, "", *_more(shared)]).rstrip() + "\n"


def _more(shared: Shared) -> Iterator[str]:
    if against := shared.against:
        yield from (f"## Against {safe(against.parent)}, which it corrects", "")
        for label, told in (("Verdict", against.verdict), ("Why", against.reason)):
            if told:
                yield from (f"**{label}.** {safe(told)}", "")
        yield from _changes(against.changes, "before") if against.changes else ("No setting differs.", "")
    if shared.changes is not None:
        yield from ("## Settings", "")
        yield from _changes(shared.changes, "default") if shared.changes else ("All are the defaults.", "")
    for table in shared.classes:
        yield from _classes(table)
    if shared.happenings:
        yield from ("## What happened on the way", "", *(f"- {safe(told)}" for told in shared.happenings), "")
    if shared.environment:
        yield from ("## Environment", "", *(f"- {label}: {safe(told)}" for label, told in shared.environment), "")
    left_out = "; paths, hosts, users and ids are left out" if shared.redacted else ""
    yield f"Written by traindeck on {written_at(shared.written)}{left_out}."


def _changes(lines: Sequence[ChangeLine], old: str) -> Iterator[str]:
    yield from _table(("key", old, "here"), [(line.key, line.old or "–", line.new or "–") for line in lines])


def _classes(told: ClassTable) -> Iterator[str]:
    yield from (f"## Classes ({told.side}, after epoch {told.epoch})", "")
    rows = [
        (row.name, percent(row.precision), percent(row.recall), percent(row.f1), str(row.support)) for row in told.rows
    ]
    yield from _table(("class", "precision", "recall", "F1", "images"), rows)
    if told.left_out:
        yield from (f"The weakest by F1; {told.left_out} more are not shown.", "")
    if told.confused:
        yield from _table(("class", "taken for", "images"), [(a, b, str(n)) for a, b, n in told.confused])


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    for row in (header, ["---"] * len(header)):
        yield f"| {' | '.join(row)} |"
    for cells in rows:
        yield f"| {' | '.join(map(safe, cells))} |"
    yield ""
