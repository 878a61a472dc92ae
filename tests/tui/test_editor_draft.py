"""The draft behind the editor, without a screen: what was typed, what it means, what it would save."""

from __future__ import annotations

from pathlib import Path

import pytest

from training.config import files
from training.config.fields import FIELDS
from training.config.model import Block
from training.config.presets import PRESETS
from training.config.problems import ConfigError
from training.config.schema import TrainingConfig
from training.errors import InvalidInput
from tui.editor.draft import Draft
from tui.editor.rows import rows


def keys(draft: Draft) -> list[str]:
    return [row.key for row in rows(draft)]


def test_a_text_that_is_no_value_keeps_the_last_one_and_says_why() -> None:
    draft = Draft(TrainingConfig())
    draft.type("learning_rate", "0.5")
    draft.type("learning_rate", "0.5x")
    assert draft.config.learning_rate == 0.5
    assert [note.key for note in draft.problems] == ["learning_rate"]
    assert draft.shown("learning_rate") == "0.5x"


def test_a_text_takes_its_canonical_spelling_when_the_cursor_leaves() -> None:
    draft = Draft(TrainingConfig())
    draft.type("learning_rate", "1e-2")
    assert draft.shown("learning_rate") == "1e-2"
    draft.leave("learning_rate")
    assert draft.shown("learning_rate") == "0.01"


def test_fields_that_do_not_count_are_hidden_and_keep_their_value() -> None:
    draft = Draft(TrainingConfig(l2_decay=True, l2_lambda=0.02))
    assert "l2_lambda" in keys(draft)
    draft.type("l2_decay", "false")
    assert "l2_lambda" not in keys(draft)
    draft.type("l2_decay", "true")
    assert draft.shown("l2_lambda") == "0.02"


def test_every_key_of_the_table_has_a_row_in_some_config() -> None:
    draft = Draft(TrainingConfig(l2_decay=True, early_stopping=True, class_weights="Focal Loss"))
    draft.set("data.source", "folder")
    draft.set("data.path", "images")
    seen: set[str] = set()
    for kind, mode in (("custom_cnn", "frozen"), ("transfer", "partial"), ("vit", "frozen")):
        draft.set("model.kind", kind)
        draft.set("model.mode", mode)
        seen |= {key.removesuffix(".+") for key in keys(draft)}
    assert {field.key for field in FIELDS} <= seen


def test_every_value_that_the_form_shows_reads_back_as_itself() -> None:
    for preset in PRESETS:
        draft = Draft(preset.config)
        for row in rows(draft):
            if row.editable or row.kind == "choice":
                draft.type(row.key, row.text)
        assert not draft.problems
        assert draft.config == preset.config


def test_a_block_is_edited_as_one_line() -> None:
    draft = Draft(TrainingConfig())
    assert draft.shown("model.blocks.0") == "filters: 32, dropout: 0.25"
    draft.type("model.blocks.0", "filters: 48, kernel_size: 5, pooling: none")
    assert draft.config.model.blocks[0] == Block(filters=48, kernel_size=5, pooling="none")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("filters: 0", "filters"),
        ("filter: 8", "filters"),
        ("dropout: 0.5", "filters"),
        ("filters: 8, pooling: mean", "pooling"),
        ("filters: [", "Block 1 cannot be read. Write it as key: value, key: value."),
        ("filters: 64, dropout: 0.25filters: 8", "Block 1 cannot be read. Write it as key: value, key: value."),
        ("filters: 8, dropout:1.0", "Block 1: a space is missing after dropout:"),
        ("filters: 8, filters: 9", "Block 1: filters is there twice."),
        ("filters: 8, dropout: 2", "Block 1: dropout: 2.0 is out of range."),
        ("dropout: 0.5", "Block 1: The key filters is missing."),
    ],
)
def test_a_line_that_is_no_block_says_which_key_is_wrong(text: str, said: str) -> None:
    draft = Draft(TrainingConfig())
    draft.type("model.blocks.0", text)
    assert said in draft.errors["model.blocks.0"]
    assert draft.config == TrainingConfig()


def test_an_emptied_line_removes_its_block_when_the_cursor_leaves() -> None:
    draft = Draft(TrainingConfig())
    key = draft.add_item("model.blocks")
    draft.type(key, "filters: 96")
    draft.type("model.blocks.0", "")
    draft.leave("model.blocks.0")
    assert [block.filters for block in draft.config.model.blocks] == [64, 96]
    assert not draft.errors


