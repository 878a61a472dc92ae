"""What the installed torch can drive, read from its files: importing it would cost a second."""

from __future__ import annotations

import importlib.util
import re
from dataclasses import dataclass
from functools import lru_cache
from importlib import metadata
from pathlib import Path


@dataclass(frozen=True)
class TorchBuild:
    """`cuda` is the CUDA version that torch was built for; empty for a CPU or ROCm build."""

    version: str
    cuda: str = ""
    hip: str = ""

    @property
    def cuda_version(self) -> tuple[int, int] | None:
        match = re.match(r"(\d+)\.(\d+)", self.cuda)
        return (int(match[1]), int(match[2])) if match else None


@lru_cache(maxsize=1)
def torch_build() -> TorchBuild | None:
    """The torch that the worker will import, or None where there is none."""
    spec = importlib.util.find_spec("torch")
    if spec is None or not spec.origin:
        return None
    try:
        text = (Path(spec.origin).parent / "version.py").read_text()
    except OSError:
        text = ""
    return TorchBuild(
        _value(text, "__version__") or metadata.version("torch"), _value(text, "cuda"), _value(text, "hip")
    )


def _value(text: str, name: str) -> str:
    match = re.search(rf"^{name}\b[^=\n]*= *['\"]([^'\"]*)['\"]", text, re.MULTILINE)
    return match[1] if match else ""
