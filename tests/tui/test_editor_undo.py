"""Undo and redo in the editor: every change can be taken back, as far back as there are any."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.config.strategies import values
from tests.tui.driving import editor
from training.config.fields import FIELDS
from training.config.presets import preset
from training.config.schema import TrainingConfig
from tui.editor.draft import Draft
from tui.screens.pick import PickScreen


async def test_a_number_that_was_typed_digit_by_digit_is_one_step(runs_dir: Path) -> None:
    async with editor(runs_dir) as app:
        await app.type_into("epochs", "250")
        await app.press("enter", "u")
        assert app.draft.config.epochs == 100
        assert not app.draft.changed
        await app.press("U")
        assert app.draft.config.epochs == 250


async def test_undo_goes_to_the_field_that_it_changes_and_unfolds_it(runs_dir: Path) -> None:
    async with editor(runs_dir) as app:
        await app.set("runtime.seed", 7)
        await app.focus("optimizer")
        app.screen.folds.sections.add("runtime")
        await app.press("u")
        assert app.draft.config.runtime.seed == 0
        assert app.focused == "runtime.seed"


async def test_each_press_of_an_arrow_is_a_step_of_its_own(runs_dir: Path) -> None:
    async with editor(runs_dir) as app:
        await app.focus("learning_rate")
        await app.press("right", "right", "h")
        assert app.draft.config.learning_rate == 0.002
        await app.press("u")
        assert app.draft.config.learning_rate == 0.005
        await app.press("u", "u")
        assert app.draft.config.learning_rate == 0.001


async def test_nothing_left_is_said(runs_dir: Path) -> None:
    async with editor(runs_dir) as app:
        await app.press("u")
        assert "Nothing is left to undo." in app.about
        await app.press("U")
        assert "Nothing is left to do again." in app.about


async def test_a_hint_that_was_taken_and_an_error_that_was_typed_can_be_undone(runs_dir: Path) -> None:
    async with editor(runs_dir, Draft(preset("small").config)) as app:
        await app.focus("es_patience")
        await app.press("r")
        assert app.draft.config.es_patience == 10
        await app.press("u")
        assert app.draft.config.es_patience == 5
        await app.type_into("epochs", "x")
        await app.press("escape", "u")
        assert app.draft.problems == []


async def test_leaving_after_everything_was_undone_asks_nothing(runs_dir: Path) -> None:
    async with editor(runs_dir) as app:
        await app.type_into("epochs", "7")
        await app.press("escape", "u", "escape")
        assert not isinstance(app.pilot.app.screen, PickScreen)


CHANGES = st.sampled_from([entry for entry in FIELDS if not entry.items]).flatmap(
    lambda entry: st.tuples(st.just(entry.key), values(entry))
)


@settings(max_examples=60, deadline=None)
@given(st.lists(CHANGES, min_size=1, max_size=12), st.data())
def test_undoing_everything_is_the_beginning_and_redoing_everything_the_end(
    changes: list[tuple[str, Any]], data: st.DataObject
) -> None:
    draft = Draft(TrainingConfig())
    for key, new in changes:
        draft.set(key, tuple(new) if isinstance(new, list) else new)
        if data.draw(st.booleans()):
            draft.type("epochs", data.draw(st.sampled_from(["1", "nine", "", "30"])))
    end = (draft.config, dict(draft.typed), dict(draft.errors))
    while draft.undo() is not None:
        pass
    assert (draft.config, draft.typed, draft.errors) == (TrainingConfig(), {}, {})
    while draft.redo() is not None:
        pass
    assert (draft.config, draft.typed, draft.errors) == end


def test_a_thousand_steps_can_be_undone() -> None:
    draft = Draft(TrainingConfig())
    for epochs in range(1, 1001):
        draft.set("epochs", epochs)
    assert sum(draft.undo() is not None for _ in range(2000)) == 1000
    assert draft.config == TrainingConfig()


def test_a_change_after_an_undo_ends_what_could_be_done_again() -> None:
    draft = Draft(TrainingConfig())
    draft.set("epochs", 5)
    draft.undo()
    draft.set("epochs", 6)
    assert draft.redo() is None
    assert draft.config.epochs == 6


def test_a_text_from_elsewhere_is_one_step_and_keeps_its_comments() -> None:
    draft = Draft(TrainingConfig(), text="epochs: 100\n")
    draft.take_text("# mine\nepochs: nine\n")
    assert draft.changed
    assert list(draft.errors) == ["epochs"]
    draft.type("epochs", "9")
    assert draft.yaml() == "# mine\nepochs: 9\n"
    draft.undo()
    draft.undo()
    assert draft.yaml() == "epochs: 100\n"
    assert not draft.changed
