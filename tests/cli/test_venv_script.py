"""`.ci/venv`, which `make demo` and `make test` begin with: run with pythons that only pretend."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / ".ci" / "venv"
TOOLS = ("sh", "uname", "touch", "cat", "mkdir", "cp", "chmod")

# A python that fits, whose `-m venv` copies a fitting one with pip into .venv, and that writes down what it is asked.
WORKING = """#!/bin/sh
echo "$0 $*" >>calls
case "$*" in
*"-m venv"*) mkdir -p .venv/bin; cp "{working}" .venv/bin/python;;
*--version*) echo Python 3.12.1;;
-) exit 1;;
esac
"""
NO_PIP = """#!/bin/sh
case "$*" in *pip*|-) exit 1;; esac
"""
NO_VENV = """#!/bin/sh
case "$*" in *ensurepip*|-) exit 1;; esac
"""
OLD = """#!/bin/sh
case "$1" in --version) echo Python 3.9.2;; *) exit 1;; esac
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with a PATH of its own, on which no python is."""
    monkeypatch.chdir(tmp_path)
    tools = tmp_path / "tools"
    tools.mkdir()
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found, tool
        (tools / tool).symlink_to(found)
    return tmp_path


def pretend(path: Path, source: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(source.replace("{working}", str(path)))
    path.chmod(0o755)
    return path


def run(place: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    home = place / "home"
    home.mkdir(mode=0o555, exist_ok=True)
    environment = {"PATH": str(place / "tools"), "HOME": str(home), **environment}
    return subprocess.run(["sh", str(SCRIPT), "."], env=environment, capture_output=True, text=True, check=False)


def test_a_python_that_is_too_old_is_named_with_its_version_and_the_remedy(place: Path) -> None:
    pretend(place / "tools" / "python3", OLD)
    done = run(place)
    assert done.returncode == 1
    assert "found Python 3.9.2" in done.stderr
    assert "PYTHON=" in done.stderr


def test_a_missing_python_gets_one_sentence(place: Path) -> None:
    done = run(place)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "found no python3" in done.stderr


def test_a_missing_venv_module_gets_the_package_to_install(place: Path) -> None:
    pretend(place / "tools" / "python3", NO_VENV)
    done = run(place)
    assert done.returncode == 1
    assert "python3-venv" in done.stderr


def test_a_python_in_a_folder_with_a_space_is_used(place: Path) -> None:
    python = pretend(place / "my pythons" / "python3", WORKING)
    done = run(place, PYTHON=str(python))
    assert done.returncode == 0, done.stderr
    assert (place / ".venv" / ".app").exists()


def test_a_venv_whose_making_was_interrupted_is_made_anew(place: Path) -> None:
    pretend(place / "tools" / "python3", WORKING)
    pretend(place / ".venv" / "bin" / "python", NO_PIP)
    done = run(place)
    assert done.returncode == 0, done.stderr
    assert "-m venv --clear" in (place / "calls").read_text()


def test_a_venv_that_is_whole_is_kept(place: Path) -> None:
    pretend(place / ".venv" / "bin" / "python", WORKING)
    assert run(place).returncode == 0
    assert "-m venv" not in (place / "calls").read_text()
