"""The app in a real terminal: one that is slow, one that is left."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import pytest
from textual._xterm_parser import XTermParser

from tests.bench.live_log import LiveLog
from tests.bench.pty_screen import PtyScreen
from tui.line.driver import Sieve

ROOT = Path(__file__).parents[2]
ANSWER = "\x1b[?62;22c"


@pytest.mark.parametrize("cut", range(2, len(ANSWER)))
def test_an_answer_in_two_parts_is_no_key(cut: int) -> None:
    sieve, parser = Sieve(), XTermParser()
    first, told = sieve.sift("a" + ANSWER[:cut])
    second, told_later = sieve.sift(ANSWER[cut:] + "b")
    keys = [event for text in (first, second) if text for event in parser.feed(text)]
    assert not told
    # Two characters could as well be an escape and a key.
    assert told_later == (cut > 2)
    assert cut == 2 or [getattr(event, "key", "") for event in keys] == ["a", "b"]


@pytest.mark.parametrize("typed", ["q", "\x1b", "\x1b[A", "\x1b[<35;50;20M", "\x1b[?2026;2$y", "日"])
def test_what_is_no_answer_goes_through(typed: str) -> None:
    assert Sieve().sift(f"x{typed}") == (f"x{typed}", False)
    assert Sieve().sift(f"{ANSWER}{typed}{ANSWER}") == (typed, True)


def command(run: LiveLog) -> list[str]:
    return [sys.executable, str(ROOT / "traindeck.py"), "watch", str(run.run.folder.path)]


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    return {f"XDG_{name}_HOME": str(tmp_path) for name in ("STATE", "CONFIG", "CACHE")}


def test_a_terminal_that_is_behind_gets_no_more_news_and_then_the_newest(tmp_path: Path, home: dict[str, str]) -> None:
    run = LiveLog(tmp_path / "runs")
    run.steps(150)
    with PtyScreen(command(run), 140, 40, home) as screen:
        screen.wait("step 150/")
        screen.quiet(1.5)
        screen.answers = False
        asked, received = screen.asked, screen.received
        for _ in range(3):
            run.steps(10)
            screen.read_for(0.7)
        assert screen.asked - asked <= 1
        assert screen.received - received < 1000
        assert "step 180/" not in screen.text
        screen.answer()
        screen.wait("step 180/")


def test_who_quits_leaves_no_answer_to_the_shell(tmp_path: Path, home: dict[str, str]) -> None:
    run = LiveLog(tmp_path / "runs")
    run.steps(150)
    script = f"{shlex.join(command(run))}; IFS= read -r -s -n 1 -t 1 left && echo SOME || echo NOTHING; exec cat"
    with PtyScreen(["bash", "-c", script], 140, 40, home) as screen:
        screen.wait("step 150/")
        screen.send("?")
        screen.wait("Keys: monitor")
        screen.send("\x03\x03")
        screen.wait("SOME|NOTHING")
        assert "NOTHING" in screen.text
