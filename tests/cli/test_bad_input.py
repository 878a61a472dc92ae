"""Bad input gets one clear error with its place and the remedy, exit code 2, and nothing is left behind."""

from __future__ import annotations

import json
import math
import socket
from pathlib import Path

import pytest
from PIL import Image

import traindeck


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory of its own, with a home of its own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("TRAINDECK_RUNS", raising=False)
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What the verb says on stderr when it refuses; it must leave no run."""
    assert traindeck.main(list(words)) == 2
    captured = capsys.readouterr()
    assert "Traceback" not in captured.err
    assert not list(Path.cwd().glob("traindeck_runs/*"))
    return captured.err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("learning_rat: 0.1\n", ["bad.yaml:1", "learning_rat", "learning_rate"]),
        ("model:\n  kernel: 3\n", ["bad.yaml:2", "model.kernel"]),
        ("model:\n  blocks:\n    - {filtrs: 3}\n", ["bad.yaml:3", "filters"]),
        ("epochs: 3\nepochs: 4\n", ["bad.yaml:2", "epochs"]),
        ("\n\nepochs: many\n", ["bad.yaml:3", "epochs"]),
        ("epochs: 0\n", ["bad.yaml:1", "epochs"]),
        ("epochs: true\n", ["bad.yaml:1", "epochs"]),
        ("early_stopping: off\n", ["bad.yaml:1", "early_stopping", "false"]),
        ("learning_rate: .nan\n", ["bad.yaml:1", "learning_rate", "finite"]),
        ("learning_rate: .inf\n", ["bad.yaml:1", "learning_rate", "finite"]),
        ("learning_rate: -1e-3\n", ["bad.yaml:1", "learning_rate"]),
        ("optimizer: Adan\n", ["bad.yaml:1", "optimizer", "Adam"]),
        ("epochs: [1, 2\n", ["bad.yaml:"]),
        ("epochs: !!python/object:os.system 3\n", ["bad.yaml:1", "tag"]),
        ("- a\n- b\n", ["bad.yaml:1"]),
        ("data:\n  source: folder\n", ["bad.yaml", "data.path"]),
        ("a: &a [x]\nb: *c\n", ["bad.yaml:2"]),
    ],
)
@pytest.mark.parametrize("verb", ["check", "train"])
def test_a_bad_config_is_refused_with_its_line(
    capsys: pytest.CaptureFixture[str], project: Path, verb: str, text: str, said: list[str]
) -> None:
    (project / "bad.yaml").write_text(text)
    err = refused(capsys, verb, "bad.yaml")
    for word in said:
        assert word in err


def test_every_error_is_told_at_once(capsys: pytest.CaptureFixture[str], project: Path) -> None:
    (project / "bad.yaml").write_text("epochs: 0\nbatch_size: 0\noptimzer: Adam\n")
    assert len(refused(capsys, "check", "bad.yaml").splitlines()) == 3


def test_errors_come_as_json_too(capsys: pytest.CaptureFixture[str], project: Path) -> None:
    (project / "bad.yaml").write_text("epochs: 0\n")
    assert traindeck.main(["check", "bad.yaml", "--json"]) == 2
    (problem,) = json.loads(capsys.readouterr().out)["problems"]
    assert (problem["key"], problem["line"]) == ("epochs", 1)


def test_a_missing_config_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert "nowhere.yaml" in refused(capsys, "train", "nowhere.yaml")


@pytest.mark.parametrize(
    ("override", "said"),
    [("epoch=3", "epochs"), ("epochs", "="), ("epochs=x", "epochs"), ("model.kind=resnet", "kind")],
)
def test_a_bad_override_is_refused(capsys: pytest.CaptureFixture[str], override: str, said: str) -> None:
    assert said in refused(capsys, "train", "balanced", "--set", override)


def test_more_processes_than_images_in_a_batch_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    err = refused(capsys, "train", "balanced", "--set", "runtime.device=cpu", "--set", "runtime.processes=64", "--yes")
    assert "batch_size: Each of 64 processes needs an image of every batch, and a batch has 32." in err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--nnodes", "2", "--rdzv-endpoint", "here"), "no HOST:PORT"),
        (("--nnodes", "2", "--rdzv-endpoint", "192.0.2.7:29400"), "no address of this machine"),
        (("--rdzv-endpoint", "127.0.0.1:29400"), "several machines"),
        (("--nnodes", "2", "--slurm"), "--nodes"),
    ],
)
def test_a_place_to_meet_that_makes_no_sense_is_refused(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...], said: str
) -> None:
    assert said in refused(capsys, "train", "balanced", *words)


def test_a_port_that_is_taken_is_no_place_to_meet(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        err = refused(capsys, "train", "balanced", "--nnodes", "2", "--rdzv-endpoint", f"127.0.0.1:{port}")
    assert f"Port {port} of 127.0.0.1 is taken." in err


def test_a_run_name_with_terminal_escapes_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    err = refused(capsys, "train", "balanced", "--name", "\x1b[2Jgone")
    assert "control characters" in err
    assert "\x1b" not in err


def test_a_runs_folder_that_cannot_be_made_is_named(capsys: pytest.CaptureFixture[str], project: Path) -> None:
    (project / "file").write_text("")
    assert "--runs-dir" in refused(capsys, "train", "balanced", "--runs-dir", "file/runs")


def test_a_run_that_does_not_exist_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    for verb in ("show", "stop", "diagnose"):
        assert "no run yet" in refused(capsys, verb, "ghost")


def images(folder: Path, *classes: str, count: int = 5) -> None:
    for number, name in enumerate(classes):
        (folder / name).mkdir(parents=True)
        for index in range(count):
            Image.new("L", (8, 8), (40 * number + index) % 255).save(folder / name / f"{index}.png")


@pytest.mark.parametrize(("classes", "said"), [((), "images"), (("only",), "class")])
def test_a_data_folder_without_two_classes_is_refused_before_the_launch(
    capsys: pytest.CaptureFixture[str], project: Path, classes: tuple[str, ...], said: str
) -> None:
    (project / "images").mkdir()
    images(project / "images", *classes)
    (project / "c.yaml").write_text("data: {source: folder, path: images}\n")
    err = refused(capsys, "train", "c.yaml")
    assert str(project / "images") in err
    assert said in err


def test_a_data_folder_that_is_missing_is_refused(capsys: pytest.CaptureFixture[str], project: Path) -> None:
    (project / "c.yaml").write_text("data: {source: folder, path: nowhere}\n")
    assert str(project / "nowhere") in refused(capsys, "train", "c.yaml")


def test_numbers_that_json_cannot_spell_are_strings(capsys: pytest.CaptureFixture[str]) -> None:
    from training.cli.output import say_json

    say_json({"a": [math.nan, {"b": -math.inf}]})
    assert capsys.readouterr().out == '{"a":["nan",{"b":"-inf"}]}\n'


@pytest.mark.parametrize("cache", ["auto", "disk"])
@pytest.mark.parametrize(("folder", "why"), [("file/kept", "is no folder"), ("link", "leads nowhere")])
def test_a_cache_folder_that_cannot_be_used_is_refused_before_the_launch(
    capsys: pytest.CaptureFixture[str], project: Path, cache: str, folder: str, why: str
) -> None:
    images(project / "images", "a", "b")
    (project / "file").write_text("")
    (project / "link").symlink_to("nowhere")
    (project / "c.yaml").write_text(f"data: {{source: folder, path: images, cache: {cache}, cache_dir: {folder}}}\n")
    err = refused(capsys, "train", "c.yaml")
    assert "data.cache_dir" in err
    assert str(project / folder) in err
    assert why in err


def test_a_cache_folder_that_is_to_be_made_or_not_used_is_fine(project: Path) -> None:
    images(project / "images", "a", "b")
    (project / "file").write_text("")
    for cache, folder in (("auto", "new/deep"), ("ram", "file")):
        (project / "c.yaml").write_text(
            f"data: {{source: folder, path: images, cache: {cache}, cache_dir: {folder}}}\n"
        )
        assert traindeck.main(["check", "c.yaml"]) == 0
    assert not (project / "new").exists()
