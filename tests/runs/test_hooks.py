"""The user's hook: its settings, what it is told, and that nothing it does, or a run holds, gets out of hand."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from tests.runs.builders import add_process, make_run
from tests.waiting import wait_until
from training.config.problems import ConfigError
from training.diagnosis.engine import Change
from training.diagnosis.findings import Finding
from training.runs import hooks, pids, supervisor
from training.runs.alarm import Alarm
from training.runs.hook_process import call, occasion_of
from training.runs.hooks import ENTRY
from training.runs.layout import RunFolder
from training.runs.lifecycle import view
from training.runs.muting import mute
from training.runs.occasion import Occasion, of_end
from training.runs.user_settings import UserSettings, parse, read_settings

NASTY = 'a\'; touch owned; $(touch owned) `touch owned` "x" {detail}'


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's settings file; its folder is there, it is not."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    path = tmp_path / "config/traindeck/settings.yaml"
    path.parent.mkdir(parents=True)
    return path


def telling(settings: Path) -> Path:
    """A hook that keeps the JSON of each event as a file; the folder of those."""
    told = settings.with_name("told")
    told.mkdir()
    settings.write_text(f"on_event: 'cat > {told}/.$$ && mv {told}/.$$ {told}/$$.json'\n")
    return told


def events(told: Path) -> list[dict[str, Any]]:
    """In their order."""
    paths = sorted(told.glob("*.json"), key=lambda path: path.stat().st_mtime_ns)
    return [json.loads(path.read_text()) for path in paths]


def finding(label: str = "diverged", severity: Any = "critical") -> Finding:
    return Finding(
        issue="loss_diverged", label=label, title="The loss diverged", severity=severity, since_epoch=2, shown_epoch=3,
        evidence="9 times its best", stretch=(2, 3), causes=(), fixes=(),
    )  # fmt: skip


# Settings


def test_without_a_file_there_is_no_hook_and_all_else_is_on(settings: Path) -> None:
    assert read_settings() == UserSettings((), True, True, True)


def test_a_command_is_a_list_of_words_or_a_text_for_the_shell() -> None:
    assert parse(b'on_event: ["notify-send", "{title}"]', "s").on_event == ("notify-send", "{title}")
    assert parse(b"on_event: mail me\nbell: off\nnotify: false\ntitle: on", "s") == UserSettings(
        "mail me", False, False, True
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"\non_events: x", "s:2: on_events: There is no such setting. Did you mean on_event?"),
        (b"on_event: [1, 2]", "s:1: on_event: A command is a list of words, or one text for the shell."),
        (b"on_event: []", "A command is a list of words"),
        (b"on_event: ''", "A command is a list of words"),
        (b"bell: loud", "s:1: bell: This is a switch. Write on or off."),
        (b"- x", "s:1"),
        (b"on_event: [", "s:"),
        (b"\xff", "no UTF-8"),
        (b"#" * 70_000, "larger than 64 KiB"),
    ],
)
def test_what_is_wrong_with_the_settings_is_said_with_its_line(text: bytes, said: str) -> None:
    with pytest.raises(ConfigError) as error:
        parse(text, "s")
    assert said in str(error.value)


def test_settings_that_may_not_be_read_are_none(settings: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.mkdir()  # a folder cannot be read as a file, whoever asks
    assert read_settings() == UserSettings()
    monkeypatch.delenv("XDG_CONFIG_HOME")
    monkeypatch.setattr(Path, "home", lambda: (_ for _ in ()).throw(RuntimeError))
    assert read_settings() == UserSettings()
    assert not hooks.may_be_wanted()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["sh", "-c", "echo got {title}"], "sh would run what stands in {title} as code: a run could"),
        (["sh", "-c", "echo got {title}"], 'Use "$TRAINDECK_TITLE" there.'),
        (["/bin/bash", "-euo", "pipefail", "-c", "x '{name}'"], '"$TRAINDECK_RUN_NAME"'),
        (["bash", "-lc", "mail {detail}", "me"], "bash would run"),
        (["env", "A=1", "zsh", "-c", "-o", "pipefail", "{run}"], "zsh would run"),
        (["dash", "-c", "--", "{event}"], "dash would run"),
        (["python3.11", "-Ic", "print('{title}')"], "the environment's TRAINDECK_TITLE"),
        (["python", "-cprint('{title}')"], "python would run"),
        (["perl", "-we", "print '{title}'"], "perl would run"),
        (["su", "me", "-c", "notify-send '{title}'"], "su would run"),
        (["ssh", "laptop", "notify-send", "{title}"], "ssh would run"),
    ],
)  # fmt: skip
def test_nothing_of_a_run_is_filled_into_code(words: list[str], said: str) -> None:
    with pytest.raises(ConfigError) as error:
        parse(f"on_event: {json.dumps(words)}".encode(), "s")
    assert "s:1: on_event: " in str(error.value)
    assert said in str(error.value)


@pytest.mark.parametrize(
    "words",
    [
        ["sh", "-c", 'echo "$1"', "sh", "{title}"],
        ["bash", "-eo", "pipefail", "-c", 'mail "$TRAINDECK_TITLE"'],
        ["bash", "hook.sh", "-c", "{title}"],
        ["python3", "hook.py", "-c", "{title}"],
        ["python3", "-c", "import sys; print(sys.argv[1])", "{title}"],
        ["notify-send", "-c", "{event}", "{title}"],
        ["{title}"],
    ],
)
def test_a_word_that_is_no_code_may_have_them(words: list[str]) -> None:
    assert parse(f"on_event: {json.dumps(words)}".encode(), "s").on_event == tuple(words)


# Running it


def test_a_list_gets_the_texts_of_a_run_as_arguments_and_no_shell_sees_them(tmp_path: Path) -> None:
    script = "import sys, json; print(json.dumps(sys.argv[1:]))"
    command = (sys.executable, "-c", script, "{title}", "a {title} {detail}", "{nobody}")
    ran = call(command, Occasion("finding", NASTY, "why"), {}, tmp_path)
    assert ran.failure == ""
    assert json.loads(ran.output) == [NASTY, f"a {NASTY} why", "{nobody}"]
    assert not (tmp_path / "owned").exists()


def test_a_shell_text_gets_them_in_the_environment_and_as_json_on_standard_input(tmp_path: Path) -> None:
    command = 'printf "%s|%s|%s|%s\\n" "$TRAINDECK_EVENT" "$TRAINDECK_TITLE" "$TRAINDECK_DETAIL" "$TRAINDECK_RUN"; cat'
    ran = call(command, Occasion("failed", NASTY, "why"), {"name": NASTY}, tmp_path)
    first, second = ran.output.splitlines()
    assert first == f"failed|{NASTY}|why|{tmp_path}"
    assert json.loads(second) == {"name": NASTY}
    assert not (tmp_path / "owned").exists()


def test_a_text_that_looks_like_an_option_is_none(tmp_path: Path) -> None:
    ran = call(("echo", "{name}", "-e", "-{name}"), Occasion("test", "t", "d"), {"name": "--help"}, tmp_path)
    assert ran.output == " --help -e ---help\n"


def test_a_hook_that_takes_too_long_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    command = "sleep 1000 & echo $! > pid; wait"
    begun = time.monotonic()
    ran = call(command, Occasion("test", "t", "d"), {}, tmp_path, seconds=1.0)
    assert ran.failure == "took longer than 1 s and was ended"
    assert time.monotonic() - begun < 5
    pid = int((tmp_path / "pid").read_text())
    wait_until(lambda: not pids.is_alive(pid, pids.start_mark(pid)), what="the end of what it started")


def test_what_a_hook_leaves_running_keeps_nobody_waiting(tmp_path: Path) -> None:
    begun = time.monotonic()
    ran = call("echo hi; sleep 5 &", Occasion("test", "t", "d"), {}, tmp_path)
    assert (ran.failure, ran.output) == ("", "hi\n")
    assert time.monotonic() - begun < 4


def test_a_hook_may_ignore_its_input_and_its_output_is_cut(tmp_path: Path) -> None:
    ran = call("yes | head -c 1000000", Occasion("test", "t", "d"), {"much": "x" * 1_000_000}, tmp_path)
    assert (ran.failure, len(ran.output)) == ("", 8192)


@pytest.mark.parametrize(
    ("command", "failure"),
    [
        ("exit 3", "ended with exit code 3"),
        ("kill -9 $$", "was ended by signal 9"),
        (("/no/such/program",), "could not be started: /no/such/program: No such file or directory"),
    ],
)
def test_how_a_hook_failed_is_said(command: str | tuple[str, ...], failure: str, tmp_path: Path) -> None:
    assert call(command, Occasion("test", "t", "d"), {}, tmp_path).failure == failure


# What it is told


def test_an_end_is_told_with_its_reason_and_how_far_the_run_came(tmp_path: Path) -> None:
    run = make_run(
        tmp_path, "a", state="failed", message="the disk\n is full", epoch=3, best_val_loss=0.5, best_epoch=2
    )
    seen = view(run)
    assert seen is not None
    told = of_end(seen)
    assert told is not None
    assert (told.event, told.title) == ("failed", "✗ a failed")
    assert told.detail.startswith("the disk is full; epoch 3 of 10 after ")
    assert "best val loss 0.5 (epoch 2)" in told.detail


def test_of_a_run_that_goes_on_again_no_end_is_told(tmp_path: Path) -> None:
    run = make_run(tmp_path, "a", state="running")
    add_process(run)
    seen = view(run)
    assert seen is not None
    assert occasion_of(seen, {"event": "finished"}) is None
    assert occasion_of(seen, {"event": hooks.UNSEEN}) is None


def test_a_name_with_control_sequences_reaches_the_hook_without_them(tmp_path: Path) -> None:
    seen = view(make_run(tmp_path, "a", name="x\x1b]0;owned\x07\ny", state="finished"))
    assert seen is not None
    told = of_end(seen)
    assert told is not None
    assert told.title == "✓ x y finished"


# Who tells it


def test_the_supervisor_tells_of_a_worker_that_was_killed(
    tmp_path: Path, settings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told, run = telling(settings), make_run(tmp_path, "a")
    killed = [sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"]
    monkeypatch.setattr(supervisor, "worker_command", lambda _: killed)
    supervisor.main(run.path)
    (event,) = events(told)
    assert (event["event"], event["id"], event["title"]) == ("crashed", "a", "✗ a crashed")
    assert event["detail"].startswith("killed by signal 9 (SIGKILL); epoch 0")
    assert event["run"] == str(run.path)


def test_while_the_hook_is_told_the_run_can_be_resumed(
    tmp_path: Path, settings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The hook itself takes the lock of the run, which its supervisor has given up."""
    run = make_run(tmp_path, "a", state="finished")
    settings.write_text(f"on_event: 'flock -n {run.lock} echo free > {tmp_path}/lock'\n")
    monkeypatch.setattr(supervisor, "worker_command", lambda _: [sys.executable, "-c", ""])
    supervisor.main(run.path)
    assert (tmp_path / "lock").read_text() == "free\n"


