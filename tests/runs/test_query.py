"""The filter of lists: what its terms find, what it says of a term that it cannot understand."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.runs.builders import make_run
from training.config.schema import TrainingConfig
from training.config.spelling import dump
from training.runs.columns import RunColumns
from training.runs.describe import settings
from training.runs.labels import change_labels
from training.runs.lifecycle import RunView, view
from training.runs.query import parse, terms_of
from training.runs.summary import FindingLine
from training.text import has_controls

NOW = time.time()
DAY = 86400.0
OVERFIT = FindingLine(
    issue="overfitting", label="val_loss_rising", title="Overfitting since 9", severity="warning", since_epoch=9
)


def a_run(runs_dir: Path, run_id: str, config: dict[str, Any] | None = None, **changes: Any) -> RunView:
    told = {**settings(TrainingConfig()), **(config or {})}
    known = {"settings": told, "sections": {}, "state": "finished", "created": NOW - DAY, "ended": NOW}
    found = view(make_run(runs_dir, run_id, **{**known, **changes}))
    assert found is not None
    return found


@pytest.fixture
def runs(tmp_path: Path) -> list[RunView]:
    vit = a_run(
        tmp_path, "vit-1", {"learning_rate": 0.003, "batch_size": 128}, model="ViT 6×192", state="failed",
        sections={"model.kind": "vit", "optimization.grad_clip": 1.0, "runtime.seed": 3}, created=NOW - 3 * DAY,
        started=NOW - 3 * DAY, ended=NOW - 2 * DAY, findings=[OVERFIT],
    )  # fmt: skip
    cnn = a_run(
        tmp_path, "cnn-1", {"optimizer": "AdamW", "batch_size": "auto"}, model="CNN 32-64 · 128", data="digits",
        created=NOW - 60 * DAY, started=NOW - 60 * DAY, ended=NOW - 59 * DAY, best_val_acc=0.98349,
        best_val_loss=0.0512, epoch=12, latest={"val_loss": 0.06, "macro_f1": 0.97}, training_seconds=7200.0,
    )  # fmt: skip
    change_labels(cnn.folder, tags=["old", "baseline"], note="the first that worked")
    broken = a_run(tmp_path, "nan-1", {"learning_rate": 1.0}, best_val_loss="nan", parent="cnn-1", device="GPU 0")
    change_labels(broken.folder, archived=True)
    return [found for run in (vit, cnn, broken) if (found := view(run.folder))]


def found(runs: list[RunView], text: str) -> list[str]:
    query = parse(text, RunColumns(runs), NOW)
    assert query.problems == ()
    return [run.folder.id for run in runs if query.matches(run)]


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("", ["vit-1", "cnn-1", "nan-1"]),
        ("digits ADAMW", ["cnn-1"]),
        ("first that", ["cnn-1"]),
        ('"first that"', ["cnn-1"]),
        ('"that first"', []),
        ("-vit", ["cnn-1", "nan-1"]),
        ("lr>=1e-3 model:vit state:failed started:<30d -tag:old", ["vit-1"]),
        ("learning_rate>=1e-3", ["vit-1", "cnn-1", "nan-1"]),
        ("LR>0.001", ["vit-1", "nan-1"]),
        ("lr=0.001", ["cnn-1"]),
        ("lr!=0.001", ["vit-1", "nan-1"]),
        ("lr:3e-3", ["vit-1"]),
        ("bs:auto", ["cnn-1"]),
        ("bs>100", ["vit-1"]),
        ("wd=0.01", ["cnn-1"]),
        ("optimizer=adam", ["vit-1", "nan-1"]),
        ("optimizer:adam", ["vit-1", "cnn-1", "nan-1"]),
        ("model.kind=vit", ["vit-1"]),
        ("depth>=1", ["vit-1"]),
        ("grad_clip:1", ["vit-1"]),
        ("clip:none", ["cnn-1", "nan-1"]),
        ("seed=0", ["cnn-1", "nan-1"]),
        ("class_weights:none", ["vit-1", "cnn-1", "nan-1"]),
        ("l2_decay:no", ["vit-1", "cnn-1", "nan-1"]),
        ("tag:base", []),
        ("tag:BASELINE", ["cnn-1"]),
        ("-tag:ol", ["vit-1", "cnn-1", "nan-1"]),
        ("tag:none,new", ["vit-1", "nan-1"]),
        ("state:failed,stopped", ["vit-1"]),
        ("state:failed,finished,", ["vit-1", "cnn-1", "nan-1"]),
        ("-state:failed,stopped", ["cnn-1", "nan-1"]),
        ("lr:1e-3,3e-3", ["vit-1", "cnn-1"]),
        ('model:vit,"CNN 32-64"', ["vit-1", "cnn-1"]),
        ('model:"vit,cnn"', []),
        ('">="', []),
        ("tag=base", []),
        ("tag:none", ["vit-1", "nan-1"]),
        ("note:worked", ["cnn-1"]),
        ("name:1", ["vit-1", "cnn-1", "nan-1"]),
        ("finding:overfitting", ["vit-1"]),
        ("finding=val_loss_rising", ["vit-1"]),
        ("finding:none", ["cnn-1", "nan-1"]),
        ("archived:yes", ["nan-1"]),
        ("archived:no", ["vit-1", "cnn-1"]),
        ("acc>=98%", ["cnn-1"]),
        ("acc>98", ["cnn-1"]),
        ("acc>=0.99", []),
        ("acc:98.3%", ["cnn-1"]),
        ("loss<0.1", ["cnn-1"]),
        ("loss:nan", ["nan-1"]),
        ("loss>0", ["cnn-1"]),
        ("val_loss>=0.06", ["cnn-1"]),
        ("macro_f1>0.9", ["cnn-1"]),
        ("time<=2h", ["cnn-1"]),
        ("epoch:12", ["cnn-1"]),
        ("started:<30d", ["vit-1", "nan-1"]),
        ("started>30d", ["cnn-1"]),
        ("created:7d", ["vit-1", "nan-1"]),
        ("ended:<36h", ["nan-1"]),
        ("created>2001-01-01", ["vit-1", "cnn-1", "nan-1"]),
        ("created:<2001", []),
        ("parent:cnn", ["nan-1"]),
        ("device:gpu", ["nan-1"]),
        ("10/10", []),
    ],
)
def test_a_filter_finds(runs: list[RunView], text: str, ids: list[str]) -> None:
    assert found(runs, text) == ids


def test_a_date_is_the_whole_day(tmp_path: Path) -> None:
    noon = time.mktime((2026, 11, 1, 12, 0, 0, 0, 0, -1))
    run = a_run(tmp_path, "a", created=noon)
    answers = {text: bool(found([run], text)) for text in (
        "created:2026-11-01", "created>2026-11-01", "created>=2026-11-01", "created<=2026-11-01", "created<2026-11-01",
        "created:2026-11", "created:2026", "created:2026-12", "created:>2026-10-31", "created!=2026-11-01",
    )}  # fmt: skip
    assert list(answers.values()) == [True, False, True, True, False, True, True, False, True, False]


def test_a_run_whose_summary_knows_no_sections_has_its_config_read(tmp_path: Path) -> None:
    run = a_run(tmp_path, "a", sections=None)
    config = TrainingConfig()
    run.folder.config.write_text(dump(config).replace("model:\n  kind: custom_cnn", "model:\n  kind: vit\n  depth: 4"))
    assert parse("depth=4").needs_config
    assert not parse("lr=4").needs_config
    assert found([run], "depth=4") == ["a"]
    assert found([run], "depth=5") == []


def test_settings_and_metrics_of_scripts_are_keys_too(tmp_path: Path) -> None:
    run = a_run(tmp_path, "a", kind="reported", settings={"hidden": 32, "act": "gelu"}, latest={"perplexity": 7.5})
    assert found([run], "hidden>=32 act:ge perplexity<8") == ["a"]
    assert found([run], "hidden>32") == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("lr>=abc", 'lr>=abc: “abc” is no number. Such as lr>=0.001.'),
        ("leaning_rate>1", "Did you mean learning_rate?"),
        ("modle:vit", "Did you mean model?"),
        ("zz:1", "“zz” is nothing that runs have"),
        ("opt", ""),
        ("optimi:adam", "optimi:adam: “optimi” could be optimizer, optimization.grad_clip"),
        ("started:<30x", "started<30x: “30x” is no age and no date. Write such as 12h, 30d"),
        ("created>2026-02-30", "“2026-02-30” is no age and no date"),
        ("lr >= 1e-3", ">=: this sign stands alone. Write key, sign and value without spaces, such as lr>=1e-3."),
        ("lr >=1e-3", ">=1e-3: this sign stands alone."),
        ("state : failed", ":: this sign stands alone."),
        ("lr:1e-3,abc", "lr:1e-3,abc: “abc” is no number."),
        ("state:,", "state:: a value is still to follow."),
        ("state:", "state:: a value is still to follow. Such as state:failed."),
        ("lr>", "lr>: a value is still to follow. Such as lr>=0.001."),
        ("archived:maybe", "archived is yes or no. Write archived:yes or archived:no."),
        ("model>3", "model is no number. Write model:WORD or model=TEXT."),
        ("tag>3", "tag is no number."),
        ("time>soon", "“soon” is no length of time. Such as time>2h."),
        ("acc>=high", "“high” is no number. Such as acc>=95%."),
    ],
)  # fmt: skip
def test_a_term_that_cannot_be_understood_is_named_and_the_others_still_count(
    runs: list[RunView], text: str, said: str
) -> None:
    query = parse(f"{text} cnn", RunColumns(runs), NOW)
    if not said:
        assert query.problems == ()
        return
    (problem,) = query.problems
    assert said in problem
    words = " ".join(term.value for term in query.terms if not term.op)
    assert [run.folder.id for run in runs if query.matches(run)] == found(runs, words)


def test_a_minus_alone_waits_for_what_follows(runs: list[RunView]) -> None:
    assert found(runs, "cnn -") == found(runs, "cnn")
    assert len(found(runs, '-"')) == 3


TEXTS = st.text(
    st.one_of(st.sampled_from(list(' "-:<>=!.,ab1d\n')), st.characters(codec="utf-8")), max_size=40
) | st.lists(
    st.sampled_from(["lr", "started", "tag", "acc", "time", "size", ":", ">=", "<", "!=", '"', "-", " ", ",", "1e-3",
                     "30d", "2026-11-01", "9999-99", "nan", "inf", "%", "∞", "1" * 400]), max_size=10,
).map("".join)  # fmt: skip


@given(TEXTS)
def test_any_text_is_a_filter(text: str) -> None:
    query = parse(text, now=NOW)
    assert not any(has_controls(problem) for problem in query.problems)
    assert len(query.problems) <= len(query.terms)


@given(TEXTS)
def test_a_filter_written_out_is_read_as_the_same_filter(text: str) -> None:
    terms = terms_of(text)
    assert terms_of(" ".join(map(str, terms))) == terms
    assert terms_of(str(parse(text, now=NOW))) == terms
