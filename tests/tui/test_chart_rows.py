"""Rows of styled text: widths in cells, and which cells changed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tui.widgets.rows import between, cells, changed_spans, fit, fitting, width_of, wrap

# Letters, wide characters, a combining mark, an emoji and spaces.
texts = st.text(alphabet="ab 漢字é\u0301🚀—", max_size=30)
rows = st.lists(st.tuples(texts, st.sampled_from(["text", "muted"])), max_size=5)
widths = st.integers(1, 60)


@given(rows, widths)
def test_a_fitted_row_has_the_width_it_was_fitted_to(row: list[tuple[str, str]], width: int) -> None:
    assert width_of(fit(row, width)) == width


@given(rows, rows, widths)
def test_left_and_right_text_never_take_more_than_the_line(
    left: list[tuple[str, str]], right: list[tuple[str, str]], width: int
) -> None:
    assert width_of(between(left, right, width)) == width


@given(texts, st.integers(8, 40), st.integers(0, 3))
def test_wrapped_text_keeps_its_words_and_its_width(text: str, width: int, indent: int) -> None:
    lines = wrap(text, width, indent=indent)
    assert all(width_of(line) <= width for line in lines)
    assert "".join(part[-1][0] for part in lines).replace(" ", "") == "".join(text.split())


@given(rows, rows)
def test_the_changed_spans_hold_every_cell_that_differs(old: list[tuple[str, str]], new: list[tuple[str, str]]) -> None:
    a, b = cells(fit(old, 40)), cells(fit(new, 40))
    spans = changed_spans(a, b, gap=3)
    covered = {index for start, end in spans for index in range(start, end)}
    assert {index for index in range(40) if a[index] != b[index]} <= covered
    assert all(row[start][0] != "" for start, _ in spans for row in (a, b))


def test_equal_rows_have_no_changed_span() -> None:
    row = cells([("epoch 3", "text")])
    assert changed_spans(row, list(row), gap=3) == []


def test_spans_further_apart_than_the_gap_stay_apart() -> None:
    old, new = cells([("a........b", "text")]), cells([("x........y", "text")])
    assert changed_spans(old, new, gap=3) == [(0, 1), (9, 10)]
    assert changed_spans(old, new, gap=8) == [(0, 10)]


def test_what_lies_between_two_spans_counts_in_bytes_and_only_in_their_own_style() -> None:
    old, new = (cells([(f"{ends[0]}⠤⠤{ends[1]}", "text")]) for ends in ("ab", "xy"))
    assert changed_spans(old, new, gap=5) == [(0, 1), (3, 4)]
    assert changed_spans(old, new, gap=6) == [(0, 4)]
    old, new = (cells([(first, "text"), ("--", "muted"), (last, "text")]) for first, last in ("ab", "xy"))
    assert changed_spans(old, new, gap=5) == [(0, 1), (3, 4)]


def test_parts_that_do_not_fit_are_left_out_whole() -> None:
    parts = [[("epoch 3", "text")], [("step 120", "text")], [("ETA 0:42", "text")]]
    assert "".join(text for text, _ in fitting(parts, 18)) == "epoch 3  step 120"
