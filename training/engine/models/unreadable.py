"""What is wrong with a weights file that its reader refuses, in words for users and told from the file itself."""

from __future__ import annotations

import pickle
import zipfile
from pathlib import Path

_SAVE = "Save the state dict alone: torch.save(model.state_dict(), path)."
_OLD_FORMAT = b"\x80\x02\x8a\x0al\xfc\x9cF\xf9"
"""How files of torch before 1.6 begin: a pickled magic number."""


def what_is_wrong(path: Path, error: Exception) -> tuple[str, str]:
    """How the sentence about the file goes on, and the remedy; `error` is what the reader raised."""
    if _is_cut_or_damaged(path, error):
        return "is damaged or cut short", "Copy or fetch it again."
    # torch's unpickler names what it will not build; anything else that it refuses is no weights file to begin with.
    if isinstance(error, pickle.UnpicklingError) and ("Unsupported global" in str(error) or zipfile.is_zipfile(path)):
        return (
            "holds a whole pickled object, not a state dict; it is not loaded, since that could run code",
            _SAVE,
        )
    return "is no weights file", _SAVE if path.suffix != ".safetensors" else "Name a .safetensors, .pt or .pth file."


def _is_cut_or_damaged(path: Path, error: Exception) -> bool:
    """Whether it begins as a weights file does and cannot be read to its end."""
    with path.open("rb") as file:
        start = file.read(9)
    if path.suffix == ".safetensors":  # the length of the header, and then the header, in JSON
        return start[8:] == b"{"
    if not start.startswith(b"PK\x03\x04"):
        return isinstance(error, RuntimeError) and start == _OLD_FORMAT
    if not zipfile.is_zipfile(path):
        return True
    with zipfile.ZipFile(path) as archive:
        ours = any(name.endswith("/data.pkl") for name in archive.namelist())
    return ours and not isinstance(error, pickle.UnpicklingError)
