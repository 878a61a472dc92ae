"""The themes of the app, and the symbols that stand beside every colour: nothing is said by colour alone.

A colour means one thing wherever it stands, as text or as a line, so each is legible as text on every ground of its
theme; that also holds in a terminal of 256 colours, where a ground with more than a trace of colour would turn into
another one. The two colour-blind themes follow Okabe and Ito (2008, "Color Universal Design"): sky, blue, yellow and
vermillion, with no pair of red and green.
"""

from __future__ import annotations

from textual.theme import Theme

from training.errors import InvalidInput

_PREFIX = "traindeck-"
_SERIES_ON_DARK = ("#af87ff", "#5fffd7", "#d7ff5f", "#ff87d7", "#d7875f")
FALLBACKS = {
    "muted": "#9ba2ae",
    "faint": "#7c8492",
    **{f"series{number}": colour for number, colour in enumerate(_SERIES_ON_DARK, 5)},
}
"""Variables that Textual's own themes lack: quiet text, lines behind what matters, and the curves of a fifth run on."""


def _theme(
    word: str,
    *,
    dark: bool,
    cursor: tuple[str, str],
    muted: str,
    faint: str,
    series: tuple[str, ...],
    **colours: str,
) -> Theme:
    """`cursor` is the ground and the text of what the cursor stands on; `series` are the curves from the fifth on.

    The first curves are faint, primary, warning and success.
    """
    meanings = ("primary", "secondary", "accent", "warning", "error", "success")
    ground, on_ground = cursor
    return Theme(
        name=_PREFIX + word,
        dark=dark,
        **colours,  # type: ignore[arg-type]
        variables={
            **{f"text-{meaning}": colours[meaning] for meaning in meanings},
            "text-muted": muted,
            "text-disabled": muted,
            "muted": muted,
            "faint": faint,
            **{f"series{number}": colour for number, colour in enumerate(series, 5)},
            "block-cursor-background": ground,
            "block-cursor-foreground": on_ground,
            "block-cursor-text-style": "none",
            "input-selection-background": ground,
            "input-selection-foreground": on_ground,
            "footer-background": colours["surface"],
            "footer-key-foreground": colours["primary"],
            "border": faint,
            "scrollbar": faint,
            "scrollbar-hover": muted,
            "scrollbar-active": colours["primary"],
            "scrollbar-background": colours["background"],
            "scrollbar-background-hover": colours["background"],
            "scrollbar-background-active": colours["background"],
        },
    )


_ON_DARK = {
    "foreground": "#d4d7dd",
    "background": "#15171c",
    "surface": "#1d2026",
    "panel": "#272b34",
    "secondary": "#a0a0c8",
    "muted": FALLBACKS["muted"],
    "faint": FALLBACKS["faint"],
}
_ON_LIGHT = {
    "foreground": "#1f2329",
    "background": "#fafaf8",
    "surface": "#f4f4f1",
    "panel": "#e9e8e5",
    "secondary": "#5f5f87",
    "muted": "#5a5f66",
    "faint": "#767b83",
}

DARK = _theme(
    "dark",
    dark=True,
    cursor=("#1f2f60", "#ffffff"),
    primary="#5fafd7",
    accent="#c3a5f0",
    warning="#e5b567",
    error="#ff8087",
    success="#87c38a",
    series=_SERIES_ON_DARK,
    **_ON_DARK,
)
LIGHT = _theme(
    "light",
    dark=False,
    cursor=("#cbeffa", "#101418"),
    primary="#005f87",
    accent="#5a2d91",
    warning="#6e4600",
    error="#af0020",
    success="#1c5f1c",
    series=("#8700d7", "#af0087", "#0000d7", "#5f0000", "#005f5f"),
    **_ON_LIGHT,
)
BLIND_DARK = _theme(
    "colour-blind-dark",
    dark=True,
    cursor=("#1f2f60", "#ffffff"),
    primary="#8ed2ff",
    accent="#e39ccb",
    warning="#f0d442",
    error="#f5803e",
    success="#6f9bff",
    series=("#d7875f", "#87ffff", "#afff87", "#00ffaf", "#d787af"),
    **_ON_DARK,
)
BLIND_LIGHT = _theme(
    "colour-blind-light",
    dark=False,
    cursor=("#cbeffa", "#101418"),
    primary="#005f9e",
    accent="#5a2d91",
    warning="#806000",
    error="#a8003a",
    success="#1a2fb0",
    series=("#af005f", "#0000ff", "#00005f", "#5f0000", "#005f5f"),
    **_ON_LIGHT,
)

THEMES = (DARK, LIGHT, BLIND_DARK, BLIND_LIGHT)


def word_of(name: str) -> str:
    """What a person calls the theme of that name."""
    return name.removeprefix(_PREFIX)


def named(word: str) -> Theme:
    """The theme that a person calls so. Raises InvalidInput for none of ours."""
    wanted = word_of(word.strip().lower().replace("color", "colour"))
    for theme in THEMES:
        if word_of(theme.name) == wanted:
            return theme
    words = [word_of(theme.name) for theme in THEMES]
    raise InvalidInput(f"There is no theme {word!r}.", f"There are {', '.join(words[:-1])} and {words[-1]}.")


# Run states and severities: a symbol of one cell, and the theme token (a component class suffix) that colours it.
STATES: dict[str, tuple[str, str]] = {
    "reading": ("◌", "muted"),
    "queued": ("…", "muted"),
    "starting": ("◌", "primary"),
    "running": ("▶", "primary"),
    "paused": ("‖", "warning"),
    "stopping": ("◧", "warning"),
    "finished": ("✓", "success"),
    "stopped": ("■", "muted"),
    "failed": ("✗", "error"),
    "crashed": ("†", "error"),
    "silent": ("?", "warning"),
}

SEVERITIES: dict[str, tuple[str, str]] = {
    "error": ("✗", "error"),
    "critical": ("✗", "error"),
    "warning": ("!", "warning"),
    "info": ("i", "primary"),
}
