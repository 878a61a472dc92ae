"""The wheel holds all that runs: modules, stylesheets, the demo's configs and the digits."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
KINDS = (".py", ".tcss", ".yaml", ".gz")


def test_an_unpacked_wheel_has_every_file_and_runs_from_there(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        packed = set(archive.namelist())
        archive.extractall(tmp_path / "site")
    wanted = {
        path.relative_to(ROOT).as_posix()
        for package in ("training", "tui")
        for path in (ROOT / package).rglob("*")
        if path.suffix in KINDS
    } | {"traindeck.py"}
    assert wanted <= packed
    done = subprocess.run(
        [sys.executable, str(tmp_path / "site" / "traindeck.py"), "presets", "balanced"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "optimizer: Adam" in done.stdout
