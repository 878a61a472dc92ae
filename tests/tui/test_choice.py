"""What can be selected in the diagnosis panel, and what stays selected while findings come and go."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from tests.tui.fakes import FLAT, OVERFIT, faulty_run
from tests.tui.test_monitor_model import monitored
from tui.monitor.choice import Choice, choices, finding_of, fix_of, moved, numbered, standing
from tui.monitor.model import Monitored


@pytest.fixture
def two(tmp_path: Path) -> Monitored:
    """A run with a critical finding of three fixes and a warning of two."""
    run = faulty_run(tmp_path, live=True)
    run.find(OVERFIT)
    return monitored(run)


def test_findings_and_fixes_follow_one_another_and_muted_findings_come_last(two: Monitored) -> None:
    flat, overfit = FLAT.label, OVERFIT.label
    of_flat = [Choice(flat), Choice(flat, 0), Choice(flat, 1), Choice(flat, 2)]
    assert choices(two) == [*of_flat, Choice(overfit), Choice(overfit, 0), Choice(overfit, 1)]
    two.muted = frozenset({flat})
    assert choices(two) == [Choice(overfit), Choice(overfit, 0), Choice(overfit, 1), Choice(flat)]
    two.gone = True
    assert choices(two) == [Choice(overfit), Choice(flat)]


def test_the_first_fix_of_the_worst_finding_is_selected_until_somebody_moves(two: Monitored) -> None:
    assert standing(two, None) == Choice(FLAT.label, 0)
    del two.curves.findings[FLAT.label]
    assert standing(two, None) == Choice(OVERFIT.label, 0)
    two.curves.findings[FLAT.label] = msgspec.structs.replace(FLAT, fixes=())
    assert standing(two, None) == Choice(FLAT.label)


def test_a_selection_stays_with_its_finding_whatever_comes_before_it(two: Monitored) -> None:
    selected = Choice(OVERFIT.label, 1)
    del two.curves.findings[FLAT.label]
    assert standing(two, selected) == selected
    two.curves.findings[OVERFIT.label] = msgspec.structs.replace(OVERFIT, fixes=OVERFIT.fixes[:1])
    assert standing(two, selected) == Choice(OVERFIT.label)
    two.curves.findings.clear()
    assert standing(two, selected) is None


def test_moving_stops_at_both_ends(two: Monitored) -> None:
    assert moved(two, None, -5) == Choice(FLAT.label)
    assert moved(two, None, 100) == Choice(OVERFIT.label, 1)
    assert moved(two, Choice(FLAT.label, 2), 1) == Choice(OVERFIT.label)
    two.curves.findings.clear()
    assert moved(two, None, 1) is None


def test_where_all_is_muted_nothing_is_selected_until_somebody_moves(two: Monitored) -> None:
    two.muted = frozenset({FLAT.label, OVERFIT.label})
    assert standing(two, None) is None
    assert moved(two, None, 1) == Choice(FLAT.label)


def test_numbers_count_fixes_alone(two: Monitored) -> None:
    fixes = [fix_of(two, numbered(two, number)) for number in range(1, 6)]
    assert fixes == [*FLAT.fixes, *OVERFIT.fixes]
    assert numbered(two, 6) is None
    assert finding_of(two, numbered(two, 4)) == OVERFIT
