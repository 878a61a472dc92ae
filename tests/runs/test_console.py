"""console.log, however long: its end, a page of it, and what a search finds."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.runs import console
from training.runs.console import Page, Search, console_tail, read_page, search


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "console.log"


def lines_of(page: Page) -> list[str]:
    return [line.text for line in page.lines]


def found_in(path: Path, words: str, since: int = 0) -> Search:
    """What a search comes to."""
    return list(search(path, words, lambda: False, since))[-1]


def line_at(path: Path, at: int) -> str:
    """The line of the file that begins at that byte."""
    return path.read_bytes()[at:].partition(b"\n")[0].decode()


def test_a_page_holds_whole_lines_around_its_place(log: Path) -> None:
    log.write_text("".join(f"line {n} {'x' * 100}\n" for n in range(10_000)))
    at = log.stat().st_size // 2
    page = read_page(log, at)
    assert page.start < at < page.end
    assert lines_of(page)[0].startswith("line ")
    assert all(line_at(log, line.at).startswith(line.text.split("x")[0]) for line in page.lines)
    assert page.end - page.start < 3 * console.PAGE_BYTES
    assert not page.whole


def test_pages_that_meet_hold_every_line_once(log: Path) -> None:
    log.write_text("".join(f"line {n} {'y' * (n % 300)}\n" for n in range(3000)))
    last = read_page(log, log.stat().st_size)
    before = read_page(log, last.start)
    texts = {line.at: line.text for page in (before, last) for line in page.lines}
    numbers = [int(text.split()[1]) for _, text in sorted(texts.items())]
    assert numbers == list(range(numbers[0], 3000))


def test_a_short_console_is_one_page(log: Path) -> None:
    log.write_bytes(b"\x1b[31mred\x1b[0m\n10 %\r50 %\r90 %\r\nnot done yet")
    page = read_page(log, 0)
    assert page.whole
    assert lines_of(page) == ["red", "90 %", "not done yet"]


def test_a_progress_bar_of_megabytes_is_its_last_state(log: Path) -> None:
    bar = b"".join(b"\r%6d/100000 images" % n for n in range(100_000))
    log.write_bytes(b"before\n" + bar + b"\nafter\n")
    page = read_page(log, log.stat().st_size)
    assert lines_of(page) == [" 99999/100000 images", "after"]
    assert page.start == len(b"before\n")
    assert lines_of(read_page(log, 0))[:2] == ["before", " 99999/100000 images"]
    assert console_tail(log, 200) == ("after",)
    assert line_at(log, found_in(log, "99999/").found[0]).startswith("\r     0/")


def test_a_console_that_is_nothing_but_a_progress_bar_shows_it(log: Path) -> None:
    log.write_bytes(b"".join(b"\r%6d/100000 images" % n for n in range(9_000)))
    assert console_tail(log, 200) == ("  8999/100000 images",)


def test_a_search_finds_lines_in_either_case_from_the_end_on(log: Path) -> None:
    log.write_text("Error one\nfine\nan ERROR two\nfine\n")
    result = found_in(log, "error")
    assert [line_at(log, at) for at in result.found] == ["an ERROR two", "Error one"]
    assert (result.over, result.capped, result.size) == (True, False, log.stat().st_size)


def test_a_search_looks_at_the_text_and_not_at_colours_or_what_a_bar_has_overwritten(log: Path) -> None:
    log.write_bytes(b"\x1b[31mred er\x1b[0mror\nerror 10 %\rdone\nplain\n")
    assert [line_at(log, at) for at in found_in(log, "error").found] == ["\x1b[31mred er\x1b[0mror"]
    assert found_in(log, "31m").found == ()


def test_a_search_reads_a_long_console_in_chunks_and_finds_each_line_once(
    log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console, "CHUNK_BYTES", 1000)
    log.write_text("".join(f"{'needle' if n % 7 == 0 else 'hay'} {n} {'z' * (n % 90)}\n" for n in range(3000)))
    steps = list(search(log, "NEEDLE", lambda: False))
    assert len(steps) > 10
    assert [int(line_at(log, at).split()[1]) for at in steps[-1].found] == list(range(2996, -1, -7))


def test_a_search_ends_where_there_are_too_many(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console, "MOST_MATCHES", 10)
    log.write_text("".join(f"step {n}\n" for n in range(100)))
    result = found_in(log, "step")
    assert result.capped
    assert line_at(log, result.found[-1]) == "step 90"


def test_a_search_that_is_not_wanted_any_more_stops_at_the_next_chunk(log: Path) -> None:
    log.write_text("needle\n" * 10)
    assert list(search(log, "needle", lambda: True)) == []


def test_what_was_printed_since_is_searched_without_the_rest(log: Path) -> None:
    log.write_text("needle 1\nneed")
    before = log.stat().st_size
    with log.open("a") as more:
        more.write("le 2\nneedle 3\n")
    assert [line_at(log, at) for at in found_in(log, "needle", before).found] == ["needle 3", "needle 2"]


def test_a_console_that_does_not_exist_has_no_lines_and_no_matches(log: Path) -> None:
    assert read_page(log, 0) == Page()
    assert found_in(log, "x") == Search(over=True)


@given(st.lists(st.text(alphabet="abé \r\x1b[m", max_size=40), max_size=30), st.sampled_from(["a", "B", "é", "a b"]))
def test_a_search_finds_what_reading_every_line_would(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str], words: str
) -> None:
    path = tmp_path_factory.mktemp("logs") / "console.log"
    path.write_bytes("\n".join(lines).encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(console, "CHUNK_BYTES", 64)
        found = sorted(found_in(path, words).found)
    page = read_page(path, 0)
    assert found == [line.at for line in page.lines if words.lower() in line.text.lower()]
