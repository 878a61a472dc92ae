"""Which program $EDITOR names, and what may go wrong with it."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from textual.app import SuspendNotSupported

from tests.tui.driving import editor
from tests.tui.scripted_editor import Script, left_behind, lent, said, script
from training.config.schema import TrainingConfig
from training.errors import InvalidInput
from tui.app import TraindeckApp
from tui.editor import user_editor
from tui.editor.draft import Draft

__all__ = ["lent", "script"]


# What may go wrong


async def test_an_editor_that_fails_changes_nothing_and_its_text_is_kept(runs_dir: Path, script: Script) -> None:
    script.does('echo "epochs: 12" > "$path"; exit 3')
    async with editor(runs_dir, Draft(TrainingConfig(epochs=7))) as app:
        await app.press("e")
        assert app.draft.config.epochs == 7
        assert said(app).startswith("fake editor ended with exit code 3: nothing was taken over. The text is in ")
        assert len(left_behind()) == 1


async def test_an_editor_that_is_killed_says_by_which_signal(runs_dir: Path, script: Script) -> None:
    script.does("kill -9 $$")
    async with editor(runs_dir) as app:
        await app.press("e")
        assert said(app) == "fake editor ended with signal 9: nothing was taken over."
        assert left_behind() == []


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Whoever starts the tests in the background may have SIGINT ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
async def test_ctrl_c_in_the_editor_does_not_end_the_app(runs_dir: Path, script: Script) -> None:
    # A terminal sends it to every process in the foreground, this one too.
    script.does('kill -INT $PPID; echo "epochs: 12" > "$path"')
    async with editor(runs_dir) as app:
        before = signal.getsignal(signal.SIGINT)
        await app.press("e")
        assert app.draft.config.epochs == 12
        assert signal.getsignal(signal.SIGINT) == before != signal.SIG_IGN


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("no-such-editor -w", "$EDITOR names no-such-editor, which cannot be run here. Set $EDITOR to an editor."),
        ("vi 'open", "$EDITOR has an open quote: vi 'open. Close it."),
        ("''", "$EDITOR names '', which cannot be run here. Set $EDITOR to an editor."),
    ],
)
async def test_an_editor_that_is_not_there_is_one_sentence(
    runs_dir: Path, lent: list[str], monkeypatch: pytest.MonkeyPatch, value: str, sentence: str
) -> None:
    monkeypatch.setenv("EDITOR", value)
    async with editor(runs_dir) as app:
        await app.press("e")
        assert said(app) == sentence
        assert lent == []


async def test_an_editor_that_is_no_program_is_one_sentence(
    runs_dir: Path, tmp_path: Path, lent: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "broken"
    broken.write_text("#!/no/such/interpreter\n")
    broken.chmod(0o755)
    monkeypatch.setenv("EDITOR", str(broken))
    async with editor(runs_dir) as app:
        await app.press("e")
        assert said(app) == "broken cannot be started: No such file or directory."
        assert lent == ["lent", "back"]


async def test_a_terminal_that_cannot_be_handed_over_is_one_sentence(
    runs_dir: Path, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def refuse(_: TraindeckApp) -> Iterator[None]:
        raise SuspendNotSupported
        yield

    monkeypatch.setattr(TraindeckApp, "suspend", refuse)
    async with editor(runs_dir) as app:
        await app.press("e")
        assert said(app).startswith("This terminal cannot be handed to another program")
        assert left_behind() == []


async def test_a_home_that_cannot_be_written_still_lends_a_copy(runs_dir: Path, tmp_path: Path, script: Script) -> None:
    (tmp_path / "state").write_text("a file, where a folder has to be")
    script.does('echo "epochs: 12" > "$path"')
    async with editor(runs_dir) as app:
        await app.press("e")
        assert app.draft.config.epochs == 12
        assert not Path(script.words[0]).exists()


# Which editor


@pytest.mark.parametrize(
    ("visual", "other", "words"),
    [
        ("ls -l 'a b'", "cat", ("ls", "-l", "a b")),
        ("", "cat", ("cat",)),
        ("  ", "cat", ("cat",)),
    ],
)
def test_visual_comes_before_editor_and_both_may_have_arguments(
    monkeypatch: pytest.MonkeyPatch, visual: str, other: str, words: tuple[str, ...]
) -> None:
    monkeypatch.setenv("VISUAL", visual)
    monkeypatch.setenv("EDITOR", other)
    assert user_editor.user_editor().words == words


def test_without_a_variable_it_is_vi_or_nano_whichever_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("VISUAL", "EDITOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InvalidInput, match=r"no vi and no nano.*Set \$EDITOR"):
        user_editor.user_editor()
    for name in ("nano", "vi"):
        (tmp_path / name).touch(mode=0o755)
        assert user_editor.user_editor().name == name


def test_the_child_takes_the_signals_that_its_parent_passes_over(tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.touch()
    ended = user_editor.run(user_editor.UserEditor(("sh", "-c", "kill -INT $$"), ""), path)
    assert ended.code == -signal.SIGINT