def test_the_last_block_stays_and_is_an_error_while_it_is_empty() -> None:
    draft = Draft(TrainingConfig())
    for _ in range(2):
        draft.type("model.blocks.0", "")
        draft.leave("model.blocks.0")
    assert len(draft.config.model.blocks) == 1


def test_a_block_that_goes_or_has_to_stay_is_said() -> None:
    draft = Draft(TrainingConfig())
    draft.type("model.blocks.0", "")
    assert draft.leave("model.blocks.0") == "Block 1 removed."
    draft.type("model.blocks.0", "")
    assert draft.leave("model.blocks.0") == "Block 1 stays: there has to be one."
    assert draft.leave("epochs") == ""


def test_the_default_of_a_block_is_what_it_was_at_the_start() -> None:
    draft = Draft(TrainingConfig())
    draft.type("model.blocks.1", "")
    assert draft.set_default("model.blocks.1") == ""
    assert draft.leave("model.blocks.1") == ""
    assert draft.config == TrainingConfig()
    added = draft.add_item("model.blocks")
    assert draft.set_default(added).startswith("Block 3 was added here")
    assert len(draft.config.model.blocks) == 3


def test_a_wrong_line_keeps_its_text_when_one_before_it_is_removed() -> None:
    draft = Draft(TrainingConfig())
    draft.type("model.blocks.1", "filters: x")
    draft.type("model.blocks.0", "")
    draft.leave("model.blocks.0")
    assert draft.shown("model.blocks.0") == "filters: x"
    assert draft.problems[0].key == "model.blocks.0"


def test_values_that_exclude_each_other_are_errors_on_their_field() -> None:
    draft = Draft(TrainingConfig())
    draft.type("data.source", "folder")
    assert [note.key for note in draft.problems] == ["data.path"]
    draft.type("data.path", "images")
    assert not draft.problems


def test_saving_keeps_comments_and_what_was_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("# mine\nlearning_rate: 1e-3   # tuned\nepochs: 0o17\n")
    draft = Draft.open(path)
    draft.type("learning_rate", "0.01")
    draft.save(path)
    assert path.read_text() == "# mine\nlearning_rate: 1e-2   # tuned\nepochs: 0o17\n"
    assert not draft.changed


def test_a_file_with_wrong_values_opens_with_them_to_correct(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("learning_rate: fast\nepochs: 12\nmodel:\n  blocks:\n    - {filters: 8}\n    - {filters: many}\n")
    draft = Draft.open(path)
    assert draft.shown("learning_rate") == "fast"
    assert draft.shown("model.blocks.1") == "filters: many"
    assert [note.key for note in draft.problems] == ["learning_rate", "model.blocks.1"]
    assert draft.config.epochs == 12
    assert not draft.changed
    draft.type("learning_rate", "0.01")
    draft.type("model.blocks.1", "filters: 16")
    draft.save(path)
    loaded = files.load(path)
    assert (loaded.learning_rate, [block.filters for block in loaded.model.blocks]) == (0.01, [8, 16])


@pytest.mark.parametrize(
    ("text", "line"),
    [("learing_rate: 1\n", 1), ("epochs: 3\nepochs: 4\n", 2), ("a: [\n", 2), ("- a\n", 1), ("epochs: !python 3\n", 1)],
)
def test_what_no_field_can_show_is_refused_with_its_line(tmp_path: Path, text: str, line: int) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        Draft.open(path)
    assert [problem.line for problem in caught.value.problems] == [line]


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file"):
        Draft.open(tmp_path / "none.yaml")


def test_a_draft_with_errors_is_not_saved(tmp_path: Path) -> None:
    draft = Draft(TrainingConfig())
    draft.type("epochs", "0")
    with pytest.raises(InvalidInput):
        draft.save(tmp_path / "config.yaml")
    assert not (tmp_path / "config.yaml").exists()


def test_a_file_changed_on_disk_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("epochs: 3\n")
    draft = Draft.open(path)
    assert not draft.differs_on_disk(path)
    path.write_text("epochs: 4\n")
    assert draft.differs_on_disk(path)
    assert draft.differs_on_disk(tmp_path / "config.yaml")
    assert not draft.differs_on_disk(tmp_path / "new.yaml")
