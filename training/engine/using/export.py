"""A run's network as a file for other programs, read back and compared before anybody relies on it."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

import torch

from training.config.problems import listed
from training.engine.data.normalisation import Normalisation
from training.engine.using import formats
from training.engine.using.loaded import LoadedRun
from training.engine.using.trial import trial_pixels
from training.errors import RunFailed, TraindeckError
from training.text import one_line

Format = Literal["safetensors", "onnx", "pt2"]

NEEDS: dict[Format, tuple[str, ...]] = {
    "safetensors": ("safetensors",),
    "onnx": ("onnx", "onnxscript", "onnxruntime"),
    "pt2": (),
}
"""Packages beyond torch."""
TOLERANCE = 1e-3
"""Largest difference between the logits of the file and of the run, as a part of the largest logit (of 1 at least):
other programs order their sums otherwise. A wrong normalisation or a lost layer is far above."""


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
    where what was read back gives other answers; OSError where the file cannot be written.
    """
    check_packages(form)
    try:
        try:
            _WRITE[form](run, path)
        except (RuntimeError, ValueError, TypeError, NotImplementedError) as error:
            reason = one_line(str(error).partition("\n")[0])[:300]
            raise RunFailed(f"This network cannot be exported to {form}: {reason}.", "Try another format.") from error
        return _compare(run, _READ[form](run, path), form)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


_WRITE = {"safetensors": formats.write_safetensors, "onnx": formats.write_onnx, "pt2": formats.write_pt2}
_READ = {"safetensors": formats.read_safetensors, "onnx": formats.read_onnx, "pt2": formats.read_pt2}


def _compare(run: LoadedRun, theirs: formats.Network, form: Format) -> Checked:
    """One image alone, and the others together: the batch may have any size."""
    stored, real = trial_pixels(run)
    expected = torch.cat([run.logits(batch.images) for batch in run.batches(stored)])
    pixels = torch.cat([batch.images for batch in run.batches(stored, normalisation=Normalisation.none(run.shape[0]))])
    found = torch.cat([theirs(pixels[:1]), theirs(pixels[1:])])
    if found.shape != expected.shape:
        raise _differs(form, f"logits {list(found.shape)} instead of {list(expected.shape)}")
    difference = float((found - expected).abs().max())
    if not difference <= TOLERANCE * max(1.0, float(expected.abs().max())):
        raise _differs(form, f"its logits are off by up to {difference:.3g}")
    return Checked(len(stored), real, difference)


def _differs(form: Format, how: str) -> RunFailed:
    return RunFailed(
        f"The {form} file, read back, answers otherwise than the run ({how}); it was not kept.", "Try another format."
    )
