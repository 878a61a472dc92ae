"""What stands beside the form, or under it where there is no room: the help, and one of the views."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Protocol, cast

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widget import Widget

from tui.editor.draft import Draft
from tui.editor.panes.about_pane import AboutPane
from tui.editor.rows import FormRow

VIEWS = ("Help", "YAML", "Schedule", "Data", "Cost")
PANES = {
    "YAML": "yaml_pane.YamlPane",
    "Schedule": "schedule_pane.SchedulePane",
    "Data": "data_pane.DataPane",
    "Cost": "cost_pane.CostPane",
}
"""Module and class of each view, imported where first looked at: opening the editor need not wait for them."""


class Pane(Protocol):
    """A view of the draft that follows what is typed."""

    def show(self, draft: Draft, key: str) -> None:
        """Bring it up to date; `key` is the row with the cursor."""


class Side(Vertical, can_focus=False):
    """The help is always there where both fit; else it is one of the views."""

    def __init__(self, *, id: str | None = None, mounted: Callable[[Widget], None]) -> None:
        """`mounted` hears of each view that is made: none is before it is first looked at."""
        super().__init__(id=id)
        self.view = VIEWS[0]
        self.view_chosen = False
        """Whether the user picked the view."""
        self.panes: dict[str, Widget] = {}
        """The views that were looked at, by name."""
        self._mounted = mounted

    def compose(self) -> ComposeResult:
        yield AboutPane(id="about")

    @property
    def about(self) -> AboutPane:
        return self.query_one("#about", AboutPane)

    @property
    def shows_help(self) -> bool:
        """Whether the help is on the screen: beside a view there is not always room for it."""
        return self.view == VIEWS[0] or self.about.region.height > 1

    def turn(self, view: str) -> None:
        """Show that view from now on."""
        self.view = view
        pane = self._pane(view) if view != VIEWS[0] else None
        for other in self.panes.values():
            other.display = other is pane
        self.set_class(pane is not None, "-view")

    def _pane(self, view: str) -> Widget:
        pane = self.panes.get(view)
        if pane is None:
            module, _, name = PANES[view].partition(".")
            made = getattr(import_module(f"tui.editor.panes.{module}"), name)
            pane = self.panes[view] = cast("Widget", made(id=f"view-{view.lower()}"))
            pane.add_class("view")
            self.mount(pane)
            self._mounted(pane)
        return pane

    def show_about(self, draft: Draft, row: FormRow | None, said: str, *, typing: bool) -> None:
        self.about.show(draft, row, said, typing=typing)

    def show_view(self, draft: Draft, row: FormRow | None) -> None:
        """Bring the view up to date; those that are not seen cost nothing."""
        pane = self.panes.get(self.view)
        if pane is not None and row is not None:
            cast("Pane", pane).show(draft, row.key)
