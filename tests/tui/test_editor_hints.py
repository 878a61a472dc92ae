"""The editor while one types: validity and the guide's hints beside the field, and the key that takes them."""

from __future__ import annotations

from pathlib import Path

from tests.tui.driving import editor
from training.config.presets import preset
from tui.editor.draft import Draft


async def test_a_decay_below_a_hundredth_warns_for_adamw_as_it_is_typed(runs_dir: Path) -> None:
    async with editor(runs_dir) as app:
        await app.set("optimizer", "AdamW")
        await app.type_into("l2_lambda", "0.001")
        hint = app.hint("l2_lambda")
        assert (hint.severity, hint.offer) == ("warning", "0.01")
        assert "warning" in app.about
        assert "0.01 to 0.1" in app.about
        assert "  f2 ^r sets l2_lambda: 0.01" in app.about


async def test_one_key_sets_the_recommended_value_while_typing(runs_dir: Path) -> None:
    for key in ("f2", "ctrl+r"):
        async with editor(runs_dir) as app:
            await app.set("optimizer", "AdamW")
            await app.type_into("l2_lambda", "0.001")
            await app.press(key)
            assert app.draft.config.l2_lambda == 0.01
            assert app.row("l2_lambda").text == app.screen.form.edit.text == "0.01"
            assert app.hints("l2_lambda") == []


async def test_hints_follow_every_keystroke(runs_dir: Path) -> None:
    async with editor(runs_dir) as app:
        await app.type_into("learning_rate", "1")
        assert app.hint("learning_rate").severity == "warning"
        await app.press("backspace", "0", "full_stop", "0", "0", "1")
        assert app.row("learning_rate").text == "0.001"
        assert app.hints("learning_rate") == []


async def test_a_text_that_is_no_number_is_an_error_until_it_is_one(runs_dir: Path) -> None:
    async with editor(runs_dir) as app:
        await app.type_into("learning_rate", "1e")
        assert [note.severity for note in app.hints("learning_rate")] == ["error"]
        assert "✗ 1 error" in app.title
        await app.press("minus", "3")
        assert app.hints("learning_rate") == []
        assert app.draft.config.learning_rate == 0.001


async def test_the_effective_decay_shows_where_it_differs(runs_dir: Path) -> None:
    async with editor(runs_dir) as app:
        assert app.row("l2_decay").aside == ""
        await app.set("optimizer", "AdamW")
        assert app.row("l2_decay").aside == "effective 0.01: AdamW's own"
        await app.set("l2_decay", True)
        await app.type_into("l2_lambda", "0")
        assert app.row("l2_lambda").aside == "effective 0.01: AdamW's own"


async def test_the_next_hint_key_goes_round_the_fields_that_have_one(runs_dir: Path) -> None:
    async with editor(runs_dir, Draft(preset("small").config)) as app:
        await app.type_into("learning_rate", "1")
        for key, row in (("f8", "class_weights"), ("ctrl+n", "es_patience"), ("n", "learning_rate")):
            await app.press(key)
            assert app.focused == row
        await app.press("N")
        assert app.focused == "es_patience"


async def test_the_badge_counts_errors_warnings_and_hints(runs_dir: Path) -> None:
    async with editor(runs_dir) as app:
        assert "i 2 hints" in app.title
        await app.type_into("epochs", "0")
        await app.type_into("learning_rate", "1")
        assert "✗ 1 error" in app.title
        assert "! 1 warning" in app.title


async def test_a_hint_that_needs_several_keys_sets_them_all(runs_dir: Path) -> None:
    async with editor(runs_dir) as app:
        await app.set("learning_rate", 0.1)
        await app.set("batch_size", 512)
        notes = [note for note in app.draft.notes if len(note.patch) > 1]
        for note in notes:
            await app.focus(note.key)
            await app.press("f2")
            assert {key: getattr(app.draft.config, key) for key in note.patch} == note.patch


async def test_a_key_without_effect_is_answered_on_the_panel_and_on_no_other_screen(runs_dir: Path) -> None:
    async with editor(runs_dir) as app:
        await app.focus("epochs")
        await app.press("f2")
        assert "No value is recommended for this field; n f8 ^n goes to the next one with a hint." in app.about
        await app.press("down")
        assert "No value is recommended" not in app.about
        await app.press("f2", "escape")
        assert not app.pilot.app._notifications


async def test_one_key_silences_the_hint_of_a_field_and_shows_it_again(runs_dir: Path) -> None:
    for key in ("f10", "ctrl+f"):
        async with editor(runs_dir) as app:
            await app.type_into("learning_rate", "1")
            assert "Hint learning_rate_high; f10 ^f silences it." in app.about
            await app.press(key)
            assert app.draft.config.advice.silenced == ("learning_rate_high",)
            assert app.hints("learning_rate") == []
            assert "Hint learning_rate_high is silenced; f10 ^f shows it." in app.about
            await app.press(key)
            assert not app.draft.config.advice.silenced
            assert app.hint("learning_rate").rule == "learning_rate_high"


async def test_what_is_no_hint_cannot_be_silenced(runs_dir: Path) -> None:
    async with editor(runs_dir) as app:
        await app.set("model.kind", "transfer")
        await app.set("data.source", "folder")
        await app.focus("data.path")
        await app.press("f10")
        assert "There is no hint on this field to silence." in app.about
        assert app.draft.config.advice.silenced == ()


async def test_a_wrong_rule_id_is_named_and_corrected_by_one_key(runs_dir: Path) -> None:
    async with editor(runs_dir) as app:
        await app.type_into("advice.silenced", "decay_hihg")
        assert "Did you mean decay_high?" in app.about
        await app.press("f2")
        assert app.draft.config.advice.silenced == ("decay_high",)
