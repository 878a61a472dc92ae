"""What does a data set hold? Loads no torch: a process of its own keeps the screen from stuttering, no more."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from training.config.data import Data
from training.dataset.headers import look
from training.dataset.preview import of_listing
from training.dataset.source import list_source
from training.engine.ask.questions import Tell

SECONDS_BETWEEN = 0.1
"""Between two words of progress."""


def answer(arguments: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
    """`data` (the section), `path` (where data.path leads) and `seed`.

    Tells {"preview"} once the files are listed, then {"done", "total"} of the images that it looks at; the result is
    the preview with what they look like. Raises InvalidInput for what cannot be trained on.
    """
    data = msgspec.convert(arguments["data"], Data)
    listing = list_source(data, Path(arguments["path"]), arguments["seed"])
    found = of_listing(listing)
    tell({"preview": msgspec.to_builtins(found)})
    told = time.monotonic()

    def progress(done: int, total: int) -> None:
        nonlocal told
        if time.monotonic() - told >= SECONDS_BETWEEN:
            told = time.monotonic()
            tell({"done": done, "total": total})

    looked = look(listing, "byteplot" if data.source == "byteplot" else "image", progress=progress)
    answer: dict[str, Any] = msgspec.to_builtins(msgspec.structs.replace(found, looked=looked))
    return answer
