"""What headless verbs print: plain lines for people, strict JSON for programs."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from training.config.problems import ConfigError
from training.errors import TraindeckError
from training.runs.events import spell
from training.text import one_line, plain


def open_streams() -> None:
    """Give whoever has closed them (`traindeck runs >&-`) streams that lead nowhere."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115  open to the end


def say(line: str = "") -> None:
    """One line for a person, at once, whatever the terminal's encoding, and without what a terminal would obey."""
    line = line if line.isprintable() else plain(line)
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(line.encode(encoding, "replace").decode(encoding) + "\n")
    sys.stdout.flush()


def say_json(content: Any) -> None:
    """One line of strict JSON; numbers that are not finite become strings. In ASCII, so that any path survives."""
    sys.stdout.write(json.dumps(strict(content), separators=(",", ":"), allow_nan=False) + "\n")
    sys.stdout.flush()


def strict(content: Any) -> Any:
    """The same content with every number that JSON cannot spell replaced."""
    if isinstance(content, float):
        return spell(content)
    if isinstance(content, msgspec.Struct):
        return strict(msgspec.to_builtins(content))
    if isinstance(content, Mapping):
        return {key: strict(value) for key, value in content.items()}
    if isinstance(content, list | tuple):
        return [strict(value) for value in content]
    return content


def complain(error: TraindeckError, *, as_json: bool) -> None:
    """The error on stderr, a line for every problem of a config and for every line that it has itself; with --json on
    stdout as an object."""
    problems = list(error.problems) if isinstance(error, ConfigError) else []
    if as_json:
        say_json({"error": str(error), "remedy": error.remedy, "problems": [vars(problem) for problem in problems]})
        return
    lines = [f"traindeck: {one_line(problem.text)}" for problem in problems]
    if not lines:
        first, *more = str(error).split("\n")
        lines = [f"traindeck: {one_line(first)}", *(f"  {one_line(line)}" for line in more)]
    encoding = sys.stderr.encoding or "utf-8"
    for line in lines:
        sys.stderr.write(f"{line}\n".encode(encoding, "replace").decode(encoding))


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Lines of left-aligned columns."""
    cells = [list(header), *(list(row) for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]
