"""The tables beside the charts: classes, confusions, config and environment, as rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tui.fakes import FakeRun
from tests.tui.panel_runs import TEXT, animals, many_classes, report_of, with_papers
from tests.tui.panels import text, words
from tests.tui.test_monitor_model import monitored
from training.config.schema import TrainingConfig
from training.runs.events import Classes
from tui.monitor.model import Monitored
from tui.monitor.panels.classes import class_rows
from tui.monitor.panels.config import config_rows
from tui.monitor.panels.confusion import confusion_rows
from tui.monitor.panels.environment import environment_rows
from tui.monitor.panels.papers import Papers, read_papers
from tui.monitor.panels.window import Scroll, spark, windowed
from tui.widgets.rows import width_of

SIZES = [(60, 30), (46, 22), (43, 16), (38, 8), (12, 3), (1, 1)]


def papers_of(run: FakeRun) -> tuple[Monitored, Papers]:
    found = monitored(run)
    assert found.view is not None
    return found, read_papers(found.view, found.curves.attempt.facts if found.curves.attempt else {})


def lines(run: Monitored, width: int = 60, height: int = 30) -> list[str]:
    return text(class_rows(run, width, height, Scroll())).splitlines()


# Classes


def test_the_worst_class_comes_first_and_weak_ones_are_marked_without_colour(tmp_path: Path) -> None:
    shown = lines(monitored(animals(tmp_path)))
    assert [line.split()[0 if line.startswith(" ") else 1] for line in shown[2:]] == [
        "truck", "ship", "dog", "cat", "horse",
    ]  # fmt: skip
    assert shown[2].startswith("✗ truck")
    assert shown[2].split()[2:6] == ["50", "0.0", "0.0", "0.0"]
    assert shown[4].split()[:5] == ["dog", "50", "77.8", "70.0", "73.7"]


def test_a_class_far_below_the_others_is_marked(tmp_path: Path) -> None:
    run = FakeRun(tmp_path)
    run.begin(classes=["a", "b", "c"])
    run.write(report_of([[50, 0, 0], [0, 50, 0], [25, 5, 20]], 1))
    assert lines(monitored(run))[2].startswith("! c ")
    assert lines(monitored(run))[3].startswith("  a ")


def test_the_test_split_counts_once_it_was_evaluated(tmp_path: Path) -> None:
    run = animals(tmp_path)
    assert "epoch 5" in lines(monitored(run))[0]
    run.write(report_of([[9, 1], [2, 8]], 3, "test"))
    shown = lines(monitored(run))
    assert "test split" in shown[0]
    assert [line.split()[:2] for line in shown[2:]] == [["dog", "10"], ["cat", "10"]]


def test_a_class_without_a_sample_has_no_figures_and_comes_last(tmp_path: Path) -> None:
    run = FakeRun(tmp_path)
    run.begin(classes=["a", "b"])
    run.write(Classes(epoch=1, step=1, precision=[0.0, 0.5], recall=[0.0, 0.5], f1=[0.0, 0.5], support=[0, 9]))
    assert lines(monitored(run))[-1].split() == ["a", "0", "–", "–", "–"]


def test_a_thousand_classes_are_scrolled_through_by_pages(tmp_path: Path) -> None:
    run, scroll = monitored(many_classes(tmp_path)), Scroll()
    assert "1–18 of 1000" in text(class_rows(run, 60, 20, scroll)[:1])
    for _ in range(3):
        scroll.by(1)
    rows = class_rows(run, 60, 20, scroll)
    assert "52–69 of 1000" in text(rows[:1])
    assert "class" in text(rows[1:2])
    for _ in range(100):
        scroll.by(1)
    assert "983–1000 of 1000" in text(class_rows(run, 60, 20, scroll)[:1])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"live": True}, "After the first epoch"),
        ({"live": True, "kind": "reported"}, "only a training by traindeck counts single classes"),
        ({"kind": "foreign"}, "only a training by traindeck counts single classes"),
        ({"state": "failed"}, "The run ended before its first validation"),
    ],
)
def test_without_a_report_on_the_classes_it_says_why(tmp_path: Path, options: dict[str, object], said: str) -> None:
    run = FakeRun(tmp_path, **options)  # type: ignore[arg-type]
    run.begin()
    found = monitored(run)
    assert said in words(class_rows(found, 43, 16, Scroll()))
    assert said in words(confusion_rows(found, 43, 16, Scroll()))


def test_names_from_a_log_are_made_safe(tmp_path: Path) -> None:
    run = FakeRun(tmp_path)
    run.begin(classes=["\x1b[31mred\x1b[0m\nline", "[bold]b[/]"])
    run.write(report_of([[5, 5], [5, 5]], 1))
    shown = text(class_rows(monitored(run), 60, 20, Scroll()))
    assert "red line" in shown
    assert "[bold]b[/]" in shown
    assert "\x1b" not in shown


# Confusion


def test_the_matrix_has_true_classes_in_rows_and_a_number_for_each_name(tmp_path: Path) -> None:
    shown = text(confusion_rows(monitored(animals(tmp_path)), 46, 22, Scroll())).splitlines()
    assert "rows true, columns said" in shown[0]
    assert shown[1].split() == ["1", "2", "3", "4", "5"]
    assert shown[3].split() == ["2", "dog", "12", "35", "3", "·", "·"]
    assert shown[7] == "Most frequent"
    assert shown[8:10] == ["! truck → ship  50 (100 % of truck)", "! dog → cat  12 (24 % of dog)"]


def test_short_names_stand_over_the_columns_themselves(tmp_path: Path) -> None:
    run = FakeRun(tmp_path)
    run.begin(classes=list("0123456789"))
    run.write(report_of([[90 if said == true else 1 for said in range(10)] for true in range(10)], 1))
    shown = text(confusion_rows(monitored(run), 46, 22, Scroll())).splitlines()
    assert shown[1].split() == list("0123456789")
    assert shown[2].split() == ["0", "90", *["1"] * 9]


@pytest.mark.parametrize(("width", "height"), [(14, 22), (46, 6)])
def test_where_the_matrix_does_not_fit_the_confusions_stand_in_words(tmp_path: Path, width: int, height: int) -> None:
    shown = text(confusion_rows(monitored(animals(tmp_path)), width, height, Scroll())).splitlines()
    assert shown[1].startswith("! t")
    assert "→" in shown[1]


def test_of_many_classes_the_most_frequent_confusions_are_listed(tmp_path: Path) -> None:
    shown = text(confusion_rows(monitored(many_classes(tmp_path)), 60, 10, Scroll())).splitlines()
    assert "1–9 of 975" in shown[0]
    assert shown[1] == "! class 0017 → class 0018  39 (78 % of class 0017)"


def test_a_validation_without_an_error_says_so(tmp_path: Path) -> None:
    run = FakeRun(tmp_path)
    run.begin(classes=["a", "b"])
    run.write(report_of([[5, 0], [0, 5]], 1))
    assert "✓ every image was classified right" in text(confusion_rows(monitored(run), 46, 22, Scroll()))


# Config


def test_the_config_is_shown_as_it_was_written_with_what_is_not_the_default(tmp_path: Path) -> None:
    run, papers = papers_of(with_papers(animals(tmp_path)))
    shown = text(config_rows(run, papers, 80, 30, Scroll())).splitlines()
    assert shown[0].startswith("Config  • 5 unlike the defaults · ")
    assert "   # The learning rate was found by hand." in shown
    assert "•  optimizer: AdamW   default Adam" in shown
    assert any(line.endswith("learning_rate: 0.01  # ten times the default   default 0.001") for line in shown)
    assert any(line.endswith("- {filters: 32}   dropout default 0.25") for line in shown)


def test_the_config_of_a_correction_is_compared_with_that_of_its_parent(tmp_path: Path) -> None:
    parent = FakeRun(tmp_path, "first try")
    parent.folder.config.write_text(TEXT.replace("0.01", "0.5").replace("AdamW", "Adam") + "batch_size: 64\n")
    run, papers = papers_of(with_papers(animals(tmp_path, parent="first try")))
    shown = text(config_rows(run, papers, 80, 30, Scroll())).splitlines()
    assert shown[0].startswith("Config  • 3 unlike first try")
    assert "•  optimizer: AdamW   was Adam" in shown
    assert any(line.startswith("•") and line.endswith("was 0.5") for line in shown)
    assert shown[-2:] == ["Not in the file:", "•  batch_size: 64 → 32"]


def test_a_line_with_a_hint_carries_its_symbol(tmp_path: Path) -> None:
    run, papers = papers_of(with_papers(animals(tmp_path)))
    marked = [line for line in text(config_rows(run, papers, 80, 30, Scroll())).splitlines() if line[1:2] in "!i"]
    assert any("learning_rate" in line for line in marked)
    assert f"{len(papers.hints)} hints" in text(config_rows(run, papers, 80, 30, Scroll())[:1])


def test_a_config_that_cannot_be_read_any_more_is_shown_with_what_is_wrong(tmp_path: Path) -> None:
    run, papers = papers_of(with_papers(animals(tmp_path), "optimizer: Adamm\n"))
    shown = text(config_rows(run, papers, 60, 30, Scroll()))
    assert "✗ " in shown
    assert "optimizer: Adamm" in shown


def test_a_run_without_a_config_says_what_is_known_of_its_settings(tmp_path: Path) -> None:
    run = FakeRun(tmp_path, kind="foreign", settings={"learning_rate": 0.1})
    run.folder.config.unlink()
    found, papers = papers_of(run)
    shown = text(config_rows(found, papers, 43, 16, Scroll()))
    assert "This is the log of another tool" in shown
    assert "learning_rate: 0.1" in shown


def test_a_config_of_defaults_says_so(tmp_path: Path) -> None:
    run, papers = papers_of(FakeRun(tmp_path, config=TrainingConfig()))
    assert "all defaults" in text(config_rows(run, papers, 60, 8, Scroll())[:1])


# Environment


def test_the_environment_says_where_it_ran_and_with_what(tmp_path: Path) -> None:
    run, papers = papers_of(
        with_papers(animals(tmp_path, slurm_job="4711"), slurm={"nodes": 1, "options": ["-p", "x"]})
    )
    shown = words(environment_rows(run, papers, 60, 60, Scroll()))
    for part in (
        "host node17 as alice, 64 cores",
        "device GPU 1 NVIDIA H100 (free) GPU-111",
        "driver 590.48.01",
        "torch 2.9.1+cu130 (CUDA 13.0)",
        "python 3.11.7",
        "command traindeck train animals.yaml",
        "git 0123456789ab, with changes: a diff of 2 kB",
        "seed 42",
        "slurm job 4711 (nodes 1, options -p x)",
    ):
        assert part in shown


def test_a_clean_checkout_is_called_clean(tmp_path: Path) -> None:
    run, papers = papers_of(with_papers(animals(tmp_path), git={"commit": "abc", "diff": "", "diff_cut": False}))
    assert "abc, clean" in words(environment_rows(run, papers, 60, 60, Scroll()))


@pytest.mark.parametrize("content", ["", "[1]", '{"git": 3, "device": "x", "packages": 1, "variables": []}', "\x00"])
def test_an_environment_that_is_none_leaves_out_what_it_does_not_say(tmp_path: Path, content: str) -> None:
    run = animals(tmp_path)
    run.folder.environment.write_text(content)
    found, papers = papers_of(run)
    shown = text(environment_rows(found, papers, 60, 30, Scroll()))
    assert "animals" in shown
    assert "git" not in shown


def test_what_the_environment_says_is_made_safe(tmp_path: Path) -> None:
    run, papers = papers_of(with_papers(animals(tmp_path), host="\x1b]0;owned\x07node\n17"))
    shown = text(environment_rows(run, papers, 60, 60, Scroll()))
    assert "node 17" in shown
    assert "\x1b" not in shown


# All of them


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_no_table_is_larger_than_its_room(tmp_path: Path, width: int, height: int) -> None:
    run, papers = papers_of(with_papers(animals(tmp_path)))
    for rows in (
        class_rows(run, width, height, Scroll()),
        confusion_rows(run, width, height, Scroll()),
        environment_rows(run, papers, width, height, Scroll()),
    ):
        assert len(rows) <= height
        if width >= 38:
            assert all(width_of(row) <= width for row in rows)
    assert len(config_rows(run, papers, width, height, Scroll())) <= height


def test_a_table_that_grew_shorter_is_scrolled_back_into_sight() -> None:
    scroll = Scroll()
    windowed("T", "", [[("x", "text")]] * 50, 20, 11, scroll)
    scroll.by(9)
    assert scroll.first == 40
    assert len(windowed("T", "", [[("x", "text")]] * 5, 20, 11, scroll)) == 6
    assert (scroll.first, scroll.place) == (0, "")


def test_pages_that_are_asked_for_before_it_is_drawn_count() -> None:
    scroll = Scroll()
    scroll.by(2)
    windowed("T", "", [[("x", "text")]] * 50, 20, 11, scroll)
    assert scroll.place == "19–28 of 50"


def test_a_spark_shows_the_last_values_one_a_cell() -> None:
    assert spark([0.0, 0.5, 1.0], 2) == "▅█"
    assert spark([-1.0, 2.0], 9) == "▁█"
    assert spark([0.5], 0) == ""
