"""The two themes of the app, and the symbols that stand beside every colour: nothing is said by colour alone."""

from __future__ import annotations

from textual.theme import Theme

DARK = Theme(
    name="traindeck-dark",
    primary="#5fafd7",
    secondary="#8787af",
    accent="#d7af5f",
    warning="#e5b567",
    error="#f07178",
    success="#87c38a",
    foreground="#d4d7dd",
    background="#14171c",
    surface="#1b1f26",
    panel="#262b34",
    dark=True,
    variables={
        "block-cursor-background": "#2f4a5c",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-text-style": "none",
        "footer-background": "#1b1f26",
        "footer-key-foreground": "#5fafd7",
        "border": "#3a4250",
        "scrollbar": "#3a4250",
        "scrollbar-background": "#14171c",
        "muted": "#8b93a1",
    },
)

LIGHT = Theme(
    name="traindeck-light",
    primary="#005f87",
    secondary="#5f5f87",
    accent="#875f00",
    warning="#875f00",
    error="#af0020",
    success="#206620",
    foreground="#1f2329",
    background="#fafaf7",
    surface="#f0efea",
    panel="#e4e2db",
    dark=False,
    variables={
        "block-cursor-background": "#c4dcea",
        "block-cursor-foreground": "#101418",
        "block-cursor-text-style": "none",
        "footer-background": "#f0efea",
        "footer-key-foreground": "#005f87",
        "border": "#b9b6ab",
        "scrollbar": "#b9b6ab",
        "scrollbar-background": "#fafaf7",
        "muted": "#666b73",
    },
)

THEMES = (DARK, LIGHT)

# Run states and severities: a symbol of one cell, and the theme token (a component class suffix) that colours it.
STATES: dict[str, tuple[str, str]] = {
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
