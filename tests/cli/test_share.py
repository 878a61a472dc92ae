"""`traindeck share RUN`: the file that it writes, and what it says of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.tui.fakes import FakeRun, learning_run
from traindeck import main


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeRun:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("TRAINDECK_RUNS", str(tmp_path / "runs"))
    found = learning_run(tmp_path / "runs")
    found.finish()
    return found


def test_the_page_is_named_after_the_run_and_a_second_one_gets_a_number(
    run: FakeRun, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["share"]) == 0
    assert main(["share", "digits"]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith(f"{tmp_path}/digits-adam-0.001.html: ")
    assert second.startswith(f"{tmp_path}/digits-adam-0.001-2.html: ")
    assert (tmp_path / "digits-adam-0.001.html").read_text().startswith("<!DOCTYPE html>")


def test_out_decides_the_kind_and_a_file_that_is_there_stays_without_force(
    run: FakeRun, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "run.md").write_text("mine")
    assert main(["share", "last", "--out", "run.md"]) == 2
    assert "run.md is there already. Name another file, or give --force." in capsys.readouterr().err
    assert main(["share", "last", "--out", "run.md", "--force", "--redact", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["path"], told["redacted"]) == (str(tmp_path / "run.md"), True)
    assert str(tmp_path) not in (tmp_path / "run.md").read_text()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nobody"], "No run is called 'nobody'."),
        (["--out", "run.pdf"], "is written as .html or .md"),
        (["--out", "no/run.md"], "no such folder"),
        (["--out", ""], "The name of the file is empty."),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(
    run: FakeRun, words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["share", *words]) == 2
    assert said in capsys.readouterr().err
