"""The findings of all runs for thousands of settings of the thresholds: as `traindeck` finds them, only quicker.

A rule looks at the curves so far and at nothing else. So where thresholds have changed that rules alone can reach,
those rules are asked again about the curves as they stood at every event; a run is told again, event by event, only
where one of them sees something else.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field
from typing import Any

from tests.bench.diagnosis_naive import Findings, brief
from tests.bench.diagnosis_runs import LabelledRun, facts
from tests.bench.diagnosis_thresholds import Threshold, Values, closure, put, sources, thresholds
from training.diagnosis import engine, history, steps, tracker
from training.diagnosis.engine import Change, Diagnosis
from training.diagnosis.rules import RULES
from training.replay import Diagnosed, Told
from training.runs.events import End, Epoch, Step, number

Seen = tuple[Any, ...] | None
"""What of a rule's evidence decides on findings; sentences and fixes do not."""


@dataclass
class Telling:
    """A run, told with thresholds of certain values."""

    values: Values
    findings: Findings
    asked: dict[str, list[tuple[int, bool, Seen]]] = field(default_factory=dict)
    """By label: at which event a rule was asked, whether its finding was open, and what it saw."""
    curves: dict[int, Any] = field(default_factory=dict)
    """The history at the events at which rules were asked."""


class FastDiagnosis:
    """Our findings on some runs for any values of the thresholds; to be used while `installed`."""

    def __init__(self, runs: Sequence[LabelledRun]) -> None:
        modules = sources()
        self.thresholds: list[Threshold] = thresholds(modules)
        self._all = {threshold.name: threshold.value for threshold in self.thresholds}
        reach = closure(modules)
        self._checks: dict[str, Any] = {rule.label: rule.check for rule in RULES}
        self._reach = {label: reach[check.__module__] for label, check in self._checks.items()}
        shared = set().union(*(reach[module.__name__] for module in (history, steps, tracker)))
        self._local = {t.name: t.module for t in self.thresholds if t.module not in shared and t.of_check}
        self._calls = {run.name: _calls(run) for run in runs}
        self._kept: dict[str, Telling] = {}
        self._copying = False
        self._event = 0
        self._telling = Telling({}, [])

    def findings(
        self, values: Mapping[str, float], runs: Sequence[LabelledRun], keep: bool = False
    ) -> dict[str, Findings]:
        """By file name, with thresholds of these values, by name; those that are not named are as in the source.

        `keep` for values that the next ones will be close to.
        """
        whole = self._all | dict(values)
        put(self.thresholds, whole)
        found = {}
        for run in runs:
            self._copying = keep or run.name not in self._kept
            telling = self._again(run, whole)
            found[run.name] = telling.findings
            if self._copying:
                self._kept[run.name] = telling
        return found

    def _again(self, run: LabelledRun, values: Values) -> Telling:
        """The run as it was told, if nothing else is seen with these values; else told anew."""
        kept = self._kept.get(run.name)
        if kept is None:
            return self._tell(run, values)
        changed = {name for name, value in values.items() if kept.values[name] != value}
        if changed - self._local.keys():
            return self._tell(run, values)
        modules = {self._local[name] for name in changed}
        labels = [label for label, reach in self._reach.items() if reach & modules]
        if not all(self._sees_the_same(label, kept) for label in labels):
            return self._tell(run, values)
        return Telling(values, kept.findings, kept.asked, kept.curves)

    def _sees_the_same(self, label: str, kept: Telling) -> bool:
        check = self._checks[label]
        return all(
            _seen(check(kept.curves[event], is_open)) == seen for event, is_open, seen in kept.asked.get(label, ())
        )

    def _tell(self, run: LabelledRun, values: Values) -> Telling:
        self._telling = telling = Telling(values, [])
        self._event = -1
        diagnosed = Diagnosed(Diagnosis(run.config, facts(run)))
        changes: list[Change] = diagnosed.diagnosis.begin()
        diagnosed.told.extend(Told(0, None, change) for change in changes)
        for event, (name, arguments) in enumerate(self._calls[run.name]):
            self._event = event
            changes = getattr(diagnosed.diagnosis, name)(*arguments)
            if changes:
                diagnosed.told.extend(Told(0, None, change) for change in changes)
        telling.findings = brief(diagnosed)
        return telling

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Rules are overheard and fixes left out, until all is put back as it was."""
        names = vars(engine)
        fixes = names["fixes_for"]
        for rule in RULES:
            object.__setattr__(rule, "check", self._overheard(rule.label))
        names["fixes_for"] = lambda *_: ()
        try:
            yield
        finally:
            names["fixes_for"] = fixes
            for rule in RULES:
                object.__setattr__(rule, "check", self._checks[rule.label])
            put(self.thresholds, {})

    def _overheard(self, label: str) -> Any:
        check = self._checks[label]

        def ask(curves: Any, is_open: bool) -> Any:
            evidence = check(curves, is_open)
            telling = self._telling
            if not self._copying:
                return evidence
            telling.asked.setdefault(label, []).append((self._event, is_open, _seen(evidence)))
            if self._event not in telling.curves:
                telling.curves[self._event] = _still(curves)
            return evidence

        return ask


def _seen(evidence: Any) -> Seen:
    if evidence is None:
        return None
    return evidence.severity, evidence.variant, evidence.confidence, evidence.size


def _still(value: Any) -> Any:
    """A copy that does not move along, of what a history is made of."""
    if isinstance(value, list):
        return value[:]
    if isinstance(value, dict):
        return {key: _still(item) for key, item in value.items()}
    if not type(value).__module__.startswith(history.__name__.rsplit(".", 1)[0]) or not hasattr(value, "__dict__"):
        return copy(value) if isinstance(value, Collection) else value
    if getattr(type(value), "__dataclass_params__", None) and type(value).__dataclass_params__.frozen:
        return value
    twin = copy(value)
    for name, item in vars(value).items():
        object.__setattr__(twin, name, _still(item))
    return twin


def _calls(run: LabelledRun) -> list[tuple[str, tuple[Any, ...]]]:
    """The run's events as calls of a diagnosis."""
    calls: list[tuple[str, tuple[Any, ...]]] = []
    for event in run.events:
        if isinstance(event, Step):
            loss = event.metrics.get("train_loss")
            calls.append(("step", (event.step, event.epoch, {} if loss is None else {"train_loss": number(loss)})))
        elif isinstance(event, Epoch):
            calls.append(("epoch", (event.epoch, {name: number(value) for name, value in event.metrics.items()})))
        elif isinstance(event, End):
            calls.append(("end", (event.state, event.reason)))
    return calls
