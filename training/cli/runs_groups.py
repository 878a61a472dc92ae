"""`traindeck runs --group`: the list in groups, each with what its runs come to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from training.cli.runs import one_json
from training.runs.columns import RunColumn, RunColumns
from training.runs.grouping import SEEDS, Group, by_column, by_seed, spread_of_losses, spread_of_shares
from training.runs.lifecycle import RunView
from training.runs.seeds import Spread
from training.text import one_line


def groups_of(shown: Sequence[RunView], columns: RunColumns, by: str) -> list[Group]:
    """Groups by a column, or by `seeds`. Raises InvalidInput for another key."""
    return by_seed(shown) if by == SEEDS else by_column(shown, columns.find(by))


def between(groups: Sequence[Group], shown: Sequence[RunView], lines: Sequence[str]) -> Iterator[str]:
    """The lines of a table, its heading first, with a heading before each group."""
    by_path = {view.folder.path: line for view, line in zip(shown, lines[1:], strict=True)}
    yield f"  {lines[0]}"
    for group in groups:
        if group.title:
            yield _heading(group)
        for view in group.runs:
            yield f"  {by_path[view.folder.path]}" if group.title else by_path[view.folder.path]


def _heading(group: Group) -> str:
    told = [f"{one_line(group.title)}: {len(group.runs)}"]
    if group.acc is not None:
        told.append(f"best acc {spread_of_shares(group.acc)} (n = {group.acc.n})")
    if group.loss is not None:
        told.append(f"best loss {spread_of_losses(group.loss)} (n = {group.loss.n})")
    return ", ".join(told)


def as_json(groups: Sequence[Group], picked: Sequence[RunColumn]) -> list[dict[str, Any]]:
    """Each group with its runs."""
    return [
        {
            "group": group.key,
            "title": group.title,
            "acc": _spread(group.acc),
            "loss": _spread(group.loss),
            "runs": [one_json(view, picked) for view in group.runs],
        }
        for group in groups
    ]


def _spread(values: Spread | None) -> dict[str, Any] | None:
    return None if values is None else {"mean": values.mean, "std": values.std, "n": values.n}
