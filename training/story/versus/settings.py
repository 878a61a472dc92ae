"""The settings in which several runs differ, one line a key, one value a run."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from training.config.fields import FIELDS, applies, format_value, value
from training.errors import TraindeckError
from training.guide.comparison import Difference, compare
from training.runs.compared import Placed, beside
from training.runs.lifecycle import RunView
from training.story.versus.of_run import config_of, name_of
from training.text import one_line

ABSENT = "–"
_ORDER = {entry.key: place for place, entry in enumerate(FIELDS)}
_ITEM = re.compile(r"(.+?)\.(\d+)(?:\.(\w+))?$", re.ASCII)


@dataclass(frozen=True)
class Differing:
    """One key and its value in each of the runs, in their order; `–` where it does not count there."""

    key: str
    values: tuple[str, ...]


def differing(runs: Sequence[RunView]) -> list[Differing]:
    """The keys whose values are not the same everywhere, in the order of a config file; what weights they began with
    comes last. A run of another tool tells only what its log does."""
    if not runs:
        return []
    found = _of_configs(runs)
    begun = [_origin(run) for run in runs]
    if len(set(begun)) > 1:
        found.append(Differing("start from", tuple(begun)))
    return found


def _of_configs(runs: Sequence[RunView]) -> list[Differing]:
    configs = [config_of(run) for run in runs]
    placed = [
        Placed(name_of(run), config, run.folder.path) if config else None
        for run, config in zip(runs, configs, strict=True)
    ]
    base = next((one for one in placed if one), None)
    if base is None:
        return _of_summaries(runs)
    by_run = [_changes(base, one) if one else {} for one in placed]
    keys = sorted({key for changes in by_run for key in changes}, key=_place)
    told = {key: next(changes[key] for changes in by_run if key in changes) for key in keys}
    rows = {
        key: tuple(
            _of_summary(run, key) if one is None else changes[key].new or ABSENT if key in changes else _old(told[key])
            for run, one, changes in zip(runs, placed, by_run, strict=True)
        )
        for key in keys
    }
    for row in _of_summaries(runs, base) if None in placed else []:
        rows.setdefault(row.key, row.values)
    return [Differing(key, rows[key]) for key in sorted(rows, key=_place)]


def _changes(base: Placed, other: Placed) -> dict[str, Difference]:
    """What leads from the first run's config to another's, by key."""
    try:
        return {one.key: one for one in compare(beside(base, other), other.config)}
    except TraindeckError:  # a path of a home that is not there
        return {one.key: one for one in compare(base.config, other.config)}


def _old(one: Difference) -> str:
    return one.old or ABSENT


def _of_summaries(runs: Sequence[RunView], base: Placed | None = None) -> list[Differing]:
    """The same by the flat keys that the summaries tell."""
    keys = dict.fromkeys(key for run in runs for key in run.summary.settings)
    found = []
    for key in keys:
        values = tuple(_of_summary(run, key) for run in runs)
        counts = base is None or key not in _ORDER or applies(FIELDS[_ORDER[key]], base.config)
        if counts and len({text for text in values if text != ABSENT}) > 1:
            found.append(Differing(one_line(key), values))
    return found


def _of_summary(run: RunView, key: str) -> str:
    config = config_of(run)
    held: Any = run.summary.settings.get(key)
    if config is not None and key in _ORDER:
        held = value(config, key)
    return ABSENT if held is None else one_line(format_value(held))


def _origin(run: RunView) -> str:
    begun = run.summary.start_from
    return begun if begun == "scratch" else f"{begun} of {one_line(run.summary.parent)}"


def _place(key: str) -> tuple[int, int, str]:
    """Where a key stands in a config file, items of a list by their number."""
    match = _ITEM.match(key)
    if match and match[1] in _ORDER:
        return _ORDER[match[1]], int(match[2]), match[3] or ""
    return _ORDER.get(key, len(_ORDER)), 0, key
