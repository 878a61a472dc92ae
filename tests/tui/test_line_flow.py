"""How far the terminal is behind, as its answers tell."""

from __future__ import annotations

import pytest

from tui.line.flow import PATIENCE, ROOM, TRIES, Flow


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def flow(clock: Clock) -> Flow:
    """Of a terminal that has answered once."""
    made = Flow(clock=clock)
    made.sent(1)
    made.answered()
    return made


def test_small_frames_go_out_until_too_much_is_on_its_way(flow: Flow) -> None:
    assert flow.sent(ROOM)
    assert flow.waiting
    assert not flow.full
    flow.sent(1)
    assert flow.full


def test_an_answer_tells_that_what_lay_before_its_question_is_there(flow: Flow) -> None:
    assert flow.sent(ROOM)
    assert not flow.sent(ROOM)  # one question at a time
    assert flow.answered()  # and the next one at once, for what was sent since
    assert flow.waiting
    assert not flow.full
    assert not flow.answered()
    assert not flow.waiting


def test_a_terminal_that_has_never_answered_is_waited_for_never(clock: Clock) -> None:
    flow = Flow(clock=clock)
    asked = 0
    for _ in range(3 * TRIES):
        asked += flow.sent(100 * ROOM)
        assert not flow.full
        assert not flow.waiting
        clock.now += PATIENCE + 1
    assert asked == TRIES


def test_a_terminal_that_answers_no_more_is_waited_for_twice(flow: Flow, clock: Clock) -> None:
    for _ in range(2):
        flow.sent(100 * ROOM)
        assert flow.full
        clock.now += PATIENCE + 1
        assert not flow.full
    flow.sent(100 * ROOM)
    assert not flow.full
    flow.answered()  # it is back
    flow.sent(100 * ROOM)
    assert flow.full


def test_a_late_answer_to_a_question_that_was_given_up_harms_nothing(flow: Flow, clock: Clock) -> None:
    flow.sent(100 * ROOM)
    clock.now += PATIENCE + 1
    assert not flow.full
    assert not flow.answered()
    assert flow.sent(10)
    assert flow.waiting


def test_what_cannot_be_handed_to_the_line_counts_whatever_the_terminal_says() -> None:
    queued = 3
    flow = Flow(lambda: queued)
    assert flow.full
    assert flow.waiting
    queued = 0
    assert not flow.full


def test_news_leave_a_slow_line_to_keys_most_of_the_time(flow: Flow, clock: Clock) -> None:
    assert flow.wait(painted=clock.now, seconds=0.5) == 0.5
    flow.sent(300)
    sent = clock.now
    clock.now += 1.0
    assert flow.wait(painted=sent, seconds=0.5) > 0  # not while it is on its way
    flow.answered()
    assert flow.wait(painted=sent, seconds=0.5) == 2.0
    flow.sent(300)
    sent = clock.now
    clock.now += 4.0
    flow.answered()
    assert flow.wait(painted=sent, seconds=0.5) == 1.0  # PATIENCE at most, even so
    flow.sent(300)
    flow.answered()
    assert flow.wait(painted=clock.now, seconds=0.5) == 0.5  # and it is fast again
