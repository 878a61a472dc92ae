"""`traindeck edit [CONFIG]`: the app on the editor of a file or a preset, or on the list of presets."""

from __future__ import annotations

import argparse
from pathlib import Path

from training.cli.opening import OpenApp, need_terminal
from training.config.own_presets import own_named
from training.config.presets import PRESETS
from training.config.problems import nearest, shown
from training.errors import InvalidInput


def run(arguments: argparse.Namespace, open_app: OpenApp) -> int:
    """Raises InvalidInput, before a screen opens, for a name that is neither a file's nor a preset's."""
    name = arguments.config
    if name is not None:
        _check(name)
    need_terminal("traindeck edit", "Use `traindeck check CONFIG --set KEY=VALUE`.")
    return open_app(arguments.runs_dir, None, name or "")


def _check(name: str) -> None:
    """A file that is not there yet is told from a preset by its ending."""
    ids = [entry.id for entry in PRESETS]
    if (name and Path(name).exists()) or name in ids or own_named(name) or name.lower().endswith((".yaml", ".yml")):
        return
    close = nearest(name, ids)
    remedy = (
        f"Did you mean {close}?" if close else "A new file is named like NAME.yaml; `traindeck presets` lists those."
    )
    raise InvalidInput(f'There is no file and no preset of the name "{shown(name, 200)}".', remedy)
