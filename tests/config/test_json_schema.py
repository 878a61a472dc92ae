"""The JSON Schema says of a file what a load says, key by key; and editors find their way by it."""

from __future__ import annotations

import json
import math
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from tests.config.strategies import configs, texts, values
from training.config import yaml12
from training.config.fields import FIELDS, Field
from training.config.files import dump, edit, read_text
from training.config.json_schema import field_schema, json_schema
from training.config.leaf import WrongValue, check
from training.config.names import ALIASES, NULL_CHOICES
from training.config.presets import PRESETS
from training.config.schema import TrainingConfig
from training.config.table import SECTIONS
from training.config.validate import check_items

SCHEMA = json_schema()
VALIDATOR = Draft7Validator(SCHEMA)
ALL_FIELDS = [inner for field in FIELDS for inner in (field, *field.items)]


def as_json(held: Any) -> Any:
    return msgspec.json.decode(msgspec.json.encode(held))


def complaints(mapping: Any) -> list[str]:
    return [f"{list(error.path)}: {error.message}" for error in VALIDATOR.iter_errors(mapping)]


def taken(field: Field, raw: Any) -> bool:
    """Whether a load takes the value."""
    try:
        return (check_items if field.items else check)(field, raw) is not ...
    except WrongValue:
        return False


def test_it_is_a_schema_of_the_draft_that_editors_know() -> None:
    Draft7Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "http://json-schema.org/draft-07/schema#"
    assert json.loads(json.dumps(SCHEMA, allow_nan=False)) == SCHEMA


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_every_file_that_loads_is_valid(data: st.DataObject) -> None:
    config = data.draw(configs())
    document = yaml12.scan(data.draw(texts(config)), "c.yaml")
    assert complaints(document.values) == []


@pytest.mark.parametrize("entry", PRESETS, ids=lambda entry: entry.id)
def test_every_preset_is_valid_with_all_its_keys(entry: Any) -> None:
    assert complaints(yaml12.scan(dump(entry.config), "c.yaml").values) == []
    assert complaints(as_json(entry.config)) == []


def _numbers(field: Field) -> st.SearchStrategy[Any]:
    """Numbers at, just beside and far from the bounds."""
    edges: list[Any] = [0, 1, -1, 2**63 - 1, 2**63, -(2**63), 1e300, 0.5]
    for bound in (field.minimum, field.maximum):
        if bound is not None:
            edges += [bound, bound - 1, bound + 1, float(bound), math.nextafter(bound, -math.inf)]
            edges += [math.nextafter(bound, math.inf)]
    return st.sampled_from(edges) | st.floats(allow_nan=False, allow_infinity=False) | st.integers()


def _words(field: Field) -> st.SearchStrategy[str]:
    known = [*field.choices, *ALIASES.get(field.key, {}), *field.suggest, field.extra_choice, "auto", "epoch", "cuda:0"]
    in_some_case = st.sampled_from([word for word in known if word]).flatmap(
        lambda word: st.sampled_from(
            [word, word.upper(), word.lower(), word.title(), f" {word}", f"{word}\t", f"{word}s"]
        )
    )
    odd = ["", " ", "\n", "a\nb", "a\x1b[0m", "x\x7f", "cuda:٣", "cuda:1\n", "12 min", "0 steps", "GPU-", "5", "null"]
    return in_some_case | st.sampled_from(odd) | st.text(max_size=6)


def _anything(field: Field) -> st.SearchStrategy[Any]:
    other: st.SearchStrategy[Any] = st.sampled_from(
        [None, True, False, [], {}, [None], [1], ["a"], [""], ["a\n"], {"a": 1}, [{}], [[]]]
    )
    right = values(field).map(as_json)
    return right | _numbers(field) | _words(field) | other | st.lists(_words(field), max_size=2)


@pytest.mark.parametrize("field", ALL_FIELDS, ids=lambda field: field.key)
def test_a_value_is_valid_exactly_where_a_load_takes_it(field: Field) -> None:
    validator = Draft7Validator(field_schema(field))

    @given(_anything(field))
    @settings(max_examples=60, deadline=None)
    def agree(raw: Any) -> None:
        assert validator.is_valid(raw) == taken(field, raw), raw

    agree()


@pytest.mark.parametrize(
    "text",
    [
        "optimiser: Adam\n",
        "model: {blocks: [{kernel_size: 3}]}\n",
        "model: {blocks: []}\n",
        "model: {blocks: [null]}\n",
        "model: {blocks: [{filters: 3, filter: 4}]}\n",
        "runtime: 5\n",
        "advice: {silenced: x}\n",
    ],
)
def test_what_a_load_refuses_is_refused(text: str) -> None:
    assert read_text(text)[0] is None
    assert complaints(yaml12.scan(text, "c.yaml").values)


def test_a_section_without_keys_and_an_empty_file_are_valid() -> None:
    assert complaints({"model": None, "advice": {}}) == []
    assert complaints(yaml12.scan("# nothing\n", "c.yaml").values) == []


def test_every_key_has_its_title_its_help_and_its_default_once() -> None:
    sections = {section.name for section in SECTIONS if section.name}
    for field in FIELDS:
        properties = SCHEMA["properties"]
        schema = (properties[field.section]["properties"] if field.section else properties)[field.name]
        assert schema["title"] == field.title
        assert schema["description"].startswith(field.help)
        assert field.unit in schema["description"]
        assert not field.guide or f"Guide, section {field.guide[0]}" in schema["description"]
        assert schema["default"] == as_json(field.default)
    assert {name for name in SCHEMA["properties"] if name not in {field.name for field in FIELDS}} <= sections


def test_the_canonical_spellings_are_offered_before_the_aliases() -> None:
    offered = SCHEMA["properties"]["class_weights"]["anyOf"][0]["enum"]
    assert offered == ["None", "Auto Class Weights", "Focal Loss", "none", "auto", "focal", None]
    assert NULL_CHOICES["class_weights"] == "None"


def test_a_key_that_hangs_on_another_says_so() -> None:
    assert "Counts while l2_decay is true." in SCHEMA["properties"]["l2_lambda"]["description"]


MODELINE = "# yaml-language-server: $schema=./traindeck.schema.json\n"


@pytest.mark.parametrize("rest", ["", "epochs: 3 # few\n", "\nmodel:\n  kind: vit\n"])
def test_the_line_that_editors_look_for_survives_saving(rest: str) -> None:
    config, problems = read_text(MODELINE + rest)
    assert config is not None, problems
    assert edit(MODELINE + rest, config) == MODELINE + rest
    changed = msgspec.structs.replace(config, epochs=9, optimizer="AdamW")
    saved = edit(MODELINE + rest, changed)
    assert saved.startswith(MODELINE)
    assert read_text(saved)[0] == changed
    assert edit(MODELINE, TrainingConfig()).startswith(MODELINE)
