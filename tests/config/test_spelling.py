"""What differs from a default is said of hundreds of items as of one."""

from __future__ import annotations

from unittest.mock import patch

import msgspec

from training.config.model import Block
from training.config.spelling import changed_values


def test_an_item_says_what_is_required_and_what_is_changed() -> None:
    assert changed_values(Block(filters=32)) == {"filters": 32}
    assert changed_values(Block(filters=64, dropout=0.5)) == {"filters": 64, "dropout": 0.5}


def test_the_fields_of_a_class_are_looked_up_once() -> None:
    class Item(msgspec.Struct):
        number: int = 1

    with patch.object(msgspec.structs, "fields", wraps=msgspec.structs.fields) as asked:
        assert [changed_values(Item(number)) for number in (1, 2)] == [{}, {"number": 2}]
    assert asked.call_count == 1
