"""A save changes the values that changed and no other byte."""

from __future__ import annotations

import difflib
from typing import Any

import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.config.strategies import QUICK, configs, texts, values
from training.config import inplace
from training.config.fields import FIELDS, Field, value
from training.config.files import dump, edit, read_text
from training.config.leaf import check
from training.config.patch import apply, replaced
from training.config.presets import PRESETS
from training.config.problems import ConfigError
from training.config.schema import TrainingConfig
from training.config.yaml12 import Document, parse

MINE = """\
# my run
optimizer: adam   # good
learning_rate: 1e-3
lr_strategy: "Constant"

model:
  kind: custom_cnn
  blocks:   # conv
    - filters: 32   # first
      dropout: 0.25
    # the second
    - filters: 64
  # dense
  dense_layers:
  - {units: 128, dropout: 0.5}

# data here
data: {source: 'digits', val_fraction: 0.25}
"""


def changed_lines(text: str, patch: dict[str, Any]) -> list[str]:
    """The lines that an edit takes out (-) and puts in (+), after checking that the result says the patched config."""
    config, _ = read_text(text)
    assert config is not None
    wanted = apply(config, patch)
    result = edit(text, wanted)
    assert read_text(result) == (wanted, ())
    lines = difflib.unified_diff(text.splitlines(), result.splitlines(), n=0, lineterm="")
    return [line for line in lines if not line.startswith(("---", "+++", "@@"))]


@pytest.mark.parametrize(
    ("patch", "expected"),
    [
        ({}, []),
        ({"optimizer": "Adam", "learning_rate": 0.001}, []),
        ({"optimizer": "AdamW"}, ["-optimizer: adam   # good", "+optimizer: AdamW  # good"]),
        ({"lr_strategy": "Step Decay"}, ['-lr_strategy: "Constant"', '+lr_strategy: "Step Decay"']),
        ({"epochs": 20}, ["+epochs: 20"]),
        ({"model.blocks.0.filters": 16}, ["-    - filters: 32   # first", "+    - filters: 16   # first"]),
        ({"model.blocks.1.dropout": 0.3}, ["+      dropout: 0.3"]),
        (
            {"model.dense_layers.0.units": 64},
            ["-  - {units: 128, dropout: 0.5}", "+  - {units: 64, dropout: 0.5}"],
        ),
        ({"model.dense_layers": [{"units": 128, "dropout": 0.5}, {"units": 8}]}, ["+  - {units: 8}"]),
        (
            {"model.dense_layers": []},
            ["-  dense_layers:", "-  - {units: 128, dropout: 0.5}", "+  dense_layers: []"],
        ),
        (
            {"model.blocks": [{"filters": 32, "dropout": 0.25}]},
            ["-    # the second", "-    - filters: 64"],
        ),
        (
            {"data.subset": 50.0, "data.source": "folder", "data.path": "it's"},
            [
                "-data: {source: 'digits', val_fraction: 0.25}",
                "+data: {source: 'folder', val_fraction: 0.25, path: \"it's\", subset: 50.0}",
            ],
        ),
        ({"runtime.seed": 3}, ["+", "+runtime:", "+  seed: 3"]),
    ],
)
def test_only_the_lines_of_changed_keys_change(patch: dict[str, Any], expected: list[str]) -> None:
    assert changed_lines(MINE, patch) == expected


def test_a_missing_flat_key_joins_the_flat_keys() -> None:
    lines = edit(MINE, apply(TrainingConfig(), {"epochs": 20})).splitlines()
    assert lines.index("epochs: 20") == lines.index('lr_strategy: "Constant"') + 1


