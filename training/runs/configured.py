"""The config keys of a run as far as its list entry knows them: what its summary says, without opening its config."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from training.config import files
from training.config.fields import FIELDS, Field
from training.config.schema import ADAMW_DEFAULT_DECAY
from training.runs.describe import sections
from training.runs.lifecycle import RunView

_BY_KEY = {field.key: field for field in FIELDS}


def value_of(run: RunView, key: str) -> Any:
    """The value of a dotted key in a run's config; None where there is none, or it does not count in that config.

    For a run that an older version launched, its config is read for the keys of sections: see `read_config`.
    """
    settings = run.summary.settings
    if key not in _BY_KEY or run.summary.kind != "engine":
        return settings.get(key)
    field = _BY_KEY[key]
    changed = changed_of(run) if field.section else {}
    if changed is None or not settings:
        return None
    return _value(field, settings, changed) if _counts(field, settings, changed) else None


def changed_of(run: RunView) -> dict[str, Any] | None:
    """What a run's sections set otherwise than the defaults; None where no config can be read."""
    return run.summary.sections if run.summary.sections is not None else read_config(run)


def decay_of(run: RunView) -> float | None:
    """The weight decay in effect; None for a run that names none."""
    settings = run.summary.settings
    if settings.get("l2_decay") or ("l2_decay" not in settings and "l2_lambda" in settings):
        decay = settings.get("l2_lambda")
        return float(decay) if isinstance(decay, int | float) else None
    if "l2_decay" not in settings:
        return None
    return ADAMW_DEFAULT_DECAY if settings.get("optimizer") == "AdamW" else 0.0


def is_at_hand(run: RunView) -> bool:
    """Whether `value_of` answers at once for any key."""
    return run.summary.sections is not None or run.summary.kind != "engine"


def read_config(run: RunView) -> dict[str, Any] | None:
    """The same from the config itself, which takes a millisecond unless the file is as it was the last time."""
    try:
        stat = run.folder.config.stat()
        return _read(run.folder.config, stat.st_mtime_ns, stat.st_ino, stat.st_size)
    except OSError:
        return None


@lru_cache(maxsize=8192)
def _read(path: Path, _mtime: int, _inode: int, _size: int) -> dict[str, Any] | None:
    config = files.read(path).config
    return sections(config) if config is not None else None


def _value(field: Field, settings: dict[str, Any], changed: dict[str, Any]) -> Any:
    return changed.get(field.key, field.default) if field.section else settings.get(field.key, field.default)


def _counts(field: Field, settings: dict[str, Any], changed: dict[str, Any]) -> bool:
    """Whether a key counts, given the others: the depth of a ViT only where the model is one, and so on."""
    while field.when:
        key, *values = field.when
        field = _BY_KEY[key]
        if _value(field, settings, changed) not in values:
            return False
    return True
