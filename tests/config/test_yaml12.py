"""YAML is read by the core rules of YAML 1.2, and whatever is wrong with it comes with its line."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.config.problems import ConfigError
from training.config.yaml12 import parse, scalar, scan


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1e-3", 0.001),
        ("3e-4", 0.0003),
        (".5", 0.5),
        ("5.", 5.0),
        ("1E5", 100000.0),
        ("+.5e+3", 500.0),
        ("0o17", 15),
        ("0x1F", 31),
        ("010", 10),
        ("-7", -7),
        ("true", True),
        ("True", True),
        ("FALSE", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("-.inf", -math.inf),
        (".INF", math.inf),
        ("off", "off"),
        ("no", "no"),
        ("on", "on"),
        ("yes", "yes"),
        ("y", "y"),
        ("1:30", "1:30"),
        ("1_000", "1_000"),
        ("2001-01-01", "2001-01-01"),
        ("0b11", "0b11"),
        ("None", "None"),
        ("nUll", "nUll"),
        ("=", "="),
        ("'1'", "1"),
        ("!!str 5", "5"),
        ("!!float 5", 5.0),
        ('"\\ud83d\\ude42"', "🙂"),
    ],
)
def test_a_scalar_is_what_yaml_1_2_says(text: str, expected: Any) -> None:
    value = parse(f"a: {text}").values["a"]
    assert (value, type(value)) == (expected, type(expected))


def test_not_a_number_is_a_float() -> None:
    assert math.isnan(scalar(".nan"))


def test_a_key_on_stays_a_text() -> None:
    assert parse("on: 1\nno: 2\n1: 3\ntrue: 4").values == {"on": 1, "no": 2, "1": 3, "true": 4}


def test_every_key_and_item_knows_its_line() -> None:
    document = parse("# top\nmodel:\n  blocks:\n    - filters: 3\n\n    - {filters: 4}\nepochs: 5\n")
    assert document.lines == {
        ("model",): 2,
        ("model", "blocks"): 3,
        ("model", "blocks", "0"): 4,
        ("model", "blocks", "0", "filters"): 4,
        ("model", "blocks", "1"): 6,
        ("model", "blocks", "1", "filters"): 6,
        ("epochs",): 7,
    }


@pytest.mark.parametrize("text", ["", "# only a comment\n", "---\n", "null", "\ufeff"])
def test_a_text_without_values_is_an_empty_mapping(text: str) -> None:
    assert parse(text).values == {}


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: 1\na: 2", 2, "already set on line 1"),
        ("m:\n  a: 1\n  b: 2\n  a: 3", 4, "already set on line 2"),
        ("a: 1\nb: !foo 3", 2, "tag !foo"),
        ("a: !!python/object/apply:os.system [x]", 1, "tag !!python/object/apply:os.system"),
        ("a: !!set {x}", 1, "tag !!set"),
        ("a: !!map 5", 1, "does not fit"),
        ("a: !!int x", 1, "not a value of type int"),
        (f"a: {'9' * 5000}", 1, "not a value of type int"),
        ("a: 1\n? [x]\n: 2", 2, "A key is a name"),
        ("a: &x {b: 1}\nc:\n  <<: *x", 3, "Merge keys"),
        ("a: 1\n\tb: 2", 2, "tab"),
        ("a:\t1", 1, "tab"),
        ("- 1", 1, "this is a list"),
        ("just words", 1, "this is a single value"),
        ("a: 1\n---\nb: 2", 2, "second document"),
        ("a: 1\nb: *nowhere", 2, "alias"),
        ("a: &x [*x]", 1, "contains itself"),
        ("a: b: c", 1, "second `:`"),
        ("a: 1\nb: 'x", 2, "does not end"),
        ("a: 1\nb: {", 2, "does not end"),
        ("a: @x", 1, "cannot start with"),
        ("a: 1\nb: \x01", 2, "U+0001"),
        ('a: 1\nb: "\\UFFFFFFFF"', 2, "names no character"),
        ("%YAML 3.0\n---\na: 1", 1, "version"),
        ("a: " + "[" * 99, 1, "too deep"),
        ("- " * 99, 1, "too deep"),
    ],
)
def test_what_is_wrong_is_one_problem_with_its_line(text: str, line: int, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(text, "c.yaml")
    (problem,) = caught.value.problems
    assert problem.line == line
    assert words in problem.text
    assert problem.text.startswith(f"c.yaml:{line}: ")


def test_aliases_that_multiply_are_refused_before_they_fill_the_memory() -> None:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    lines += [f"{chr(98 + i)}: &{chr(98 + i)} [{', '.join([f'*{chr(97 + i)}'] * 9)}]" for i in range(12)]
    with pytest.raises(ConfigError, match="Too many values"):
        parse("\n".join(lines))


def test_all_single_faults_of_a_text_are_reported_together() -> None:
    document = scan("a: 1\na: 2\nb: !x 3\nc: 4\n")
    assert [problem.line for problem in document.problems] == [2, 3]
    assert document.values["c"] == 4


def test_a_terminal_escape_in_a_file_does_not_reach_the_message() -> None:
    with pytest.raises(ConfigError) as caught:
        parse('a: !!int "\\e[31mred"')
    assert "\x1b" not in str(caught.value)


MARKS = [
    "- ",
    ": ",
    "? ",
    ", ",
    "{",
    "}",
    "[",
    "]",
    "'",
    '"',
    "&a ",
    "*a",
    "!t ",
    "!!int ",
    "# c",
    "|\n",
    ">-\n",
    "\\x",
    "<<: ",
]
BREAKS = ["\n", "\n", "\r", "  ", "\t", "\ufeff", "---\n", "...\n", "%TAG ! x\n", "\x85", "\u2028", "\0"]
YAML_PIECES = st.sampled_from([*MARKS, *BREAKS, "a", "1e5", "é"])


@settings(max_examples=400, deadline=None)
@given(st.text(max_size=40) | st.lists(YAML_PIECES, max_size=14).map("".join))
def test_any_text_is_read_or_refused_with_a_sentence(text: str) -> None:
    try:
        document = scan(text)
    except ConfigError as error:
        problems = error.problems
        assert problems
    else:
        problems = list(document.problems)
        assert isinstance(document.values, dict)
    for problem in problems:
        assert problem.text.isprintable()
        assert problem.line is None or 1 <= problem.line <= len(text.splitlines()) + 1
