"""The YAML view shows the file as it will be saved, what changed, what is wrong, and the focused field."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.config.strategies import configs, texts
from training.config.schema import TrainingConfig
from tui.editor.draft import Draft
from tui.editor.yaml_lines import Entry, entries, title_row, yaml_rows
from tui.editor.yaml_text import BREAK, ROLES, changes, yaml_text
from tui.widgets.rows import STYLES, Row, width_of

MINE = """\
# my run
optimizer: adam   # good
learning_rate: 1e-3

model:
  blocks:
    - filters: 32   # first
    # the second
    - filters: 64
  depth: 3
data: {source: 'digits', val_fraction: 0.25}
"""
KEYS = ["learning_rate", "section:", "section:model", "section:advice", "model.blocks.+", "model.blocks.0.filters"]
KEYS += ["model.blocks.1.dropout", "model.width", "runtime.seed", "es_patience", "data.path", "no.such.key", ""]


@pytest.fixture
def draft(tmp_path: Path) -> Draft:
    path = tmp_path / "mine.yaml"
    path.write_text(MINE)
    return Draft.open(path)


def view(draft: Draft, key: str = "optimizer", width: int = 60, height: int = 40) -> list[str]:
    """The rows below the title, as text."""
    return ["".join(text for text, _ in row).rstrip() for row in styled(draft, key, width, height)]


def styled(draft: Draft, key: str = "optimizer", width: int = 60, height: int = 40) -> list[Row]:
    text = yaml_text(draft.yaml(), draft.text)
    found = entries(text, draft.config, draft.notes, draft.typed, key, width)
    return yaml_rows(found, text, 0, width, height)[0]


def title(draft: Draft) -> str:
    row = title_row("mine.yaml", yaml_text(draft.yaml(), draft.text), draft.text, 40)
    return "".join(text for text, _ in row)


def test_an_unchanged_file_is_shown_as_it_is(draft: Draft) -> None:
    assert [row[6:] for row in view(draft)] == MINE.split("\n")[:-1]
    assert view(draft)[1] == "▸   2 optimizer: adam   # good"
    assert title(draft) == "mine.yaml" + " " * 20 + "as on disk".rjust(11)


def test_changes_are_marked_against_the_file_on_disk(draft: Draft) -> None:
    draft.set("learning_rate", 0.01)
    draft.set("runtime.seed", 3)
    draft.remove_item("model.blocks.1")
    shown = view(draft)
    assert shown[2] == " ~! 3 learning_rate: 1e-2"
    assert shown[7:10] == [" −        # the second", " −        - filters: 64", "    8   depth: 3"]
    assert shown[-2:] == [" + 11 runtime:", " + 12   seed: 3"]
    assert title(draft).split()[-3:] == ["6", "lines", "changed"]


def test_many_lines_that_are_gone_are_counted(draft: Draft) -> None:
    shown = yaml_text("a: 1\nz: 2\n", "a: 1\n" + "b: 0\n" * 9 + "z: 2\n")
    found = entries(shown, TrainingConfig(), [], {}, "a", 40)
    assert ["".join(text for text, _ in entry.parts) for entry in found if entry.change] == [
        "b: 0",
        "b: 0",
        "… 7 more lines",
    ]
    assert shown.changed == 9


def test_a_new_config_has_nothing_marked() -> None:
    draft = Draft(TrainingConfig())
    draft.set("epochs", 7)
    assert not [row for row in view(draft) if row[1:2] not in ("", " ")]
    assert "not on disk yet" in title(draft)


def test_what_was_typed_and_is_no_value_shows_below_the_line_of_its_key(draft: Draft) -> None:
    draft.type("learning_rate", "abc")
    shown = view(draft)
    assert shown[2] == "  ✗ 3 learning_rate: 1e-3"
    assert shown[3].strip() == '✗ "abc" is not a number. Write a number greater than'
    assert shown[4].strip() == "0."


def test_an_error_of_an_item_shows_at_its_item_with_what_was_typed(draft: Draft) -> None:
    draft.type("model.blocks.1", "filters: x")
    shown = view(draft, width=80)
    at = shown.index("  ✗ 9     - filters: 64")
    assert shown[at + 1].strip().startswith('✗ "filters: x": Block 2: filters: "x" is not a number.')


def test_an_error_of_a_key_that_the_file_lacks_names_the_key(draft: Draft) -> None:
    draft.type("es_patience", "few")
    draft.type("runtime.seed", "few")
    shown = view(draft, width=99)
    assert shown[3].strip() == '✗ es_patience: "few" is not a number. Write a whole number of at least 1.'
    assert shown[-2].strip().startswith('✗ runtime.seed: "few" is not a number.')


def test_warnings_and_hints_are_marked_by_their_symbols(draft: Draft) -> None:
    draft.set("learning_rate", 5.0)
    marks = {row[2] for row in view(draft)}
    assert "!" in marks
    assert {note.severity for note in draft.notes} >= {"warning"}


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("learning_rate", "▸   3 learning_rate: 1e-3"),
        ("model.blocks.0", "▸   7     - filters: 32   # first"),
        ("model.blocks.1.dropout", "▸   9     - filters: 64"),
        ("model.blocks.+", "▸   9     - filters: 64"),
        ("section:model", "▸   5 model:"),
        ("section:", "▸   2 optimizer: adam   # good"),
        ("data.source", "▸  11 data: {source: 'digits', val_fraction: 0.25}"),
    ],
)
def test_the_focused_field_is_pointed_at(draft: Draft, key: str, expected: str) -> None:
    assert [row for row in view(draft, key) if row.startswith("▸")] == [expected]


@pytest.mark.parametrize(
    ("key", "after", "expected"),
    [
        ("es_patience", "3 learning_rate: 1e-3", "es_patience: 10  # default, not in the file"),
        ("model.heads", "10   depth: 3", "  heads: 4  # default, not in the file"),
        ("data.path", "11 data: {source: 'digits', val_fraction: 0.25}", "  path: null  # default, not in the file"),
        ("runtime.seed", "11 data: {source: 'digits', val_fraction: 0.25}", "  seed: 0  # default, not in the file"),
        (
            "section:advice",
            "11 data: {source: 'digits', val_fraction: 0.25}",
            "advice: at its defaults, not in the file",
        ),
    ],
)
def test_a_key_at_its_default_is_shown_where_it_would_stand(draft: Draft, key: str, after: str, expected: str) -> None:
    shown = view(draft, key)
    at = next(index for index, row in enumerate(shown) if row.startswith("▸"))
    assert (shown[at - 1][3:].strip(), shown[at][6:]) == (after, expected)


def test_keys_values_and_comments_have_their_colours() -> None:
    text = "# c\nmodel: &m {'kind' : vit} # d\n\ndata:\n  path: >-\n    a # no\n    b\nepochs: '#5'\n"
    parts = [[(piece.strip(), style) for piece, style in row if piece.strip()] for row in yaml_text(text, "").rows]
    key, value, comment, mark = (ROLES[role] for role in ("key", "value", "comment", "mark"))
    assert parts == [
        [("# c", comment)],
        [("model", key), (": &m {", mark), ("'kind'", key), (":", mark), ("vit", value), ("}", mark), ("# d", comment)],
        [],
        [("data", key), (":", mark)],
        [("path", key), (":", mark), (">-", value)],
        [("a # no", value)],
        [("b", value)],
        [("epochs", key), (":", mark), ("'#5'", value)],
    ]


def test_the_view_scrolls_no_more_than_it_has_to() -> None:
    text = yaml_text("".join(f"k{at}: {at}\n" for at in range(100)), "")
    top = 0
    for key, expected in [
        ("k0", 0),
        ("k5", 0),
        ("k7", 0),
        ("k8", 1),
        ("k50", 43),
        ("k49", 43),
        ("k99", 90),
        ("k20", 18),
    ]:
        found = entries(text, TrainingConfig(), [], {}, key, 30)
        found = [
            Entry(entry.line, entry.parts, focused=f"k{entry.line}" == key) for entry in found if entry.line is not None
        ]
        shown, top = yaml_rows(found, text, top, 30, 10)
        assert (top, len(shown)) == (expected, 10), key


def test_a_text_that_is_no_yaml_is_shown_with_the_reason_at_its_line() -> None:
    text = yaml_text("epochs: 3\nmodel: [\n", "")
    found = entries(text, TrainingConfig(), [], {}, "epochs", 60)
    assert [(entry.line, entry.note) for entry in found if entry.note] == [
        (text.fault[0] if text.fault else -1, "error")
    ]
    assert any(entry.message for entry in found)


def test_an_escape_sequence_in_a_file_does_not_reach_the_screen() -> None:
    shown = yaml_text("epochs: 3 # \x9b31mred\n", "epochs: 3 # \x9b1mx\ngone: '\x9b2J'\n")
    found = entries(shown, TrainingConfig(), [], {}, "epochs", 60)
    assert not [text for entry in found for text, _ in entry.parts if "\x9b" in text]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_config_in_any_spelling_is_shown_whole_at_any_size(data: st.DataObject) -> None:
    config = data.draw(configs())
    text = data.draw(texts(config))
    draft = Draft(config, text=text, path=Path("c.yaml"))
    draft.type(
        data.draw(st.sampled_from(["learning_rate", "model.blocks.0", "data.path"])), data.draw(st.text(max_size=9))
    )
    key = data.draw(st.sampled_from(KEYS))
    width, height = data.draw(st.tuples(st.integers(30, 90), st.integers(1, 30)))
    shown = yaml_text(draft.yaml(), draft.text)
    lines = BREAK.split(draft.yaml())
    assert [("".join(part for part, _ in row)) for row in shown.rows] == [
        line.replace("\ufeff", "") for line in (lines if lines[-1] else lines[:-1])
    ]
    painted = styled(draft, key, width, height)
    assert len(painted) <= height
    assert {width_of(row) for row in painted} <= {width}
    assert {style for row in painted for _, style in row} <= set(STYLES)
    everything = entries(shown, draft.config, draft.notes, draft.typed, key, width)
    assert sum(entry.focused for entry in everything) == 1
    assert [entry.line for entry in everything if entry.line is not None] == list(range(len(shown.rows)))


@given(st.lists(st.sampled_from("abcd:"), max_size=8), st.lists(st.sampled_from("abcd:"), max_size=8))
def test_marks_tell_how_one_file_becomes_the_other(old: list[str], new: list[str]) -> None:
    marks, gone = changes(old, new)
    assert len(marks) == len(new)
    assert len(old) == len(new) - marks.count("+") + sum(map(len, gone.values()))
    assert (not any(marks) and not gone) == (old == new)
