"""`traindeck edit`: what it opens, and what is refused before a screen opens."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from training.cli.main import run_verb


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def opened(monkeypatch: pytest.MonkeyPatch, *words: str) -> tuple[int, list[str | None]]:
    """The exit code in a terminal, and what the app is asked to edit."""
    asked: list[str | None] = []

    def open_app(runs_dir: Path, watch: Path | None, edit: str | None = None, *_: object) -> int:
        asked.append(edit)
        return 0

    for stream in (sys.stdin, sys.stdout):
        monkeypatch.setattr(stream, "isatty", lambda: True)
    return run_verb(list(words), open_app), asked


@pytest.mark.parametrize("name", ["there", "new.yaml", "new/folder/x.YML", "balanced", "mine", "."])
def test_a_file_a_new_one_a_folder_and_a_preset_are_edited(
    monkeypatch: pytest.MonkeyPatch, project: Path, name: str
) -> None:
    (project / "there").write_text("epochs: 7\n")
    (project / "config/traindeck/presets").mkdir(parents=True)
    (project / "config/traindeck/presets/mine.yaml").write_text("epochs: 7\n")
    assert opened(monkeypatch, "edit", name) == (0, [name])


def test_without_a_name_the_presets_are_listed_and_without_a_verb_nothing_is_edited(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert opened(monkeypatch, "edit") == (0, [""])
    assert opened(monkeypatch) == (0, [None])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ("edit", "balancd"),
            'traindeck: There is no file and no preset of the name "balancd". Did you mean balanced?',
        ),
        (
            ("edit", "quite_else"),
            'traindeck: There is no file and no preset of the name "quite_else". A new file is named like NAME.yaml; '
            "`traindeck presets` lists those.",
        ),
        (
            ("edit", ""),
            'traindeck: There is no file and no preset of the name "". A new file is named like NAME.yaml; '
            "`traindeck presets` lists those.",
        ),
        (("exp.yaml",), "traindeck: exp.yaml is no verb. Did you mean `traindeck edit exp.yaml`?"),
        (("my runs/a.YML",), "traindeck: my runs/a.YML is no verb. Did you mean `traindeck edit 'my runs/a.YML'`?"),
        (("\x1b[31m.yaml",), "traindeck: .yaml is no verb."),
    ],
)
def test_what_is_nothing_to_edit_is_refused_with_a_guess(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], said: str
) -> None:
    assert opened(monkeypatch, *words) == (2, [])
    assert capsys.readouterr().err.startswith(said)


def test_without_a_terminal_another_verb_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_verb(["edit", "balanced"], lambda *_: 0) == 2
    assert capsys.readouterr().err.startswith("traindeck: traindeck edit needs a terminal. Use `traindeck check CONFIG")
