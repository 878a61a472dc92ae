"""A scene as SVG 1.1: plain shapes and text, no script, nothing fetched from elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr

from training.story.export.scene import Area, Scene, Shape, Spot, Stroke, Text
from training.text import one_line

FONTS = "system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', Helvetica, Arial, sans-serif"


def svg(scene: Scene) -> bytes:
    """The file, in UTF-8."""
    size = f'width="{scene.width}" height="{scene.height}" viewBox="0 0 {scene.width} {scene.height}"'
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" font-family={quoteattr(FONTS)}>',
        f"<title>{_words(scene.title)}</title>",
        *(_shape(shape) for shape in scene.shapes),
        "</svg>",
    ]
    return "\n".join(lines).encode() + b"\n"


def _shape(shape: Shape) -> str:
    match shape:
        case Stroke():
            dash = f' stroke-dasharray="{_number(shape.dash[0])} {_number(shape.dash[1])}"' if shape.dash else ""
            faint = f' stroke-opacity="{shape.opacity:g}"' if shape.opacity < 1 else ""
            return (
                f'<polyline points="{_points(shape.points)}" fill="none" stroke="{shape.colour}" '
                f'stroke-width="{_number(shape.width)}" stroke-linejoin="round" stroke-linecap="round"{dash}{faint}/>'
            )
        case Area():
            faint = f' fill-opacity="{shape.opacity:g}"' if shape.opacity < 1 else ""
            return f'<polygon points="{_points(shape.points)}" fill="{shape.colour}"{faint}/>'
        case Text():
            anchor = f' text-anchor="{shape.anchor}"' if shape.anchor != "start" else ""
            bold = ' font-weight="bold"' if shape.bold else ""
            place = f'x="{_number(shape.at[0])}" y="{_number(shape.at[1])}" font-size="{_number(shape.size)}"'
            return f'<text {place} fill="{shape.colour}"{anchor}{bold}>{_words(shape.text)}</text>'


def _points(points: Iterable[Spot]) -> str:
    return " ".join(f"{_number(x)},{_number(y)}" for x, y in points)


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _words(text: str) -> str:
    """XML knows no control characters, not even escaped."""
    return escape(one_line(text))
