"""`traindeck compare RUN RUN…`: settings that differ, metrics at equal epochs, and which run is better."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

import msgspec

from training.cli.output import say, say_json, table
from training.errors import EXIT_OK, InvalidInput
from training.runs import store
from training.runs.layout import RunFolder
from training.runs.lifecycle import RunView, view
from training.story.versus.aligned import Aligned, aligned
from training.story.versus.comparison import Side, read_measured, sides, verdicts
from training.story.versus.measured import Measured
from training.story.versus.of_run import name_of
from training.story.versus.settings import Differing, differing
from training.story.versus.verdict import Verdict
from training.story.versus.words import SIGNS, shown


def run(arguments: argparse.Namespace) -> int:
    """Raises InvalidInput for what is no run, or for a single one without a parent."""
    runs = _runs(arguments)
    known = [read_measured(run) for run in runs]
    found = sides(runs, by_seed=not arguments.each)
    judged = verdicts(known, found)
    changed = differing(runs)
    metrics = aligned(known, _metrics(arguments.metric, known))
    if arguments.json:
        say_json(as_json(runs, found, judged, changed, metrics))
        return EXIT_OK
    names = [run.name for run in known]
    say(f"Baseline: {found[0].name}")
    say()
    say_settings(names, changed)
    for one in metrics:
        say()
        say_metric(names, one)
    say()
    for side, verdict in zip(found, judged, strict=True):
        if verdict is not None:
            say(f"{SIGNS[verdict.kind]} {side.name}: {verdict.sentence}")
    if len(found) == 1:
        say("They differ in their seed alone: --each judges them one by one.")
    return EXIT_OK


def _runs(arguments: argparse.Namespace) -> list[RunView]:
    """The runs that are meant, each once; of a single one, its parent and itself."""
    found = [store.find_run(name, arguments.runs_dir) for name in arguments.runs]
    runs = list({run.folder.path: run for run in found}.values())
    if len(runs) > 1:
        return runs
    one = runs[0]
    if len(found) > 1:
        times = "twice" if len(found) == 2 else f"{len(found)} times"
        raise InvalidInput(f"{name_of(one)} is named {times}, and no other run.", "The first run is the baseline.")
    parent = view(RunFolder(one.folder.path.parent / one.summary.parent)) if one.summary.parent else None
    if parent is None:
        raise InvalidInput(
            f"{name_of(one)} corrects no other run.", "Name two runs or more: the first is the baseline."
        )
    return [parent, one]


def _metrics(wanted: Sequence[str] | None, runs: Sequence[Measured]) -> list[str]:
    """Raises InvalidInput for a metric that no run has."""
    for name in wanted or ():
        if not any(run.at(name) for run in runs):
            known = ", ".join(sorted({metric for run in runs for metric in run.epochs}))
            raise InvalidInput(f"No run has {name!r} by epoch.", f"There are {known}." if known else "")
    return list(wanted or ())


def say_settings(names: Sequence[str], changed: Sequence[Differing]) -> None:
    """A line a key."""
    if not changed:
        say("No setting differs.")
        return
    for line in table(["setting", *names], [[one.key, *one.values] for one in changed]):
        say(line)


def say_metric(names: Sequence[str], one: Aligned) -> None:
    """A line a run."""
    rows = []
    for name, figures in zip(names, one.figures, strict=True):
        best, final = shown(figures.best, one.metric), shown(figures.final, one.metric)
        rows.append(
            [
                name,
                shown(figures.at_common, one.metric),
                f"{best} at {figures.best_epoch}" if figures.best is not None else best,
                f"{final} at {figures.final_epoch}" if figures.final is not None else final,
            ]
        )
    for line in table([one.metric, f"epoch {one.common}" if one.common else "–", "best", "last"], rows):
        say(line)


def as_json(
    runs: Sequence[RunView],
    found: Sequence[Side],
    judged: Sequence[Verdict | None],
    changed: Sequence[Differing],
    metrics: Sequence[Aligned],
) -> dict[str, Any]:
    """The same for programs; values of settings are texts."""
    return {
        "runs": [{"id": run.folder.id, "path": str(run.folder.path), "name": name_of(run)} for run in runs],
        "settings": {one.key: list(one.values) for one in changed},
        "metrics": {
            one.metric: {"common_epoch": one.common, "runs": [msgspec.to_builtins(each) for each in one.figures]}
            for one in metrics
        },
        "sides": [
            {
                "name": side.name,
                "runs": [runs[index].folder.id for index in side.runs],
                "verdict": None if verdict is None else verdict_as_json(verdict),
            }
            for side, verdict in zip(found, judged, strict=True)
        ],
    }


def verdict_as_json(verdict: Verdict) -> dict[str, Any]:
    """A verdict with its figures; `noise` is the standard deviation of the difference."""
    return {
        "kind": verdict.kind,
        "sentence": verdict.sentence,
        "metric": verdict.metric,
        "epoch": verdict.epoch,
        "mean": verdict.ours.mean if verdict.ours else None,
        "baseline_mean": verdict.theirs.mean if verdict.theirs else None,
        "noise": verdict.noise,
        "since_epoch": verdict.since,
        "limit": verdict.limit,
        "accuracy": verdict_as_json(verdict.accuracy) if verdict.accuracy else None,
    }
