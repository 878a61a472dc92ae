"""Reading the console: following its end, paging back, and searching all of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual import events

from tests.tui.fakes import FakeRun
from tests.tui.panel_runs import animals, long_console
from tests.tui.panels import text
from training.runs import console
from training.runs.console import Page, console_tail, read_page, search
from tui.editor.line_edit import LineEdit
from tui.monitor.model import Monitored
from tui.monitor.panels.console import ConsoleReading, Wanted, line_rows
from tui.monitor.panels.typing import edited

WIDTH, HEIGHT = 60, 9
ROWS = HEIGHT - 1


class Reader:
    """The console of a run, read as the screen reads it, without its threads."""

    def __init__(self, run: FakeRun) -> None:
        self.path = run.folder.console
        self.run = Monitored(run.folder, console=console_tail(self.path, 200))
        self.reading = ConsoleReading()

    @property
    def lines(self) -> list[str]:
        return text(self.reading.rows(self.run, WIDTH, HEIGHT)).splitlines()

    @property
    def title(self) -> str:
        return self.lines[0]

    @property
    def numbers(self) -> list[int]:
        """Of the lines in sight."""
        found = [line.removeprefix("▸ ").removeprefix("· ").split(":")[0].split() for line in self.lines[1:]]
        return [int(words[-1]) for words in found if words and words[-1].isdigit()]

    def go(self, wanted: Wanted | None) -> None:
        """Read what has to be read."""
        if wanted is not None and self.reading.go(wanted):
            self.reading.show(read_page(self.path, wanted.at if wanted.at >= 0 else 1 << 62), wanted)

    def scroll(self, by: int) -> None:
        self.reading.rows(self.run, WIDTH, HEIGHT)
        self.go(self.reading.scroll(by))

    def search(self, words: str) -> None:
        self.reading.begin()
        self.reading.type(LineEdit.at_end(words))
        for found in search(self.path, words, lambda: False):
            self.go(self.reading.found(found))


def numbered(run: FakeRun, lines: int) -> None:
    run.folder.console.write_text("".join(f"line {line}: so it goes\n" for line in range(lines)))


@pytest.fixture
def short(tmp_path: Path) -> Reader:
    run = animals(tmp_path)
    numbered(run, 30)
    return Reader(run)


@pytest.fixture
def long(tmp_path: Path) -> Reader:
    run = animals(tmp_path)
    numbered(run, 20_000)
    return Reader(run)


def test_the_newest_lines_are_followed(short: Reader) -> None:
    assert short.numbers == list(range(22, 30))
    assert "console.log" in short.title


def test_paging_back_keeps_a_line_in_sight_and_says_where_it_is(short: Reader) -> None:
    short.scroll(-1)
    assert short.numbers == list(range(15, 23))
    assert short.title.endswith("16–23 of 30")
    for _ in range(9):
        short.scroll(-1)
    assert short.numbers == list(range(8))


def test_paging_on_to_the_end_follows_the_newest_lines_again(short: Reader) -> None:
    short.scroll(-1)
    short.scroll(-1)
    for _ in range(3):
        short.scroll(1)
    assert short.reading.page is None
    assert short.numbers == list(range(22, 30))


def test_a_page_that_is_read_stands_still_while_more_is_printed(short: Reader) -> None:
    short.scroll(-1)
    short.run.console = (*short.run.console, "line 30: so it goes")
    assert short.numbers == list(range(15, 23))


def test_every_line_of_a_long_console_comes_by_on_the_way_up_and_down(long: Reader) -> None:
    seen = set(long.numbers)
    for _ in range(600):
        long.scroll(-1)
        seen.update(long.numbers)
    assert seen == set(range(min(seen), 20_000))
    assert min(seen) < 17_000  # over the edges of several pages
    assert "% of" in long.title
    on_the_way_down: set[int] = set()
    while long.reading.page is not None:
        on_the_way_down.update(long.numbers)
        long.scroll(1)
    assert on_the_way_down | set(long.numbers) == seen


def test_a_search_shows_the_newest_line_that_matches_and_counts(long: Reader) -> None:
    long.search("LINE 19")
    assert long.reading.current is not None
    assert "1000/1000+" in long.title
    assert [line for line in long.lines if line.startswith("▸")] == ["▸ line 19999: so it goes"]
    assert [line[:2] for line in long.lines[1:]] == ["· "] * 7 + ["▸ "]


def test_matches_are_gone_through_in_the_order_of_the_file_and_round_its_ends(tmp_path: Path) -> None:
    run = animals(tmp_path)
    long_console(run)
    reader = Reader(run)
    reader.search("warning")
    assert "200/200" in reader.title
    reader.go(reader.reading.step(1))
    assert "1/200" in reader.title
    assert reader.lines[1].startswith("▸ warning 0")
    reader.go(reader.reading.step(-1))
    reader.go(reader.reading.step(-1))
    assert "199/200" in reader.title
    assert any(line.startswith("▸ warning 19800") for line in reader.lines)


def test_what_is_printed_later_is_found_too(short: Reader) -> None:
    short.search("goes")
    before = short.reading.searched
    with short.path.open("a") as more:
        more.write("line 30: so it goes\nline 31: no more\n")
    for found in search(short.path, "goes", lambda: False, before):
        assert short.reading.found(found) is None  # what is shown stays
    assert "30/31" in short.title


def test_a_search_without_a_match_says_so(short: Reader) -> None:
    short.search("nothing like it")
    assert "! no match" in short.title
    assert short.numbers == list(range(22, 30))
    assert short.reading.step(1) is None


def test_leaving_the_search_goes_back_to_the_newest_lines(long: Reader) -> None:
    long.search("line 17")
    assert long.reading.leave()
    assert long.reading.page is None
    assert long.numbers == list(range(19_992, 20_000))
    assert not long.reading.leave()


def test_a_page_that_nobody_waits_for_any_more_is_not_shown(long: Reader) -> None:
    assert long.reading.go(Wanted(5, "middle"))
    long.reading.show(read_page(long.path, 900_000), Wanted(900_000, "middle"))
    assert long.reading.page is None


def test_a_match_on_the_page_that_is_there_is_shown_without_reading(long: Reader) -> None:
    long.search("line 1999")
    assert not long.reading.go(Wanted(long.reading.matches[-2], "middle"))
    assert long.reading.go(Wanted(0, "middle"))


def test_the_place_that_is_shown_stays_until_the_page_of_the_next_one_is_read(long: Reader) -> None:
    long.scroll(-1)
    before, first = long.numbers, Wanted(0, "middle")
    assert long.reading.go(first)
    assert long.numbers == before
    long.reading.show(read_page(long.path, first.at), first)
    assert long.numbers == list(range(8))


def test_the_words_stand_out_in_every_line_that_has_them() -> None:
    (row,) = line_rows("an Error, no error", 40, "error")
    assert row == [("· ", "accent"), ("an ", "text"), ("Error", "key"), (", no ", "text"), ("error", "key")]
    (row,) = line_rows("[error]", 40, "error", current=True)
    assert ("error", "marked") in row


def test_what_is_searched_is_no_pattern() -> None:
    (row,) = line_rows("a.c abc", 40, "a.c")
    assert [part for part in row if part[1] == "key"] == [("a.c", "key")]


def test_an_empty_page_is_a_console_in_which_nothing_was_printed(tmp_path: Path) -> None:
    run = animals(tmp_path)
    reading = ConsoleReading(page=Page(), wanted=Wanted(0, "top"))
    assert text(reading.rows(Monitored(run.folder), WIDTH, HEIGHT)[-1:]) == "nothing printed"


def test_a_long_progress_bar_takes_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console, "PAGE_BYTES", 100)
    run = animals(tmp_path)
    run.folder.console.write_bytes(b"begin\n" + b"".join(b"\r%3d %%" % n for n in range(101)) + b"\nend\n")
    reader = Reader(run)
    reader.scroll(-1)
    assert reader.lines[1:] == ["100 %", "end"]
    reader.scroll(-1)
    assert reader.lines[1:] == ["begin", "100 %"]


@pytest.mark.parametrize(
    ("key", "text", "cursor"),
    [
        ("backspace", "two word", 8),
        ("ctrl+w", "two ", 4),
        ("ctrl+u", "", 0),
        ("left", "two words", 8),
        ("home", "two words", 0),
        ("x", "two wordsx", 10),
    ],
)
def test_a_search_is_edited_like_any_line(key: str, text: str, cursor: int) -> None:
    character = key if len(key) == 1 else None
    assert edited(LineEdit.at_end("two words"), events.Key(key, character)) == LineEdit(text, cursor)


def test_keys_that_are_no_text_mean_what_they_always_do() -> None:
    assert edited(LineEdit.at_end("two"), events.Key("tab", "\t")) is None
    assert edited(LineEdit.at_end("two"), events.Key("pageup", None)) is None
