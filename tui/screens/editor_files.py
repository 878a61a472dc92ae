"""The editor's ways to and from other configs: files, presets, comparing, the user's own editor, back."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from msgspec.structs import replace

from training.config.schema import TrainingConfig
from training.text import one_line
from tui import keymap
from tui.editor.draft import Draft
from tui.editor.rows import Folds
from tui.screens.editor_base import EditorPart

if TYPE_CHECKING:
    from tui.screens.editor import EditorScreen


class OpensFiles(EditorPart, inherit_bindings=False):
    """What of the editor opens, saves, compares and leaves."""

    @property
    def _editor(self) -> EditorScreen:
        return cast("EditorScreen", self)

    def action_open_file(self) -> None:
        from tui.screens import new_run

        self.when_kept(lambda: new_run.from_file(self.app, replace=self._editor))

    def action_presets(self) -> None:
        from tui.screens import new_run

        new_run.from_preset(self.app, replace=self._editor)

    def take_preset(self, config: TrainingConfig, title: str) -> None:
        """Another preset's training and model, in the file that is edited; what is trained on and where stays."""
        mine = self.draft.config
        self.form.end()
        kept = ("data", "runtime", "advice")
        self.draft.replace(replace(config, **{name: getattr(mine, name) for name in kept}), keep=kept)
        undo = keymap.find("editor.undo").names
        self.say(f"{one_line(title)}: training and model are taken over, your data and runtime stay. {undo} undoes it.")

    def take_draft(self, draft: Draft, title: str) -> None:
        """Edit another draft from now on."""
        self.form.end()
        self.forget_kept()
        self.draft, self.heading, self.folds = draft, title, Folds.quiet(draft)
        self.show()

    def action_save(self) -> None:
        from tui.screens import save

        save.save(self._editor)

    def action_compare(self) -> None:
        from tui.screens.compare import open_compare

        open_compare(self._editor)

    def action_external(self) -> None:
        from tui.screens.external import open_external

        open_external(self._editor)

    def action_keep_preset(self) -> None:
        from tui.screens.keep_preset import keep

        keep(self._editor)

    def when_kept(self, then: Callable[[], None]) -> None:
        """Go on once nothing would be lost: at once, after saving, or after the user gave the changes up."""
        from tui.screens import save

        save.when_kept(self._editor, then)

    def action_leave(self) -> None:
        def leave() -> None:
            self.forget_kept()
            self.dismiss()

        self.when_kept(leave)
