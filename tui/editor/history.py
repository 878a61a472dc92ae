"""Undo without a limit: states are immutable, so that keeping one costs a reference."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from training.config.schema import TrainingConfig


@dataclass(frozen=True)
class State:
    """Everything that an edit can change."""

    config: TrainingConfig
    base: str
    """The text that is edited in place."""
    base_dir: Path
    """The folder that the paths in `config` are relative to."""
    typed: tuple[tuple[str, str], ...] = ()
    """Texts by key that are not the canonical spelling, and those that are no values."""
    errors: tuple[tuple[str, str], ...] = ()


@dataclass
class Step:
    """One change: the state before it, and where it happened."""

    state: State
    key: str


@dataclass
class History:
    """What can be undone and done again. Changes of one `group` are one step: a number that is typed digit by digit."""

    past: list[Step] = field(default_factory=list)
    future: list[Step] = field(default_factory=list)
    _group: str = ""

    def remember(self, state: State, key: str, group: str = "") -> None:
        """Call it before a change, with the state that it will change."""
        if not group or group != self._group:
            self.past.append(Step(state, key))
        self.future.clear()
        self._group = group

    def pause(self) -> None:
        """The next change is a step of its own, whatever its group."""
        self._group = ""

    def back(self, now: State) -> Step | None:
        """The state to go back to; `now` is what doing it again leads to. None where nothing is left."""
        return self._move(self.past, self.future, now)

    def forward(self, now: State) -> Step | None:
        """The state that was undone last; None where nothing is left."""
        return self._move(self.future, self.past, now)

    def _move(self, source: list[Step], target: list[Step], now: State) -> Step | None:
        self._group = ""
        # A step that changed nothing (a value typed and typed back) is no step to the user.
        while source:
            step = source.pop()
            target.append(Step(now, step.key))
            if step.state != now:
                return step
            target.pop()
        return None
