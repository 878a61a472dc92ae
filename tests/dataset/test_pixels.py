"""A whole listing as pixels: what is where in the buffer, what is said of it, and where it is kept."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest
from PIL import Image

from tests.conftest import MakeFolder
from tests.dataset.files import PNG_GREY, png16
from training.config.data import Data
from training.dataset import pixels
from training.dataset.crew import parts, processes_for, spread
from training.dataset.decode import Decoded, Recipe, decode
from training.dataset.listing import Listing
from training.dataset.pixels import Pixels, load_pixels
from training.dataset.source import list_source
from training.errors import RunFailed, TraindeckError

ROOT = Path(__file__).resolve().parents[2]


class Stopped(Exception):
    pass


def listed(root: Path) -> Listing:
    return list_source(Data(source="folder", path="x"), root, 0)


def load(root: Path, recipe: Recipe | None = None, **how: Any) -> Pixels:
    settings: dict[str, Any] = {"mode": "ram", "cache_dir": None, "workers": 1, "progress": lambda done, total: None}
    return load_pixels(listed(root), recipe or Recipe(8), **(settings | how))


def planes(found: Pixels, place: int) -> bytes:
    size = found.channels * found.side**2
    assert found.buffer is not None
    return bytes(found.buffer[place * size : (place + 1) * size])


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """300 noisy colour images of two classes, all different."""
    for place in range(300):
        folder = tmp_path / "many" / "ab"[place % 2]
        folder.mkdir(parents=True, exist_ok=True)
        noise = Image.effect_noise((24, 24), 40)
        Image.merge("RGB", (noise, noise.rotate(90), noise.rotate(180))).save(folder / f"{place:03}.png")
    return tmp_path / "many"


@pytest.fixture
def _processes_for_any(monkeypatch: pytest.MonkeyPatch) -> None:
    """However small the listing, it is spread over processes."""
    monkeypatch.setattr(pixels, "processes_for", lambda sizes, workers: workers)


@pytest.mark.usefixtures("_processes_for_any")
@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("mode", ["ram", "disk"])
def test_every_image_lies_at_its_place_channel_after_channel(many: Path, mode: str, workers: int) -> None:
    found = load(many, mode=mode, workers=workers)
    listing = listed(many)
    assert (found.channels, found.side, found.bad) == (3, 8, {})
    for place in (0, 1, 63, 64, 150, 299):
        image = decode(many, listing.paths[place], Recipe(8))
        assert isinstance(image, Decoded)
        assert planes(found, place) == image.planes(3) == b"".join(image.pixels[c::3] for c in range(3))
    assert ("2 processes" in found.where) == (workers == 2)


def test_grey_images_take_one_channel_until_one_in_colour_turns_up(make_folder: MakeFolder) -> None:
    root = make_folder(a=40, b=40)
    grey = load(root)
    assert grey.channels == 1
    Image.new("RGB", (8, 8), (9, 8, 7)).save(root / "a" / "01.png")  # not among the files that are looked at first
    found = load(root)
    assert found.channels == 3
    assert planes(found, 0) == planes(grey, 0) * 3
    assert planes(found, 1) == b"\x09" * 64 + b"\x08" * 64 + b"\x07" * 64
    assert load(root, Recipe(8, "grey")).channels == 1


def test_unreadable_images_are_zero_and_named_with_the_reason(make_folder: MakeFolder) -> None:
    root = make_folder(a=3, b=3)
    (root / "a" / "01.png").write_bytes(b"no image")
    found = load(root)
    assert planes(found, 1) == bytes(64)
    assert {place: str(what) for place, what in found.bad.items()} == {
        1: "a/01.png (not a PNG, JPEG, BMP, TIFF or WebP image)"
    }


def test_what_was_done_to_images_is_noted_with_counts(make_folder: MakeFolder) -> None:
    root = make_folder(a=3, b=3)
    Image.new("LA", (8, 8), (0, 0)).save(root / "a" / "00.png")
    Image.new("LA", (8, 8), (0, 0)).save(root / "a" / "01.png")
    Image.new("L", (8, 8)).save(root / "b" / "x.tif", save_all=True, append_images=[Image.new("L", (8, 8))])
    (root / "b" / "dark.png").write_bytes(png16(PNG_GREY, [900]))
    assert load(root).notes == (
        "Images that are see-through in places and were laid over white: 2.",
        "Files of several frames or pages, of which the first is used: 1.",
        "Images of 16 bits that use less than a sixteenth of their range, and so come out nearly black: 1. "
        "Rescale them if they should not.",
    )


def test_off_keeps_nothing_and_judges_the_colour_from_a_sample(make_folder: MakeFolder) -> None:
    root = make_folder(a=3, b=3)
    assert load(root, mode="off").channels == 1
    Image.new("RGB", (8, 8), (9, 8, 7)).save(root / "b" / "00.png")
    found = load(root, mode="off")
    assert (found.buffer, found.channels) == (None, 3)
    assert load(root, Recipe(8, "grey"), mode="off").channels == 1
    assert "anew" in found.where


@pytest.mark.usefixtures("_processes_for_any")
@pytest.mark.parametrize("workers", [1, 2])
def test_a_stop_leaves_neither_files_nor_processes(many: Path, tmp_path: Path, workers: int) -> None:
    def stop(done: int, total: int) -> None:
        if done > 0:
            raise Stopped

    before = set(psutil.Process().children())
    with pytest.raises(Stopped):
        load(many, mode="disk", cache_dir=tmp_path / "cache", workers=workers, progress=stop)
    assert list((tmp_path / "cache").iterdir()) == []
    started = set(psutil.Process().children()) - before
    assert not [child for child in started if "resource_tracker" not in " ".join(child.cmdline())]


def test_processes_that_decode_end_when_their_parent_is_killed(many: Path, tmp_path: Path) -> None:
    source = (
        f"import sys, time; sys.path.insert(0, {str(ROOT)!r})\n"
        "from multiprocessing import get_context\n"
        "from concurrent.futures import ProcessPoolExecutor\n"
        "from training.dataset.crew import _stay_with_parent\n"
        "if __name__ == '__main__':\n"
        "    pool = ProcessPoolExecutor(2, get_context('spawn'), _stay_with_parent)\n"
        "    jobs = [pool.submit(time.sleep, 60) for _ in range(2)]\n"
        "    while not all(job.running() for job in jobs): time.sleep(0.01)\n"
        "    import psutil\n"
        "    print(*[child.pid for child in psutil.Process().children()], flush=True)\n"
        "    time.sleep(60)\n"
    )
    script = tmp_path / "script.py"
    script.write_text(source)
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        children = [psutil.Process(int(pid)) for pid in parent.stdout.readline().split()]
        assert len(children) >= 2
        parent.kill()
    _, alive = psutil.wait_procs(children, timeout=10)
    assert alive == []


# Where they are kept


class Little:
    available = 1 << 20


def test_pixels_that_do_not_fit_into_memory_are_refused_with_the_numbers(
    make_folder: MakeFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("psutil.virtual_memory", Little)
    with pytest.raises(RunFailed, match=r"need 17 MB of memory, and 1 MB are available"):
        load(make_folder(a=2, b=2), Recipe(2048))


def test_auto_takes_the_disk_then_memory_then_nothing_and_says_why(
    make_folder: MakeFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = make_folder(a=2, b=2)
    on_disk = load(root, Recipe(256), mode="auto")
    assert "in one process" in on_disk.where
    assert (Path(os.environ["TRAINDECK_CACHE"])).as_posix() in on_disk.where
    full = SimpleNamespace(total=1 << 40, free=1 << 30)
    monkeypatch.setattr("shutil.disk_usage", lambda folder: full)
    in_memory = load(root, Recipe(256), mode="auto", cache_dir=tmp_path / "other")
    assert in_memory.where.startswith("Decoded images: 262 kB in memory")
    assert "need 262 kB" in in_memory.where
    assert "1.1 GB free" in in_memory.where
    assert in_memory.passed_over
    assert not load(root, Recipe(256), mode="auto", cache_dir=None).passed_over  # nobody named a folder
    monkeypatch.setattr("psutil.virtual_memory", Little)
    nowhere = load(root, Recipe(512), mode="auto", cache_dir=tmp_path / "other")
    assert nowhere.buffer is None
    assert "fit nowhere" in nowhere.where
    with pytest.raises(TraindeckError, match=r"1\.1 GB free"):
        load(root, mode="disk", cache_dir=tmp_path / "other")


def test_many_small_files_go_to_processes_and_few_do_not() -> None:
    assert processes_for([5_000] * 300, 2) == 1
    assert processes_for([5_000] * 5000, 2) == 2
    assert processes_for([4_000_000] * 300, 2) == 2
    assert processes_for([4_000_000] * 300, 1) == 1
    covered = [place for part in parts([1, 5_000_000, *[10] * 200]) for place in part]
    assert covered == list(range(202))


def test_waiting_is_reported_while_a_part_takes_long(tmp_path: Path) -> None:
    ticks = []
    results = list(spread(time.sleep, [0.5], processes=2, idle=lambda: ticks.append(1)))
    assert results == [None]
    assert ticks
