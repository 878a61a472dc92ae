"""Moving and typing in the form, by keyboard and by mouse."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tui.driving import editor, keys_of
from tui.editor.line_edit import LineEdit
from tui.screens.pick import PickScreen


async def test_tab_and_arrows_go_from_field_to_field_and_round(runs_dir: Path) -> None:
    async with editor(runs_dir) as app:
        assert app.focused == "optimizer"
        await app.press("tab", "down")
        assert app.focused == "l2_decay"
        await app.press("shift+tab", "up", "up", "up")
        assert app.focused == app.screen.form.rows[-1].key


async def test_page_keys_go_from_section_to_section(runs_dir: Path) -> None:
    async with editor(runs_dir) as app:
        await app.press("pagedown")
        assert app.focused == "model.kind"
        await app.press("pagedown", "pageup", "pageup")
        assert app.focused == "optimizer"


@pytest.mark.parametrize(("key", "value"), [("right", "AdamW"), ("space", "AdamW"), ("h", "RMSprop")])
async def test_left_right_and_space_step_through_choices(runs_dir: Path, key: str, value: str) -> None:
    async with editor(runs_dir) as app:
        await app.press(key)
        assert app.draft.config.optimizer == value


async def test_space_turns_a_switch_and_its_fields_appear(runs_dir: Path) -> None:
    async with editor(runs_dir) as app:
        await app.focus("early_stopping")
        assert not app.shows("es_patience")
        await app.press("space")
        assert app.draft.config.early_stopping
        assert app.shows("es_patience")


async def test_enter_lists_the_choices_of_a_field(runs_dir: Path) -> None:
    async with editor(runs_dir) as app:
        await app.focus("lr_strategy")
        await app.press("enter")
        assert isinstance(app.pilot.app.screen, PickScreen)
        await app.press("down", "down", "enter")
        assert app.draft.config.lr_strategy == "Cosine Annealing"


async def test_typing_replaces_a_number_that_was_just_reached(runs_dir: Path) -> None:
    async with editor(runs_dir) as app:
        await app.focus("epochs")
        await app.press("2", "5")
        assert app.draft.config.epochs == 25


async def test_letters_are_text_in_a_text_field(runs_dir: Path) -> None:
    async with editor(runs_dir) as app:
        await app.set("data.source", "folder")
        await app.focus("data.path")
        app.screen.form.begin()
        await app.press("ctrl+u", "j", "l", "question_mark", "space", "k")
        assert app.draft.config.data.path == "jl? k"
        assert app.focused == "data.path"


async def test_news_that_come_while_a_key_is_on_its_way_take_nothing_of_what_was_typed(runs_dir: Path) -> None:
    async with editor(runs_dir) as app:
        await app.type_into("learning_rate", "1e")
        form = app.screen.form
        form.action_edit("end")
        form._type(form.edit.insert("-"))
        app.screen.show()  # as when the data have been looked at: the draft does not know of the dash yet
        form._type(form.edit.insert("4"))
        await app.press()
        assert app.draft.config.learning_rate == 1e-4
        assert form.edit.text == "1e-4"


async def test_enter_on_the_adding_row_adds_a_block_and_goes_to_it(runs_dir: Path) -> None:
    async with editor(runs_dir) as app:
        await app.focus("model.blocks.+")
        await app.press("enter")
        assert app.focused == "model.blocks.2"
        await app.press("ctrl+u", *"filters", "colon", "space", "9", "6")
        assert [block.filters for block in app.draft.config.model.blocks] == [32, 64, 96]
        await app.press("ctrl+u", "tab")
        assert [block.filters for block in app.draft.config.model.blocks] == [32, 64]


async def test_what_is_typed_on_an_added_block_replaces_its_text(runs_dir: Path) -> None:
    async with editor(runs_dir) as app:
        assert [app.row(f"model.{list}.+").label for list in ("blocks", "dense_layers")] == [
            "+ add a block",
            "+ add a dense layer",
        ]
        await app.focus("model.blocks.+")
        await app.press("enter", *keys_of("filters: 96"))
        assert app.draft.shown("model.blocks.2") == "filters: 96"
        assert not app.draft.problems


async def test_the_lines_that_add_something_are_shown_in_full(runs_dir: Path) -> None:
    async with editor(runs_dir, size=(40, 12)) as app:
        await app.focus("model.dense_layers.+")
        form = app.screen.form
        assert "+ add a dense layer" in form.render_line(form.at - form.scroll_offset.y).text


async def test_a_block_that_is_removed_is_announced(runs_dir: Path) -> None:
    async with editor(runs_dir) as app:
        await app.focus("model.blocks.0")
        await app.press("enter", "ctrl+u", "tab")
        assert "Block 1 removed." in app.about
        await app.press("down")
        assert "removed" not in app.about


async def test_the_default_key_never_removes_a_block(runs_dir: Path) -> None:
    async with editor(runs_dir) as app:
        await app.focus("model.blocks.0")
        await app.press("enter", "ctrl+u", "f7", "tab")
        assert len(app.draft.config.model.blocks) == 2
        await app.focus("model.blocks.+")
        await app.press("enter", "f7")
        assert "Block 3 was added here: it has no default" in app.about
        assert len(app.draft.config.model.blocks) == 3


async def test_the_default_key_sets_the_default(runs_dir: Path) -> None:
    async with editor(runs_dir) as app:
        await app.type_into("epochs", "7")
        await app.press("f7")
        assert app.draft.config.epochs == 100


async def test_a_click_goes_to_a_field_and_a_second_one_opens_its_choices(runs_dir: Path) -> None:
    async with editor(runs_dir) as app:
        line = app.screen.form.rows.index(app.row("lr_strategy"))
        await app.pilot.click("#form", offset=(25, line))
        assert app.focused == "lr_strategy"
        await app.pilot.click("#form", offset=(25, line))
        await app.press()
        assert isinstance(app.pilot.app.screen, PickScreen)


async def test_the_cursor_stays_in_view_on_a_small_screen(runs_dir: Path) -> None:
    async with editor(runs_dir, size=(40, 12)) as app:
        form = app.screen.form
        for _ in form.rows:
            form.move(1)
            assert form.scroll_offset.y <= form.at < form.scroll_offset.y + form.size.height


def test_edits_of_a_line() -> None:
    line = LineEdit.at_end("filters: 32")
    assert line.backspace() == LineEdit("filters: 3", 10)
    assert line.delete_word() == LineEdit("filters: ", 9)
    assert line.to(0).delete_right() == LineEdit("ilters: 32", 0)
    assert line.to(3).delete_to_start() == LineEdit("ters: 32", 0)
    assert line.to(3).delete_to_end() == LineEdit("fil", 3)
    assert line.to(3).insert("xy") == LineEdit("filxyters: 32", 5)
    assert (line.word_back, line.to(0).word_ahead) == (9, 8)
    assert line.to(-5).cursor == 0
    assert line.to(99).cursor == 11
    assert LineEdit.at_end("").backspace() == LineEdit("", 0)


def test_a_selected_text_goes_with_the_first_edit() -> None:
    line = LineEdit.at_end("0.001", selected=True)
    assert line.insert("1") == LineEdit("1", 1)
    assert line.backspace() == LineEdit("", 0)
    assert line.to(5) == LineEdit("0.001", 5)
    assert not LineEdit.at_end("", selected=True).selected
