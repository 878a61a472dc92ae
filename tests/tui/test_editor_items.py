"""Blocks and dense layers as a list: add, remove, reorder, duplicate, and their fields one by one."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tests.tui.driving import editor
from training.config.model import Block
from training.config.schema import TrainingConfig
from tui.editor.draft import Draft

FIRST, SECOND = "model.blocks.0", "model.blocks.1"


def filters(draft: Draft) -> list[int]:
    return [block.filters for block in draft.config.model.blocks]


async def test_an_item_is_duplicated_moved_and_removed_by_one_key_each(runs_dir: Path) -> None:
    async with editor(runs_dir) as app:
        await app.focus(SECOND)
        await app.press("y")
        assert (filters(app.draft), app.focused) == ([32, 64, 64], "model.blocks.2")
        await app.press("K", "K", "K")
        assert (filters(app.draft), app.focused) == ([64, 32, 64], FIRST)
        await app.press("J")
        assert (filters(app.draft), app.focused) == ([32, 64, 64], SECOND)
        await app.press("x")
        assert filters(app.draft) == [32, 64]
        assert "Block 2 removed." in app.about
        await app.press("u", "u", "u", "u", "u", "u")
        assert app.draft.config == TrainingConfig()


async def test_an_item_is_added_after_the_one_with_the_cursor_and_typed_at_once(runs_dir: Path) -> None:
    async with editor(runs_dir) as app:
        await app.focus(FIRST)
        await app.press("a", *"filters", "colon", "space", "4", "8", "enter")
        assert filters(app.draft) == [32, 48, 64]
        assert app.focused == SECOND


async def test_the_last_block_stays(runs_dir: Path) -> None:
    async with editor(runs_dir) as app:
        await app.focus(FIRST)
        await app.press("x", "x")
        assert filters(app.draft) == [64]
        assert "Block 1 stays: there has to be one." in app.about


async def test_dense_layers_may_all_go_and_come_back(runs_dir: Path) -> None:
    async with editor(runs_dir) as app:
        await app.focus("model.dense_layers.0")
        await app.press("x")
        assert app.draft.config.model.dense_layers == ()
        await app.focus("model.dense_layers.+")
        await app.press("enter", "escape")
        assert len(app.draft.config.model.dense_layers) == 1


async def test_keys_for_items_say_so_elsewhere(runs_dir: Path) -> None:
    async with editor(runs_dir) as app:
        for key in ("a", "x", "y", "J"):
            await app.press(key)
            assert "This is for the items of a list" in app.about
        assert app.draft.config == TrainingConfig()


async def test_an_item_unfolds_into_its_fields(runs_dir: Path) -> None:
    async with editor(runs_dir) as app:
        await app.focus(FIRST)
        assert not app.shows(f"{FIRST}.filters")
        await app.press("l", "j")
        assert app.focused == f"{FIRST}.filters"
        await app.press("l")
        assert filters(app.draft) == [64, 64]
        await app.focus(f"{FIRST}.activation")
        await app.press("right")
        assert app.draft.config.model.blocks[0].activation == "leaky_relu"
        assert "activation: leaky_relu" in app.row(FIRST).text
        await app.focus(FIRST)
        await app.press("h")
        assert not app.shows(f"{FIRST}.filters")


async def test_a_hint_of_an_item_stands_at_its_field_once_it_is_unfolded(runs_dir: Path) -> None:
    async with editor(runs_dir) as app:
        await app.set(f"{FIRST}.dropout", 0.6)
        assert app.row(FIRST).state == "warned"
        await app.focus(FIRST)
        await app.press("right")
        row = app.row(f"{FIRST}.dropout")
        assert row.note is not None
        assert row.note.rule == "dropout_high"
        await app.focus(f"{FIRST}.dropout")
        await app.press("r")
        assert app.draft.config.model.blocks[0].dropout == 0.3


async def test_what_is_unfolded_stays_so_where_it_moves(runs_dir: Path) -> None:
    async with editor(runs_dir) as app:
        await app.focus(FIRST)
        await app.press("l", "J")
        assert app.shows(f"{SECOND}.filters")
        assert not app.shows(f"{FIRST}.filters")


def test_texts_that_are_no_items_follow_their_items() -> None:
    draft = Draft(TrainingConfig())
    draft.type(SECOND, "filters: many")
    draft.move_item(SECOND, -1)
    assert list(draft.errors) == [FIRST]
    draft.add_item(FIRST)
    assert list(draft.errors) == [FIRST]
    draft.remove_item(FIRST)
    assert draft.errors == {}


def test_a_field_of_an_item_replaces_the_text_that_was_typed_for_it() -> None:
    draft = Draft(TrainingConfig())
    draft.type(FIRST, "filters: many")
    draft.type(f"{FIRST}.filters", "128")
    assert draft.errors == {}
    assert draft.shown(FIRST) == "filters: 128, dropout: 0.25"
    draft.type(f"{FIRST}.filters", "x")
    draft.type(FIRST, "filters: 8")
    assert draft.errors == {}


@given(st.lists(st.tuples(st.sampled_from(["add", "remove", "up", "down"]), st.integers(0, 9)), max_size=20))
def test_any_order_of_list_keys_keeps_a_valid_list_and_can_be_undone(steps: list[tuple[str, int]]) -> None:
    draft = Draft(TrainingConfig())
    for what, place in steps:
        key = f"model.blocks.{place % len(draft.config.model.blocks)}"
        if what == "add":
            draft.add_item(key)
        elif what == "remove":
            draft.remove_item(key)
        else:
            draft.move_item(key, 1 if what == "down" else -1)
        assert draft.config.model.blocks
        assert all(isinstance(block, Block) for block in draft.config.model.blocks)
    while draft.undo() is not None:
        pass
    assert draft.config == TrainingConfig()
