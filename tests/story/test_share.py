"""A run as one file for others: whole, self-contained, safe to open, and on request without what is private."""

from __future__ import annotations

import getpass
import json
import re
import time
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.runs.builders import add_process
from tests.tui.fakes import FLAT, FakeRun, faulty_run
from training.config.patch import apply
from training.config.schema import TrainingConfig
from training.config.spelling import dump
from training.errors import InvalidInput
from training.runs import pids
from training.runs.events import Classes, Epoch, FinalTest, Log, Override
from training.runs.layout import RunFolder
from training.runs.lifecycle import RunView, view
from training.story.export import scene
from training.story.share.gather import gather
from training.story.share.page import STYLE, page
from training.story.share.redaction import Redactor, redacted, secrets_of
from training.story.share.text import text
from training.story.share.writing import default_name, share
from training.text import plain

EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>&amp;"
UUID = "GPU-01234567-89ab-cdef-0123-456789abcdef"


class Page(HTMLParser):
    """The tags of a page with their attributes, and the text between them."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.said = ""
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.said += data


def seen(folder: RunFolder) -> RunView:
    run = view(folder)
    assert run is not None
    return run


def full_run(runs_dir: Path, word: str = "plain") -> FakeRun:
    """A run of which there is something to tell in every part; `word` is wherever a text may come from elsewhere."""
    config = apply(
        TrainingConfig(epochs=30, learning_rate=1.0), {"data.path": f"/srv/data/{plain(word)}", "data.source": "folder"}
    )
    run = FakeRun(runs_dir, "mine", config=config, state="finished")
    run.change_summary(name=f"run {word}", message=f"done {word}", data=word, model=word, device=word)
    run.begin(classes=[f"cat {word}", "dog"])
    run.stay_flat(4)
    run.find(FLAT)
    run.write(
        Classes(
            epoch=4, step=180, precision=[1.0, 0.5], recall=[0.5, 1.0], f1=[0.6, 0.7], support=[4, 2],
            confusion=[(0, 0, 2), (0, 1, 2), (1, 1, 2)],
        ),
        FinalTest(epoch=4, step=180, metrics={"test_acc": 0.5, "test_loss": 1.25}),
        Override(setting="learning_rate", value=0.5, step=90, epoch=3),
        Log(message=f"careful {word}", level="warning"),
    )  # fmt: skip
    run.train_step(**{f"odd {word}": 1.0})
    run.folder.environment.write_text(
        json.dumps({"python": "3.11", "packages": {"torch": f"2 {word}"}, "host": "node7.cluster.example",
                    "user": "alice", "command": ["traindeck", "train", "conf/secret.yaml"],
                    "directory": "/home/alice/project", "device": {"name": word, "uuid": UUID, "uuids": [UUID]},
                    "git": {"commit": "abc123", "diff": "+one\n-two\n"}})
    )  # fmt: skip
    return run


# The page


def test_a_page_tells_state_verdict_curves_findings_settings_classes_and_environment(runs_dir: Path) -> None:
    run = full_run(runs_dir)
    told = Page(page(gather(seen(run.folder))))
    for words in (
        "run plain", "finished, done plain", "learning_rate", "0.001", "1.0", "Train loss 2.31 after",
        "cat plain", "50.0 %", "careful plain", "learning_rate set to 0.5", "torch 2 plain", "abc123, and 2 changed",
        "weights of epoch 4", "Evidence.", "Lower learning_rate",
    ):  # fmt: skip
        assert words in told.said, words
    assert [tag for tag, _ in told.tags].count("svg") >= 3


def test_a_page_needs_nothing_else_and_runs_nothing(runs_dir: Path) -> None:
    source = page(gather(seen(full_run(runs_dir).folder)))
    found = Page(source)
    assert {tag for tag, _ in found.tags}.isdisjoint(
        {"script", "link", "img", "iframe", "object", "embed", "base", "form", "a", "use", "image", "foreignobject"}
    )
    attributes = {name for _, attrs in found.tags for name in attrs}
    assert attributes.isdisjoint({"src", "href", "xlink:href", "srcset", "action", "data", "style"})
    assert not [name for name in attributes if name.startswith("on")]
    addresses = set(re.findall(r"https?://[^\s\"'<>]+", source))
    assert addresses == {"http://www.w3.org/2000/svg"}
    assert "url(" not in source
    assert "@import" not in source
    assert (
        "meta",
        {"http-equiv": "Content-Security-Policy", "content": "default-src 'none'; style-src 'unsafe-inline'"},
    ) in found.tags


def test_no_text_of_a_run_becomes_a_tag(runs_dir: Path) -> None:
    plain, evil = (
        Page(page(gather(seen(full_run(runs_dir / name, word).folder)))) for name, word in (("a", "x"), ("b", EVIL))
    )
    assert sorted(tag for tag, _ in evil.tags) == sorted(tag for tag, _ in plain.tags)
    assert f"run {EVIL}" in evil.said
    assert f"cat {EVIL}" in evil.said
    assert f"careful {EVIL}" in evil.said


def test_control_sequences_of_a_run_are_not_in_the_page(runs_dir: Path) -> None:
    source = page(gather(seen(full_run(runs_dir, "a\x1b]0;owned\x07\x00b").folder)))
    assert "owned" not in source
    assert not re.search(r"[\x00-\x08\x0b-\x1f]", source)


def test_a_page_is_readable_in_the_dark_whatever_colour_the_charts_have() -> None:
    css = STYLE.read_text()
    for colour in (
        scene.GROUND,
        scene.INK,
        scene.QUIET_INK,
        scene.GRID,
        scene.FRAME,
        scene.SHADE,
        *scene.MARK_INK.values(),
    ):
        assert f'"{colour}"' in css, colour
    assert "prefers-color-scheme: dark" in css
    assert "@media print" in css


def test_a_run_that_has_only_begun_and_one_that_knows_nothing_have_a_page(runs_dir: Path) -> None:
    begun = FakeRun(runs_dir, "begun", live=True)
    begun.begin()
    empty = FakeRun(runs_dir, "empty", live=True)
    empty.folder.config.unlink()
    for run in (begun, empty):
        told = Page(page(gather(seen(run.folder))))
        assert "running" in told.said
        assert text(gather(seen(run.folder))).startswith("<!-- traindeck share -->")


def test_curves_of_nothing_but_nan_have_a_page(runs_dir: Path) -> None:
    run = FakeRun(runs_dir, "nan", live=True)
    run.begin()
    run.train_epoch(float("nan"), float("inf"), 0.1, 0.1, 1e-3)
    assert "no finite value" in Page(page(gather(seen(run.folder)))).said


def test_a_corrected_run_is_set_beside_its_parent_with_what_changed_and_the_verdict(runs_dir: Path) -> None:
    parent = faulty_run(runs_dir, epochs=8, state="stopped")
    child = FakeRun(runs_dir, "fixed", state="finished", parent=parent.folder.id, reason="Lower the learning rate")
    child.begin()
    child.learn(8)
    shared = gather(seen(child.folder))
    assert shared.against is not None
    assert [line.text for line in shared.against.changes] == ["learning_rate: 1.0 → 0.001"]
    assert shared.against.verdict.startswith("better: ")
    told = Page(page(shared))
    assert "Against digits-adam-1, which it corrects" in told.said
    assert shared.against.verdict in told.said
    assert "| learning\\_rate | 1.0 | 0.001 |" in text(shared)


def test_of_very_many_classes_the_weakest_are_shown(runs_dir: Path) -> None:
    run = FakeRun(runs_dir, "many", state="finished")
    run.begin(classes=[f"class {n}" for n in range(150)])
    scores = [n / 150 for n in range(150)]
    run.write(Classes(epoch=1, step=45, precision=scores, recall=scores, f1=scores, support=[1] * 150))
    (table,) = gather(seen(run.folder)).classes
    assert (len(table.rows), table.left_out, table.rows[-1].name) == (100, 50, "class 99")


# Markdown


def test_markdown_tells_the_same_and_takes_nothing_of_a_run_for_its_own_signs(runs_dir: Path) -> None:
    told = text(gather(seen(full_run(runs_dir, "a|b<i>*c*").folder)))
    for words in (
        "# run a\\|b\\<i\\>\\*c\\*",
        "## Settings",
        "## Classes (val, after epoch 4)",
        "## Environment",
        "## Findings",
    ):
        assert words in told, words
    assert "| cat a\\|b\\<i\\>\\*c\\* | 100.0 % | 50.0 % | 60.0 % | 4 |" in told


# Redaction


def secret_run(runs_dir: Path) -> tuple[FakeRun, list[str]]:
    """A run that says private things wherever it can, and those."""
    secrets = [
        "/srv/data/patients", "/home/alice/project", "alice", "node7", "cluster.example", UUID,
        UUID.removeprefix("GPU-"),
        "conf/secret.yaml", "git@git.example.org:alice/thesis.git", "https://internal.example/wiki",
        "/mnt/scratch/tmp7",
        "bob@example.org", "~bob/weights.pt", str(runs_dir), "4711",
    ]  # fmt: skip
    run = full_run(runs_dir, "patients")
    said = ", ".join(secrets)
    run.change_summary(name=f"run of {said}", message=f"on {said}", device=said, slurm_job="4711", reason=said)
    run.write(Log(message=f"warned: {said}", level="warning"))
    run.go_on((run.seq, run.step), why=f"crashed on {said}")
    run.train_epoch(2.3, 2.3, 0.1, 0.1, 1.0)
    run.change_summary(state="finished")
    add_process(run.folder, host="node7.cluster.example", ended=run.t)
    return run, secrets


@pytest.mark.parametrize("ending", [".html", ".md"])
def test_a_redacted_file_holds_nothing_private(runs_dir: Path, tmp_path: Path, ending: str) -> None:
    run, secrets = secret_run(runs_dir)
    open_file, closed = tmp_path / f"open{ending}", tmp_path / f"closed{ending}"
    share(seen(run.folder), open_file)
    share(seen(run.folder), closed, redact=True)
    bare = open_file.read_text().replace("\\", "")
    assert [secret for secret in secrets if secret not in bare] == []
    told = closed.read_text().replace("\\", "")
    mine = [pids.host(), getpass.getuser(), str(Path.home()), str(tmp_path)]
    words = [secret for secret in secrets if re.search(rf"(?<![^\W_]){re.escape(secret)}(?![^\W_])", told)]
    assert words == []
    for each in mine:
        assert not re.search(rf"(?<![^\W_]){re.escape(each)}(?![^\W_])", _said(told)), each
    assert "paths, hosts, users and ids are left out" in told
    assert "learning_rate" in told


def _said(source: str) -> str:
    """What a file says, without what the page itself is made of."""
    return re.sub(r"<style>.*?</style>|<[^>]*>", " ", source, flags=re.DOTALL)


def test_redaction_leaves_ordinary_prose_alone() -> None:
    redact = Redactor([("alice", "[user]"), ("/home/alice", "[path]")])
    for told in ("train/val/test", "2026/11/27", "std::vector, c10::Error, 12:34:56", "torch.nn.functional.conv2d",
                 "driver 535.104.05", "train.py:1234, epoch:1000", "host memory", "NVIDIA H100 80GB", "cuda:0",
                 "ViT-B/16", "metrics/val/acc", "the square root"):  # fmt: skip
        assert redact(told) == told
    for told in ("epoch 3/10, train/val", "loss / acc", "0.5 1/s", "n/a", "malice and alices", "lr=1e-3", "a ± b/c"):
        assert redact(told) == told
    assert redact("by ALICE in /home/alice/x y, ./run/a.yaml and ~/b") == "by [user] in [path] y, [path] and [path]"
    assert redact("FileNotFoundError: '/a b/c.png'") == "FileNotFoundError: '[path]'"


LEAKS = (
    "cannot reach 10.1.2.3:29500", "connect to [node18.cluster.example]:29500", "host node18 is slow", "node18:29500",
    "no such file /srv/data/My Patients/cats/1.png", "C:\\Users\\alice\\Thesis", "fe80::1ff:fe23:4567:890a%eth0 down",
    "[fe80::1]:29500", r"\\fileserver\share", "../../secretproj/data.csv", "data/secretproj/train.csv",
    "a/secretproj/b", "0/mnt/secretproj", "-I/mnt/secretproj", "-I/secretproj", "LD=/a/b:/mnt/secretproj",
    "/mnt/a(b)/secretproj", "[/mnt/ü/secretproj]", "(/mnt/lab y/secretproj)", "/mnt/secretproj data.csv",
    "aa:bb:cc:dd:ee:ff", "550e8400e29b41d4a716446655440000", "login.hpc.uni-somewhere.de is down",
)  # fmt: skip
TELLING = re.compile(
    r"secretproj|10\.1|node|cluster|29500|Patients|cats|1\.png|alice|Thesis|Users|fe80|890a|eth0|fileserver|share|data|mnt|"
    r"aa:bb|550e|uni-"
)


@pytest.mark.parametrize("leak", LEAKS)
def test_what_looks_private_is_taken_out_of_a_line_of_a_log(leak: str) -> None:
    redact = Redactor([("node17.cluster.example", "[host]"), ("node17", "[host]"), ("alice", "[user]")])
    assert not TELLING.search(redact(leak)), redact(leak)


def test_a_path_of_the_config_is_taken_out_wherever_it_stands_and_however_much_of_it(runs_dir: Path) -> None:
    run = full_run(runs_dir)
    config = apply(TrainingConfig(), {"data.path": "/srv/Kept Here/My Ward", "data.source": "folder"})
    run.folder.config.write_text(dump(config))
    redact = Redactor(secrets_of(seen(run.folder)))
    for told in ("/srv/Kept Here/My Ward", "/srv/Kept Here", "Kept Here/My Ward", "/SRV/kept here/my ward/b c.png"):
        assert redact(f"read {told}, then") == "read [path], then"


def test_the_charts_of_a_redacted_page_have_no_private_names_and_keep_the_known_ones(runs_dir: Path) -> None:
    run = FakeRun(runs_dir, "named", state="finished")
    run.begin()
    for name in ("/home/bob/a", "/home/bob/b", "val_/home/bob/c", "grid/mnt/bob", "val/mean_iou"):
        run.write(Epoch(epoch=1, step=45, metrics={"val_loss": 0.5, name: 1.0}))
    run.write(Override(setting="/home/bob/lr", value="/home/bob/x", step=45, epoch=1))
    shared = redacted(gather(seen(run.folder)), seen(run.folder))
    assert list(shared.report.curves.epochs) == [
        "val_loss", "[path]", "[path] 2", "[path] 3", "[path] 4", "val/mean_iou",
    ]  # fmt: skip
    assert "bob" not in page(shared) + text(shared)
    assert "Loss" in Page(page(shared)).said
    assert "/home/bob/a" in gather(seen(run.folder)).report.curves.epochs


@pytest.mark.parametrize(
    "piece", ["a ", "/a", "a/", "(/a", ": ", "1:", "a.b", "[path]/\\", "a@", "x-", "0.", "C:\\a ", "node1."]
)
def test_redaction_of_a_very_long_line_takes_no_time(piece: str) -> None:
    redact = Redactor([("node17.cluster.example", "[host]"), ("node17", "[host]")])
    begun = time.process_time()
    redact(piece * (60_000 // len(piece)))
    assert time.process_time() - begun < 2.0


# The file


def test_a_file_is_never_replaced_unasked(runs_dir: Path, tmp_path: Path) -> None:
    run = seen(full_run(runs_dir).folder)
    path = tmp_path / "run.html"
    path.write_text("mine")
    with pytest.raises(InvalidInput, match="is there already"):
        share(run, path)
    assert path.read_text() == "mine"
    share(run, path, force=True)
    assert path.read_text().startswith("<!DOCTYPE html>")
    assert [each.name for each in tmp_path.iterdir() if each.is_file()] == ["run.html"]
    assert default_name(run.folder, runs_dir) == "mine.html"


@pytest.mark.parametrize(
    ("name", "said"),
    [("run.pdf", "is written as .html or .md"), ("no/run.html", "no such folder"), (".", "is a folder")],
)
def test_a_place_that_will_not_do_is_said(name: str, said: str, runs_dir: Path, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=re.escape(said)):
        share(seen(full_run(runs_dir).folder), tmp_path / name)


@pytest.fixture
def runs_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "runs"
    folder.mkdir()
    return folder
