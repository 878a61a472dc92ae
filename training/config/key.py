"""How a config key is described: bounds, unit, help and guide section live on its type and nowhere else.

Each key's `Meta.extra` may hold

    guide     section of the hyperparameter guide
    unit      unit shown beside the value
    when      (key, value, ...): the key only counts while that other key has one of these values
    steps     how arrow keys step through a number: "1-2-5", "powers of two", "nines"
    suggest   values of a text that are usual, to pick from
"""

from __future__ import annotations

from typing import Any

from msgspec import Meta, Struct


def key(title: str, description: str, *, unit: str = "", when: tuple[Any, ...] = (), steps: str = "",
         guide: str = "", suggest: tuple[str, ...] = (), **bounds: Any) -> Meta:  # fmt: skip
    extra = {"unit": unit, "when": when, "steps": steps, "guide": guide, "suggest": suggest}
    return Meta(title=title, description=description, extra={k: v for k, v in extra.items() if v}, **bounds)


class Section(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of every part of a config."""
