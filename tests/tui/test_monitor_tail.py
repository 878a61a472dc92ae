"""Following a run from a thread: whole, bounded, and quiet while nothing happens."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.bench.long_log import long_run
from tests.tui.fakes import FakeRun, StillMachine
from training.runs.console import console_tail
from training.runs.events import AnyEvent, Log, Step
from training.runs.layout import RunFolder
from training.runs.steps import in_columns, one_by_one
from tui.monitor import tail
from tui.monitor.model import News
from tui.monitor.tail import Inbox, follow


@dataclass
class Pauses(threading.Event):
    """A stop signal whose waits return at once, run what a test does meanwhile, and stop when that is used up."""

    acts: list[object] = field(default_factory=list)
    waits: int = 0

    def __post_init__(self) -> None:
        super().__init__()

    def wait(self, timeout: float | None = None) -> bool:
        self.waits += 1
        if not self.acts:
            self.set()
        else:
            act = self.acts.pop(0)
            if callable(act):
                act()
        return self.is_set()


def news_of(folder: RunFolder, *acts: object) -> list[News]:
    return list(follow(folder, Pauses(acts=list(acts)), StillMachine()))


def events_of(found: list[News]) -> list[AnyEvent]:
    return list(one_by_one(event for news in found for event in news.events))


def steps(found: list[News]) -> list[int]:
    return [event.step for event in events_of(found) if isinstance(event, Step)]


def test_everything_that_is_in_the_log_and_comes_later_arrives_once(tmp_path: Path) -> None:
    run = FakeRun(tmp_path, live=True)
    run.begin()
    run.learn(1)
    found = news_of(run.folder, lambda: run.learn(1), lambda: run.learn(1))
    assert steps(found) == list(range(135))


def test_an_idle_run_brings_no_news(tmp_path: Path) -> None:
    run = FakeRun(tmp_path)
    run.begin()
    run.learn(1)
    run.finish()
    found = news_of(run.folder, *[None] * 20)
    assert len(found) == 1


def test_a_torn_last_line_is_waited_for(tmp_path: Path) -> None:
    run = FakeRun(tmp_path, live=True)
    run.begin()
    run.train_step(train_loss=1.0)
    whole = run.folder.events.read_bytes()
    run.folder.events.write_bytes(whole[:-20])
    found = news_of(run.folder, lambda: run.folder.events.write_bytes(whole))
    assert steps(found) == [0]


def test_a_run_whose_log_does_not_exist_yet_is_followed_from_its_first_event(tmp_path: Path) -> None:
    run = FakeRun(tmp_path, live=True, state="starting")
    found = news_of(run.folder, None, run.begin)
    assert found[0].view is not None
    assert found[0].events == []
    assert len(events_of(found)) == 2


def test_a_change_of_state_is_seen_with_the_event_that_tells_it(tmp_path: Path) -> None:
    run = FakeRun(tmp_path, live=True)
    run.begin()
    found = news_of(run.folder, run.finish)
    assert found[-1].view is not None
    assert found[-1].view.state == "finished"


def test_the_machine_is_watched_only_while_the_run_lives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tail, "FIRST_SECONDS", 0.0)
    live, over = FakeRun(tmp_path, "live", live=True), FakeRun(tmp_path, "over")
    over.finish()
    assert any(news.hardware for news in news_of(live.folder, None, None))
    assert not any(news.hardware for news in news_of(over.folder, None, None))


def test_of_a_long_log_a_part_comes_first_and_how_much_is_read_is_told(tmp_path: Path) -> None:
    folder = long_run(tmp_path, 30_000, 400)
    found = news_of(folder)
    assert steps(found) == list(range(30_000))
    first = found[0]
    assert first.view is not None
    assert len(steps([first])) < 8000
    assert first.read == pytest.approx(len(steps([first])) / 30_000, rel=0.05)
    assert found[-1].read == 1.0


def test_what_waits_for_the_screen_is_counted_by_its_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tail, "HELD_EVENTS", 100)
    inbox, stop = Inbox(), threading.Event()
    events = [Step(seq=place, step=place, epoch=1) for place in range(150)]
    inbox.put(News(events=list(in_columns(events))), stop)
    reader = threading.Thread(target=inbox.put, args=(News(events=[Log(message="b")]), stop))
    reader.start()
    assert len(inbox.take().events) == 1
    reader.join(10)
    assert len(inbox.take().events) == 1


def test_the_inbox_hands_over_what_came_in_one_piece() -> None:
    inbox, stop = Inbox(), threading.Event()
    inbox.put(News(events=[Log(message="a")], console=("x",)), stop)
    inbox.put(News(events=[Log(message="b")], console=("y",)), stop)
    news = inbox.take()
    assert [event.message for event in news.events if isinstance(event, Log)] == ["a", "b"]
    assert news.console == ("y",)
    assert not inbox.take()


def test_the_reader_waits_while_the_screen_has_too_much_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tail, "HELD_EVENTS", 2)
    inbox, stop = Inbox(), threading.Event()
    inbox.put(News(events=[Log(message="a"), Log(message="b")]), stop)
    reader = threading.Thread(target=inbox.put, args=(News(events=[Log(message="c")]), stop))
    reader.start()
    assert len(inbox.take().events) == 2
    reader.join(10)
    assert len(inbox.take().events) == 1


def test_a_waiting_reader_stops_when_the_screen_closes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tail, "HELD_EVENTS", 1)
    inbox, stop = Inbox(), threading.Event()
    inbox.put(News(events=[Log(message="a")]), stop)
    reader = threading.Thread(target=inbox.put, args=(News(events=[Log(message="b")]), stop))
    reader.start()
    stop.set()
    inbox.wake()
    reader.join(10)
    assert not reader.is_alive()


@pytest.fixture
def console(tmp_path: Path) -> Path:
    return tmp_path / "console.log"


def test_the_console_is_shown_without_what_a_terminal_would_obey(console: Path) -> None:
    console.write_bytes(b"\x1b[31mred\x1b[0m\n10 %\r50 %\r90 %\r\nname\tvalue\n\xff\n")
    assert console_tail(console, tail.CONSOLE_LINES) == ("red", "90 %", "name    value", "\N{REPLACEMENT CHARACTER}")


def test_of_a_long_console_only_whole_lines_of_the_end_are_read(console: Path) -> None:
    console.write_text("".join(f"line {n} {'x' * 100}\n" for n in range(10_000)))
    lines = console_tail(console, tail.CONSOLE_LINES)
    assert lines[-1].startswith("line 9999 ")
    assert all(line.startswith("line ") for line in lines)
    assert len(lines) <= tail.CONSOLE_LINES


def test_a_console_that_does_not_exist_is_empty(console: Path) -> None:
    assert console_tail(console, tail.CONSOLE_LINES) == ()
