"""What can be said of a run in one value: the columns of lists, and what they are filtered, sorted and grouped by.

There are built-in columns, one for every key of the config, and one for every setting and metric that runs name.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, Literal

from training.config.fields import FIELDS, Field, format_value
from training.config.problems import listed, nearest, shown
from training.errors import InvalidInput
from training.figures import duration, loss, percent, storage
from training.runs.configured import decay_of, value_of
from training.runs.disk import measure
from training.runs.lifecycle import RunView
from training.runs.metric_names import higher_is_better, is_share
from training.text import clean_name, one_line

Value = float | str | bool | tuple[str, ...] | None
Kind = Literal["text", "number", "share", "loss", "time", "duration", "bytes", "flag", "words"]


@dataclass(frozen=True)
class RunColumn:
    """One value of each run; `value` gives None where a run has none."""

    key: str
    """What a filter and an option call it."""
    title: str
    """A heading of few cells."""
    kind: Kind
    value: Callable[[RunView], Value]
    help: str = ""
    largest_first: bool = False
    """Whether what matters most comes first when the largest does."""
    needs_config: bool = False
    """Whether a run of an older version has its config read for it."""
    mixed: bool = False
    """Whether the values may be numbers and words."""

    def text(self, run: RunView) -> str:
        """The value as a table shows it, on one line; empty for none."""
        return spelled(self.kind, self.value(run))


def spelled(kind: Kind, value: Value) -> str:
    """A value of that kind in few cells."""
    if value is None or value == ():
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return one_line(", ".join(value))
    if isinstance(value, str):
        return one_line(value)
    match kind:
        case "share":  # a log may write it in percent itself
            return percent(value) if abs(value) <= 1 else format_value(value)
        case "loss":
            return loss(value)
        case "duration":
            return duration(value)
        case "bytes":
            return storage(int(value))
        case "time":
            return time.strftime("%Y-%m-%d %H:%M", time.localtime(value))
    return format_value(value) if math.isfinite(value) else str(value)


def _number(value: float | str | None) -> float | None:
    return None if value is None else float(value)


def _findings(run: RunView) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for one in run.findings for name in (one.issue, one.label)))


def _time_of(seconds: float) -> float | None:
    return seconds or None


BUILT_IN: tuple[RunColumn, ...] = (
    RunColumn("state", "State", "text", lambda run: run.state, "running, finished, failed …"),
    RunColumn("name", "Run", "text", lambda run: run.summary.name or run.folder.id, "The run's name"),
    RunColumn("epoch", "Epoch", "number", lambda run: run.summary.epoch, "Epochs done", largest_first=True),
    RunColumn("finding", "Finding", "words", _findings, "What the diagnosis found, by issue or label"),
    RunColumn("acc", "Acc", "share", lambda run: _number(run.summary.best_val_acc), "Best validation accuracy", True),
    RunColumn("loss", "Loss", "loss", lambda run: _number(run.summary.best_val_loss), "Best validation loss"),
    RunColumn("time", "Time", "duration", lambda run: run.seconds, "Time in training", largest_first=True),
    RunColumn("model", "Model", "text", lambda run: run.summary.model, "The model in a few words"),
    RunColumn("data", "Data", "text", lambda run: run.summary.data, "The data set"),
    RunColumn("size", "Size", "bytes", lambda run: measure(run.folder).total, "Bytes on the disk", largest_first=True),
    RunColumn("tag", "Tags", "words", lambda run: run.labels.tags, "Tags that people gave"),
    RunColumn("note", "Note", "text", lambda run: run.labels.note, "The note to the run"),
    RunColumn("device", "Device", "text", lambda run: run.summary.device, "Where it trains"),
    RunColumn("parent", "Parent", "text", lambda run: run.summary.parent, "The run that it corrects"),
    RunColumn("reason", "Reason", "text", lambda run: run.summary.reason, "The fix that led to it"),
    RunColumn("created", "Created", "time", lambda run: _time_of(run.summary.created), "When it was launched", True),
    RunColumn(
        "started", "Started", "time", lambda run: _time_of(run.summary.started or run.summary.created),
        "When its training began", largest_first=True,
    ),
    RunColumn(
        "ended", "Ended", "time", lambda run: None if run.live else _time_of(run.ended), "When it ended", True
    ),
    RunColumn("best_epoch", "Best", "number", lambda run: run.summary.best_epoch or None, "Epoch of the best loss"),
    RunColumn("attempt", "Attempt", "number", lambda run: run.summary.attempt, "How often it was started"),
    RunColumn("weight_decay", "wd", "number", decay_of, "Decay in effect"),
    RunColumn("live", "Live", "flag", lambda run: run.live, "Whether it goes on", largest_first=True),
    RunColumn("pinned", "Pinned", "flag", lambda run: run.pinned, "Whether cleaning passes it over", True),
    RunColumn("archived", "Archived", "flag", lambda run: run.labels.archived, "Whether it is archived", True),
)  # fmt: skip
"""Without the metrics and the settings, which have their own names."""

ALIASES = {
    "lr": "learning_rate",
    "wd": "weight_decay",
    "bs": "batch_size",
    "opt": "optimizer",
    "schedule": "lr_strategy",
    "scheduler": "lr_strategy",
    "patience": "es_patience",
    "clip": "optimization.grad_clip",
    "accuracy": "acc",
    "best_acc": "acc",
    "best_loss": "loss",
    "run": "name",
    "dataset": "data",
    "tags": "tag",
    "findings": "finding",
    "issue": "finding",
    "notes": "note",
    "duration": "time",
    "age": "created",
    "gpu": "device",
}
"""Other words for a column, some of them from other tools."""

_SHORT = {"learning_rate": "lr", "batch_size": "bs", "lr_strategy": "schedule", "es_patience": "patience"}
_KINDS: dict[str, Kind] = {"bool": "flag", "int": "number", "float": "number"}


def _of_config(field: Field) -> RunColumn:
    return RunColumn(
        field.key,
        _SHORT.get(field.key, field.name),
        _KINDS.get(field.kind, "text"),
        partial(_setting, field.key),
        f"{field.title}: {field.help}",
        needs_config=bool(field.section),
        mixed=bool(field.extra_choice),
    )


def _setting(key: str, run: RunView) -> Value:
    value: Any = value_of(run, key)
    return value if value is None or isinstance(value, bool | int | float | str) else format_value(value)


def _of_script(name: str) -> RunColumn:
    called = clean_name(name)
    return RunColumn(called, called, "text", partial(_setting, name), "A setting of a script", mixed=True)


def _of_metric(name: str) -> RunColumn:
    called = clean_name(name)
    kind: Kind = "share" if is_share(name) else "loss"
    first, told = higher_is_better(name) is True, "The latest value of this metric"
    return RunColumn(called, called, kind, partial(_metric, name), told, largest_first=first)


def _metric(name: str, run: RunView) -> float | None:
    summary = run.summary
    return _number(summary.latest[name] if name in summary.latest else summary.test.get(name))


@cache
def _static() -> dict[str, RunColumn]:
    """The columns that every list has, by key: the built-in ones before those of the config."""
    return {column.key: column for column in (*map(_of_config, FIELDS), *BUILT_IN)}


class RunColumns:
    """The columns of a list of runs, found by what a person calls them."""

    def __init__(self, runs: Iterable[RunView] = (), instead: Mapping[str, RunColumn] | None = None) -> None:
        """`instead` are columns in the place of built-in ones of the same key."""
        self._runs = runs
        self._instead = instead or {}
        self._own: dict[str, RunColumn] | None = None

    @property
    def by_key(self) -> dict[str, RunColumn]:
        """All of them: built-in, then the config's, then what runs name beyond that."""
        if self._own is None:
            settings: set[str] = set()
            metrics: set[str] = set()
            for run in self._runs:
                if run.summary.kind != "engine":
                    settings.update(run.summary.settings)
                metrics.update(run.summary.latest, run.summary.test)
            fixed = _static()
            own = {column.key: column for column in map(_of_metric, sorted(metrics))}
            own |= {column.key: column for column in map(_of_script, sorted(settings))}
            built_in = {column.key: column for column in BUILT_IN}
            self._own = {**built_in, **fixed, **{key: one for key, one in own.items() if key not in fixed}}
            self._own |= self._instead
        return self._own

    def find(self, name: str) -> RunColumn:
        """The column of that key, alias, last part of a dotted key, or unambiguous beginning of one of these.

        Raises InvalidInput that names the nearest one.
        """
        word = name.casefold()
        word = ALIASES.get(word, word)
        if (column := self._instead.get(word) or _static().get(word)) is not None:
            return column
        keys = self.by_key
        exact = [key for key in keys if key.casefold() == word or key.rpartition(".")[2].casefold() == word]
        begun = exact or [
            key for key in keys if key.casefold().startswith(word) or key.rpartition(".")[2].casefold().startswith(word)
        ]
        if len(begun) == 1 and word:
            return keys[begun[0]]
        if begun and word:
            more = f" and {len(begun) - 4} more" if len(begun) > 4 else ""
            found = f"{', '.join(shown(key) for key in begun[:4])}{more}" if more else listed(map(shown, begun[:4]))
            raise InvalidInput(f"“{shown(name, 40)}” could be {found}.", "Write more of it.")
        usual = [*(column.key for column in BUILT_IN), *ALIASES, *(key for key in keys if "." not in key)]
        near = nearest(name, usual) or nearest(name, [*keys, *(key.rpartition(".")[2] for key in keys)])
        remedy = f"Did you mean {shown(near)}?" if near else "Such as state, model, lr, batch_size, acc, started, tag."
        raise InvalidInput(f"“{shown(name, 40)}” is nothing that runs have.", remedy)
