"""The formats of exported networks: how each is written, and read back as a function from pixels 0…1 to logits.

Files are made in memory and then written: the libraries' own writers hide a full disk, or die of it.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from training.engine.models.build import build_model
from training.engine.using.deployed import Deployed, described, plain_network
from training.engine.using.loaded import LoadedRun

Network = Callable[[Tensor], Tensor]

METADATA = "traindeck.json"
"""Name of the description inside a .pt2 file."""


def write_safetensors(run: LoadedRun, path: Path) -> None:
    """The weights by the names of the plain network; the description in the header, each value as JSON."""
    from safetensors.torch import save

    weights = {name: value.contiguous().clone() for name, value in plain_network(run.model).state_dict().items()}
    path.write_bytes(save(weights, metadata=_texts(described(run, normalises=False))))


def read_safetensors(run: LoadedRun, path: Path) -> Network:
    from safetensors.torch import load_file

    fresh = plain_network(build_model(run.config, run.shape, len(run.classes), pretrained=False))
    fresh.load_state_dict(load_file(path))
    return _without_gradients(Deployed(fresh, run.normalisation).eval())


def write_pt2(run: LoadedRun, path: Path) -> None:
    batch = torch.export.Dim("batch")
    buffer = BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        program = torch.export.export(_deployed(run), _example(run), dynamic_shapes=({0: batch},))
        torch.export.save(program, buffer, extra_files={METADATA: json.dumps(described(run, normalises=True))})
    path.write_bytes(buffer.getbuffer())


def read_pt2(_: LoadedRun, path: Path) -> Network:
    return _without_gradients(torch.export.load(path).module())


def write_onnx(run: LoadedRun, path: Path) -> None:
    """One file, at torch's default opset; input `pixels`, output `logits`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            _deployed(run),
            _example(run),
            input_names=["pixels"],
            output_names=["logits"],
            dynamic_shapes=({0: torch.export.Dim("batch")},),
            dynamo=True,
            verbose=False,
        )
    assert program is not None
    program.model.metadata_props.update(_texts(described(run, normalises=True)))
    program.save(path, external_data=False)


def read_onnx(_: LoadedRun, path: Path) -> Network:
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return lambda pixels: torch.from_numpy(session.run(["logits"], {"pixels": pixels.numpy()})[0])


def _deployed(run: LoadedRun) -> Deployed:
    return Deployed(plain_network(run.model), run.normalisation).eval()


def _example(run: LoadedRun) -> tuple[Tensor]:
    """Of more than one image: torch takes a batch of one for a size that never changes."""
    return (torch.zeros(2, *run.shape),)


def _without_gradients(module: Callable[[Tensor], Any]) -> Network:
    def network(pixels: Tensor) -> Tensor:
        with torch.no_grad():
            logits: Tensor = module(pixels)
        return logits

    return network


def _texts(description: dict[str, Any]) -> dict[str, str]:
    """Texts as they are, everything else as JSON."""
    return {key: value if isinstance(value, str) else json.dumps(value) for key, value in description.items()}
