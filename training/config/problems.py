"""What is wrong with a config, as sentences that name the file, the line, the key and the remedy."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from training.errors import InvalidInput, TraindeckError


def shown(text: object, limit: int = 60) -> str:
    """Foreign text for use inside a message: one line, no control or other unprintable characters, cut at `limit`."""
    clean = "".join(ch if ch.isprintable() else "\N{REPLACEMENT CHARACTER}" for ch in str(text))
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"


@dataclass(frozen=True)
class Problem:
    """One thing that makes a config unusable."""

    message: str
    key: str = ""
    """Dotted: "model.blocks.0.filters"."""
    line: int | None = None
    """From 1."""
    source: str = ""
    """The file, as the user named it."""
    remedy: str = ""
    patch: Mapping[str, Any] = field(default_factory=dict, hash=False)
    """What to set to end it, by key; empty where no one value is right."""

    @property
    def text(self) -> str:
        """`file:line: key: message remedy`, leaving out what is not known."""
        place = ":".join(str(part) for part in (shown(self.source, 200), self.line) if part)
        return " ".join(
            part for part in (f"{place}:" * bool(place), f"{self.key}:" * bool(self.key), self.says) if part
        )

    @property
    def says(self) -> str:
        """Message and remedy, without the place."""
        return f"{self.message} {self.remedy}".rstrip()


class ConfigError(InvalidInput):
    """A config that cannot be used, with everything that is wrong with it."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: list[Problem] = in_file_order(problems)
        super().__init__("\n".join(problem.text for problem in self.problems))


def problem_of(error: TraindeckError, otherwise: str) -> Problem:
    """What an error says, at the key that it names, else at the other one."""
    return Problem(error.message, error.key or otherwise, remedy=error.remedy)


def in_file_order(problems: Iterable[Problem]) -> list[Problem]:
    """Sorted by line; those without a line last."""
    return sorted(problems, key=lambda problem: (problem.line is None, problem.line or 0))


def nearest(word: str, candidates: Sequence[str]) -> str | None:
    """The candidate that `word` most likely meant, or None where none comes close."""
    by_folded = {candidate.casefold(): candidate for candidate in candidates}
    close = difflib.get_close_matches(word[:80].casefold(), list(by_folded), n=1, cutoff=0.6)
    return by_folded[close[0]] if close else None


def listed(words: Iterable[str], last: str = "or") -> str:
    """`a, b or c`."""
    items = list(words)
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {last} {items[-1]}"
