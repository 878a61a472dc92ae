"""A config is checked leaf by leaf: every error shows at once, with its line, its key and the remedy."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.config.fields import FIELDS
from training.config.files import read_text
from training.config.model import Block
from training.config.schema import TrainingConfig
from training.config.validate import convert

FAULTY = """\
optimiser: Adam
learning_rate: -1e-3
l2_lambda: .nan
l2_decay: on
lr_strategy: Cosin
epochs: "5"
batch_size: 1.5
es_patience: 0
grad_clip: 1
model:
  kind: cnn
  blocks:
    - filter: 3
    - filters: yes
      dropout: 1.0
data: {source: folder, image_size: 2}
runtime: 5
advice:
  silenced: x
"""


def test_all_errors_show_each_with_its_line_and_key() -> None:
    config, problems = read_text(FAULTY, "c.yaml")
    assert config is None
    assert [(problem.line, problem.key) for problem in problems] == [
        (1, "optimiser"),
        (2, "learning_rate"),
        (3, "l2_lambda"),
        (4, "l2_decay"),
        (5, "lr_strategy"),
        (6, "epochs"),
        (7, "batch_size"),
        (8, "es_patience"),
        (9, "grad_clip"),
        (11, "model.kind"),
        (13, "model.blocks.0.filter"),
        (13, "model.blocks.0"),
        (14, "model.blocks.1.filters"),
        (15, "model.blocks.1.dropout"),
        (16, "data.image_size"),
        (17, "runtime"),
        (19, "advice.silenced"),
    ]


def test_a_problem_reads_as_file_line_key_message_and_remedy() -> None:
    _, problems = read_text("epochs: 0\n", "c.yaml")
    assert problems[0].text == (
        "c.yaml:1: epochs: 0 is out of range. Write a whole number of at least 1 and at most 1000000."
    )


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("optimiser: Adam", "optimizer"),
        ("LR: 1", "learning_rate"),
        ("model: {filters: 3}", "model.blocks.0.filters"),
        ("model: {blocks: [{filters: 3, kernel: 3}]}", "kernel_size"),
        ("model: {dense_dropout: 0.5}", "model.blocks.0.dropout or model.dense_layers.0.dropout"),
        ("model: {kind: vit, dense_dropout: 0.5}", "dropout"),
        ("model: {kind: [], backbon: x}", "backbone"),
        ("model: {dense_layers: [{unit: 3}]}", "units"),
        ("optimization: {label_smooth: 0}", "label_smoothing"),
        ("data: {learning_rate: 1}", "learning_rate"),
        ("model.kind: vit", "model.kind"),
    ],
)
def test_an_unknown_key_names_the_nearest_valid_one(text: str, meant: str) -> None:
    _, problems = read_text(text)
    assert any(f"Did you mean {meant}?" in problem.text for problem in problems)


@pytest.mark.parametrize(
    ("text", "key", "expected"),
    [
        ("optimizer: adam", "optimizer", "Adam"),
        ("optimizer: AdamW", "optimizer", "AdamW"),
        ("optimizer: sgd", "optimizer", "SGD with Momentum"),
        ("optimizer: sgd with momentum", "optimizer", "SGD with Momentum"),
        ("optimizer: RMSPROP", "optimizer", "RMSprop"),
        ("lr_strategy: constant", "lr_strategy", "Constant"),
        ("lr_strategy: plateau", "lr_strategy", "ReduceLROnPlateau"),
        ("lr_strategy: reducelronplateau", "lr_strategy", "ReduceLROnPlateau"),
        ("lr_strategy: Cosine", "lr_strategy", "Cosine Annealing"),
        ("lr_strategy: step", "lr_strategy", "Step Decay"),
        ("lr_strategy: exponential", "lr_strategy", "Exponential Decay"),
        ("class_weights: none", "class_weights", "None"),
        ("class_weights: null", "class_weights", "None"),
        ("class_weights:", "class_weights", "None"),
        ("class_weights: auto", "class_weights", "Auto Class Weights"),
        ("class_weights: focal", "class_weights", "Focal Loss"),
        ("learning_rate: 1e-3", "learning_rate", 0.001),
        ("learning_rate: 1", "learning_rate", 1.0),
        ("epochs: 1e2", "epochs", 100),
        ("epochs: 100.0", "epochs", 100),
        ("batch_size: AUTO", "batch_size", "auto"),
        ("l2_lambda: -0.0", "l2_lambda", 0.0),
    ],
)
def test_other_spellings_are_understood(text: str, key: str, expected: Any) -> None:
    config, problems = read_text(text)
    assert problems == ()
    value = getattr(config, key)
    assert (value, type(value)) == (expected, type(expected))


@pytest.mark.parametrize(
    "text",
    [
        "epochs: true",
        "learning_rate: false",
        "l2_decay: 1",
        "l2_decay: 'true'",
        "learning_rate: '0.1'",
        "learning_rate: .inf",
        "learning_rate: 1e999",
        f"learning_rate: {'9' * 39}e400",
        "learning_rate:",
        "learning_rate: [1]",
        "optimizer: {a: 1}",
        "optimizer: 3",
        "epochs: 1e300",
        "es_patience: 99999999999999999999",
        "runtime: {seed: -1}",
        "runtime: {device: 'cuda:x'}",
        "runtime: {checkpoint_every: 0 steps}",
        "data: {path: 5}",
        "data: {path: ''}",
        'data: {path: "a\\x07b"}',
        "data: {classes: [1, 2]}",
        "data: {classes: a}",
        "model: [1]",
        "model: {blocks: []}",
        "model: {blocks: {filters: 3}}",
        "model: {blocks: [3]}",
        "model: {blocks: [null]}",
        "model: {backbone: ''}",
    ],
)
def test_a_value_of_the_wrong_kind_is_one_problem(text: str) -> None:
    config, problems = read_text(text)
    assert config is None
    assert len(problems) == 1
    assert problems[0].line == 1
    assert problems[0].remedy


@pytest.mark.parametrize(
    ("mapping", "key"),
    [
        ({"data": {"source": "folder"}}, "data.path"),
        ({"data": {"source": "manifest"}}, "data.path"),
        ({"data": {"source": "byteplot", "path": None}}, "data.path"),
        ({"data": {"val_fraction": 0.5, "test_fraction": 0.5}}, "data.val_fraction"),
        ({"data": {"source": "folder", "path": "x", "groups": "("}}, "data.groups"),
        ({"data": {"source": "byteplot", "path": "x", "groups": "a{9999999999}"}}, "data.groups"),
        ({"model": {"kind": "vit", "width": 100, "heads": 3}}, "model.width"),
        ({"model": {"kind": "vit", "patch_size": 9}}, "model.patch_size"),
        ({"model": {"kind": "vit", "patch_size": 3}}, "model.patch_size"),
        ({"model": {"blocks": [{"filters": 8}] * 4}}, "model.blocks.3.pooling"),
        ({"model": {"blocks": [{"filters": 8}] * 4}, "data": {"image_size": 15}}, "model.blocks.3.pooling"),
    ],
)
def test_keys_that_do_not_fit_each_other_are_invalid(mapping: dict[str, Any], key: str) -> None:
    checked = convert(mapping)
    assert checked.config is None
    assert [problem.key for problem in checked.problems] == [key]


@pytest.mark.parametrize(
    "mapping",
    [
        {"data": {"source": "folder", "path": "x"}},
        {"data": {"source": "folder", "path": "x", "groups": r"(patient\d+)_"}},
        {"data": {"source": "manifest", "path": "x.csv", "groups": "patient (id"}},
        {"model": {"kind": "custom_cnn", "width": 100, "heads": 3, "patch_size": 9}},
        {"model": {"blocks": [{"filters": 8}] * 3}},
        {"model": {"blocks": [{"filters": 8}] * 4}, "data": {"image_size": 16}},
        {"model": {"blocks": [{"filters": 8}] * 6}, "data": {"source": "folder", "path": "x"}},
        {"model": {"blocks": [{"filters": 8, "pooling": "none", "kernel_size": 4}] * 9}},
        {"model": {"kind": "vit", "blocks": [{"filters": 8}] * 9}},
    ],
)
def test_only_keys_that_count_are_compared(mapping: dict[str, Any]) -> None:
    assert convert(mapping).problems == ()


def test_a_conflict_is_on_the_line_of_its_key_or_of_its_section() -> None:
    _, problems = read_text("epochs: 3\ndata:\n  source: folder\n")
    assert (problems[0].line, problems[0].key) == (2, "data.path")


def test_an_empty_section_is_all_defaults() -> None:
    config, _ = read_text("model:\ndata: {}\nadvice: null\n")
    assert config == TrainingConfig()


def test_the_given_values_arrive_in_the_config() -> None:
    config, _ = read_text("model: {blocks: [{filters: 8, pooling: None}]}\ndata: {cache: off}\n")
    assert config is not None
    assert config.model.blocks == (Block(filters=8, pooling="none"),)
    assert config.data.cache == "off"


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["auto", "adam", "1"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["filters", "units", "x"]), inner),
    max_leaves=4,
)
KEYS = st.sampled_from([entry.key for entry in FIELDS] + ["model", "data", "x"])


@settings(max_examples=250, deadline=None)
@given(st.dictionaries(KEYS, JSON, max_size=5))
def test_any_values_make_a_config_or_problems(flat: dict[str, Any]) -> None:
    nested: dict[str, Any] = {}
    for key, value in flat.items():
        section, _, name = key.rpartition(".")
        if not section:
            nested[name] = value
        elif isinstance(nested.setdefault(section, {}), dict):
            nested[section][name] = value
    checked = convert(nested)
    assert (checked.config is None) == bool(checked.problems)
    assert all(problem.text.isprintable() for problem in checked.problems)
    if checked.config is not None:
        assert msgspec.json.decode(msgspec.json.encode(checked.config), type=TrainingConfig) == checked.config
