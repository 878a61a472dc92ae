"""`runs` and `show`: what of a run they say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import traindeck
from tests.runs.builders import make_run
from training.runs.layout import RunFolder
from training.runs.lifecycle import view
from training.runs.muting import mute
from training.runs.summary import FindingLine
from tui.screens import home_rows

CONFIG = """
optimizer: AdamW
model: {blocks: [{filters: 8}, {filters: 16}, {filters: 99}]}
data: {augmentation: strong, image_size: auto}
optimization: {ema: 0.99}
advice: {silenced: [anything]}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunFolder:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("TRAINDECK_RUNS", str(tmp_path / "runs"))
    return make_run(tmp_path / "runs", "a", state="failed", message="this went wrong, " * 20)


def test_a_long_reason_does_not_widen_the_table(folder: RunFolder, capsys: pytest.CaptureFixture[str]) -> None:
    assert traindeck.main(["runs"]) == 0
    header, row = capsys.readouterr().out.splitlines()
    assert header.index("MODEL") - header.index("STATE") == 41
    assert row[header.index("STATE") : header.index("MODEL")].endswith("…  ")
    assert traindeck.main(["show", "a"]) == 0
    assert ("this went wrong, " * 20).strip() in capsys.readouterr().out


@pytest.mark.usefixtures("folder")
def test_rows_of_usual_names_fit_100_columns_whatever_went_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    title = "Learning rate too high, and more that is to be said of it at some length"
    line = FindingLine(issue="x", label="divergence", title=title, severity="critical", since_epoch=2)
    make_run(tmp_path / "runs", "night-run-2", state="failed", message="out of memory, " * 9, model="CNN 32-64",
             data="digits", epoch=12, epochs=30, best_val_loss=0.1234, best_val_acc=0.97, findings=[line])  # fmt: skip
    assert traindeck.main(["runs"]) == 0
    header, *rows = capsys.readouterr().out.splitlines()
    assert max(map(len, (header, *rows))) <= 100
    (row,) = (row for row in rows if row.startswith("night-run-2"))
    assert row[header.index("STATE") :].startswith("failed: out of …")
    assert row[header.index("FINDING") :] == "critical: Learn…"


def test_show_lists_what_the_sections_of_the_config_change(
    folder: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    folder.config.write_text(CONFIG)
    assert traindeck.main(["show", "a"]) == 0
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("  changed ")]
    assert "data.augmentation=strong" in line
    assert "optimization.ema=0.99" in line
    assert "advice" not in line
    assert "optimizer=" not in line
    assert traindeck.main(["show", "a", "--json"]) == 0
    changed = json.loads(capsys.readouterr().out)["changed"]
    assert changed["optimization.ema"] == 0.99
    assert not any(key.startswith("advice") or "." not in key for key in changed)


@pytest.mark.parametrize("config", [None, "no: [config", "batch_size: -1"])
def test_a_config_that_cannot_be_read_changes_nothing(
    folder: RunFolder, config: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    if config is not None:
        folder.config.write_text(config)
    assert traindeck.main(["show", "a"]) == 0
    assert "  changed " not in capsys.readouterr().out
    assert traindeck.main(["show", "a", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["changed"] == {}


def test_muted_findings_are_left_out(tmp_path: Path, folder: RunFolder, capsys: pytest.CaptureFixture[str]) -> None:
    lines = [
        FindingLine(issue="loss_diverged", label="nan", title="Not a number", severity="critical", since_epoch=2),
        FindingLine(issue="overfitting", label="val_noisy", title="Few images", severity="warning", since_epoch=1),
    ]
    muted = make_run(tmp_path / "runs", "b", state="finished", epoch=3, findings=lines)
    mute(muted, "nan")
    assert traindeck.main(["runs"]) == 0
    said = capsys.readouterr().out
    assert "warning: Few images" in said
    assert "Not a number" not in said
    assert traindeck.main(["show", "b"]) == 0
    said = capsys.readouterr().out
    assert "warning: Few images, since epoch 1" in said
    assert "Not a number" not in said
    assert "muted: 1 finding" in said
    assert traindeck.main(["show", "b", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert [finding["label"] for finding in shown["findings"]] == ["val_noisy"]
    assert shown["muted"] == ["nan"]
    mute(muted, "val_noisy")
    run = view(muted)
    assert run is not None
    assert home_rows.row(run).cells[3].text == "2 muted"
    assert "Few images" not in " ".join(home_rows.detail(run))
