"""The sweep, small enough for every day; docs/reliability.md has the large one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.reliability.doomed import Moment
from tests.reliability.kill_sweep import CASES, killed_and_resumed, reference

MOMENTS: list[tuple[Moment, ...]] = [
    (Moment("step", 0),),
    (Moment("update", 13),),
    (Moment("step", 21), Moment("update", 1)),
    (Moment("file", 2), Moment("file", 9)),
    (Moment("write", 3), Moment("file", 5), Moment("step", 24)),
]


@pytest.mark.parametrize("case", list(CASES))
def test_killed_at_any_moment_and_resumed_a_run_ends_as_one_that_never_was(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRAINDECK_DEVICE", "cpu")
    whole = reference(tmp_path / "whole", case)
    results = [
        killed_and_resumed(tmp_path / f"run-{number}", case, whole, moments) for number, moments in enumerate(MOMENTS)
    ]
    assert {result.moments: result.wrong for result in results if result.wrong} == {}
    assert sum(result.killed for result in results) == sum(map(len, MOMENTS))
