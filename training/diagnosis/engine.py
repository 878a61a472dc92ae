"""The diagnosis of one run: metrics in, one event at a time; opened, changed and resolved findings out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from training.config.schema import TrainingConfig
from training.diagnosis import by_hand, verdict
from training.diagnosis.causes import ranked
from training.diagnosis.facts import read_facts
from training.diagnosis.findings import Finding, Fix
from training.diagnosis.fixes import fixes_for
from training.diagnosis.history import History
from training.diagnosis.rules import RULES, early_stop
from training.diagnosis.rules.rule import Evidence, Rule
from training.diagnosis.rules.stories import explained_by
from training.diagnosis.settings import read_settings
from training.diagnosis.steps import StepWatch
from training.diagnosis.tracker import Change, Tracker

__all__ = ["RULES_VERSION", "Change", "Diagnosis"]

RULES_VERSION = 2
"""Grows when a rule, a threshold or a sentence changes what findings are reported."""

FROM_FACTS = tuple(rule for rule in RULES if rule.from_facts)
AT_THE_END = (early_stop.RULE,)


class Diagnosis:
    """Rules over the curves of one run; never looks ahead, never fails on a metric that is missing or not finite.

    `config` is the run's own config, a mapping of the guide's flat keys, or None for a foreign log. `facts` are those
    of the `attempt` event. An epoch that comes again, after a resume, replaces itself and what followed it.
    """

    def __init__(self, config: TrainingConfig | Mapping[str, Any] | None, facts: Mapping[str, Any] | None) -> None:
        self._settings = read_settings(config)
        self._history = History(self._settings, read_facts(facts, self._settings.focal_gamma))
        self._steps = StepWatch()
        self._tracker = Tracker(RULES, self._causes, self._fixes)
        self._ended = ""

    def begin(self) -> list[Change]:
        """What the facts alone show, before the first step; to be asked for once, ahead of all else."""
        return self._ask(0, FROM_FACTS)

    def step(self, step: int, epoch: int, metrics: Mapping[str, float]) -> list[Change]:
        """One optimizer step: divergence and values that are not finite, without waiting for the end of the epoch."""
        untold = self._history.start_loss is None
        seen = self._steps.update(self._history, step, epoch, metrics)
        if seen is None:
            return self._ask(epoch, FROM_FACTS) if untold and self._history.start_loss is not None else []
        label, evidence = seen[0], self._with_change(*seen)
        explained = explained_by(self._tracker.told({}) | {label: evidence.variant})
        if self._tracker.is_open(label) or label in explained:
            return []
        return [*self._tracker.give_way(explained), self._tracker.show(label, epoch, evidence)]

    def steps(
        self, steps: Sequence[int], epochs: Sequence[int], losses: Sequence[float]
    ) -> list[tuple[int, list[Change]]]:
        """Many steps with their train losses, as `step` takes them one by one: (place, changes) of each that tells."""
        told, place = [], 0
        while (place := self._steps.pass_over(self._history, steps, losses, place)) < len(losses):
            known = self._tracker.is_open("nan") and not math.isfinite(losses[place])
            if not known and (changes := self.step(steps[place], epochs[place], {"train_loss": losses[place]})):
                told.append((place, changes))
            place += 1
        return told

    def rate_set(self, step: int, epoch: int, factor: float, rate: float = 0.0) -> None:
        """A command set the factor on the learning rate's schedule from that step on, and the rate to that."""
        by_hand.note(self._history, step, epoch, factor, rate)

    def epoch(self, epoch: int, metrics: Mapping[str, float]) -> list[Change]:
        """The end of an epoch, after validation; epoch 0 is the state before training."""
        self._history.add(epoch, metrics)
        if epoch <= 0:
            return []
        return self._ask(epoch, RULES)

    def _ask(self, epoch: int, rules: Sequence[Rule]) -> list[Change]:
        seen: dict[str, Evidence] = {}
        for rule in rules:
            evidence = _checked(rule, self._history, self._tracker.is_open(rule.label))
            if evidence is not None:
                seen[rule.label] = self._with_change(rule.label, evidence)
        return self._tracker.update(epoch, seen, {rule.label for rule in rules})

    def _with_change(self, label: str, evidence: Evidence) -> Evidence:
        """The evidence with the learning rate that was set by hand before it; an open finding keeps the one it named,
        however far back the rule still sees.
        """
        before = self._tracker.evidence_of(label)
        change = before.by_hand if before is not None else None
        return by_hand.named(evidence, change or by_hand.blamed(label, evidence, self._history))

    def end(self, state: str, reason: str) -> list[Change]:
        """The run is over: `state` is that of its `end` event, or `crashed` where there is none.

        Open findings stay open and say their latest numbers.
        """
        self._ended = f"{state}: {reason}" if state in verdict.BAD_ENDS else state
        self._history.stopped_early = "early" in reason and "stop" in reason
        return [*self._ask(self._history.epoch, AT_THE_END), *self._tracker.last_word(self._history.epoch)]

    @property
    def open(self) -> list[Finding]:
        """Open findings, worst first."""
        return self._tracker.open

    def verdict(self) -> str:
        """One line on how the run does, with its numbers."""
        return verdict.sentence(self._history, self.open, self._ended)

    def _causes(self, evidence: Evidence) -> tuple[str, ...]:
        return ranked(evidence.causes, self._history)

    def _fixes(self, label: str, evidence: Evidence) -> tuple[Fix, ...]:
        return fixes_for(label, evidence, self._settings, self._history)


def _checked(rule: Rule, history: History, is_open: bool) -> Evidence | None:
    """What the rule says; nothing where its arithmetic fails, since a diagnosis must not end a training."""
    try:
        return rule.check(history, is_open)
    except (ArithmeticError, ValueError):
        return None