def test_without_settings_no_process_is_started(
    tmp_path: Path, settings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subprocess, "Popen", None)
    assert hooks.fire(make_run(tmp_path, "a"), "finished") is None


def test_a_hook_of_broken_settings_fails_with_a_sentence(tmp_path: Path, settings: Path) -> None:
    settings.write_text("on_event: [")
    run = make_run(tmp_path, "a", state="finished")
    done = subprocess.run(
        [sys.executable, str(ENTRY), "_hook", str(run.path)], input=b'{"event": "finished"}', capture_output=True,
        check=False, env={**os.environ, "XDG_CONFIG_HOME": str(settings.parents[1])},
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.decode().startswith(f"traindeck: hook: {settings}:1")
    assert b"Traceback" not in done.stderr


def heard(run: RunFolder, *changes: Change) -> Alarm:
    alarm = Alarm(run)
    alarm.hear(changes)
    return alarm


def test_a_critical_finding_is_told_once_a_label(tmp_path: Path, settings: Path) -> None:
    told, run = telling(settings), make_run(tmp_path, "a")
    alarm = heard(run, Change("opened", finding()), Change("changed", finding()), Change("opened", finding("dead")))
    alarm.hear([Change("resolved", finding()), Change("opened", finding())])
    wait_until(lambda: len(events(told)) == 2, 20, "both labels")
    assert [event["finding"]["label"] for event in events(told)] == ["diverged", "dead"]
    assert {(event["event"], event["title"]) for event in events(told)} == {("finding", "✗ a: The loss diverged")}


def test_at_the_end_of_the_process_nothing_is_left_waiting_for_its_turn(
    tmp_path: Path, settings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.write_text("on_event: x")
    fired: list[str] = []
    hanging = threading.Event()

    def wait(_: object) -> int:
        hanging.wait(10)
        return 0

    def fire(*_: object, label: str, **__: object) -> object:
        fired.append(label)
        return object()

    monkeypatch.setattr(hooks, "fire", fire)
    monkeypatch.setattr(hooks, "wait", wait)
    alarm = heard(make_run(tmp_path, "a"), *(Change("opened", finding(label)) for label in ("a", "b", "c")))
    alarm.close()
    assert fired == ["a", "b", "c"]
    hanging.set()


def test_what_is_no_critical_news_is_not_told(tmp_path: Path, settings: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fired: list[str] = []
    monkeypatch.setattr(hooks, "fire", lambda *_, label, **__: fired.append(label))
    settings.write_text("on_event: x")
    run = make_run(tmp_path, "a")
    mute(run, "muted")
    alarm = Alarm(run)
    alarm.know(finding("known"))
    for told in (finding("minor", "warning"), finding("muted"), finding("known")):
        alarm.hear([Change("opened", told)])
    alarm.hear([Change("resolved", finding("gone"))])
    assert fired == []
    alarm.hear([Change("changed", finding("minor"))])  # it has become critical
    wait_until(lambda: fired == ["minor"], what="the one that counts")


def test_a_hook_that_fails_is_said_by_the_run(tmp_path: Path, settings: Path) -> None:
    settings.write_text("on_event: exit 1\n")
    alarm = heard(make_run(tmp_path, "a"), Change("opened", finding()))
    failures: list[str] = []

    def said() -> list[str]:
        failures.extend(alarm.failures())
        return failures

    assert wait_until(said, 20, "the failure") == [
        "The hook of your settings failed (told of: The loss diverged); the console says why."
    ]
