"""The guide's tables as help: all of them, and which explain a key."""

from __future__ import annotations

import re
from functools import lru_cache

from training.guide.model_tables import (
    AUGMENTATION,
    BATCH_SIZES,
    DROPOUTS,
    EPOCH_TABLE,
    KIND_TABLE,
    MODE_TABLE,
    PATIENCE,
    PRESET_TABLE,
    TUNING,
)
from training.guide.table import Table
from training.guide.training_tables import DECAYS, LEARNING_RATES, LOSSES, OPTIMIZER_TABLE, READING, SCHEDULES

__all__ = ["TABLES", "Table", "tables_of"]

TABLES: tuple[Table, ...] = (
    OPTIMIZER_TABLE,
    KIND_TABLE,
    MODE_TABLE,
    LEARNING_RATES,
    READING,
    SCHEDULES,
    DECAYS,
    DROPOUTS,
    PATIENCE,
    LOSSES,
    BATCH_SIZES,
    EPOCH_TABLE,
    AUGMENTATION,
    PRESET_TABLE,
    TUNING,
)

_INDEX = re.compile(r"\.(\d+|\+)(?=\.|$)", re.ASCII)


@lru_cache(maxsize=512)
def tables_of(key: str) -> tuple[Table, ...]:
    """The tables that explain a key, the most important first; indices of items are any index."""
    general = _INDEX.sub(".*", key)
    return tuple(table for table in TABLES if general in table.keys)
