"""Where the points of a curve lie: the same on the screen as in the files of exported charts."""

from __future__ import annotations

from training.story.placing import EpochEnds, Knots, Linear, Placing

__all__ = ["EpochEnds", "Knots", "Linear", "Placing"]
