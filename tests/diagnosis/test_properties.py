"""What holds for every log: no crash, no look-ahead, whatever is missing or not finite."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.diagnosis.curves import CURVES, HEALTHY, RUNS, recorded
from training.diagnosis import engine
from training.diagnosis.engine import Diagnosis
from training.foreign.log import ForeignLog
from training.foreign.reading import read
from training.replay import replay
from training.runs.events import AnyEvent, Attempt, Epoch, FindingChanged, Number, Step, decode, encode

NAMES = ("train_loss", "val_loss", "train_acc", "val_acc", "lr", "grad_norm", "grad_norm_first", "grad_norm_last",
         "grad_norm_max", "val_recall_min", "dead_relu")  # fmt: skip
VALUES = st.floats(-1.0, 5.0) | st.sampled_from([0.0, 0.1, 2.3, 1e9, 1e300, -1e300, math.nan, math.inf, -math.inf])
METRICS = st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=len(NAMES))
FACTS = st.sampled_from(
    [None, {}, {"classes": 10}, {"classes": ["a", "b"], "class_counts": [9, 1]}, {"chance_loss": 2.3},
     {"classes": "ten", "chance_loss": math.nan, "val_majority_fraction": 7, "class_counts": ["x"], "n_val": -1},
     {"classes": 2, "class_ratio": 50.0, "n_val": 10, "input_std": 90.0, "input_mean": math.inf}]
)  # fmt: skip
CONFIGS = st.sampled_from(
    [None, {}, {"optimizer": "Adam", "learning_rate": 1e-3, "lr_strategy": "Constant", "l2_decay": True},
     {"optimizer": "Lion", "learning_rate": "fast", "epochs": -3, "model": 7}]
)  # fmt: skip
Happening = tuple[bool, int, dict[str, float]]
"""Whether it is a step, its epoch and its metrics."""
Given = dict[str, object] | None
LOSSES = st.floats(1e-6, 10.0) | st.sampled_from([0.0, 1e-300, 1e160, 1e300, -1.0])
EVENTS = st.lists(st.tuples(st.booleans(), st.integers(0, 30), METRICS), max_size=60)


@cache
def _log(run: str) -> ForeignLog:
    return read(CURVES / run)


def _altered(events: list[AnyEvent], alter: Callable[[str, Number], Number | None]) -> list[AnyEvent]:
    """The events with each metric altered; None drops it."""
    changed: list[AnyEvent] = []
    for event in events:
        if isinstance(event, Step | Epoch):
            metrics = {name: alter(name, value) for name, value in event.metrics.items()}
            kept = {name: value for name, value in metrics.items() if value is not None}
            changed.append(msgspec.structs.replace(event, metrics=kept))
        else:
            changed.append(event)
    return changed


@settings(max_examples=150, deadline=None)
@given(events=EVENTS, facts=FACTS, config=CONFIGS)
def test_no_sequence_of_metrics_breaks_the_diagnosis(events: list[Happening], facts: Given, config: Given) -> None:
    diagnosis = Diagnosis(config, facts)
    diagnosis.begin()
    for number, (is_step, epoch, metrics) in enumerate(events):
        changes = diagnosis.step(number, epoch, metrics) if is_step else diagnosis.epoch(epoch, metrics)
        for change in changes:
            assert change.finding.since_epoch <= change.finding.stretch[1]
            assert msgspec.json.encode(change.finding)
    assert diagnosis.verdict()
    diagnosis.end("finished", "")


@settings(max_examples=60, deadline=None)
@given(losses=st.lists(LOSSES, min_size=12, max_size=60), facts=FACTS, config=CONFIGS)
def test_no_curve_of_losses_breaks_the_diagnosis(losses: list[float], facts: Given, config: Given) -> None:
    diagnosis = Diagnosis(config, facts)
    for epoch, loss in enumerate(losses, 1):
        diagnosis.epoch(
            epoch, {"train_loss": loss, "val_loss": loss + 0.1, "lr": 0.01, "train_acc": 0.1, "val_acc": 0.1}
        )
    assert diagnosis.verdict()


@settings(max_examples=60, deadline=None)
@given(losses=st.lists(LOSSES, min_size=60, max_size=200), facts=FACTS)
def test_no_losses_of_steps_break_the_diagnosis(losses: list[float], facts: Given) -> None:
    diagnosis = Diagnosis(None, facts)
    for step, loss in enumerate(losses):
        diagnosis.step(step, 1, {"train_loss": loss})
    assert diagnosis.verdict()


def test_no_rule_needs_the_guard_that_keeps_it_from_ending_a_training(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "_checked", lambda rule, history, is_open: rule.check(history, is_open))
    for values in ([0.0] * 40, [1e300] * 40, [2.3, *[0.0] * 10, *[1e200] * 10], [1e-320] * 40, [-3.0] * 40):
        for config in (None, {"optimizer": "Adam", "learning_rate": 1e-3, "lr_strategy": "Constant", "epochs": 20}):
            diagnosis = Diagnosis(config, {"classes": 10, "n_val": 20, "n_train": 100})
            for epoch, value in enumerate(values, 1):
                diagnosis.epoch(epoch, dict.fromkeys(NAMES, value))
            diagnosis.end("finished", "early stopping")


@pytest.mark.parametrize("run", RUNS)
def test_the_story_of_a_prefix_is_a_prefix_of_the_story(run: str) -> None:
    log = _log(run)
    whole = replay(log.events, log.config).told
    for length in range(1, len(log.events), 25):
        told = replay(log.events[:length], log.config).told
        assert told == whole[: len(told)]


@pytest.mark.parametrize("name", NAMES)
def test_a_column_may_be_missing(name: str) -> None:
    for run in RUNS:
        log = _log(run)
        events = _altered(log.events, lambda found, value: None if found == name else value)
        diagnosed = replay(events, log.config)
        assert diagnosed.verdict
        if run in HEALTHY:
            assert not [finding for finding in diagnosed.shown if finding.severity != "info"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("bad", ["nan", "inf", "-inf"])
def test_a_column_may_stop_being_finite(name: str, bad: str) -> None:
    for run in RUNS:
        log = _log(run)
        assert replay(_altered(log.events, lambda found, value: bad if found == name else value), log.config).verdict


@pytest.mark.parametrize("run", RUNS)
def test_facts_config_and_steps_may_be_missing(run: str) -> None:
    log = _log(run)
    bare = [event for event in log.events if isinstance(event, Epoch)]
    diagnosed = replay([Attempt(attempt=1), *bare])
    assert diagnosed.verdict
    if run in HEALTHY:
        assert not [finding for finding in diagnosed.shown if finding.severity != "info"]


def test_accuracies_in_percent_tell_the_same_story() -> None:
    for run in RUNS:
        log = _log(run)

        def in_percent(name: str, value: Number) -> Number:
            return 100 * value if name.endswith("_acc") and isinstance(value, float) else value

        story = [
            (told.epoch, told.change.change, told.change.finding.label) for told in replay(log.events, log.config).told
        ]
        again = replay(_altered(log.events, in_percent), log.config).told
        assert [(told.epoch, told.change.change, told.change.finding.label) for told in again] == story


def test_epochs_that_are_done_again_after_a_resume_replace_what_they_did() -> None:
    log = _log("run_016.jsonl")
    epochs = [event for event in log.events if isinstance(event, Epoch)]
    start = log.events[0]
    first = [msgspec.structs.replace(event, attempt=1, seq=place) for place, event in enumerate(epochs[:10])]
    again_begun = Attempt(attempt=2, from_epoch=epochs[4].epoch, from_seq=5)
    second = [msgspec.structs.replace(event, attempt=2, seq=20 + place) for place, event in enumerate(epochs[5:])]
    resumed = [start, *first, again_begun, *second]
    straight = replay([start, *epochs], log.config)
    again = replay(resumed, log.config)
    assert again.verdict == straight.verdict
    assert [f.label for f in again.open] == [f.label for f in straight.open]


def test_every_finding_can_be_written_as_an_event() -> None:
    for told in recorded(109).told:
        event = FindingChanged(change=told.change.change, finding=told.change.finding, rules=1, epoch=told.epoch)
        assert decode(encode(event)) == event
