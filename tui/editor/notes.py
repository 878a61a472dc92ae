"""What the editor says about a config: errors, what the engine cannot do yet, and the guide's hints, as notes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from training.config.fields import format_value
from training.config.problems import Problem
from training.config.schema import TrainingConfig
from training.config.validate import conflicts
from training.guide.hints import Facts, Hint, hints
from tui.theme import SEVERITIES

Severity = Literal["error", "warning", "info"]
ORDER: dict[str, int] = {"error": 0, "warning": 1, "info": 2}


@dataclass(frozen=True)
class Note:
    """One thing to know about one key."""

    severity: Severity
    key: str
    message: str
    reason: str = ""
    range_text: str = ""
    guide: str = ""
    """Section of the hyperparameter guide."""
    patch: dict[str, Any] = field(default_factory=dict)
    """What one key press sets: the key's recommended value, and whatever has to change with it."""
    rule: str = ""
    """Id of the hint's rule, for `advice.silenced`; empty for what cannot be silenced."""
    outside: bool = False
    """An error that lies in what the config meets on this machine: it keeps from launching here, not from saving."""

    @property
    def offer(self) -> str:
        """The recommended value as the form shows it; empty without one."""
        return format_value(self.patch[self.key]) if self.key in self.patch else ""


def notes(
    config: TrainingConfig, errors: dict[str, str], facts: Facts | None = None, outside: Sequence[Problem] = ()
) -> list[Note]:
    """Everything there is to say, worst first; `errors` are the sentences for texts that are no values, by key, and
    `outside` is what does not fit the data and devices of this machine.

    Of a field whose text is no value nothing else is said: the value in `config` is not the one on the screen.
    """
    found = [Note("error", key, message, remedy) for key, message, remedy in conflicts(config)]
    found += [Note("error", problem.key, problem.message, problem.remedy, outside=True) for problem in outside]
    found += [_of_hint(hint) for hint in hints(config, facts)]
    found = [note for note in found if not any(f"{note.key}.".startswith(f"{key}.") for key in errors)]
    found += [Note("error", key, message) for key, message in errors.items()]
    return sorted(found, key=lambda note: ORDER[note.severity])


def open_hints(found: Sequence[Note]) -> str:
    """Such as `! 1 warning, 2 hints open`; empty where there are none."""
    counts = [
        (severity, word, sum(note.severity == severity for note in found))
        for severity, word in (("warning", "warning"), ("info", "hint"))
    ]
    named = [f"{count} {word}{'' if count == 1 else 's'}" for _, word, count in counts if count]
    worst = next((SEVERITIES[severity][0] for severity, _, count in counts if count), "")
    return f"{worst} {', '.join(named)} open" if named else ""


def _of_hint(hint: Hint) -> Note:
    return Note(hint.severity, hint.key, hint.message, hint.reason, hint.range_text, hint.guide, hint.patch, hint.rule)


def silenced(config: TrainingConfig, facts: Facts | None = None) -> list[Note]:
    """The hints that `advice.silenced` keeps from the screen."""
    rules = config.advice.silenced
    return (
        [_of_hint(hint) for hint in hints(config, facts, include_silenced=True) if hint.rule in rules] if rules else []
    )
