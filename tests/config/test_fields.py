"""The field table says everything about a key once; forms, messages and the command line read it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.config.strategies import configs, values
from training.config.fields import FIELDS, SECTIONS, applies, field, format_value, parse_value, value
from training.config.model import DenseLayer
from training.config.patch import apply
from training.config.schema import TrainingConfig
from training.config.yaml12 import parse
from training.errors import InvalidInput

GUIDE_KEYS = [
    "optimizer",
    "learning_rate",
    "l2_decay",
    "l2_lambda",
    "lr_strategy",
    "class_weights",
    "epochs",
    "batch_size",
    "early_stopping",
    "es_patience",
]


def test_the_guides_ten_keys_come_first_and_in_its_order() -> None:
    assert [entry.key for entry in FIELDS[:10]] == GUIDE_KEYS
    assert {entry.section for entry in FIELDS[:10]} == {""}


def test_the_sections_are_the_ones_of_the_guide() -> None:
    assert [section.name for section in SECTIONS] == ["", "model", "data", "optimization", "runtime", "advice"]


def test_every_field_has_a_title_and_a_sentence_of_help() -> None:
    for entry in FIELDS:
        for described in (entry, *entry.items):
            assert described.title
            assert described.help.endswith("."), described.key


def test_choices_keep_the_order_of_the_guide() -> None:
    assert field("lr_strategy").choices == (
        "Constant",
        "ReduceLROnPlateau",
        "Cosine Annealing",
        "Step Decay",
        "Exponential Decay",
    )


def test_bounds_and_unions_are_read_off_the_types() -> None:
    rate, size, clip = field("learning_rate"), field("data.image_size"), field("optimization.grad_clip")
    assert (rate.kind, rate.bounds, rate.steps) == ("float", "greater than 0", "1-2-5")
    assert (size.kind, size.extra_choice, size.minimum, size.maximum) == ("int", "auto", 4, 2048)
    assert (clip.kind, clip.optional, clip.exclusive_minimum) == ("float", True, True)


def test_a_key_inside_a_list_has_a_field_of_its_own() -> None:
    entry = field("model.blocks.1.filters")
    assert (entry.key, entry.kind, entry.section, entry.required) == ("model.blocks.1.filters", "int", "model", True)


def test_values_are_read_by_dotted_key() -> None:
    config = TrainingConfig()
    assert value(config, "learning_rate") == 0.001
    assert value(config, "model.dense_layers.0.dropout") == 0.5
    assert value(config, "model.blocks") == config.model.blocks


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("optimiser", "optimizer"),
        ("lr", "learning_rate"),
        ("weight_decay", "l2_lambda"),
        ("grad_clip", "optimization.grad_clip"),
        ("gradclip", "optimization.grad_clip"),
        ("model.kin", "model.kind"),
        ("model.blocks.0.filter", "model.blocks.0.filters"),
        ("model.blocks.x.filters", "model.blocks.0.filters"),
    ],
)
def test_an_unknown_key_names_the_nearest_one(key: str, meant: str) -> None:
    with pytest.raises(InvalidInput, match=f"Did you mean {meant}\\?"):
        field(key)


def test_a_key_like_no_other_lists_what_there_is() -> None:
    with pytest.raises(InvalidInput, match="The keys here are optimizer, "):
        field("zzz")


def test_an_index_past_the_end_is_refused() -> None:
    with pytest.raises(InvalidInput):
        value(TrainingConfig(), "model.blocks.2.filters")


@pytest.mark.parametrize(
    ("key", "patch", "counts"),
    [
        ("l2_lambda", {"l2_decay": False}, False),
        ("l2_lambda", {"l2_decay": True}, True),
        ("model.unfrozen_stages", {"model.kind": "custom_cnn", "model.mode": "partial"}, False),
        ("model.unfrozen_stages", {"model.kind": "transfer", "model.mode": "partial"}, True),
        ("model.blocks.0.filters", {"model.kind": "custom_cnn"}, True),
        ("model.blocks.0.filters", {"model.kind": "vit"}, False),
        ("data.path", {"data.source": "folder", "data.path": "x"}, True),
        ("data.path", {"data.source": "digits"}, False),
        ("learning_rate", {}, True),
    ],
)
def test_a_field_counts_while_the_one_above_it_does(key: str, patch: dict[str, Any], counts: bool) -> None:
    assert applies(field(key), apply(TrainingConfig(), patch)) is counts


@pytest.mark.parametrize(
    ("key", "typed", "expected"),
    [
        ("learning_rate", "1e-3", 0.001),
        ("learning_rate", " .5 ", 0.5),
        ("epochs", "1e2", 100),
        ("optimizer", "adamw", "AdamW"),
        ("optimizer", "SGD", "SGD with Momentum"),
        ("class_weights", "null", "None"),
        ("batch_size", "auto", "auto"),
        ("l2_decay", "true", True),
        ("data.path", "no", "no"),
        ("data.path", "5", "5"),
        ("data.path", "a: b #c", "a: b #c"),
        ("data.path", "'null'", "null"),
        ("data.path", "null", None),
        ("data.path", "", None),
        ("optimization.grad_clip", "~", None),
        ("data.classes", "a, b", ("a", "b")),
        ("data.classes", "[a, 'b, c']", ("a", "b, c")),
        ("data.classes", "null", None),
        ("advice.silenced", "", ()),
        ("data.cache", "off", "off"),
        ("model.dense_layers", "[{units: 8}]", (DenseLayer(units=8),)),
    ],
)
def test_what_a_person_types_is_read_by_the_rules_of_the_file(key: str, typed: str, expected: Any) -> None:
    assert parse_value(field(key), typed) == expected


@pytest.mark.parametrize(
    ("key", "typed", "words"),
    [
        ("learning_rate", "fast", '"fast" is not a number. Write a number greater than 0.'),
        ("learning_rate", "0", "0.0 is out of range"),
        ("learning_rate", "", "has no value"),
        ("learning_rate", ".nan", ".nan is not finite"),
        ("learning_rate", "-.inf", "-.inf is not finite"),
        ("learning_rate", "1e400", "1e400 is too large"),
        ("learning_rate", "'0.1'", "Remove the quotes"),
        ("learning_rate", "true", "true is not a number"),
        ("epochs", "1.5", "not a whole number"),
        ("epochs", "1e300", "out of range"),
        ("l2_decay", "on", "Write true, without quotes"),
        ("l2_decay", "1", "1 is not true or false"),
        ("optimizer", "adamm", "Did you mean Adam?"),
        ("data.image_size", "3", "at least 4 and at most 2048 or auto"),
        ("runtime.device", "tpu", "auto`, `cpu`"),
        ("data.classes", "[a", "is not a list"),
        ("model.blocks", "[]", "at least one"),
        ("model.blocks", "[{filters: 3, kernel: 1}]", "Did you mean kernel_size?"),
    ],
)
def test_what_does_not_fit_is_refused_in_a_sentence(key: str, typed: str, words: str) -> None:
    with pytest.raises(ValueError, match=r"\.$|\?$") as caught:
        parse_value(field(key), typed)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("python", "yaml"),
    [
        (0.001, "0.001"),
        (3e-05, "3e-05"),
        (100.0, "100.0"),
        (True, "true"),
        (None, "null"),
        ("Cosine Annealing", "Cosine Annealing"),
        ("None", "None"),
        ("off", '"off"'),
        ("1e-3", '"1e-3"'),
        ("", '""'),
        ("a: b", '"a: b"'),
        ("a\nb", '"a\\x0ab"'),
        (("a", "b"), "[a, b]"),
        ((DenseLayer(units=8),), "[{units: 8}]"),
    ],
)
def test_values_have_one_spelling(python: Any, yaml: str) -> None:
    assert format_value(python) == yaml


@settings(max_examples=200, deadline=None)
@given(
    st.text() | st.floats(allow_nan=False) | st.integers(-(10**30), 10**30) | st.lists(st.text(max_size=9), max_size=4)
)
def test_every_spelling_reads_back(python: Any) -> None:
    if any(0xD800 <= ord(ch) < 0xE000 for ch in str(python)):
        return
    assert parse(f"a: {format_value(python)}").values["a"] == python
    assert parse(f"{{a: {format_value(python)}, b: 1}}").values["a"] == python


@settings(max_examples=60, deadline=None)
@given(configs())
def test_a_value_typed_as_it_is_shown_is_the_same_value(config: TrainingConfig) -> None:
    for entry in FIELDS:
        held = value(config, entry.key)
        assert parse_value(entry, format_value(held)) == held


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_what_the_table_accepts_the_types_accept(data: st.DataObject) -> None:
    entry = data.draw(st.sampled_from(FIELDS))
    plain = data.draw(values(entry))
    nested = {entry.section: {entry.name: plain}} if entry.section else {entry.name: plain}
    assert msgspec.convert(nested, TrainingConfig)
