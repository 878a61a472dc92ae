"""What the diagnosis knows before the first step: told once, by the attempt whose log begins at the beginning."""

from __future__ import annotations

import pytest

from tests.engine.conftest import MakeRun, Run
from tests.engine.test_resume import LONGER, resumed, stopped
from tests.reliability.comparing import differences
from training.diagnosis.engine import Change, Diagnosis
from training.diagnosis.findings import Finding
from training.runs.events import Attempt, Checkpoint, FindingChanged
from training.runs.log import standing

KNOWN = Finding(
    issue="loss_not_decreasing",
    label="unnormalised_inputs",
    title="Known at the start",
    severity="warning",
    since_epoch=0,
    shown_epoch=0,
    evidence="Inputs lie in 0 to 255.",
    stretch=(0, 0),
    causes=(),
    fixes=(),
)


@pytest.fixture(autouse=True)
def _knows(monkeypatch: pytest.MonkeyPatch) -> None:
    """The diagnosis opens a finding at the start, and goes on telling of it by the facts alone."""
    open_too = vars(Diagnosis)["open"].fget
    begun: set[int] = set()

    def begin(self: Diagnosis) -> list[Change]:
        begun.add(id(self))
        return [Change("opened", KNOWN)]

    def is_open(self: Diagnosis) -> list[Finding]:
        return [*([KNOWN] if id(self) in begun else []), *open_too(self)]

    monkeypatch.setattr(Diagnosis, "begin", begin)
    monkeypatch.setattr(Diagnosis, "open", property(is_open))


def told(run: Run) -> list[tuple[int, int]]:
    """Attempt and epoch in which it was told, in what stands of the log."""
    events = [event for event in standing(run.events) if isinstance(event, FindingChanged)]
    return [(event.attempt, event.epoch) for event in events if event.finding == KNOWN]


def test_it_is_logged_right_after_the_attempt_and_listed_in_the_summary(make_run: MakeRun) -> None:
    run = make_run()
    assert run.train() == 0
    assert told(run) == [(1, 0)]
    kinds = [type(event) for event in run.events]
    assert kinds.index(FindingChanged) < kinds.index(Checkpoint)
    assert [line.label for line in run.summary.findings] == ["unnormalised_inputs"]


def test_an_attempt_that_goes_on_knows_it_and_does_not_tell_it_again(
    make_run: MakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = make_run(LONGER, "whole")
    whole.train()
    run = resumed(stopped(make_run(LONGER), 7, monkeypatch))
    assert len(run.of(Attempt)) == 2
    assert told(run) == [(1, 0)]
    assert [line.label for line in run.summary.findings] == ["unnormalised_inputs"]
    assert list(differences(run.folder, whole.folder, but=(Checkpoint,))) == []


def test_an_attempt_that_starts_over_tells_it_anew(make_run: MakeRun, monkeypatch: pytest.MonkeyPatch) -> None:
    run = stopped(make_run(LONGER), 7, monkeypatch)
    for path in run.folder.checkpoints.glob("*.pt"):
        path.unlink()
    resumed(run)
    assert told(run) == [(2, 0)]
