"""The words of a hook's command: what is filled in, and where nothing of a run may be, as it would be run as code."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

PLACEHOLDERS = re.compile(r"\{(event|title|detail|run|name)\}")
VARIABLES = {
    "event": "TRAINDECK_EVENT", "title": "TRAINDECK_TITLE", "detail": "TRAINDECK_DETAIL",
    "run": "TRAINDECK_RUN", "name": "TRAINDECK_RUN_NAME",
}  # fmt: skip
"""What the environment calls each of them."""
_SHELL = re.compile(r"(?:ba|da|a|z|k|mk|pdk|c|tc|fi|pw)?sh(?:\.exe)?")
_OPTION_OF_CODE = (
    (_SHELL, re.compile(r"-[a-z]*c", re.IGNORECASE)),
    (re.compile(r"(?:python|pypy)w?[\d.]*(?:\.exe)?"), re.compile(r"-[a-zA-Z]*c")),
    (re.compile(r"(?:perl|ruby|lua|osascript)[\d.]*"), re.compile(r"-[a-zA-Z]*[eE]")),
    (re.compile(r"nodejs|node|bun|deno"), re.compile(r"-{1,2}(?:e|eval|p|print)$")),
    (re.compile(r"php[\d.]*"), re.compile(r"-[rBRE]")),
    (re.compile(r"su|runuser|script|flock|sg"), re.compile(r"--?c")),
)
"""Programs, and the options after which they take code."""
_CODE_COMES_LATER = re.compile(r"su|runuser|script|flock|sg")
"""Of those the programs that may have words of another meaning before the option."""
_TAKES_A_WORD = re.compile(r"[-+][a-zA-Z]*[oOWX]")
"""Options such as `-o pipefail`: the word after them is no script."""
_ALL_IS_CODE = ("ssh", "eval")
"""Programs that hand all their words to a shell."""


def filled(word: str, values: Mapping[str, str]) -> str:
    """The word with its placeholders replaced, all at once; text of a run never makes an option of it."""
    told = PLACEHOLDERS.sub(lambda match: values[match[1]], word)
    return f" {told}" if told.startswith("-") and not word.startswith("-") else told


def placeholder_in_code(words: Sequence[str]) -> tuple[str, str] | None:
    """The first placeholder that would become a part of code, and the program that would run it."""
    for at, word in enumerate(words):
        program = word.rpartition("/")[2]
        rest = words[at + 1 :]
        found = next((each for each in _code(program, rest) if PLACEHOLDERS.search(each)), None)
        if found is not None and (match := PLACEHOLDERS.search(found)):
            return match[1], program
    return None


def is_shell(program: str) -> bool:
    return bool(_SHELL.fullmatch(program))


def _code(program: str, words: Sequence[str]) -> Sequence[str]:
    """Those of the words after a program that it runs."""
    if program in _ALL_IS_CODE:
        return words
    option = next((option for name, option in _OPTION_OF_CODE if name.fullmatch(program)), None)
    if option is None:
        return ()
    begun = takes = False
    for at, word in enumerate(words):
        if word.startswith(("-", "+")):
            begun, takes = begun or bool(option.match(word)), bool(_TAKES_A_WORD.fullmatch(word))
        elif takes:
            takes = False
        elif begun:
            return words[: at + 1]
        elif not _CODE_COMES_LATER.fullmatch(program):
            return ()
    return words if begun else ()
