"""Pictures of what leaves the screen, at the sizes that have to work; the tests beside them say what is in them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.tui.monitoring import Stage
from tui.screens.copy_text import CopyScreen
from tui.screens.pick import PickScreen
from tui.screens.share import KINDS

SIZES = [(120, 40), (80, 24), (40, 12)]
Snap = Callable[..., bool]


@pytest.mark.parametrize("size", SIZES)
def test_copied_text(snap_compare: Snap, size: tuple[int, int]) -> None:
    rows = "\n".join(f"{epoch}\t{2.3 / (epoch + 1):.4f}\t{0.9 - 0.5 / (epoch + 1):.3f}" for epoch in range(30))
    text = f"epoch\tval_loss\tval_acc\n{rows}"
    assert snap_compare(Stage(CopyScreen("Table of all epochs", text)), terminal_size=size)


@pytest.mark.parametrize("size", SIZES)
def test_what_a_run_can_be_shared_as(snap_compare: Snap, size: tuple[int, int]) -> None:
    assert snap_compare(Stage(PickScreen("Share this run as", KINDS)), terminal_size=size)
