"""The README's commands work when pasted, and its example config is one."""

from __future__ import annotations

import re
import shlex
import subprocess

from tests.e2e.conftest import ROOT, Traindeck
from training.runs import store

README = (ROOT / "README.md").read_text()


def blocks(language: str, text: str = README) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def test_the_commands_without_a_screen_work_when_pasted(traindeck: Traindeck) -> None:
    for folder in ("tests", "docs"):
        (traindeck.cwd / folder).symlink_to(ROOT / folder)
    pasted = [block for block in blocks("sh") if re.search("traindeck (train|model|evaluate)", block)]
    pasted += [
        "\n".join(line for line in block.splitlines() if "watch" not in line)  # watch wants a terminal
        for block in blocks("sh")
        if "traindeck diagnose" in block
    ]
    assert len(pasted) == 6
    script = f'traindeck() {{ {shlex.join(traindeck.command)} "$@"; }}\nset -ex\n' + "\n".join(pasted)
    done = subprocess.run(
        ["bash", "-c", script], cwd=traindeck.cwd, env=traindeck.env(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    states = {run.folder.id: run.state for run in store.list_runs(traindeck.runs_dir)}
    assert states["first"] == "finished"
    assert "Overfitting" in done.stdout
    assert (traindeck.cwd / "first.pt2").is_file()


def test_the_two_lines_that_report_make_a_run(traindeck: Traindeck) -> None:
    script = traindeck.cwd / "mine.py"
    figures = "train_loss, val_loss, train_acc, val_acc = 2.0, 2.1, 0.4, 0.3\n"
    script.write_text(figures + blocks("python")[0])
    env = traindeck.env() | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run([traindeck.command[0], script], cwd=traindeck.cwd, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (run,) = store.list_runs(traindeck.runs_dir)
    assert (run.summary.name, run.state, run.summary.epoch) == ("mine", "finished", 30)


def test_the_example_config_is_valid(traindeck: Traindeck) -> None:
    example = max(blocks("yaml"), key=len)
    (traindeck.cwd / "config.yaml").write_text(example)
    (traindeck.cwd / "my_images").mkdir()
    done = traindeck.run("check", "config.yaml")
    assert done.returncode == 0, done.stderr


def test_every_verb_and_file_that_the_readme_names_exists(traindeck: Traindeck) -> None:
    known = set(re.findall(r"^ {4}(\w+)", traindeck.run("--help").stdout, re.MULTILINE))
    told = README + (ROOT / "docs/monitor.md").read_text()
    pasted = re.findall(r"^traindeck (\w+)", "\n".join(blocks("sh", told)), re.MULTILINE)
    assert {*pasted, *re.findall(r"`traindeck (\w+)", told)} <= known
    for target in re.findall(r"\]\((docs/[^)]+)\)", README):
        assert (ROOT / target).is_file(), target
