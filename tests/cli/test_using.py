"""`evaluate`, `predict` and `export` as a user sees them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import traindeck
from tests.engine.conftest import SMALL, Run
from tests.engine.trained import draw_classes, trained
from training.engine.ask.questions import find_answer
from training.runs.events import Epoch
from training.runs.supervisor import ENTRY

PICTURES = SMALL.replace("batch_size: 128", "batch_size: 8") + "data: {source: folder, image_size: 8, path: "


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("using")
    path = draw_classes(folder / "images", ant=10, bee=10)
    return trained(folder / "runs" / "pictures", f"{PICTURES}{path}}}\n")


@pytest.fixture(autouse=True)
def _asked_in_this_process(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The child takes seconds to load torch; one test starts it. What is asked and answered goes through JSON."""
    for name in ("CUDA_VISIBLE_DEVICES", "TRAINDECK_DEVICE", "TRAINDECK_DEVICE_NAME", "TRAINDECK_DEVICE_REASON"):
        monkeypatch.setenv(name, "")  # to be restored
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)

    def ask(question: str, arguments: Mapping[str, Any], *, progress: Any = None) -> Any:
        def tell(news: Any) -> None:
            progress(json.loads(json.dumps(news)))

        return json.loads(json.dumps(find_answer(question)(json.loads(json.dumps(arguments)), tell)))

    for verb in ("evaluate", "predict", "export"):
        monkeypatch.setattr(f"training.cli.{verb}.ask", ask)


def said(capsys: pytest.CaptureFixture[str], *words: str | Path, code: int = 0) -> tuple[str, str]:
    assert traindeck.main([str(word) for word in words]) == code
    captured = capsys.readouterr()
    assert "Traceback" not in captured.err
    return captured.out, captured.err


def images(run: Run) -> Path:
    return run.folder.path.parents[1] / "images"


