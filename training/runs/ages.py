"""Ages and dates as a filter writes them: `30d`, `2026-11-01`, `2026-11`, `today`."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from training.config.problems import shown
from training.errors import InvalidInput

_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 7 * 86400.0}
_AGE = re.compile(r"(\d{1,6}(?:\.\d{1,3})?)([smhdw])", re.ASCII)
_DATE = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2})(?:[T ](\d{1,2}):(\d{2}))?)?)?", re.ASCII)
_DAYS = {"today": 0, "yesterday": 1}


@dataclass(frozen=True)
class Stretch:
    """A stretch of wall-clock time, in seconds since the epoch; the end is not part of it."""

    begin: float
    end: float


def age(text: str) -> float | None:
    """Seconds of such as `90s`, `20m`, `12h`, `30d`, `4w`; None for what is no age."""
    match = _AGE.fullmatch(text.casefold())
    return float(match[1]) * _SECONDS[match[2]] if match else None


def date(text: str, now: float) -> Stretch | None:
    """The year, month, day or minute that is meant, in local time; None for what is no date."""
    if (days := _DAYS.get(text.casefold())) is not None:
        noon = datetime.fromtimestamp(now).replace(hour=12) - timedelta(days=days)
        return _day(noon.year, noon.month, noon.day)
    match = _DATE.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute = (int(part) if part else None for part in match.groups())
    assert year is not None
    try:
        if hour is not None and minute is not None:
            begin = datetime(year, month or 1, day or 1, hour, minute).timestamp()
            return Stretch(begin, begin + 60)
        if day is not None:
            return _day(year, month or 1, day)
        if month is not None:
            following = (year + month // 12, month % 12 + 1)
            return Stretch(datetime(year, month, 1).timestamp(), datetime(*following, 1).timestamp())
        return Stretch(datetime(year, 1, 1).timestamp(), datetime(year + 1, 1, 1).timestamp())
    except (ValueError, OverflowError, OSError):  # no such day, or one that no clock of this machine holds
        return None


def _day(year: int, month: int, day: int) -> Stretch:
    begin = datetime(year, month, day)
    return Stretch(begin.timestamp(), (begin + timedelta(days=1)).timestamp())


def stretch(text: str, now: float | None = None) -> tuple[float | None, Stretch | None]:
    """(age in seconds, None) or (None, the date). Raises InvalidInput for what is neither."""
    seconds = age(text)
    meant = None if seconds is not None else date(text, time.time() if now is None else now)
    if seconds is None and meant is None:
        raise InvalidInput(
            f"“{shown(text, 40)}” is no age and no date.", "Write such as 12h, 30d, 4w, today, 2026-11-01 or 2026-11."
        )
    return seconds, meant
