"""Help for the field with the cursor: complete at every width, with numbers whole and the config's row marked."""

from __future__ import annotations

import re
from typing import Any

import pytest

from training.config.fields import FIELDS, SECTIONS
from training.config.patch import apply
from training.config.schema import TrainingConfig
from training.guide.hint import Facts
from training.guide.tables import TABLES, Table
from tui.editor.draft import Draft
from tui.editor.help_rows import help_rows
from tui.editor.help_table import HERE, table_rows
from tui.widgets.rows import STYLES, Row, width_of

WIDTHS = (30, 33, 42, 50, 58, 60, 100)
ITEMS = ("model.blocks.0", "model.blocks.1.dropout", "model.blocks.+", "model.dense_layers.0.units")
KEYS = (*(entry.key for entry in FIELDS), *ITEMS, *(f"section:{section.name}" for section in SECTIONS))


def draft(**patch: Any) -> Draft:
    return Draft(apply(TrainingConfig(), {key.replace("__", "."): value for key, value in patch.items()}))


def text_of(rows: list[Row] | tuple[Row, ...]) -> str:
    return "\n".join("".join(text for text, _ in row).rstrip() for row in rows)


def words(text: str) -> set[str]:
    return set(re.sub(r"[▸·]", " ", text).split())


def said(key: str, width: int = 60, **patch: Any) -> str:
    return text_of(help_rows(draft(**patch), key, width))


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("key", KEYS)
def test_every_row_of_the_form_has_help_that_fits(key: str, width: int) -> None:
    rows = help_rows(draft(), key, width)
    assert rows
    assert all(width_of(row) <= width for row in rows)
    assert {style for row in rows for _, style in row} <= set(STYLES)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.id)
def test_at_every_width_all_of_a_table_is_there_with_no_word_and_no_number_cut(table: Table, width: int) -> None:
    shown = words(text_of(table_rows(table, 0, width)).replace(":", " "))
    for cell in (cell for cells in table.rows for cell in (*cells, *table.notes)):
        assert words(cell.replace(":", " ")) <= shown


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.id)
def test_the_row_that_a_config_falls_under_is_marked_and_no_other(table: Table, width: int) -> None:
    last = len(table.rows) - 1
    marked = [row for row in table_rows(table, last, width) if row and row[0] == (HERE, "key")]
    assert len(marked) == 1
    assert table.rows[last][0].split()[0] in text_of(marked)
    assert not any(HERE in text for row in table_rows(table, None, width) for text, _ in row)


def test_a_number_says_what_it_takes_its_unit_its_default_and_its_section() -> None:
    assert said("epochs").startswith(
        "Epochs  epochs\n"
        "Passes over the training data.\n"
        "Takes a whole number of at least 1 and at most 1000000, in\n"
        "epochs.\n"
        "Default 100 epochs.\n"
        "Guide, section 7 Batch size and epochs.\n"
        "\n"
        "Epochs by model and mode\n"
    )


def test_choices_are_listed_with_the_one_in_force_marked_unless_the_table_lists_them() -> None:
    assert "▸ none  light" not in said("data.augmentation")
    assert "▸ none " in said("data.augmentation")
    assert "\n  auto ▸ fp32   bf16   fp16\n" in said("runtime.precision", runtime__precision="fp32")
    assert "\n  false ▸ true\n" in said("l2_decay", l2_decay=True)


def test_usual_values_of_a_text_are_shown_with_the_one_in_force() -> None:
    shown = said("model.backbone", model__kind="transfer", model__backbone="resnet50")
    assert "▸ resnet50" in shown
    assert "▸ resnet18" not in shown


def test_a_field_that_does_not_count_says_what_it_waits_for() -> None:
    assert "Counts only while early_stopping is true." in said("es_patience")
    assert "Counts only" not in said("es_patience", early_stopping=True)
    assert "Counts only while model.mode is partial or full." in said("model.backbone_lr", model__kind="transfer")


def test_a_default_of_auto_or_none_has_no_unit() -> None:
    assert "Default auto." in said("data.image_size")
    assert "Default null." in said("optimization.grad_clip")
    assert "Default 0 epochs." in said("optimization.warmup_epochs")


def test_an_item_is_called_as_its_row_is_and_lists_its_keys() -> None:
    shown = said("model.blocks.0")
    assert shown.startswith("Block 1  model.blocks.0\n")
    assert "filters  a whole number of at least 1 and at most 4096" in shown
    assert "▸ convolution block  0.25 to 0.3" in shown
    assert said("model.blocks.+").startswith("Blocks  model.blocks\n")
    assert "It has no default." in said("model.blocks.0.filters")


def test_the_tables_follow_the_draft_and_what_is_known_of_the_data() -> None:
    edited = draft()
    assert "▸ Adam\n" in text_of(help_rows(edited, "optimizer", 60))
    edited.set("optimizer", "AdamW")
    assert "▸ AdamW\n" in text_of(help_rows(edited, "optimizer", 60))
    assert HERE + "1:5" not in text_of(help_rows(edited, "class_weights", 60))
    edited.facts = Facts(class_ratio=7.0)
    assert "▸ 1:5 to 1:10" in text_of(help_rows(edited, "class_weights", 60))


def test_wide_enough_tables_stand_in_columns_and_narrow_ones_in_paragraphs() -> None:
    assert "▸ a CNN from scratch" in said("learning_rate", 60)
    assert "0.0001 to 0.001   0.001 to 0.1" in said("learning_rate", 60)
    narrow = said("learning_rate", 30)
    assert "▸ a CNN from scratch\n    Adam(W) 0.0001 to 0.001\n" in narrow


def test_a_table_is_laid_out_once_for_each_width() -> None:
    table = TABLES[0]
    assert table_rows(table, 1, 44) is table_rows(table, 1, 44)
    assert table_rows(table, 1, 44) is not table_rows(table, 1, 45)


def test_what_is_no_key_has_no_help() -> None:
    assert help_rows(draft(), "model.blocks.0.colour", 40) == []
    assert help_rows(draft(), "nothing", 40) == []