def test_evaluate_prints_scores_by_class(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    out, _ = said(capsys, "evaluate", run.folder.path)
    lines = out.splitlines()
    assert lines[0].startswith("pictures: best checkpoint, epoch ")
    assert "on CPU" in lines[0]
    assert lines[1].startswith("validation: 4 images, loss ")
    assert lines[2].split() == ["class", "images", "precision", "recall", "F1"]
    assert [line.split()[:2] for line in lines[3:5]] == [["ant", "2"], ["bee", "2"]]


def test_evaluate_gives_json_with_the_confusion_matrix(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    out, _ = said(capsys, "evaluate", run.folder.path, "--checkpoint", "last", "--json")
    judged = json.loads(out)
    (side,) = judged["sides"]
    logged = run.of(Epoch)[-1].metrics
    assert judged["epoch"] == 2
    assert side["loss"] == pytest.approx(logged["val_loss"], rel=1e-5)
    assert side["accuracy"] == pytest.approx(logged["val_acc"])
    assert sum(sum(row) for row in side["confusion"]) == 4


def test_evaluate_refuses_a_class_that_the_run_does_not_know(
    run: Run, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    _, err = said(capsys, "evaluate", run.folder.path, "--data", draw_classes(tmp_path / "d", dog=1), code=2)
    assert "dog" in err
    assert "ant and bee" in err


def test_evaluate_refuses_data_that_are_not_there(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    _, err = said(capsys, "evaluate", run.folder.path, "--data", "nope", code=2)
    assert "nope: no such file or folder. Name a folder or a .csv file." in err


def test_predict_names_links_that_lead_nowhere(run: Run, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    links = draw_classes(tmp_path / "links", ant=1) / "ant"
    (links / "-first.png").symlink_to("nowhere.png")
    (links / "notes.txt").symlink_to("nowhere.txt")
    out, err = said(capsys, "predict", run.folder.path, links)
    assert len(out.splitlines()) == 1
    assert err == f"traindeck: not read: {links / '-first.png'} (link leads nowhere)\n"


def test_predict_names_each_file_its_classes_and_those_that_cannot_be_read(
    run: Run, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    torn = tmp_path / "torn.png"
    torn.write_bytes(b"no image")
    out, err = said(capsys, "predict", run.folder.path, torn, images(run) / "ant", "--top", "2")
    assert len(out.splitlines()) == 10
    path, first, share, *_ = out.splitlines()[0].split("  ")
    assert path == str(images(run) / "ant" / "00.png")
    assert first in ("ant", "bee")
    assert share.endswith(" %")
    assert err.startswith(f"traindeck: not read: {torn} (")
    out, err = said(capsys, "predict", run.folder.path, images(run), torn, "--json")
    *entries, bad = [json.loads(line) for line in out.splitlines()]
    assert len(entries) == 20
    assert (bad.keys(), bad["path"], err) == ({"path", "error"}, str(torn), "")
    assert entries[0]["top"] == [{"class": entries[0]["class"], "probability": entries[0]["probability"]}]


def test_predict_gives_every_name_back_in_json(run: Run, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    odd = [os.fsencode(tmp_path) + b"/" + name for name in (b"\xff.png", b"a\n\tb.png", b"torn\xfe\n.png")]
    for path in odd[:2]:
        Path(os.fsdecode(path)).write_bytes((images(run) / "ant" / "00.png").read_bytes())
    Path(os.fsdecode(odd[2])).write_bytes(b"no image")
    out, _ = said(capsys, "predict", run.folder.path, *map(os.fsdecode, odd), "--json")
    entries = [json.loads(line) for line in out.splitlines()]
    assert [os.fsencode(entry["path"]) for entry in entries] == odd
    assert "error" in entries[2]


def test_predict_fails_where_nothing_can_be_read_and_refuses_what_is_not_there(
    run: Run, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "torn.png").write_bytes(b"no image")
    said(capsys, "predict", run.folder.path, tmp_path / "torn.png", code=1)
    _, err = said(capsys, "predict", run.folder.path, tmp_path / "nowhere.png", code=2)
    assert "nowhere.png: no such file or folder" in err


def test_export_writes_a_file_once(run: Run, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    words = ("export", run.folder.path, "--format", "safetensors")
    out, _ = said(capsys, *words, "--json")
    path = tmp_path / "pictures.safetensors"
    assert json.loads(out)["path"] == str(path)
    assert json.loads(out)["classes"] == ["ant", "bee"]
    before = path.stat()
    _, err = said(capsys, *words, code=2)
    assert "there already" in err
    assert "--force" in err
    path.write_bytes(b"old")
    out, _ = said(capsys, *words, "--force")
    assert (path.stat().st_size, path.stat().st_mode) == (before.st_size, before.st_mode)
    assert before.st_mode & 0o777 == 0o644
    assert "read back and compared" in out


def test_an_export_that_fails_leaves_nothing_behind(
    run: Run, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    empty = trained_without_checkpoints(run, tmp_path)
    (tmp_path / "here").mkdir()
    _, err = said(capsys, "export", empty, "--format", "pt2", "--output", tmp_path / "here" / "x.pt2", code=2)
    assert "no best checkpoint" in err
    assert not list((tmp_path / "here").iterdir())
    _, err = said(capsys, "export", empty, "--format", "pt2", "--output", tmp_path / "nowhere" / "x.pt2", code=2)
    assert "nowhere: no such folder" in err


def trained_without_checkpoints(run: Run, tmp_path: Path) -> Path:
    folder = tmp_path / "empty"
    folder.mkdir()
    for name in ("summary.json", "config.yaml"):
        (folder / name).write_bytes((run.folder.path / name).read_bytes())
    return folder


def test_a_reader_that_leaves_ends_a_real_prediction_without_a_complaint(run: Run) -> None:
    command = [sys.executable, str(ENTRY), "predict", str(run.folder.path), *[str(images(run))] * 40]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert b"ant" in process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0
