"""Sections and how to get about: folding, the field list, the modes of moving and typing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tui.driving import editor
from training.config.fields import FIELDS
from training.config.presets import preset
from training.config.schema import Advice, TrainingConfig
from tui.editor.draft import Draft
from tui.editor.rows import Folds, rows
from tui.screens.help import HelpScreen
from tui.screens.home import HomeScreen
from tui.screens.pick import PickScreen
from tui.widgets.keybar import KeyBar


async def test_sections_that_few_touch_are_folded_and_say_what_they_hide(runs_dir: Path) -> None:
    async with editor(runs_dir) as app:
        assert not app.shows("runtime.seed")
        assert app.row("section:runtime").aside == "9 fields, at their defaults"
        await app.focus("section:runtime")
        await app.press("enter")
        assert app.shows("runtime.seed")
        await app.press("h")
        assert not app.shows("runtime.seed")
        await app.press("l")
        assert app.shows("runtime.seed")


def test_a_section_that_was_changed_or_is_complained_about_is_not_folded() -> None:
    assert Folds.quiet(Draft(TrainingConfig())).sections == {"optimization", "runtime", "advice"}
    assert "advice" not in Folds.quiet(Draft(TrainingConfig(advice=Advice(silenced=("epochs_low",))))).sections


async def test_a_folded_section_shows_its_worst_hint(runs_dir: Path) -> None:
    async with editor(runs_dir) as app:
        await app.set("data.normalise", False)
        app.screen.folds.sections.add("data")
        app.screen.show()
        row = app.row("section:data")
        assert row.state == "warned"
        assert row.aside.endswith("1 changed")
        await app.focus("section:model")
        await app.press("n")
        assert app.focused == "data.normalise"


async def test_all_sections_but_one_fold_and_unfold(runs_dir: Path) -> None:
    async with editor(runs_dir) as app:
        await app.focus("model.kind")
        await app.press("z")  # some were folded: now none is
        assert app.shows("runtime.seed")
        await app.press("z")
        assert not app.shows("optimizer")
        assert app.shows("model.kind")


async def test_page_keys_stop_at_folded_sections(runs_dir: Path) -> None:
    async with editor(runs_dir) as app:
        await app.press("pagedown", "pagedown", "pagedown")
        assert app.focused == "section:optimization"
        await app.press("G")
        assert app.focused == "section:advice"
        await app.press("g")
        assert app.focused == "optimizer"


async def test_a_field_is_found_by_part_of_its_name(runs_dir: Path) -> None:
    async with editor(runs_dir) as app:
        await app.press("slash", *"seed", "enter")
        assert app.focused == "runtime.seed"


async def test_every_field_can_be_found(runs_dir: Path) -> None:
    async with editor(runs_dir) as app:
        await app.press("slash")
        screen = app.pilot.app.screen
        assert isinstance(screen, PickScreen)
        assert [choice.id for choice in screen.choices] == [entry.key for entry in FIELDS]


async def test_a_field_that_a_switch_hides_says_which(runs_dir: Path) -> None:
    async with editor(runs_dir) as app:
        await app.press("slash", *"unfrozen", "enter")
        assert app.focused == "model.kind"
        assert "Unfrozen stages counts where model.kind is transfer." in app.about
        await app.set("model.kind", "transfer")
        await app.press("slash", *"unfrozen", "enter")
        assert app.focused == "model.mode"


async def test_enter_types_and_escape_leaves_typing_before_it_leaves_the_editor(runs_dir: Path) -> None:
    async with editor(runs_dir) as app:
        await app.focus("epochs")
        await app.press("enter")
        bar = app.screen.query_one(KeyBar)
        assert bar.rows[0].screen == "typing"
        await app.press("1", "0", "0", "escape")
        assert bar.rows[0].screen == "editor"
        assert app.pilot.app.screen is app.screen
        await app.press("escape")
        assert isinstance(app.pilot.app.screen, HomeScreen)


@pytest.mark.parametrize(
    ("key", "pressed", "value"),
    [
        ("learning_rate", ["enter", "up"], 0.002),
        ("learning_rate", ["enter", "down"], 0.0005),
        ("learning_rate", ["enter", "pageup"], 0.01),
        ("learning_rate", ["plus"], 0.01),
        ("learning_rate", ["minus"], 0.0001),
        ("learning_rate", ["3", "e", "minus", "4"], 3e-4),
        ("learning_rate", ["full_stop", "0", "0", "1"], 1e-3),
        ("batch_size", ["l"], 64),
        ("batch_size", ["h", "h"], 8),
        ("epochs", ["enter", "up", "up"], 120),
    ],
)
async def test_a_number_is_stepped_or_typed(runs_dir: Path, key: str, pressed: list[str], value: float) -> None:
    async with editor(runs_dir) as app:
        await app.focus(key)
        await app.press(*pressed)
        assert getattr(app.draft.config, key) == value


async def test_a_text_with_usual_values_steps_through_them_and_takes_others(runs_dir: Path) -> None:
    async with editor(runs_dir) as app:
        await app.set("model.kind", "transfer")
        await app.focus("model.weights")
        await app.press("right")
        assert app.draft.config.model.weights == "none"
        await app.press("enter", "down", "enter")
        await app.press("ctrl+u", *"mine", "enter")
        assert app.draft.config.model.weights == "mine"
        await app.press("l")
        assert app.draft.config.model.weights == "default"


async def test_a_step_while_typing_shows_in_the_text_and_tab_takes_it(runs_dir: Path) -> None:
    async with editor(runs_dir) as app:
        await app.focus("learning_rate")
        await app.press("enter", "up", "up")
        assert app.screen.form.edit.text == "0.005"
        await app.press("tab")
        assert (app.focused, app.draft.config.learning_rate) == ("l2_decay", 0.005)


async def test_fields_vanish_with_their_switch_and_keep_their_value(runs_dir: Path) -> None:
    async with editor(runs_dir) as app:
        await app.set("l2_decay", True)
        await app.type_into("l2_lambda", "3e-4")
        await app.press("escape")
        await app.set("l2_decay", False)
        assert not app.shows("l2_lambda")
        await app.set("l2_decay", True)
        assert app.row("l2_lambda").text == "0.0003"


def test_every_field_that_counts_has_a_row_in_the_order_of_the_file() -> None:
    draft = Draft(preset("balanced").config)
    keys = [row.key for row in rows(draft) if row.kind in ("number", "text", "choice")]
    order = [entry.key for entry in FIELDS]
    assert keys == sorted(keys, key=order.index)
    assert {"optimizer", "model.kind", "data.source", "runtime.seed", "advice.silenced"} <= set(keys)


async def test_the_help_tells_the_keys_of_both_modes(runs_dir: Path) -> None:
    async with editor(runs_dir) as app:
        await app.press("question_mark")
        screen = app.pilot.app.screen
        assert isinstance(screen, HelpScreen)
        names = [keys for keys, _ in screen.rows]
        assert ("", "While a value is typed:") in screen.rows
        assert names.index("? f1") < names.index("")
