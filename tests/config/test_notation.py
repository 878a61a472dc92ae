"""A value that is saved in place takes the notation of the one before it, and a comment after it keeps its column."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.config.files import edit, read_text
from training.config.patch import apply, replaced
from training.config.spelling import number_like
from training.config.yaml12 import scalar


@pytest.mark.parametrize(
    ("text", "patch", "expected"),
    [
        ("epochs: 100  # few\n", {"epochs": 5}, "epochs: 5    # few\n"),
        ("epochs: 5    # few\n", {"epochs": 100}, "epochs: 100  # few\n"),
        ("epochs: 5 # few\n", {"epochs": 100}, "epochs: 100 # few\n"),
        ("{epochs: 100, # few\n}\n", {"epochs": 5}, "{epochs: 5, # few\n}\n"),
        ("{epochs: 100 # few\n}\n", {"epochs": 5, "l2_decay": True}, "{epochs: 5, l2_decay: true # few\n}\n"),
    ],
)
def test_a_comment_after_a_value_keeps_its_column_as_far_as_there_is_room(
    text: str, patch: dict[str, Any], expected: str
) -> None:
    config, _ = read_text(text)
    assert config
    assert edit(text, apply(config, patch)) == expected


# Numbers


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("1e-4", 3e-4, "3e-4"),
        ("1e-4", 2.5e-3, "2.5e-3"),
        ("1.0e-4", 3e-4, "3.0e-4"),
        ("1E-04", 3e-4, "3E-04"),
        ("1e-4", 1.0, "1e0"),
        ("0.001", 3e-5, "0.00003"),
        ("0.001", 1e-30, "1e-30"),
        (".001", 3e-4, ".0003"),
        ("+.5", 0.25, "+.25"),
        ("1.", 2.0, "2.0"),
        ("3e-05", 0.001, "0.001"),
        ("1", 2.0, "2"),
        ("1", 2.5, "2.5"),
    ],
)
def test_a_number_keeps_its_notation(old: str, new: float, expected: str) -> None:
    text = f"learning_rate: {old}\n"
    config, _ = read_text(text)
    assert config
    assert edit(text, replaced(config, "learning_rate", new)) == f"learning_rate: {expected}\n"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [("64", 100, "100"), ("1e2", 200, "2e2"), ("1e2", 57, "57"), ("0x10", 32, "32"), ("4.0", 5, "5"), ("+4", 5, "+5")],
)
def test_a_whole_number_keeps_its_notation_where_it_stays_easy_to_read(old: str, new: int, expected: str) -> None:
    text = f"epochs: {old}\n"
    config, _ = read_text(text)
    assert config
    assert edit(text, replaced(config, "epochs", new)) == f"epochs: {expected}\n"


@given(
    st.floats(0, allow_infinity=False) | st.integers(0, 2**63 - 1),
    st.from_regex(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]{1,3})?|0x[0-9a-f]+|~|nan", fullmatch=True),
)
def test_a_number_in_another_ones_notation_reads_back_as_itself(value: float, old: str) -> None:
    assert type(value)(scalar(number_like(value, old))) == value
