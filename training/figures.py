"""Numbers and times as people read them, on screens and in plain output: short, and of a width that does not jump."""

from __future__ import annotations

import math

Value = float | str | None


def duration(seconds: float) -> str:
    """Such as `42 s`, `12:05`, `3:20:11` or `2 d 4 h`."""
    whole = max(0, int(seconds))
    days, rest = divmod(whole, 86400)
    hours, rest = divmod(rest, 3600)
    minutes, second = divmod(rest, 60)
    if days:
        return f"{days} d {hours} h"
    if hours:
        return f"{hours}:{minutes:02}:{second:02}"
    return f"{minutes}:{second:02}" if minutes else f"{second} s"


def loss(value: Value) -> str:
    """Three or four significant digits, at most seven cells; empty for none."""
    if value is None:
        return ""
    number = float(value)
    if not math.isfinite(number):
        return "nan" if math.isnan(number) else "inf" if number > 0 else "-inf"
    if number == 0 or 1e-2 <= abs(number) < 1e4:
        return f"{number:.4g}"
    if 1e-3 <= abs(number) < 1e-2:
        return f"{number:.5f}"
    return f"{number:.1e}"


def percent(value: Value) -> str:
    """A share as `98.9 %`; empty for none."""
    if value is None:
        return ""
    number = float(value)
    return f"{100 * number:.1f} %" if math.isfinite(number) else str(value)


def storage(count: int) -> str:
    """Bytes, of memory and of disks, in powers of a thousand: such as `61 MB` or `1.4 GB`."""
    size, unit = float(count), "B"
    for larger in ("kB", "MB", "GB", "TB"):
        if size < 1000:
            break
        size, unit = size / 1000, larger
    return f"{size:.1f} {unit}" if unit in ("GB", "TB") and size < 100 else f"{size:.0f} {unit}"
