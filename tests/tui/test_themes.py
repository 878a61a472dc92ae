"""The themes: legible everywhere, apart for eyes that lack a cone, kept for the next start, and never needed."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import pytest
from textual.color import Color
from textual.theme import Theme

from tests.tui.colours import DEFICIENCIES, contrast, distance, in_256_colours
from tests.tui.driving import editor, home
from training.cli import main
from training.errors import InvalidInput
from tui import settings
from tui.app import TraindeckApp
from tui.theme import BLIND_DARK, BLIND_LIGHT, DARK, LIGHT, THEMES, named, word_of
from tui.widgets.spans import SpanView

Depth = Callable[[Color], Color]
"""What a terminal shows of a colour."""
GROUNDS = ("background", "surface", "panel", "block-cursor-background", "footer-background")
TEXTS = (
    "foreground", "primary", "secondary", "accent", "warning", "error", "success", "muted", "text-muted",
    "text-disabled", "text-primary", "text-secondary", "text-accent", "text-warning", "text-error", "text-success",
    "footer-key-foreground", "series5", "series6", "series7", "series8", "series9",
)  # fmt: skip
LINES = ("faint", "border", "scrollbar", "scrollbar-hover", "scrollbar-active")
"""Bars, tracks, curves and frames that carry no text."""
PAIRS = (
    ("block-cursor-foreground", "block-cursor-background"),
    ("input-selection-foreground", "input-selection-background"),
    ("input-cursor-foreground", "input-cursor-background"),
    ("background", "foreground"),
    ("background", "primary"),
)
"""Text on a ground of its own: what the cursor stands on, what is selected."""
APART = 20.0
"""ΔE (CIE 1976) that two meanings keep from each other; 2.3 is just noticeable, and small letters need far more."""

every_theme = pytest.mark.parametrize("theme", THEMES, ids=lambda theme: word_of(theme.name))
every_depth = pytest.mark.parametrize("depth", [lambda colour: colour, in_256_colours], ids=["true colour", "256"])


def colour(theme: Theme, token: str) -> Color:
    variables = {**theme.to_color_system().generate(), **theme.variables}
    return Color.parse(variables[token])


@every_theme
@every_depth
@pytest.mark.parametrize("ground", GROUNDS)
def test_every_text_can_be_read_on_every_ground(theme: Theme, depth: Depth, ground: str) -> None:
    found = {text: contrast(depth(colour(theme, text)), depth(colour(theme, ground))) for text in TEXTS}
    assert {text: ratio for text, ratio in found.items() if ratio < 4.5} == {}


@every_theme
@every_depth
def test_texts_with_a_ground_of_their_own_can_be_read(theme: Theme, depth: Depth) -> None:
    found = {pair: contrast(*(depth(colour(theme, token)) for token in pair)) for pair in PAIRS}
    assert {pair: ratio for pair, ratio in found.items() if ratio < 4.5} == {}


@every_theme
def test_what_is_typed_and_what_may_be_typed_can_be_read_in_a_field(theme: Theme) -> None:
    """A field with the focus is tinted by Textual; what may be typed stands there in the disabled colour."""
    ground = colour(theme, "panel").tint(colour(theme, "foreground").with_alpha(0.05))
    assert contrast(colour(theme, "foreground"), ground) >= 7
    assert contrast(colour(theme, "text-disabled"), ground) >= 4.5


@every_theme
@every_depth
@pytest.mark.parametrize("ground", GROUNDS)
def test_bars_and_curves_stand_out_from_every_ground(theme: Theme, depth: Depth, ground: str) -> None:
    found = {line: contrast(depth(colour(theme, line)), depth(colour(theme, ground))) for line in LINES}
    assert {line: ratio for line, ratio in found.items() if ratio < 3} == {}


@every_theme
@pytest.mark.parametrize("ground", GROUNDS)
def test_as_greys_every_text_can_still_be_read(theme: Theme, ground: str) -> None:
    """What NO_COLOR makes of a theme; a little less than 4.5, since it keeps brightness and not luminance."""
    found = {text: contrast(colour(theme, text).monochrome, colour(theme, ground).monochrome) for text in TEXTS}
    assert {text: ratio for text, ratio in found.items() if ratio < 4.2} == {}


@every_theme
def test_meanings_are_apart(theme: Theme) -> None:
    for one, other in combinations(("error", "warning", "success", "primary", "accent"), 2):
        assert distance(colour(theme, one), colour(theme, other)) >= APART, (one, other)


@pytest.mark.parametrize("theme", [BLIND_DARK, BLIND_LIGHT], ids=lambda theme: word_of(theme.name))
@every_depth
@pytest.mark.parametrize("deficiency", DEFICIENCIES)
def test_meanings_are_apart_without_red_or_green_cones(theme: Theme, depth: Depth, deficiency: str) -> None:
    for one, other in combinations(("error", "warning", "success", "primary"), 2):
        found = distance(depth(colour(theme, one)), depth(colour(theme, other)), deficiency)
        assert found >= APART, (one, other)


SERIES = ("primary", "warning", "success", "series5", "series6", "series7", "series8", "series9")
"""Of curves that may lie in one chart."""


@every_theme
def test_curves_are_apart(theme: Theme) -> None:
    for one, other in combinations(SERIES, 2):
        assert distance(colour(theme, one), colour(theme, other)) >= APART, (one, other)


@pytest.mark.parametrize("theme", [BLIND_DARK, BLIND_LIGHT], ids=lambda theme: word_of(theme.name))
@pytest.mark.parametrize("deficiency", DEFICIENCIES)
def test_curves_are_apart_without_red_or_green_cones(theme: Theme, deficiency: str) -> None:
    """Eight colours have less room there than five: markers tell the curves apart as well."""
    for one, other in combinations(SERIES, 2):
        found = distance(colour(theme, one), colour(theme, other), deficiency)
        assert found >= 0.75 * APART, (one, other)


def test_the_measure_sees_what_the_plain_themes_lose() -> None:
    """Red and green of the dark theme are one colour for a deuteranope, as is known of such pairs."""
    assert distance(colour(DARK, "error"), colour(DARK, "success"), "deuteranopia") < APART
    assert distance(colour(DARK, "error"), colour(DARK, "success")) > 3 * APART


def test_the_measure_agrees_with_published_values() -> None:
    assert contrast(Color.parse("#777777"), Color.parse("#ffffff")) == pytest.approx(4.48, abs=0.01)
    assert contrast(Color.parse("black"), Color.parse("white")) == pytest.approx(21)
    assert distance(Color.parse("black"), Color.parse("white")) == pytest.approx(100, abs=0.1)
    assert distance(Color.parse("#ff0000"), Color.parse("#00ff00")) == pytest.approx(170.6, abs=0.5)


def test_a_view_takes_its_colours_from_the_theme() -> None:
    """A share of the foreground would be a colour that no test of contrast knows."""
    assert "%" not in SpanView.DEFAULT_CSS


async def test_f9_goes_through_the_themes_and_says_each(runs_dir: Path) -> None:
    async with home(runs_dir) as app:
        seen = []
        for _ in THEMES:
            await app.press("f9")
            seen.append((app.app.theme, app.said))
    assert seen == [(theme.name, [f"Theme: {word_of(theme.name)}"]) for theme in (LIGHT, BLIND_DARK, BLIND_LIGHT, DARK)]


async def test_the_theme_of_the_last_time_is_the_theme_of_the_next_start(runs_dir: Path) -> None:
    async with home(runs_dir) as app:
        await app.press("f9", "f9")
    assert TraindeckApp(runs_dir).theme == BLIND_DARK.name


def test_the_variable_goes_before_what_was_kept(runs_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.keep_theme(LIGHT)
    monkeypatch.setenv("TRAINDECK_THEME", "color-blind-light")
    assert TraindeckApp(runs_dir).theme == BLIND_LIGHT.name


def test_a_variable_that_names_no_theme_is_refused(runs_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRAINDECK_THEME", "solarized")
    with pytest.raises(InvalidInput, match=r"no theme 'solarized'.*colour-blind-dark") as caught:
        TraindeckApp(runs_dir)
    assert caught.value.exit_code == 2


def test_the_option_goes_before_the_variable(runs_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRAINDECK_THEME", "light")
    monkeypatch.setattr(main, "need_terminal", lambda *_: None)
    opened: list[str] = []

    def open_app(folder: Path, *_: object) -> int:
        opened.append(TraindeckApp(folder).theme)
        return 0

    assert main.run_verb(["--theme", "colour-blind-dark", "--runs-dir", str(runs_dir)], open_app) == 0
    assert main.run_verb(["--theme", "solarized", "--runs-dir", str(runs_dir)], open_app) == 2
    assert opened == [BLIND_DARK.name]


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b'{"theme": 3}', b'{"theme": "gone"}', b"\xff\x00"])
def test_a_settings_file_that_makes_no_sense_costs_the_memory_alone(content: bytes) -> None:
    path = settings.settings_path()
    assert path is not None
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    assert settings.theme_at_start() is DARK
    settings.keep_theme(LIGHT)
    assert settings.theme_at_start() is LIGHT


def test_other_settings_in_the_file_stay() -> None:
    path = settings.settings_path()
    assert path is not None
    path.parent.mkdir(parents=True)
    path.write_text('{"of": "a later version"}')
    settings.keep_theme(LIGHT)
    assert path.read_text() == '{"of":"a later version","theme":"light"}\n'


def test_a_home_that_cannot_be_written_costs_the_memory_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    settings.keep_theme(LIGHT)
    assert settings.theme_at_start() is DARK


def test_reading_the_theme_takes_less_than_a_millisecond() -> None:
    settings.keep_theme(LIGHT)
    taken = []
    for _ in range(50):
        start = time.perf_counter()
        settings.theme_at_start()
        taken.append(time.perf_counter() - start)
    assert statistics.median(taken) < 0.001


@every_theme
def test_a_name_is_found_as_it_is_typed(theme: Theme) -> None:
    assert named(word_of(theme.name)) is theme
    assert named(theme.name.upper()) is theme


async def test_without_colours_f9_says_that_themes_are_greys(runs_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with home(runs_dir) as app:
        await app.press("f9")
        assert app.said == ["Theme: light, as greys: NO_COLOR is set"]


async def test_without_colours_signs_say_where_the_cursor_is_what_changed_and_what_is_wrong(runs_dir: Path) -> None:
    async with editor(runs_dir) as app:
        await app.type_into("batch_size", "64")
        await app.type_into("epochs", "0")
        await app.press("enter")
        form = app.screen.form
        lines = {row.key: form.render_line(y - form.scroll_offset.y).text for y, row in enumerate(form.rows)}
        assert [key for key, line in lines.items() if "▸" in line] == ["epochs"]
        assert [key for key, line in lines.items() if "•" in line] == ["batch_size"]
        assert [key for key, line in lines.items() if "✗" in line] == ["epochs"]
