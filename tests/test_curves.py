"""Curves over several attempts: one history, without gap or duplicate, and what became of the attempts before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.curve_reading import read, seen
from training.curve import Series
from training.diagnosis.findings import Finding
from training.runs.events import (
    Acknowledged,
    AnyEvent,
    Attempt,
    Checkpoint,
    Classes,
    End,
    Epoch,
    FinalTest,
    FindingChanged,
    Log,
    Metrics,
    Override,
    State,
    Step,
)
from training.runs.log import standing

STEPS_PER_EPOCH = 3
WORDS = ("step", "step", "step", "checkpoint", "find", "resolve", "override", "say", "ask")


def finding(label: str) -> Finding:
    return Finding(
        issue="overfitting",
        label=label,
        title=label,
        severity="warning",
        since_epoch=1,
        shown_epoch=1,
        evidence="",
        stretch=(1, 1),
        causes=(),
        fixes=(),
    )


@dataclass
class Worker:
    """Writes the log of a run as its attempts do, with what each checkpoint would say of itself."""

    events: list[AnyEvent] = field(default_factory=list)
    labels: list[tuple[int, int]] = field(default_factory=list)
    """(seq, step) of the checkpoints that an attempt can go on from."""
    attempt: int = 0
    step: int = 0

    def write(self, event: AnyEvent) -> None:
        event.seq, event.attempt, event.t = len(self.events), self.attempt, 100.0 + len(self.events)
        self.events.append(event)

    @property
    def epoch(self) -> int:
        """Whole epochs done."""
        return self.step // STEPS_PER_EPOCH

    def begin(self, label: tuple[int, int] = (0, 0), why: str = "") -> None:
        seq, self.step = label
        self.attempt += 1
        self.labels = [known for known in self.labels if known[0] < seq]
        begun = Attempt(epochs=9, steps_per_epoch=STEPS_PER_EPOCH, why=why)
        begun.from_seq, begun.from_step, begun.from_epoch = seq, self.step, self.epoch
        self.write(begun)
        self.write(State(state="running"))
        if seq:
            self.checkpoint()
        else:
            self.write(Epoch(epoch=0, step=0, metrics={"val_loss": float(self.attempt)}))

    def fail_to_begin(self) -> None:
        """An attempt that does not get as far as its checkpoint; where training was it knows only about."""
        self.attempt += 1
        self.write(Attempt(epochs=9, from_seq=len(self.events), from_step=max(0, self.step - 2)))
        self.write(End(state="failed", reason="the data are gone", epoch=self.epoch, step=self.step))

    def checkpoint(self) -> None:
        self.labels.append((len(self.events), self.step))
        self.write(Checkpoint(kind="last", path="checkpoints/last.pt", epoch=self.epoch, step=self.step))

    def train_step(self) -> None:
        metrics: Metrics = {"train_loss": float(self.attempt)}
        if self.step % 2:
            metrics["grad_norm"] = 1.0
        self.write(Step(step=self.step, epoch=self.epoch + 1, metrics=metrics))
        self.step += 1
        if self.step % STEPS_PER_EPOCH == 0:
            self.write(Epoch(epoch=self.epoch, step=self.step, metrics={"val_loss": float(self.attempt)}))
            self.write(Classes(epoch=self.epoch, step=self.step, f1=[float(self.attempt)]))
            self.write(Checkpoint(kind="best", path="checkpoints/best.pt", epoch=self.epoch, step=self.step))

    def do(self, word: str) -> None:
        match word:
            case "step":
                self.train_step()
            case "checkpoint":
                self.checkpoint()
            case "find" | "resolve":
                found = finding(f"label{self.step % 2}")
                opened: Literal["opened", "resolved"] = "opened" if word == "find" else "resolved"
                self.write(FindingChanged(change=opened, finding=found, rules=1, epoch=self.epoch))
            case "override":
                self.write(Override(setting="learning_rate", value=0.1, step=self.step, epoch=self.epoch))
            case "ask":
                self.write(Acknowledged(id=str(len(self.events)), command="checkpoint", ok=True))
            case "end":
                self.write(FinalTest(epoch=self.epoch, step=self.step))
                self.write(End(state="stopped", reason="", epoch=self.epoch, step=self.step))
            case _:
                self.write(Log(message=f"{self.attempt}.{self.step}", level="warning"))


def logged(attempts: Sequence[tuple[list[str], int]]) -> Worker:
    """A run of these attempts; each goes on from the checkpoint that is that many before the newest whole one."""
    worker = Worker()
    for words, back in attempts:
        if back == 5 and worker.attempt:
            worker.fail_to_begin()
            continue
        known = worker.labels[max(0, len(worker.labels) - 1 - back)] if worker.labels and worker.attempt else (0, 0)
        worker.begin(known if back < 4 else (0, 0), why="killed")
        for word in words:
            worker.do(word)
    return worker


attempts_of_a_run = st.lists(
    st.tuples(
        st.builds(
            lambda words, end: words + end,
            st.lists(st.sampled_from(WORDS), max_size=14),
            st.sampled_from([[], ["end"]]),
        ),
        st.integers(0, 5),
    ),
    min_size=1,
    max_size=5,
)


@settings(max_examples=150)
@given(attempts_of_a_run)
def test_curves_that_grow_with_the_log_are_those_of_what_stands_of_it(attempts: list[tuple[list[str], int]]) -> None:
    worker = logged(attempts)
    whole, fresh = read(worker.events), read(standing(worker.events))
    assert seen(whole) == seen(fresh)
    assert all(whole.classes.get(side) in (None, event) for side, event in fresh.classes.items())
    assert set(whole.classes) <= set(fresh.classes)
    assert fresh.acknowledged.items() <= whole.acknowledged.items()


@settings(max_examples=60)
@given(attempts_of_a_run)
def test_after_any_attempts_every_step_and_epoch_is_there_once(attempts: list[tuple[list[str], int]]) -> None:
    worker = logged(attempts)
    curves = read(worker.events)
    losses = curves.steps.get("train_loss", Series())
    assert list(losses.x) == list(range(worker.step))
    assert list(curves.epochs["val_loss"].x) == list(range(worker.epoch + 1))
    assert list(losses.y) == sorted(losses.y)


def test_what_a_dead_attempt_found_beyond_its_checkpoint_is_open_no_more() -> None:
    worker = Worker()
    worker.begin()
    worker.do("find")
    worker.checkpoint()
    worker.train_step()
    worker.do("find")
    worker.do("override")
    worker.begin(worker.labels[-1])
    curves = read(worker.events)
    assert [one.label for one in curves.open_findings] == ["label0"]
    assert curves.overrides == []


def test_an_interruption_says_where_it_went_on_what_was_done_again_and_how_long_it_took() -> None:
    worker = Worker()
    worker.begin()
    for _ in range(4):
        worker.train_step()
    worker.checkpoint()
    for _ in range(7):
        worker.train_step()
    died = worker.events[-1].t
    worker.begin(worker.labels[-1], why="killed by signal 9 (SIGKILL)")
    (found,) = read(worker.events).interruptions
    assert (found.attempt, found.step, found.epoch, found.repeated) == (2, 4, 1, 7)
    assert (found.ended, found.resumed, found.why) == (died, died + 1, "killed by signal 9 (SIGKILL)")
    assert found.seconds == 1.0


def test_the_new_attempt_stands_in_the_log_in_the_place_of_what_it_supersedes() -> None:
    worker = Worker()
    worker.begin()
    worker.do("say")
    worker.checkpoint()
    worker.do("say")
    worker.begin(worker.labels[-1])
    kinds = [type(event) for event in read(worker.events).log]
    assert kinds == [State, Log, Attempt, State, Checkpoint]


def test_a_seam_is_where_two_attempts_meet_in_what_stands() -> None:
    worker = Worker()
    worker.begin()
    worker.train_step()
    worker.checkpoint()
    first = worker.labels[-1]
    for _ in range(3):
        worker.train_step()
    worker.checkpoint()
    worker.begin(worker.labels[-1])
    worker.begin(first)
    curves = read(worker.events)
    assert [one.step for one in curves.interruptions] == [4, 1]
    assert [(one.attempt, one.step) for one in curves.seams] == [(3, 1)]


def test_an_attempt_that_failed_before_it_knew_its_data_leaves_what_was_known() -> None:
    curves = read(
        [
            Attempt(attempt=1, epochs=5, steps_per_epoch=3, facts={"classes": ["a", "b"]}),
            Step(seq=1, attempt=1, step=0, epoch=1, metrics={"train_loss": 1.0}),
            Attempt(seq=2, attempt=2, epochs=5, from_seq=2, from_step=0),
        ]
    )
    assert curves.interruptions == []
    assert curves.attempt is not None
    assert (curves.attempt.attempt, curves.attempt.steps_per_epoch) == (2, 3)
    assert curves.attempt.facts == {"classes": ["a", "b"]}
    assert curves.step == 1
