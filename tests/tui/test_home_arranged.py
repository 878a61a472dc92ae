"""Home's filter language, columns, order and groups."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.runs.builders import make_run
from tests.tui.driving import HomePilot, home, keys_of
from training.config.schema import TrainingConfig
from training.runs.describe import settings
from training.runs.layout import RunFolder
from tui import settings as kept
from tui.home.arrangement import DEFAULT_COLUMNS, Arrangement, recall
from tui.screens.choose import ChooseScreen
from tui.screens.pick import PickScreen

_SIGNS = {">": "greater_than_sign", "=": "equals_sign", "<": "less_than_sign", ":": "colon", "%": "percent_sign"}


def keys(text: str) -> list[str]:
    return [_SIGNS.get(key, key) for key in keys_of(text)]


@pytest.fixture
def four(runs_dir: Path) -> Path:
    """Runs a to d from top to bottom."""
    told = ((0.001, 0.9, 0), (0.001, 0.8, 1), (0.1, 0.5, 0), (0.01, None, 0))
    for number, (name, (lr, acc, seed)) in enumerate(zip("abcd", told, strict=True)):
        changes: dict[str, Any] = {} if acc is None else {"best_val_acc": acc, "best_val_loss": 1 - acc}
        folder = make_run(
            runs_dir, name, state="failed" if name == "c" else "finished", created=200.0 - number, started=100.0,
            ended=160.0, epoch=10, model="CNN 32", settings={**settings(TrainingConfig()), "learning_rate": lr},
            sections={"runtime.seed": seed} if seed else {}, latest={"macro_f1": acc or 0.0}, **changes,
        )  # fmt: skip
        folder.config.write_text(f"learning_rate: {lr}\nruntime: {{seed: {seed}}}\n")
    return runs_dir


async def pick(app: HomePilot, words: str) -> None:
    """Take the first line that the words narrow the dialog to."""
    await app.until(lambda: isinstance(app.app.screen, PickScreen))
    await app.press(*keys(words), "enter")


def heading(app: HomePilot) -> list[str]:
    return [column.title for column in app.home.table.columns]


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("lr>=1e-2", ["c", "d"]),
        ("state:failed", ["c"]),
        ("seed=1 cnn", ["b"]),
        ("acc>85%", ["a"]),
        ("-lr=0.001", ["c", "d"]),
    ],
)
async def test_the_search_takes_terms(four: Path, text: str, ids: list[str]) -> None:
    async with home(four) as app:
        await app.press("slash", *keys(text))
        assert app.ids == ids
        assert f"{len(ids)} of 4 runs" in app.text("#home-title")


async def test_a_term_that_is_wrong_is_named_under_the_search_and_the_others_count(four: Path) -> None:
    async with home(four) as app:
        await app.press("slash", *keys("lr>=abc state:failed"))
        assert app.ids == ["c"]
        assert app.text("#home-said").startswith("! lr>=abc: “abc” is no number.")
        assert app.home.query_one("#home-said").has_class("wrong")
        await app.press("ctrl+u", *keys("modle:a"))
        assert app.text("#home-said") == "! modle:a: “modle” is nothing that runs have. Did you mean model?"
        assert len(app.ids) == 4
        await app.press("escape")
        assert not app.home.query_one("#home-said").display


async def test_while_a_key_is_typed_the_keys_that_it_may_become_are_named(four: Path) -> None:
    async with home(four) as app:
        await app.press("slash")
        assert app.text("#home-said").startswith("any config key or metric")
        await app.press(*"lear")
        assert app.text("#home-said") == "keys: learning_rate:"
        await app.press("ctrl+u", *"ba")
        assert {"batch:", "batch_size:"} <= set(app.text("#home-said").split()) | {"batch:"}


async def test_sorting_by_a_column_puts_what_matters_first_and_once_more_turns_it_round(four: Path) -> None:
    async with home(four) as app:
        await app.press("s")
        await pick(app, "acc")
        assert app.ids == ["a", "b", "c", "d"]
        assert "Acc ▾" in heading(app)
        await app.press("s", "enter")
        assert app.ids == ["c", "b", "a", "d"]
        assert "Acc ▴" in heading(app)
        await app.press("s")
        await pick(app, "newest")
        assert app.ids == ["a", "b", "c", "d"]
        assert "Acc" in heading(app)


async def test_columns_of_the_config_and_of_metrics_can_be_shown(four: Path) -> None:
    async with home(four, size=(120, 40)) as app:
        await app.press("C")
        screen = app.app.screen
        assert isinstance(screen, ChooseScreen)
        known = [option.id for option in screen.options]
        assert known[: len(DEFAULT_COLUMNS)] == list(DEFAULT_COLUMNS)
        assert {"learning_rate", "optimization.grad_clip", "runtime.seed", "macro_f1", "tag", "note", "parent"} <= {
            *known
        }
        screen.dismiss(["name", "learning_rate", "runtime.seed", "macro_f1"])
        await app.press()
        assert heading(app) == ["Run", "lr", "seed", "macro_f1"]
        assert app.cells("b") == {"name": "b", "learning_rate": "0.001", "runtime.seed": "1", "macro_f1": "80.0 %"}


async def test_the_arrangement_is_remembered(four: Path) -> None:
    async with home(four) as app:
        app.home.arrange_as(Arrangement(columns=("name", "learning_rate"), sort="learning_rate", reverse=True))
    async with home(four) as app:
        assert heading(app) == ["Run", "lr ▾"]
        assert app.ids == ["c", "d", "a", "b"]


@pytest.mark.parametrize("kept_as", [5, {"columns": []}, {"columns": "abc"}, {"sort": 3}])
def test_a_broken_memory_is_the_usual_arrangement(kept_as: object) -> None:
    kept.remember("home", kept_as)
    assert recall() == Arrangement()


async def test_columns_that_there_are_none_of_here_are_left_out(four: Path) -> None:
    kept.remember("home", {"columns": ["name", "perplexity"], "sort": "perplexity", "group": "perplexity"})
    async with home(four) as app:
        assert heading(app) == ["Run"]
        assert app.ids == ["a", "b", "c", "d"]


async def test_groups_have_a_heading_with_mean_and_spread_and_fold(four: Path) -> None:
    async with home(four, size=(120, 40)) as app:
        await app.press("b")
        await pick(app, "learning_rate")
        assert app.ids == ["group:0.001", "a", "b", "group:0.1", "c", "group:0.01", "d"]
        assert app.cells("group:0.001")["name"] == "▾ lr 0.001 (2)"
        assert app.cells("group:0.001")["acc"] == "85.0 ± 7.1 %"
        assert app.cells("group:0.01")["acc"] == ""
        await app.press("home", "enter")
        assert app.ids == ["group:0.001", "group:0.1", "c", "group:0.01", "d"]
        assert app.cells("group:0.001")["name"] == "▸ lr 0.001 (2)"
        assert "best accuracy 85.0 ± 7.1 % (n = 2)" in app.text("#home-detail")
        await app.press("space")
        assert app.home.marked == {"a", "b"}
        await app.press("home", "enter")
        assert app.ids[:3] == ["group:0.001", "a", "b"]


async def test_runs_that_differ_in_their_seed_alone_are_a_group(four: Path) -> None:
    async with home(four, size=(120, 40)) as app:
        await app.press("b")
        await pick(app, "seeds")
        await app.until(lambda: len(app.ids) == 5)
        assert app.cells(app.ids[0])["name"] == "▾ seeds of b (2)"
        assert app.ids[1:] == ["a", "b", "c", "d"]
        await app.press("b")
        await pick(app, "no groups")
        assert app.ids == ["a", "b", "c", "d"]


async def test_what_is_copied_of_the_table_has_tabs_between(four: Path) -> None:
    async with home(four) as app:
        app.home.arrange_as(Arrangement(columns=("name", "learning_rate", "acc")))
        assert app.home.as_text().splitlines()[:2] == ["name\tlearning_rate\tacc", "a\t0.001\t90.0 %"]


async def test_a_list_that_is_read_in_parts_keeps_its_first_row_selected(
    four: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training.runs.watching.LOOK_SECONDS", 0.0)
    async with home(four) as app:
        app.home._folder._seconds = 0.0
        await app.until(lambda: app.ids == ["a", "b", "c", "d"])
        assert app.selected == "a"
        assert RunFolder(four / "a").path.exists()
