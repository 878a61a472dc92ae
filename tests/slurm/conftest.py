"""A user on a host that submits to a real cluster of two nodes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import Traindeck
from tests.slurm.cluster import Cluster, why_not
from training.slurm.place import _has_cluster
from training.slurm.queue import QUEUE


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """One for all tests; nothing of it is left running."""
    if reason := why_not():
        pytest.skip(reason)
    slurm = Cluster(tmp_path_factory.mktemp("slurm"))
    try:
        slurm.start()
        yield slurm
    finally:
        slurm.stop()


@pytest.fixture
def user(cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Traindeck]:
    """Whose jobs do not outlive the test."""
    monkeypatch.setenv("SLURM_CONF", str(cluster.conf))
    QUEUE.forget()
    _has_cluster.cache_clear()
    somebody = Traindeck(tmp_path / "home", tmp_path / "project", {"SLURM_CONF": str(cluster.conf)})
    somebody.home.mkdir()
    somebody.cwd.mkdir()
    yield somebody
    cluster.ask("scancel", f"--user={os.getuid()}")
    _has_cluster.cache_clear()
