"""`traindeck schema` and `traindeck diff`, and presets of one's own on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import traindeck
from tests.runs.builders import make_run
from training.config.json_schema import json_schema


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory of its own, with a home of its own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("TRAINDECK_RUNS", raising=False)
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def presets(tmp_path: Path) -> Path:
    folder = tmp_path / "config" / "traindeck" / "presets"
    folder.mkdir(parents=True)
    return folder


def told(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> str:
    """What the verb says: on stdout, or on stderr where it refuses."""
    assert traindeck.main(list(words)) == code
    captured = capsys.readouterr()
    assert "Traceback" not in captured.err
    return captured.err if code else captured.out


def test_the_schema_is_printed_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert json.loads(told(capsys, "schema")) == json_schema()
    assert json.loads(told(capsys, "schema", "--json")) == json_schema()


def test_the_schema_is_written_to_a_file_and_the_line_for_editors_is_said(
    capsys: pytest.CaptureFixture[str], project: Path
) -> None:
    said = told(capsys, "schema", "--output", "traindeck.schema.json")
    assert said.splitlines()[-1] == "# yaml-language-server: $schema=./traindeck.schema.json"
    assert json.loads((project / "traindeck.schema.json").read_text()) == json_schema()
    told(capsys, "schema", "--output", "traindeck.schema.json")


def test_a_file_that_is_no_schema_is_replaced_by_force_alone(capsys: pytest.CaptureFixture[str], project: Path) -> None:
    for text in ("mine", "{}", '{"title": "other"}', "[" * 100_000):
        (project / "x.json").write_text(text)
        said = told(capsys, "schema", "--output", "x.json", code=2)
        assert "x.json is there already, and no schema of traindeck. Name another file, or give --force." in said
        assert (project / "x.json").read_text() == text
    told(capsys, "schema", "--output", "x.json", "--force")
    assert json.loads((project / "x.json").read_text()) == json_schema()


@pytest.mark.parametrize("target", ["", ".", "/dev/null", "missing/x.json"])
def test_the_schema_is_not_written_to_what_is_no_file(capsys: pytest.CaptureFixture[str], target: str) -> None:
    told(capsys, "schema", "--output", target, "--force", code=2)
    assert Path("/dev/null").is_char_device()


def test_presets_are_listed_by_group_with_ones_own(capsys: pytest.CaptureFixture[str], presets: Path) -> None:
    (presets / "lungs.yaml").write_text("# For X-rays\nepochs: 3\n")
    (presets / "bad.yaml").write_text("epochs: none\n")
    lines = told(capsys, "presets").splitlines()
    headings = [line for line in lines if not line.startswith(" ")][:3]
    assert headings == ["The guide's:", "By kind and mode of model:", "Your own:"]
    assert "  lungs                For X-rays" in lines
    assert any(line.startswith("  bad                  ✗ line 1: epochs: ") for line in lines)
    listed = {entry["id"]: entry for entry in json.loads(told(capsys, "presets", "--json"))}
    assert listed["lungs"]["config"]["epochs"] == 3
    assert listed["bad"]["config"] is None
    assert "bad.yaml:1: epochs" in listed["bad"]["problems"][0]
    assert listed["vit"]["group"] == "model"


def test_a_preset_of_ones_own_is_printed_as_it_stands_and_used_by_its_name(
    capsys: pytest.CaptureFixture[str], presets: Path, project: Path
) -> None:
    (presets / "lungs.yaml").write_text("# For X-rays\nepochs: 3  # few\n")
    assert told(capsys, "presets", "lun") == "# For X-rays\nepochs: 3  # few\n"
    assert json.loads(told(capsys, "presets", "lungs", "--json"))["epochs"] == 3
    assert "lungs: valid" in told(capsys, "check", "lungs")
    (project / "lungs").write_text("epochs: 0\n")
    assert "lungs:1: epochs: 0 is out of range." in told(capsys, "check", "lungs", code=2)


def test_a_broken_preset_of_ones_own_is_refused_with_its_line(
    capsys: pytest.CaptureFixture[str], presets: Path, project: Path
) -> None:
    (presets / "bad.yaml").write_text("\nepochs: none\n")
    for words in (["presets", "bad"], ["check", "bad"], ["train", "bad"], ["diff", "bad", "balanced"]):
        assert "bad.yaml:2: epochs" in told(capsys, *words, code=2)


def test_two_configs_are_compared_by_meaning(capsys: pytest.CaptureFixture[str], project: Path) -> None:
    (project / "mine.yaml").write_text("optimizer: AdamW\nlearning_rate: 0.01\nmodel: {depth: 3}\n")
    assert told(capsys, "diff", "balanced", "mine.yaml").splitlines() == [
        "balanced → mine.yaml: 7 differences.",
        "  ~ optimizer: Adam → AdamW",
        "  ~ learning_rate: 0.001 → 0.01 (10× higher)",
        "  ~ l2_decay: true → false",
        "  − l2_lambda: 0.0001 (effective decay 0.0001 → 0.01: 100× stronger)",
        "  ~ lr_strategy: ReduceLROnPlateau → Constant (ends at LR 0.01)",
        "  ~ early_stopping: true → false (always trains 100 epochs)",
        "  − es_patience: 10",
        "Without effect in either: model.depth.",
    ]
    found = json.loads(told(capsys, "diff", "balanced", "cnn", "--json"))
    assert found["differences"][1] == {
        "key": "model.blocks.2",
        "change": "added",
        "old": "",
        "new": "filters 128, dropout 0.25",
        "meaning": "",
    }
    assert told(capsys, "diff", "cnn", "cnn") == "cnn → cnn: no differences.\n"


def test_a_run_is_compared_with_the_file_that_it_came_from(capsys: pytest.CaptureFixture[str], project: Path) -> None:
    text = "data: {source: folder, path: images}\nepochs: 3\n"
    (project / "mine.yaml").write_text(text)
    folder = make_run(project / "traindeck_runs", "first", state="finished", created=1.0)
    folder.config.write_text(text.replace("images", str(project / "images")))
    assert told(capsys, "diff", "first", "mine.yaml") == "first → mine.yaml: no differences.\n"
    (project / "images-2").mkdir()
    folder.config.write_text(text.replace("images", str(project / "images-2")))
    assert f"  ~ data.path: {project}/images-2 → images" in told(capsys, "diff", "first", "mine.yaml")


def test_what_is_no_config_is_refused_by_its_name(capsys: pytest.CaptureFixture[str], project: Path) -> None:
    (project / "bad.yaml").write_text("epochs: 0\n")
    assert "'nothing' is no file, no preset and no run." in told(capsys, "diff", "balanced", "nothing", code=2)
    assert "bad.yaml:1: epochs" in told(capsys, "diff", "bad.yaml", "balanced", code=2)
