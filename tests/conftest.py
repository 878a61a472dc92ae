"""Shared by all tests: hypothesis draws the same examples every time; HYPOTHESIS_PROFILE=explore draws new ones.

And folders of images, for whoever lists, draws or trains on them.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

MakeFolder = Callable[..., Path]

settings.register_profile("repeatable", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None, max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))


@pytest.fixture
def make_folder(tmp_path: Path) -> MakeFolder:
    """A folder with these numbers of small grey images in its class folders."""

    def make(**classes: int) -> Path:
        from tests.drawing import image

        root = tmp_path / "images"
        root.mkdir()
        for place, (name, count) in enumerate(classes.items()):
            (root / name).mkdir()
            for index in range(count):
                image((index * 7 + place * 120) % 256).save(root / name / f"{index:02}.png")
        return root

    return make


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Decoded images of tests stay among the files of tests."""
    monkeypatch.setenv("TRAINDECK_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))


@pytest.fixture(autouse=True)
def _own_settings(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No run of a test tells the hook of whoever runs the tests."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.getbasetemp() / "no-settings"))
