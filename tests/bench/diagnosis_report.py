"""What the refit, the sensitivity and a search over a threshold's values print."""

from __future__ import annotations

import json
import sys
import time
from argparse import Namespace
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from tests.bench.diagnosis_refit import Fold, Nudge, Refit, Search, folds_of, pooled, share_out
from tests.bench.diagnosis_runs import LabelledRun
from tests.bench.diagnosis_scoring import Score, summary, table, verdicts, wrong
from tests.bench.diagnosis_thresholds import sources, unreachable
from training.errors import InvalidInput

MOST_SENSITIVE = 10


def cross_validate(runs: Sequence[LabelledRun], wanted: Namespace) -> None:
    """Refit on all bases but some, score those, and pool: what the thresholds are worth on runs that chose none."""
    began = time.monotonic()
    search = Search(runs)
    parts = folds_of(runs, wanted.folds, wanted.seed)
    done: list[Fold] = []
    tasks = [Refit(part, wanted.rounds, wanted.start, wanted.seed) for part in parts]
    for fold in share_out(search, Search.fold, tasks, wanted.jobs):
        done.append(fold)
        course = " → ".join(f"{worth:.3f}" for worth in fold.worth)
        _progress(f"without {', '.join(fold.bases)}: worth on the rest {course}")
    with search.fast.installed():
        scores = {
            "thresholds of the source, no refit": search.score({}),
            "off at random, no refit": pooled(runs, (fold.perturbed for fold in done)),
            "refitted from there, held out": pooled(runs, (fold.refitted for fold in done)),
        }
    held_out = scores["refitted from there, held out"]
    fixed = unreachable(sources())
    if wanted.json:
        told = {name: result.as_dict() for name, result in scores.items()}
        chosen = [{"bases": fold.bases, "worth": fold.worth, "values": fold.values} for fold in done]
        print(json.dumps({"cross_validation": told, "folds": chosen, "not_refitted": fixed}))
        return
    print(table("held out", held_out))
    print("\n" + summary(scores))
    print("\n" + verdicts(held_out))
    print(f"\n{len(search.thresholds)} thresholds off by up to {wanted.start:g}× either way", end=", ")
    print(f"{len(parts)} folds, {wanted.rounds} rounds, seed {wanted.seed}", end="; ")
    print(f"{time.monotonic() - began:.0f} s in {wanted.jobs} processes.")
    print(f"Not refitted: {'; '.join(fixed) or 'nothing'}.")
    if wanted.verbose:
        found = {name: findings for fold in done for name, findings in fold.refitted.items()}
        for text in filter(None, (wrong(run, found[run.name]) for run in runs)):
            print("\n" + text)


def sensitivity(runs: Sequence[LabelledRun], jobs: int, everything: bool, as_json: bool) -> None:
    """What a fifth up or down does to the score, the most sensitive thresholds first."""
    search = Search(runs)
    with search.fast.installed():
        before = search.score({})
    names = [threshold.name for threshold in search.thresholds]
    nudges = [nudge for found in share_out(search, Search.nudge, names, jobs) for nudge in found]
    by_name = {name: list(found) for name, found in groupby(nudges, key=lambda nudge: nudge.name)}
    ordered = sorted(by_name.values(), key=lambda found: -max(nudge.loss(before) for nudge in found))
    if as_json:
        print(json.dumps([_nudge(nudge, before) for found in ordered for nudge in found]))
        return
    print(summary({"thresholds of the source": before}) + "\n")
    print(f"{'threshold':34}{'value':>9}{'moved to':>10}{'macro-F1':>10}{'alarms':>8}{'premature':>11}")
    for found in ordered if everything else ordered[:MOST_SENSITIVE]:
        for nudge in found:
            print(_nudge_line(nudge, before))
    idle = sum(all(nudge.score == before for nudge in found) for found in ordered)
    print(f"\n{idle} of {len(ordered)} thresholds change nothing when they move by a fifth.")
    print(f"Not moved: {'; '.join(unreachable(sources())) or 'nothing'}.")


def search_values(runs: Sequence[LabelledRun], wanted: str) -> None:
    """The score for each of the values in `MODULE.CONSTANT=v1,v2,...`. Raises InvalidInput for anything else."""
    name, _, listed = wanted.partition("=")
    search = Search(runs)
    known = {threshold.name: threshold for threshold in search.thresholds}
    if name not in known:
        near = [other for other in known if other.split(".")[0] == name.split(".")[0]] or list(known)
        raise InvalidInput(f"No threshold is named {name}.", f"Known are {', '.join(near)}.")
    try:
        values = [float(value) for value in listed.split(",")]
    except ValueError as error:
        raise InvalidInput(f"{listed!r} is no list of numbers.", f"Give {name}=1,2,3.") from error
    if known[name].whole:
        values = [int(value) for value in values]
    with search.fast.installed():
        scores = {f"{name} = {known[name].value:g}, as it is": search.score({})}
        scores |= {f"{name} = {value:g}": search.score({name: value}) for value in values}
    print(summary(scores))


def _nudge(nudge: Nudge, before: Score) -> dict[str, Any]:
    return {
        "name": nudge.name,
        "value": nudge.value,
        "moved": nudge.moved,
        "macro_f1": nudge.score.macro_f1 - before.macro_f1,
        "false_alarms": nudge.score.false_alarms - before.false_alarms,
        "premature": nudge.score.premature - before.premature,
        "labels": list(_labels(nudge, before)),
    }


def _nudge_line(nudge: Nudge, before: Score) -> str:
    change = _nudge(nudge, before)
    return (
        f"{nudge.name:34}{nudge.value:9.4g}{nudge.moved:10.4g}{change['macro_f1']:+10.3f}"
        f"{change['false_alarms']:+8}{100 * change['premature']:+9.1f} %  {', '.join(change['labels'])}"
    )


def _labels(nudge: Nudge, before: Score) -> Iterator[str]:
    """The labels whose F1 it changes, and by how much."""
    f1 = {row["label"]: row["f1"] for row in before.rows}
    for row in nudge.score.rows:
        change = row["f1"] - f1.get(row["label"], 0.0)
        if abs(change) > 1e-9:
            yield f"{row['label']} {change:+.2f}"


def _progress(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