@pytest.mark.parametrize(
    ("text", "patch", "expected"),
    [
        ("epochs: 5", {"epochs": 6, "l2_decay": True}, "epochs: 6\nl2_decay: true"),
        ("epochs: 5\r\n\r\n", {"l2_decay": True}, "epochs: 5\r\nl2_decay: true\r\n\r\n"),
        ("\ufeffepochs: 5 \n", {"epochs": 6}, "\ufeffepochs: 6 \n"),
        ("epochs: # soon\n", {"epochs": 6}, "epochs: 6 # soon\n"),
        ("{epochs: 5}", {"l2_decay": True}, "{epochs: 5, l2_decay: true}"),
        ("{epochs: 5, # c\n}\n", {"epochs": 6}, "{epochs: 6, # c\n}\n"),
        ("model:\nepochs: 5\n", {"model.depth": 2}, "model: {depth: 2}\nepochs: 5\n"),
        ("data:\n    val_fraction: .3\n", {"runtime.seed": 1}, "data:\n    val_fraction: .3\nruntime:\n    seed: 1\n"),
        (
            "data:\n  source: folder\n  path: >-\n    a\n    b\n\n# c\nepochs: 5\n",
            {"data.path": "x"},
            "data:\n  source: folder\n  path: x\n\n# c\nepochs: 5\n",
        ),
        (
            "data:\n  val_fraction: .3\n  # path: mine\nepochs: 5\n",
            {"data.normalise": False},
            "data:\n  val_fraction: .3\n  # path: mine\n  normalise: false\nepochs: 5\n",
        ),
        (
            "model: {blocks: [&b {filters: 8}, *b]} # twice\n",
            {"model.blocks.1.filters": 16},
            "model: {blocks: [&b {filters: 8}, {filters: 16}]} # twice\n",
        ),
        ("optimizer: 'Adam'\n", {"optimizer": "AdamW"}, "optimizer: 'AdamW'\n"),
        ("# nothing yet", {}, "# nothing yet"),
    ],
)
def test_the_files_own_style_is_kept(text: str, patch: dict[str, Any], expected: str) -> None:
    config, _ = read_text(text)
    result = edit(text, apply(config or TrainingConfig(), patch))
    assert result == expected


@pytest.mark.parametrize(
    "text", ["", "# mine\n", "# mine\n\n---\n", "# mine\n{}", "# mine\nnull\n", "# mine\n? epochs\n"]
)
def test_a_text_with_no_place_for_a_value_becomes_a_new_file_under_its_comments(text: str) -> None:
    wanted = apply(TrainingConfig(), {"epochs": 7, "runtime.seed": 1})
    result = edit(text, wanted)
    assert read_text(result) == (wanted, ())
    assert result.startswith("# mine\n" if text else "optimizer: Adam\n")


def test_values_that_were_invalid_are_replaced() -> None:
    text = "epochs: many # or few\nmodel: 5\ndata: {source: [1]}\nruntime:\n  - x\n"
    wanted = apply(TrainingConfig(), {"model.depth": 3})
    assert edit(text, wanted) == "epochs: 100  # or few\nmodel: {depth: 3}\ndata: {source: digits}\nruntime: {}\n"


def test_unknown_keys_stay_until_their_removal_is_asked_for() -> None:
    text = "epochs: 5\nfoo: 1 # mine\nmodel:\n  bar: [1]\n  depth: 3\ndata: {baz: 1, val_fraction: 0.3}\n"
    wanted = apply(TrainingConfig(), {"epochs": 6, "model.depth": 3, "data.val_fraction": 0.3})
    assert edit(text, wanted) == text.replace("epochs: 5", "epochs: 6")
    assert edit(text, wanted, remove=["foo", "model.bar", "data.baz", "nowhere"]) == (
        "epochs: 6\nmodel:\n  depth: 3\ndata: {val_fraction: 0.3}\n"
    )


def test_a_text_that_is_no_yaml_is_refused() -> None:
    with pytest.raises(ConfigError):
        edit("a: [", TrainingConfig())


@QUICK
@given(st.data())
def test_any_text_can_be_made_to_say_any_config(data: st.DataObject) -> None:
    old = data.draw(configs())
    text = data.draw(texts(old))
    assert read_text(text) == (old, ())
    assert edit(text, old) == text, "an edit without a change is the identity"

    new = data.draw(configs())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(inplace, "_rewritten", lambda *_: pytest.fail("the text was given up"))
        result = edit(text, new)
    assert read_text(result) == (new, ())
    assert edit(result, new) == result


