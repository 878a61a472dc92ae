"""Lines as characters: every point has its dot, lines have no gaps, and markers share one geometry."""

from __future__ import annotations

import random
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from tui.widgets.raster import BLOCK, BRAILLE, Point, Stroke, raster

WIDTH, HEIGHT = 30, 6


def walk(seed: int, count: int) -> tuple[Point, ...]:
    rng = random.Random(seed)
    xs = sorted(rng.choices(range(2 * WIDTH), k=count))
    return tuple((x, rng.randrange(4 * HEIGHT)) for x in xs)


walks = st.builds(walk, st.integers(0, 2**32), st.integers(1, 80))


def dots(points: tuple[Point, ...]) -> set[Point]:
    """The dots of a drawing in braille, as Unicode names them."""
    order = [(0, 3), (0, 2), (0, 1), (1, 3), (1, 2), (1, 1), (0, 0), (1, 0)]
    found = set()
    for at, (character, _) in raster(WIDTH, HEIGHT, [Stroke(points, 1)]).items():
        column, row = at % WIDTH, HEIGHT - 1 - at // WIDTH
        mask = ord(character) - 0x2800
        found |= {(2 * column + x, 4 * row + y) for bit, (x, y) in enumerate(order) if mask >> bit & 1}
    return found


@given(walks)
def test_every_point_has_its_dot(points: tuple[Point, ...]) -> None:
    assert set(points) <= dots(points)


@given(walks)
def test_a_line_has_no_gap_and_no_dot_outside_its_points(points: tuple[Point, ...]) -> None:
    found = dots(points)
    reached, todo = set(), [points[0]]
    while todo:
        x, y = todo.pop()
        if (x, y) in found and (x, y) not in reached:
            reached.add((x, y))
            todo += [(x + dx, y + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1)]
    assert reached == found
    assert min(x for x, _ in points) == min(x for x, _ in found)
    assert max(y for _, y in points) == max(y for _, y in found)


@given(walks)
def test_all_markers_ink_the_same_cells(points: tuple[Point, ...]) -> None:
    drawn = {marker: raster(WIDTH, HEIGHT, [Stroke(points, 3, marker)]) for marker in (BRAILLE, BLOCK, "x")}
    assert drawn[BRAILLE].keys() == drawn[BLOCK].keys() == drawn["x"].keys()
    assert set(drawn["x"].values()) == {("x", 3)}
    assert all("BLOCK" in unicodedata.name(character) or "QUADRANT" in unicodedata.name(character)
               for character, _ in drawn[BLOCK].values())  # fmt: skip


def test_a_straight_line_is_one_dot_thick() -> None:
    assert dots(((0, 0), (10, 3))) == {(0, 0), (1, 0), (2, 1), (3, 1), (4, 1), (5, 2), (6, 2), (7, 2), (8, 2), (9, 3), (10, 3)}  # noqa: E501 # fmt: skip
    assert len(dots(((0, 0), (3, 12)))) == 13


def test_strokes_of_one_series_share_a_cell_and_another_series_covers_it() -> None:
    one, two = Stroke(((0, 0),), 1), Stroke(((1, 3),), 1)
    assert raster(1, 1, [one, two]) == {0: ("⡈", 1)}
    assert raster(1, 1, [one, Stroke(((1, 3),), 2)]) == {0: ("⠈", 2)}


def test_what_lies_beside_the_grid_is_left_out() -> None:
    assert raster(2, 1, [Stroke(((-5, 0), (9, 0)), 1)]).keys() == {0, 1}
    assert raster(2, 1, [Stroke(((0, -9), (0, 99)), 1)]) == {0: ("⡇", 1)}
