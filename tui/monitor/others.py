"""Which other runs a run may be compared with: those of its folder, its kin first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.message import Message

from training.runs import store
from training.runs.layout import RunFolder
from training.runs.lifecycle import RunView
from training.text import one_line

MOST = 300
"""Runs that are offered, the newest ones."""
ITSELF, PARENT, CHILD, SEED = "this run", "its parent", "corrects it", "another seed of it"
KIN = (PARENT, ITSELF, SEED, CHILD)


@dataclass(frozen=True)
class Other:
    """One of the runs, and what it is to the one on the screen; an empty relation is none."""

    folder: RunFolder
    name: str
    detail: str
    relation: str = ""


@dataclass
class OthersFound(Message):
    """The runs of the folder."""

    run_id: str
    runs: Sequence[Other]


def others_of(run: RunView) -> list[Other]:
    """All runs of its folder, its kin and itself first; reads their summaries and, of the like ones, their configs."""
    from training.runs.seeds import seed_key

    runs = store.list_runs(run.folder.path.parent)
    if run.folder.path not in {one.folder.path for one in runs}:
        runs = [run, *runs]
    key = seed_key(run)
    found = [Other(one.folder, _name(one), _detail(one), _relation(one, run, key)) for one in runs]
    kin = [one for relation in KIN for one in found if one.relation == relation]
    return [*kin, *(one for one in found if not one.relation)][:MOST]


def _relation(one: RunView, run: RunView, key: str) -> str:
    if one.folder.path == run.folder.path:
        return ITSELF
    if run.summary.parent and one.folder.id == run.summary.parent:
        return PARENT
    if one.summary.parent == run.folder.id:
        return CHILD
    from training.runs.seeds import seed_key

    alike = one.summary.model == run.summary.model and one.summary.data == run.summary.data
    return SEED if key and alike and seed_key(one) == key else ""


def _name(run: RunView) -> str:
    return one_line(run.summary.name or run.folder.id)


def _detail(run: RunView) -> str:
    summary = run.summary
    what = [summary.model, f"{summary.settings.get('optimizer', '')} {_rate(run)}".strip(), f"epoch {summary.epoch}"]
    return one_line(" · ".join(part for part in (run.state, *what) if part))


def _rate(run: RunView) -> str:
    rate = run.summary.settings.get("learning_rate")
    return f"{rate:g}" if isinstance(rate, int | float) else ""
