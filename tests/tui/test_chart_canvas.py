"""The canvas: dots drawn by a plotext figure of its own, and only where something changed."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tui.widgets.canvas import EMPTY, Canvas, Point, Stroke

REPOSITORY = Path(__file__).parents[2]


def wander(rng: random.Random, width: int, height: int, step: int) -> tuple[Point, ...]:
    return tuple((x, rng.randrange(4 * height)) for x in range(rng.randrange(1 + step), 2 * width, step))


@settings(deadline=None, max_examples=40)
@given(st.integers(4, 60), st.integers(2, 12), st.integers(0, 2**32))
def test_drawing_what_changed_gives_what_drawing_it_all_gives(width: int, height: int, seed: int) -> None:
    rng = random.Random(seed)
    lines = [wander(rng, width, height, 1), wander(rng, width, height, rng.randint(2, 9))]
    canvas = Canvas()
    for part in range(1, 7):
        strokes = [Stroke(line[: max(1, len(line) * part // 6)], series) for series, line in enumerate(lines, 1)]
        assert canvas.draw(width, height, strokes) == Canvas().draw(width, height, strokes)


def test_the_same_drawing_again_hands_nothing_to_plotext() -> None:
    canvas, strokes = Canvas(), [Stroke(tuple((x, x % 8) for x in range(40)), 1)]
    canvas.draw(20, 2, strokes)
    assert canvas.plotted == 20
    canvas.draw(20, 2, strokes)
    assert canvas.plotted == 0


def test_a_point_at_the_end_hands_only_the_end_to_plotext() -> None:
    canvas, points = Canvas(), tuple((x, x % 8) for x in range(200))
    canvas.draw(101, 2, [Stroke(points, 1)])
    canvas.draw(101, 2, [Stroke((*points, (200, 3)), 1)])
    assert 0 < canvas.plotted < 8


def test_a_line_that_shrinks_leaves_nothing_behind() -> None:
    canvas = Canvas()
    canvas.draw(10, 2, [Stroke(tuple((x, 3) for x in range(20)), 1)])
    grid = canvas.draw(10, 2, [Stroke(((0, 3), (1, 3)), 1)])
    assert [cell for row in grid for cell in row[1:]] == [EMPTY] * 18


def test_cells_carry_the_series_that_was_drawn_last() -> None:
    grid = Canvas().draw(4, 1, [Stroke(((0, 0), (7, 0)), 1), Stroke(((0, 3), (3, 3)), 2)])
    assert [series for _, series in grid[0]] == [2, 2, 1, 1]


def test_nothing_to_draw_is_an_empty_grid() -> None:
    assert Canvas().draw(3, 2, []) == [[EMPTY] * 3] * 2


def test_two_canvases_share_no_figure_with_each_other_or_with_plotext() -> None:
    first, second = Canvas(), Canvas()
    first.draw(4, 1, [Stroke(((0, 0), (7, 0)), 1)])
    second.draw(4, 1, [Stroke(((0, 3), (1, 3)), 1)])
    from plotext._global import figure as global_figure

    assert global_figure.monitor.x == []
    assert first._figure is not second._figure


def test_drawing_loads_no_numpy_and_a_chart_that_is_not_drawn_no_plotext() -> None:
    script = (
        "import sys; import tui.widgets.chart; assert 'plotext' not in sys.modules\n"
        "from tui.widgets.canvas import Canvas, Stroke; Canvas().draw(4, 1, [Stroke(((0, 0), (7, 0)), 1)])\n"
        "assert 'plotext' in sys.modules and 'numpy' not in sys.modules and 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script], cwd=REPOSITORY, check=True, timeout=60)
