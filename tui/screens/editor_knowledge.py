"""What the editor learns beside the typing: the data's classes, the model's size, the device; and who is told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from textual import on
from textual.widget import Widget

from training.config.problems import Problem
from training.config.schema import TrainingConfig
from tui.editor.planning import Refused
from tui.editor.told import Gathered
from tui.screens.editor_base import EditorPart

if TYPE_CHECKING:
    from tui.editor.gathering import Gatherer

COST = "Cost"


class KnowsData(EditorPart, inherit_bindings=False):
    """What of the editor asks about data, model and device."""

    gatherer: Gatherer | None = None
    """None until the form is on the screen: what it imports would only delay that."""
    refused: Refused | None = None
    """Why the last launch came to nothing, as far as that still holds."""

    async def begin_gathering(self) -> None:
        from tui.editor.gathering import Gatherer

        self.gatherer = Gatherer(id="gatherer")
        await self.mount(self.gatherer)
        for pane in self.side.panes.values():
            self.view_mounted(pane)
        self.view_turned(self.side.view)
        self.show()

    def look_at_data(self) -> None:
        """Give the draft what is known of it now; what is not known yet is asked once the keys pause."""
        if self.gatherer is not None:
            facts = self.gatherer.look(self.draft)
            if facts != self.draft.facts:
                self.draft.facts = facts
            outside = self._outside(self.gatherer)
            if outside != self.draft.outside:
                self.draft.outside = outside

    def _outside(self, gatherer: Gatherer) -> tuple[Problem, ...]:
        """What is in the way of a launch here, by the newest look at the data and by the last try."""
        data = gatherer.known.data
        if self.refused is not None and self.refused.config is not self.draft.config:
            self.refused = None
        tried = self.refused.still(listed=data.listed) if self.refused is not None else ()
        return tuple(dict.fromkeys((*([data.problem] if data.problem else []), *tried)))

    def take_refusal(self, config: TrainingConfig, problems: Sequence[Problem]) -> None:
        """A launch of that config was tried: this was in the way, or nothing. Where the data seem to have changed since
        they were looked at, they are looked at again.
        """
        self.refused = Refused(config, tuple(problems)) if problems else None
        blamed = self.refused is not None and self.refused.of_data
        if self.gatherer is not None and blamed != (self.gatherer.known.data.problem is not None):
            self.gatherer.look_again()
        self.show()

    def look_again_where_wrong(self) -> None:
        """What could not be found may be there by now."""
        if self.gatherer is not None and self.gatherer.known.data.error is not None:
            self.gatherer.look_again()

    @on(Gathered)
    def take_knowledge(self) -> None:
        self.show()

    def view_mounted(self, pane: Widget) -> None:
        """A view was looked at for the first time; those of data and cost show what is known."""
        if self.gatherer is not None and hasattr(pane, "known"):
            known: Any = pane
            known.known = self.gatherer.known

    def view_turned(self, view: str) -> None:
        """A model is only built to be measured while somebody looks at the cost."""
        if self.gatherer is not None:
            self.gatherer.want_cost(view == COST)
