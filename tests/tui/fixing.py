"""The fix dialog as the tests drive it: its launches are stood in for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from tests.tui.driving import until
from tests.tui.fakes import FLAT, FakeRun
from tests.tui.monitoring import ChartScreen, Stage
from training.devices.choice import Choice
from training.diagnosis.findings import Finding
from training.errors import RunFailed
from training.runs.correct import Correction, Fate
from training.runs.layout import RunFolder
from training.runs.plan import LaunchPlan
from training.runs.survival import Survival
from tui.screens import fix as fix_module
from tui.screens.fix import FateChoice, FixScreen

CPU = LaunchPlan(
    (), Choice("cpu", "CPU", "no GPU was found"), Survival(True, "This run goes on when you log out."), True
)


class Launches:
    """Stands in for the launch of a real process: remembers what was asked for and makes the child's folder."""

    def __init__(self) -> None:
        self.asked: list[tuple[Correction, Fate | None]] = []
        self.fails = ""

    def __call__(self, correction: Correction, fate: Fate | None, plan: LaunchPlan, name: str = "") -> RunFolder:
        self.asked.append((correction, fate))
        if self.fails:
            raise RunFailed(self.fails)
        if fate == "live":
            return correction.parent
        child = FakeRun(
            correction.parent.path.parent,
            f"{correction.parent.id}-fix",
            config=correction.config,
            live=True,
            state="starting",
            parent=correction.parent.id,
            reason=correction.fix.title,
        )
        return child.folder


def stand_in(monkeypatch: pytest.MonkeyPatch) -> Launches:
    """Launches in the place of those of the dialog, which plans for the CPU."""
    found = Launches()
    monkeypatch.setattr(fix_module, "launch_correction", found)
    monkeypatch.setattr(fix_module, "plan", lambda config, base_dir, replacing: CPU)
    return found


class Answer:
    """What the dialog answered."""

    def __init__(self) -> None:
        self.given = False
        self.folder: RunFolder | None = None

    def __call__(self, folder: RunFolder | None) -> None:
        self.given, self.folder = True, folder


@asynccontextmanager
async def dialog(
    folder: RunFolder, finding: Finding = FLAT, index: int = 0, size: tuple[int, int] = (80, 24)
) -> AsyncIterator[tuple[Pilot[None], FixScreen, Answer]]:
    """The dialog, once it knows what the fix would do."""
    answer, fix = Answer(), FixScreen(folder, finding, index)
    async with Stage(ChartScreen()).run_test(size=size) as pilot:
        pilot.app.push_screen(fix, answer)
        await until(pilot, lambda: fix.query("#fix-advice, .problem, .changes"))
        yield pilot, fix, answer


def text(screen: FixScreen) -> str:
    return "\n".join(str(part.visual) for part in screen.query(Static))


def choices(screen: FixScreen) -> list[tuple[Fate, bool]]:
    return [(choice.fate, choice.has_class("marked")) for choice in screen.query(FateChoice)]
