"""Files decoded in passing."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from training.dataset.decode import Recipe
from training.dataset.stream import stream


def test_files_come_in_their_order_from_several_processes(tmp_path: Path) -> None:
    names = [f"{value:02}.png" for value in range(40)]
    for value, name in enumerate(names):
        # The first are the slowest to decode.
        side = 1200 if value < 2 else 8
        Image.new("L", (side, side), value).save(tmp_path / name)
    (tmp_path / names[7]).write_bytes(b"torn")
    large = [3_000_000] * len(names)  # as if each were worth a job of its own, and all of them two processes
    parts = list(stream(tmp_path, names, large, Recipe(2, "grey"), workers=2))
    assert [part.places.start for part in parts] == list(range(40))
    assert [part.pixels for part in parts] == [b"" if value == 7 else bytes([value] * 4) for value in range(40)]
    assert [(place, bad.path) for part in parts for place, bad in part.bad] == [(7, "07.png")]


def test_grey_files_fill_the_channels_that_are_wanted(tmp_path: Path) -> None:
    Image.new("L", (3, 3), 9).save(tmp_path / "grey.png")
    Image.new("RGB", (3, 3), (1, 2, 3)).save(tmp_path / "colour.png")
    (part,) = stream(tmp_path, ["grey.png", "colour.png"], [99, 99], Recipe(1, "rgb"), workers=1)
    assert part.pixels == bytes([9, 9, 9, 1, 2, 3])
    assert part.good == (0, 1)