def alike(a: str, b: str) -> int:
    """How many characters two texts start with alike."""
    return next((index for index, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))


LEAVES = [entry for entry in FIELDS if not entry.items]


@QUICK
@given(st.data())
def test_one_changed_value_changes_no_other_byte(data: st.DataObject) -> None:
    config = data.draw(configs())
    text = data.draw(texts(config))
    entry = data.draw(st.sampled_from(LEAVES))
    new = check(entry, data.draw(values(entry)))
    assume(new != value(config, entry.key))
    result = edit(text, replaced(config, entry.key, new))
    document = parse(text)
    place = value_place(document, entry)
    if place:
        first, last = place
        assert result.startswith(text[:first])
        before, after = parted(text[last:])
        if not after.startswith("#") or "\n" in text[first:last]:
            assert result.endswith(text[last:])
            return
        assert result.endswith(after), "but for the spaces before a comment"
        value_end = value_place(parse(result), entry)
        assert value_end
        gap = len(result) - len(after) - value_end[1]
        wider = value_end[1] - last
        assert gap == max(1, len(before) - wider), "the comment keeps its column, as far as there is room"
    elif document.values:
        kept = alike(text, result)
        kept_after = alike(text[kept:][::-1], result[kept:][::-1])
        empty = document.values.get(entry.section, "") in (None, {})
        assert kept + kept_after == len(text) or empty, "the rest stays, but for the null or {} of an empty section"
        assert value_place(parse(result), entry)


def parted(text: str) -> tuple[str, str]:
    """The spaces that a text begins with, and the rest."""
    rest = text.lstrip(" ")
    return text[: len(text) - len(rest)], rest


def value_place(document: Document, entry: Field) -> tuple[int, int] | None:
    """Where a key's value stands in the text, the space before it included."""
    node: yaml.Node | None = document.root
    for name in entry.key.split("."):
        if not isinstance(node, yaml.MappingNode):
            return None
        found = [(key, child) for key, child in node.value if key.value == name]
        if not found:
            return None
        key, node = found[0]
    assert node is not None
    return key.end_mark.index, node.end_mark.index


@QUICK
@given(st.data())
def test_a_key_that_is_there_twice_is_refused_with_both_lines(data: st.DataObject) -> None:
    text = data.draw(texts(data.draw(configs())))
    document = parse(text)
    assume(document.root and not document.root.flow_style and "..." not in text)
    assert document.root
    key, _ = data.draw(st.sampled_from(document.root.value))
    again = text.rstrip("\r\n") + f"\n{' ' * key.start_mark.column}{key.value}: 1"
    config, problems = read_text(again, "c.yaml")
    assert config is None
    assert f"already set on line {key.start_mark.line + 1}" in problems[-1].message
    assert problems[-1].line == parse(text.rstrip("\r\n") + "\n").text.count("\n") + 1


@given(st.sampled_from([MINE, dump(PRESETS[0].config, only_changed=False)]), st.data())
def test_a_text_that_loads_is_saved_as_it_is(text: str, data: st.DataObject) -> None:
    """After any few characters were put in, taken out or changed."""
    for _ in range(data.draw(st.integers(1, 3))):
        first = data.draw(st.integers(0, len(text)))
        last = first + data.draw(st.sampled_from([0, 0, 1, 2, 7]))
        text = text[:first] + data.draw(st.sampled_from([*PIECES]) | st.text(max_size=2)) + text[last:]
    config, problems = read_text(text, "c.yaml")
    if config is not None:
        assert edit(text, config) == text
    else:
        assert all(problem.line and problem.text.startswith("c.yaml:") for problem in problems)


PIECES = [
    "",
    "\n",
    "\r\n",
    "\r",
    " ",
    "\t",
    "#",
    " # ",
    ": ",
    "- ",
    "&a ",
    "*a",
    "{",
    "}",
    "[]",
    "'",
    '"',
    "---\n",
    "\ufeff",
    "é",
    "\x85",
]
