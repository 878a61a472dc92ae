"""A run's network as a file for other programs, read back and compared before anybody relies on it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal, get_args

import torch
from torch import Tensor

from training.config.problems import listed
from training.engine.models.build import build_model
from training.engine.using.deployed import Deployed, described, plain_network
from training.engine.using.loaded import LoadedRun
from training.engine.using.samples import some_pixels
from training.errors import RunFailed, TraindeckError
from training.text import one_line

Format = Literal["safetensors", "onnx", "pt2"]
FORMATS: tuple[Format, ...] = get_args(Format)

NEEDS: dict[Format, tuple[str, ...]] = {
    "safetensors": ("safetensors",),
    "onnx": ("onnx", "onnxscript", "onnxruntime"),
    "pt2": (),
}
"""Packages beyond torch."""
TOLERANCE = 1e-3
"""Largest difference between the logits of the file and of the run, as a part of the largest logit (of 1 at least):
other programs order their sums otherwise. A wrong normalisation or a lost layer is far above."""

METADATA = "traindeck.json"
"""Name of the description inside a .pt2 file."""


@dataclass(frozen=True)
class Checked:
    """How the file was tested."""

    images: int
    real: int
    """How many of them are images of the validation side; the others are noise."""
    difference: float
    """The largest, between logits of the file and of the run."""


def check_packages(form: Format) -> None:
    """Raises TraindeckError where the format needs a package that is not there."""
    missing = [name for name in NEEDS[form] if find_spec(name) is None]
    if missing:
        raise TraindeckError(
            f"Exporting to {form} needs {listed(missing, 'and')}, not installed here.",
            "Run: pip install 'traindeck[export]'",
        )


def export(run: LoadedRun, form: Format, path: Path) -> Checked:
    """Write the network to `path`, read it back and compare. The run has to be loaded on the CPU in fp32.

    `safetensors` holds the weights alone; `onnx` and `pt2` hold a network that takes pixels from 0 to 1, normalises
    them and works on any number of images. Raises TraindeckError, with no file left, for what torch cannot export and
    where what was read back gives other answers.
    """
    check_packages(form)
    write, read = {
        "safetensors": (_write_safetensors, _read_safetensors),
        "onnx": (_write_onnx, _read_onnx),
        "pt2": (_write_pt2, _read_pt2),
    }[form]
    try:
        try:
            write(run, path)
        except (RuntimeError, ValueError, TypeError, NotImplementedError) as error:
            reason = one_line(str(error).partition("\n")[0])[:300]
            raise RunFailed(f"This network cannot be exported to {form}: {reason}.", "Try another format.") from error
        return _compare(run, read(run, path), form)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _compare(run: LoadedRun, theirs: Callable[[Tensor], Tensor], form: Format) -> Checked:
    """`theirs` takes pixels from 0 to 1. One image alone, and all together: the batch may have any size."""
    stored, real = some_pixels(run)
    seen = torch.cat(list(run.seen(stored)))
    pixels = run.unnormalised(seen, stored)
    expected = run.logits(seen)
    found = torch.cat([theirs(pixels[:1]), theirs(pixels[1:])])
    if found.shape != expected.shape:
        raise _differs(form, f"logits {list(found.shape)} instead of {list(expected.shape)}")
    difference = float((found - expected).abs().max())
    if not difference <= TOLERANCE * max(1.0, float(expected.abs().max())):
        raise _differs(form, f"its logits are off by up to {difference:.3g}")
    return Checked(len(seen), real, difference)


def _differs(form: Format, how: str) -> RunFailed:
    return RunFailed(
        f"The {form} file, read back, answers otherwise than the run ({how}); it was not kept.", "Try another format."
    )
