"""A thread that reads a long log stands aside while a key is answered or a screen painted, and not for longer."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from tests.bench.long_log import long_run
from training.runs.column_reader import ColumnReader
from tui.app import TraindeckApp
from tui.monitor import tail
from tui.turns import TURNS, Turns


def test_nobody_waits_while_nobody_else_is_on() -> None:
    began = time.monotonic()
    Turns().wait()
    assert time.monotonic() - began < 0.005


def test_one_waits_until_a_key_is_answered() -> None:
    turns, began = Turns(), time.monotonic()
    turns.take(0.05)
    turns.wait()
    assert time.monotonic() - began >= 0.05


def test_one_waits_until_the_screen_is_painted() -> None:
    turns, waited = Turns(), threading.Event()
    with turns.taken():
        thread = threading.Thread(target=_wait_and_say_so, args=(turns, waited))
        thread.start()
        assert not waited.wait(0.03)
    assert waited.wait(5)
    thread.join()


def _wait_and_say_so(turns: Turns, waited: threading.Event) -> None:
    turns.wait()
    waited.set()


def test_a_key_that_came_before_the_painting_still_counts_after_it() -> None:
    turns, began = Turns(), time.monotonic()
    turns.take(0.05)
    with turns.taken():
        pass
    turns.wait()
    assert time.monotonic() - began >= 0.05


def test_a_log_is_read_in_pieces_with_a_look_around_between_them(tmp_path: Path) -> None:
    looks: list[int] = []
    reader = ColumnReader(long_run(tmp_path, 5000, 400).events, between=lambda: looks.append(1))
    while not reader.at_end:
        reader.read()
    assert len(looks) >= 5000 * 170 // (1 << 16)


async def test_a_key_in_the_app_makes_the_reader_stand_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[str] = []
    monkeypatch.setattr(TURNS, "take", lambda: taken.append("key"))
    async with TraindeckApp(tmp_path, watch=long_run(tmp_path, 500, 100)).run_test() as pilot:
        await pilot.press("tab")
        assert taken


def test_the_monitors_reader_waits_its_turn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[int] = []
    monkeypatch.setattr(TURNS, "wait", lambda: waits.append(1))
    news = tail.follow(long_run(tmp_path, 500, 100), threading.Event())
    assert next(news).events
    assert waits
