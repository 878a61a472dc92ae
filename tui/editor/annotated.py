"""What there is to say of a draft, worked out once for each change of it or of what is known."""

from __future__ import annotations

from training.config.problems import Problem
from training.config.schema import TrainingConfig
from training.guide.hint import Facts
from tui.editor.notes import Note, notes, silenced


class Annotated:
    """What of a draft is about its notes; whoever changes `config` or `errors` sets `_notes` to None."""

    config: TrainingConfig
    errors: dict[str, str]
    _facts: Facts = Facts()
    _outside: tuple[Problem, ...] = ()
    _notes: list[Note] | None = None
    _silenced: tuple[list[Note], list[Note]] | None = None
    """The notes that the silenced ones were found beside, and these."""

    @property
    def facts(self) -> Facts:
        """What is known of the data, the model's size and the device; the hints use it."""
        return self._facts

    @facts.setter
    def facts(self, facts: Facts) -> None:
        self._facts = facts
        self._notes = None

    @property
    def outside(self) -> tuple[Problem, ...]:
        """What keeps from launching on this machine: data, weights, devices. It is elsewhere that they may fit."""
        return self._outside

    @outside.setter
    def outside(self, outside: tuple[Problem, ...]) -> None:
        self._outside = outside
        self._notes = None

    @property
    def notes(self) -> list[Note]:
        """Errors and advice, worst first."""
        if self._notes is None:
            self._notes = notes(self.config, self.errors, self._facts, self._outside)
        return self._notes

    @property
    def silenced(self) -> list[Note]:
        """The hints that this config keeps from the screen."""
        if self._silenced is None or self._silenced[0] is not self.notes:
            self._silenced = (self.notes, silenced(self.config, self._facts))
        return self._silenced[1]

    @property
    def problems(self) -> list[Note]:
        """What has to be corrected before this is a config."""
        return [note for note in self.notes if note.severity == "error" and not note.outside]
