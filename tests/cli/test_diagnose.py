"""`diagnose`: what it prints, and the report that it writes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml

import traindeck
from tests.diagnosis.curves import CURVES
from tests.tui.fakes import FakeRun
from training.cli import diagnose
from training.config.files import read_text
from training.config.schema import TrainingConfig
from training.runs.layout import RunFolder
from training.runs.muting import mute

OVERFITS = str(CURVES / "run_016.jsonl")
HEALTHY = str(CURVES / "run_003.jsonl")


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("TRAINDECK_RUNS", str(tmp_path / "runs"))
    (tmp_path / "runs").mkdir()
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def overfitting(tmp_path: Path) -> RunFolder:
    """A finished run of ours that overfits."""
    run = FakeRun(tmp_path / "runs", "a_b", config=TrainingConfig(epochs=40))
    run.begin()
    run.learn(40, overfit_from=9)
    run.finish()
    return run.folder


def output(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().out


def test_a_finding_is_told_in_lines_of_80_columns(capsys: pytest.CaptureFixture[str]) -> None:
    assert traindeck.main(["diagnose", OVERFITS]) == 0
    said = output(capsys)
    assert all(len(line) <= 80 for line in said.splitlines()[1:])
    joined = " ".join(said.split())
    for part in (
        "! Overfitting",
        "since epoch 11",
        "warning, high confidence, first shown after epoch",
        "causes: ",
        "fix 1: ",
    ):
        assert part in joined
    assert "l2_lambda: 0.0 → 0.0001" in joined


def test_a_healthy_run_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert traindeck.main(["diagnose", HEALTHY]) == 0
    assert ": Healthy, " in " ".join(output(capsys).split())


def test_muted_findings_are_named_and_not_told(overfitting: RunFolder, capsys: pytest.CaptureFixture[str]) -> None:
    mute(overfitting, "overfitting")
    assert traindeck.main(["diagnose", "a_b"]) == 0
    said = output(capsys)
    assert said.startswith("a_b: 0 findings")
    assert "muted: Overfitting" in said
    assert "fix 1" not in said
    assert traindeck.main(["diagnose", "a_b", "--json"]) == 0
    [finding] = [found for found in json.loads(output(capsys))["findings"] if found["label"] == "overfitting"]
    assert (finding["muted"], finding["open"]) == (True, True)


def test_the_report_of_a_run_tells_what_it_is_and_the_story_of_each_finding(
    overfitting: RunFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert traindeck.main(["diagnose", "a_b", "--report", "report.md"]) == 0
    assert "The report is in report.md." in output(capsys)
    report = (tmp_path / "report.md").read_text()
    parts = (
        "# a\\_b",
        "- State: finished, all epochs done",
        "- Progress: epoch 40 of 40",
        "- Model: CNN 32-64",
        "- Settings: `optimizer=Adam`, `learning_rate=",
        "**Verdict.** Overfitting",
        "## Curves",
        "* train_loss  o val_loss",
        "┝",
        "## Findings",
        "### 1. Overfitting",
        "Warning, ",
        "**Evidence.** ",
        "**Why.** ",
        "**Causes, the likeliest first.**",
        "**What to try.**",
        "```yaml",
        "**Where the guide says so.** Section ",
        "**What became of it.**",
        "- Epoch ",
    )
    at = 0
    for part in parts:
        at = report.find(part, at)
        assert at >= 0, part


def test_the_patches_of_a_report_are_configs_that_can_be_read(
    overfitting: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    assert traindeck.main(["diagnose", "a_b", "--report", "-"]) == 0
    report = output(capsys)
    patches = re.findall(r"^( *)```yaml\n(.*?)^ *```", report, re.MULTILINE | re.DOTALL)
    assert len(patches) >= 3
    for indent, patch in patches:
        text = "\n".join(line.removeprefix(indent) for line in patch.splitlines())
        config, problems = read_text(text)
        assert not problems
        assert config is not None
        assert yaml.safe_load(text)


def test_the_report_of_a_foreign_log_names_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    assert traindeck.main(["diagnose", OVERFITS, "--report", "-"]) == 0
    report = output(capsys)
    assert report.startswith("<!-- traindeck diagnosis -->\n\n# run\\_016.jsonl\n")
    assert "- Log: " in report
    assert "Change this by hand: no setting does it." in report


def test_several_runs_stand_in_one_report_in_their_order(tmp_path: Path) -> None:
    assert traindeck.main(["diagnose", HEALTHY, OVERFITS, "--report", "both.md"]) == 0
    titles = re.findall(r"^# .*", (tmp_path / "both.md").read_text(), re.MULTILINE)
    assert titles == ["# run\\_003.jsonl", "# run\\_016.jsonl"]


def test_a_resolved_finding_is_told_under_its_own_heading_without_fixes(capsys: pytest.CaptureFixture[str]) -> None:
    resolved = next(
        path
        for path in sorted(CURVES.glob("*.jsonl"))
        if traindeck.main(["diagnose", str(path)]) == 0 and "✓ resolved: " in output(capsys)
    )
    assert traindeck.main(["diagnose", str(resolved), "--report", "-"]) == 0
    section = output(capsys).split("## Resolved")[1]
    assert "resolved: the evidence is gone." in section
    assert "What to try" not in section


def test_an_own_report_is_replaced_and_another_file_only_by_force(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(2):
        assert traindeck.main(["diagnose", HEALTHY, "--report", "report.md"]) == 0
    (tmp_path / "notes.md").write_text("mine")
    assert traindeck.main(["diagnose", HEALTHY, "--report", "notes.md"]) == 2
    assert "notes.md is there already" in capsys.readouterr().err
    assert (tmp_path / "notes.md").read_text() == "mine"
    assert traindeck.main(["diagnose", HEALTHY, "--report", "notes.md", "--force"]) == 0
    assert (tmp_path / "notes.md").read_text().startswith("<!-- traindeck diagnosis -->")


@pytest.mark.parametrize(
    ("target", "says"), [("", "is no file"), (".", "is no file"), ("missing/report.md", "No such file or directory")]
)
def test_a_report_that_cannot_be_written_says_why(target: str, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert traindeck.main(["diagnose", HEALTHY, "--report", target]) in (1, 2)
    assert says in capsys.readouterr().err


def test_json_and_a_printed_report_do_not_mix(capsys: pytest.CaptureFixture[str]) -> None:
    assert traindeck.main(["diagnose", HEALTHY, "--report", "-", "--json"]) == 2
    assert "cannot both be printed" in json.loads(output(capsys))["error"]
    assert traindeck.main(["diagnose", HEALTHY, "--report", "report.md", "--json"]) == 0
    assert json.loads(output(capsys))["findings"] == []


def test_what_a_log_holds_neither_formats_the_report_nor_commands_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    evil = tmp_path / "*<b>x*`.csv"
    evil.write_text("epoch,train_loss,a```\x1b[2Jb\n" + "".join(f"{n},{9 - n},1\n" for n in range(1, 6)))
    assert traindeck.main(["diagnose", str(evil), "--report", "-"]) == 0
    report = output(capsys)
    assert "# \\*\\<b\\>x\\*\\`.csv" in report
    assert "\x1b" not in report


def test_of_several_those_that_cannot_be_read_do_not_hide_the_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "notes.txt").write_text("dear diary\n")
    words = ["diagnose", HEALTHY, "nowhere/x.csv", "notes.txt", "nobody", OVERFITS]
    assert traindeck.main(words) == 2
    said = capsys.readouterr()
    assert "run_003.jsonl: Healthy" in " ".join(said.out.split())
    assert "run_016.jsonl: " in said.out
    wrong = [line for line in said.err.splitlines() if line.startswith("traindeck: ")]
    assert [line.split()[1] for line in wrong] == ["nowhere/x.csv:", "notes.txt", "There"]
    assert traindeck.main([*words, "--json", "--report", "report.md"]) == 2
    said = capsys.readouterr()
    assert [json.loads(line)["file"] for line in said.out.splitlines()] == ["run_003.jsonl", "run_016.jsonl"]
    assert said.err.count("traindeck: ") == 3
    assert re.findall(r"^# .*", (tmp_path / "report.md").read_text(), re.MULTILINE) == [
        "# run\\_003.jsonl",
        "# run\\_016.jsonl",
    ]


def test_a_run_whose_log_is_closed_to_this_user_does_not_hide_the_others(
    overfitting: RunFolder, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(path: Path) -> None:
        raise PermissionError(13, "Permission denied", "events.jsonl")

    monkeypatch.setattr(diagnose, "diagnose_run", refuse)
    assert traindeck.main(["diagnose", "a_b", HEALTHY]) == 2
    said = capsys.readouterr()
    assert said.err == "traindeck: events.jsonl: Permission denied.\n"
    assert "Healthy" in said.out


def test_a_file_that_is_no_log_is_said_with_a_line_for_each_format(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "notes.txt").write_text("dear diary, " + "and so on, " * 20 + "\n")
    assert traindeck.main(["diagnose", "notes.txt"]) == 2
    first, *formats, remedy = capsys.readouterr().err.splitlines()
    assert first.endswith("Tried:")
    assert [line.partition(":")[0] for line in formats][-2:] == ["  - JSON Lines", "  - table (CSV)"]
    assert formats[-1].endswith("but dear diary, and so on, and so on, and s…")
    assert remedy.startswith("  Name the columns epoch, ")
