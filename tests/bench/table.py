"""What a bench prints: one table, or with --json one object."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from tests.bench.measure import Spread


@dataclass(frozen=True)
class Row:
    """A measured number; with a `bar`, one that it should stay below (`most`) or above."""

    what: str
    value: Spread
    unit: str = ""
    bar: float | None = None
    most: bool = False

    @property
    def met(self) -> bool | None:
        if self.bar is None:
            return None
        return self.value.median <= self.bar if self.most else self.value.median >= self.bar

    def cells(self) -> tuple[str, str, str, str, str]:
        value = self.value
        interval = f"{value.low:.4g} to {value.high:.4g}" if value.count > 1 else ""
        bar = "" if self.bar is None else f"{'at most' if self.most else 'at least'} {self.bar:g}"
        verdict = {None: "", True: "met", False: "MISSED"}[self.met]
        return self.what, f"{value.median:.4g} {self.unit}".strip(), interval, bar, verdict

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "met": self.met}


def one(value: float) -> Spread:
    """A number that was measured once."""
    return Spread(value, value, value, 1)


def show(title: str, rows: Sequence[Row], notes: Sequence[str] = (), *, as_json: bool = False) -> str:
    """The table as text: what, median, 95 % interval, bar, verdict."""
    if as_json:
        return json.dumps({"bench": title, "rows": [row.as_dict() for row in rows], "notes": list(notes)}, indent=1)
    lines = [(title, "median", "95 % interval", "bar", ""), *(row.cells() for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(5)]
    text = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]
    text.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join([*text, *notes])
