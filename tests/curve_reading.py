"""Curves read from events, and all that a reader can ask of them."""

from __future__ import annotations

from collections.abc import Sequence

from training.curve import Series
from training.curves import Curves
from training.runs.events import AnyEvent


def seen(curves: Curves) -> dict[str, object]:
    """All that a reader can ask of them, as far as it is history."""

    def points(columns: dict[str, Series]) -> dict[str, list[tuple[float, float]]]:
        return {name: list(zip(one.x, one.y, strict=True)) for name, one in columns.items() if one.x}

    return {
        "steps": points(curves.steps),
        "epochs": points(curves.epochs),
        "reached": (curves.step, curves.epoch),
        "findings": curves.open_findings,
        "finding_history": curves.finding_history,
        "overrides": curves.overrides,
        "checkpoints": curves.checkpoints,
        "attempt": curves.attempt,
        "log": list(curves.log),
        "end": curves.end,
        "state": curves.state,
        "test": curves.test,
    }


def read(events: Sequence[AnyEvent]) -> Curves:
    curves = Curves()
    curves.extend(events)
    return curves
