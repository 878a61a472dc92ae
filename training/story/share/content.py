"""What a report for others holds of a run: data, which the HTML page and the Markdown file lay out in their own way."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from copy import copy
from dataclasses import dataclass, replace
from itertools import chain, count
from typing import Any

import msgspec

from training.config.schema import TrainingConfig
from training.curves import Curves
from training.diagnosis.findings import Finding
from training.story.changes import ChangeLine, Known
from training.story.charts import TITLES, group_of
from training.story.export.figures import SETTINGS
from training.story.report import Report
from training.story.telling import Moment

Redact = Callable[[str], str]
Pairs = tuple[tuple[str, str], ...]
"""Labels with what is said under them."""


@dataclass(frozen=True)
class ClassRow:
    """How one class fared in an evaluation."""

    name: str
    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True)
class ClassTable:
    """The classes of one evaluation, in their own order or, of very many, the weakest alone."""

    side: str
    """Of the split: val or test."""
    epoch: int
    rows: tuple[ClassRow, ...]
    left_out: int
    """Classes that are not among the rows."""
    confused: tuple[tuple[str, str, int], ...]
    """The most frequent mistakes: what it was, what it was taken for, how many images."""


@dataclass(frozen=True)
class Against:
    """A run beside the one that it corrects."""

    parent: str
    reason: str
    changes: tuple[ChangeLine, ...]
    verdict: str
    """One sentence; empty where nothing can be said."""


@dataclass(frozen=True)
class Shared:
    """A run as others are to see it. Every text may come from anywhere."""

    state: str
    report: Report
    changes: tuple[ChangeLine, ...] | None
    """What its config sets otherwise than the defaults; None where there is no config of ours."""
    against: Against | None
    classes: tuple[ClassTable, ...]
    happenings: tuple[str, ...]
    """Resumes, changes to the running job, warnings."""
    environment: Pairs
    written: float
    redacted: bool = False

    @property
    def name(self) -> str:
        return self.report.name

    def without(self, redact: Redact, *labels: str) -> Shared:
        """The same with every text redacted, and without what stands under these labels at all."""
        report, against = self.report, self.against
        return replace(
            self,
            state=redact(self.state),
            report=replace(
                report,
                name=redact(report.name),
                header={key: redact(text) for key, text in report.header.items() if key not in labels},
                verdict=redact(report.verdict),
                shown=[_finding(redact, finding) for finding in report.shown],
                open=[_finding(redact, finding) for finding in report.open],
                moments=[Moment(each.epoch, each.change, _finding(redact, each.finding)) for each in report.moments],
                config=_config(redact, report.config),
                curves=_curves(redact, report.curves),
            ),
            changes=None if self.changes is None else _lines(redact, self.changes),
            against=against
            and Against(
                redact(against.parent),
                redact(against.reason),
                _lines(redact, against.changes),
                redact(against.verdict),
            ),
            classes=tuple(_classes(redact, table) for table in self.classes),
            happenings=tuple(map(redact, self.happenings)),
            environment=tuple((key, redact(text)) for key, text in self.environment if key not in labels),
            redacted=True,
        )


def written_at(moment: float) -> str:
    """The wall clock with its zone, to the minute."""
    return time.strftime("%Y-%m-%d %H:%M %Z", time.localtime(moment))


def _lines(redact: Redact, lines: Sequence[ChangeLine]) -> tuple[ChangeLine, ...]:
    return tuple(ChangeLine(line.key, line.old and redact(line.old), redact(line.new)) for line in lines)


def _classes(redact: Redact, table: ClassTable) -> ClassTable:
    rows = tuple(replace(row, name=redact(row.name)) for row in table.rows)
    return replace(table, rows=rows, confused=tuple((redact(a), redact(b), n) for a, b, n in table.confused))


def _finding(redact: Redact, finding: Finding) -> Finding:
    """With its texts redacted; its label and what it changes are names of ours."""
    fixes = tuple(
        msgspec.structs.replace(
            fix, title=redact(fix.title), effect=redact(fix.effect), patch=_values(redact, fix.patch)
        )
        for fix in finding.fixes
    )
    return msgspec.structs.replace(
        finding,
        title=redact(finding.title),
        evidence=redact(finding.evidence),
        causes=tuple(map(redact, finding.causes)),
        fixes=fixes,
    )


def _curves(redact: Redact, curves: Curves) -> Curves:
    """A copy in which no name of a metric, and no setting that was changed, tells what is private."""
    told = copy(curves)
    names: dict[str, str] = {}
    for name in (*curves.steps, *curves.epochs):
        if name not in names:
            names[name] = name if group_of(name) in TITLES else _free(redact(name), names.values())
    told.steps = {names[name]: series for name, series in curves.steps.items()}
    told.epochs = {names[name]: series for name, series in curves.epochs.items()}
    told.overrides = [
        msgspec.structs.replace(
            each,
            setting=each.setting if each.setting in SETTINGS else redact(each.setting),
            value=_values(redact, each.value),
        )
        for each in curves.overrides
    ]
    return told


def _free(name: str, taken: Collection[str]) -> str:
    """The name, numbered where it is taken."""
    return next(each for each in chain([name], (f"{name} {n}" for n in count(2))) if each not in taken)


def _config(redact: Redact, config: Known) -> Known:
    """None for one that is no config any more without what was redacted."""
    if isinstance(config, TrainingConfig):
        with suppress(msgspec.ValidationError):
            return msgspec.convert(_values(redact, msgspec.to_builtins(config)), TrainingConfig)
        return None
    return None if config is None else _values(redact, config)


def _values(redact: Redact, value: Any) -> Any:
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, Mapping):
        return {key: _values(redact, each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_values(redact, each) for each in value]
    return value
