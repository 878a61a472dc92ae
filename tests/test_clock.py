"""The time of the run by step: thinned, never falling, and without what lies between two attempts."""

from __future__ import annotations

import math

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.curve_reading import read
from training.clock import SHARE, SPACING
from training.curve import Series
from training.curves import Curves
from training.runs.events import AnyEvent, Attempt, Epoch, Log, State, Step

T0 = 1_760_000_000.0


def points(series: Series) -> list[tuple[float, float]]:
    return [(x, round(y, 6)) for x, y in zip(series.x, series.y, strict=True)]


def attempt(
    t: float, number: int = 1, seq: int = 0, from_step: int = 0, from_epoch: int = 0, from_seq: int = 0
) -> Attempt:
    where = Attempt(seq=seq, attempt=number, t=t, epochs=9, steps_per_epoch=10)
    where.from_step, where.from_epoch, where.from_seq = from_step, from_epoch, from_seq
    return where


def steps(first: int, times: list[float], number: int = 1) -> list[AnyEvent]:
    return [
        Step(seq=step, attempt=number, t=t, step=step, epoch=1, metrics={"train_loss": 1.0})
        for step, t in enumerate(times, first)
    ]


def test_a_step_lies_at_the_seconds_since_the_run_began() -> None:
    curves = read([attempt(T0), *steps(0, [T0 + 2, T0 + 3, T0 + 4])])
    assert points(curves.clock) == [(0, 2), (1, 3), (2, 4)]


def test_steps_that_come_fast_are_thinned() -> None:
    curves = read([attempt(T0), *steps(0, [T0 + 0.01 * step for step in range(1000)])])
    assert points(curves.clock)[:3] == [(0, 0), (25, 0.25), (50, 0.5)]
    assert all(b - a >= SPACING for a, b in zip(curves.clock.y, curves.clock.y[1:], strict=False))


def test_a_long_run_keeps_few_points() -> None:
    curves = read([attempt(T0), *steps(0, [T0 + 60.0 * step for step in range(100_000)])])
    assert len(curves.clock) < 12_000
    assert all(b - a <= max(60, 2 * SHARE * b) for a, b in zip(curves.clock.y, curves.clock.y[1:], strict=False))


def test_the_steps_around_the_end_of_an_epoch_are_points() -> None:
    ended: list[AnyEvent] = [Epoch(seq=9, attempt=1, t=T0 + 1.1, epoch=1, step=2)]
    curves = read([attempt(T0), *steps(0, [T0 + 1, T0 + 1.05]), *ended, *steps(2, [T0 + 1.2, T0 + 1.4])])
    assert points(curves.clock) == [(0, 1), (1, 1.05), (2, 1.2)]
    assert points(curves.epoch_clock) == [(1, 1.1)]


def test_the_time_between_two_attempts_does_not_count_and_what_is_done_again_lies_later() -> None:
    down = 1000.0
    curves = read(
        [
            attempt(T0),
            *steps(0, [T0 + 1, T0 + 2, T0 + 3, T0 + 4]),
            attempt(T0 + 4 + down, 2, seq=90, from_step=2, from_seq=3),
            State(seq=91, attempt=2, t=T0 + 4 + down, state="running"),
            *steps(2, [T0 + down + 5, T0 + down + 6], 2),
        ]
    )
    assert points(curves.clock) == [(0, 1), (1, 2), (2, 5), (3, 6)]


def test_an_epoch_that_is_superseded_loses_its_time() -> None:
    epochs: list[AnyEvent] = [
        Epoch(seq=place, attempt=1, t=T0 + place, epoch=place, step=2 * place) for place in (1, 2, 3)
    ]
    curves = read([attempt(T0), *epochs, attempt(T0 + 99, 2, seq=4, from_step=2, from_epoch=1, from_seq=2)])
    assert points(curves.epoch_clock) == [(1, 1)]
    assert points(curves.clock) == [(1, 1)]


def test_a_host_whose_clock_is_behind_does_not_stop_time() -> None:
    behind = T0 - 5000
    resumed = [attempt(behind, 2, seq=9, from_step=2, from_seq=3), *steps(2, [behind + 1, behind + 2], 2)]
    curves = read([attempt(T0), *steps(0, [T0 + 1, T0 + 2]), *resumed])
    assert points(curves.clock) == [(0, 1), (1, 2), (2, 3), (3, 4)]


def test_a_clock_that_is_set_back_stands_still_until_it_catches_up() -> None:
    curves = read([attempt(T0), *steps(0, [T0 + 9, T0 + 2, T0 + 3, T0 + 10])])
    assert points(curves.clock) == [(0, 9), (3, 10)]


def test_a_log_without_times_has_no_clock() -> None:
    curves = read([attempt(0), *steps(0, [0.0] * 50), Epoch(seq=99, attempt=1, epoch=1, step=50)])
    assert (len(curves.clock), len(curves.epoch_clock)) == (0, 0)
    assert len(curves.steps["train_loss"]) == 50


def test_an_event_that_is_neither_step_nor_epoch_counts_as_the_end_of_an_attempt() -> None:
    said = Log(seq=5, attempt=1, t=T0 + 9, message="saving")
    again = attempt(T0 + 500, 2, seq=9, from_step=1, from_seq=6)
    curves = read([attempt(T0), *steps(0, [T0 + 1]), said, again, *steps(1, [T0 + 501], 2)])
    assert points(curves.clock) == [(0, 1), (1, 10)]


times = st.floats(0, 50).map(lambda seconds: T0 + seconds) | st.just(0.0)
some_event = st.one_of(
    st.builds(Step, attempt=st.integers(1, 2), t=times, step=st.integers(0, 9), epoch=st.just(1)),
    st.lists(times, max_size=9).map(lambda found: steps(10, found, 2)),
    st.builds(attempt, times, st.integers(1, 2), from_step=st.integers(0, 9)),
    st.builds(Epoch, attempt=st.just(2), t=times, step=st.integers(0, 9), epoch=st.integers(1, 3)),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(some_event, max_size=12))
def test_the_clock_never_falls_and_is_the_same_however_the_events_are_cut(
    rows: list[AnyEvent | list[AnyEvent]],
) -> None:
    events: list[AnyEvent] = [event for row in rows for event in (row if isinstance(row, list) else [row])]
    for place, event in enumerate(events):
        event.seq = place
    bulk, single = read(events), Curves()
    for event in events:
        single.extend([event])
    assert points(bulk.clock) == points(single.clock)
    assert points(bulk.epoch_clock) == points(single.epoch_clock)
    for series in (bulk.clock, bulk.epoch_clock):
        assert list(series.x) == sorted(set(series.x))
        assert list(series.y) == sorted(series.y)
        assert all(y >= 0 and math.isfinite(y) for y in series.y)
