"""Fixes: in the guide's order, concrete, valid, and coming to an end."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.config.strategies import configs
from training.config.model import Block, DenseLayer, Model
from training.config.patch import apply, diff
from training.config.presets import PRESETS, preset
from training.config.schema import Optimization, TrainingConfig
from training.diagnosis.facts import Facts
from training.diagnosis.findings import Fix
from training.diagnosis.fixes import REMEDIES, fixes_for
from training.diagnosis.history import History
from training.diagnosis.rules.rule import Evidence
from training.diagnosis.settings import read_settings
from training.guide.hints import hints

STORIES = sorted(REMEDIES)
ROUNDS = 60


def fixes(story: str, config: TrainingConfig | dict[str, object] | None, since: int = 12) -> tuple[Fix, ...]:
    label, _, variant = story.partition("/")
    known = read_settings(config)
    return fixes_for(label, Evidence(since, "", 1.0, (), variant=variant), known, History(known, Facts()))


def titles(story: str, config: TrainingConfig | dict[str, object] | None) -> list[str]:
    return [fix.title for fix in fixes(story, config)]


def patches(story: str, config: TrainingConfig) -> list[dict[str, object]]:
    return [fix.patch for fix in fixes(story, config) if fix.patch]


def test_too_high_a_rate_is_cut_to_the_default_then_the_model_grows_then_adam() -> None:
    config = TrainingConfig(learning_rate=3.0, optimizer="SGD with Momentum")
    assert titles("lr_too_high_flat", config) == [
        "Lower learning_rate from 3 to 0.01",
        "Add a block of 128 filters",
        "Use Adam at a learning rate of 0.001",
    ]


def test_a_rate_inside_the_range_is_cut_tenfold_but_never_below_it() -> None:
    assert fixes("lr_too_high_flat", TrainingConfig(learning_rate=1e-3))[0].patch == {"learning_rate": 1e-4}
    assert fixes("lr_too_high_flat", TrainingConfig(learning_rate=5e-4))[0].patch == {"learning_rate": 1e-4}
    assert "learning_rate" not in fixes("lr_too_high_flat", TrainingConfig(learning_rate=1e-4))[0].patch


def test_too_low_a_rate_is_raised_tenfold_and_may_be_changed_live() -> None:
    fix = fixes("lr_too_low", TrainingConfig(learning_rate=1e-6))[0]
    assert (fix.title, fix.patch, fix.live) == (
        "Raise learning_rate from 1e-06 to 1e-05",
        {"learning_rate": 1e-5},
        True,
    )


def test_inputs_that_are_not_normalised_are_normalised_before_the_quick_fix() -> None:
    config = apply(TrainingConfig(learning_rate=0.1), {"data.normalise": False, "optimizer": "RMSprop"})
    assert titles("lr_too_high_flat", config)[2:] == ["Normalise the inputs", "Use Adam at a learning rate of 0.001"]


def test_a_divergence_from_the_start_lowers_the_rate_first_and_one_in_mid_run_clips_first() -> None:
    config = TrainingConfig(optimizer="SGD with Momentum", learning_rate=0.05)
    start = [
        "Lower learning_rate from 0.05 to 0.005",
        "Use Adam at a learning rate of 0.001",
        "Clip the gradient norm at 1",
    ]
    assert titles("divergence", config) == start
    assert titles("divergence/mid_run", config) == [start[2], start[0], start[1]]


def test_a_rate_far_above_the_range_comes_before_clipping_in_mid_run_too() -> None:
    config = TrainingConfig(learning_rate=1.0)
    assert titles("divergence/mid_run", config)[0] == "Lower learning_rate from 1 to 0.001"


def test_a_divergence_starts_anew() -> None:
    for story in ("divergence", "divergence/mid_run", "nan", "nan/mid_run", "vanishing_gradients", "lr_too_high_flat"):
        assert {fix.start_from for fix in fixes(story, TrainingConfig())} == {"scratch"}


def test_a_gradient_clip_is_tightened_and_never_loosened() -> None:
    wide, tight = (TrainingConfig(optimization=Optimization(grad_clip=clip)) for clip in (5.0, 0.5))
    assert "Lower grad_clip from 5 to 1" in titles("divergence", wide)
    assert not any("clip" in title.casefold() for title in titles("divergence", tight))


def test_overfitting_has_the_guides_order() -> None:
    config = TrainingConfig(model=Model(dense_layers=(DenseLayer(units=128, dropout=0.2),)))
    assert titles("overfitting", config) == [
        "Raise dropout of the dense layers from 0.2 to 0.5",
        "Raise the weight decay from 0 to 0.0001",
        "Augment the training images: light",
        "Halve the model: filters 16, 32, dense units 64",
        "Switch early stopping on, with a patience of 10",
        "Lower epochs from 100 to 14",
    ]


def test_dropout_at_a_half_goes_to_seven_tenths_and_then_nowhere() -> None:
    config = preset("balanced").config
    first = fixes("overfitting", config)[0]
    assert first.patch == {"model.dense_layers.0.dropout": 0.7}
    assert "dropout" not in fixes("overfitting", apply(config, first.patch))[0].title


def test_without_dense_layers_the_blocks_take_the_dropout() -> None:
    config = TrainingConfig(model=Model(blocks=(Block(filters=32), Block(filters=64, dropout=0.3)), dense_layers=()))
    assert fixes("overfitting", config)[0].patch == {"model.blocks.0.dropout": 0.25}


def test_the_weight_decay_of_adamw_is_never_cut_by_switching_it_on() -> None:
    patch = fixes("overfitting", TrainingConfig(optimizer="AdamW"))[1].patch
    assert patch == {"l2_decay": True, "l2_lambda": 0.05}


def test_stalled_validation_has_the_guides_order() -> None:
    config = TrainingConfig(learning_rate=1e-3, early_stopping=True, es_patience=5)
    assert titles("oscillation", config) == [
        "Lower learning_rate from 0.001 to 0.0002",
        "Use AdamW with a weight decay of 0.01",
        "Use the ReduceLROnPlateau schedule",
        "Raise es_patience from 5 to 10",
        "Raise batch_size from 32 to 64",
    ]


def test_underfitting_has_the_guides_order() -> None:
    config = TrainingConfig(learning_rate=1e-4, l2_decay=True, l2_lambda=1e-3)
    assert titles("underfitting", config) == [
        "Add a block of 128 filters",
        "Halve dropout, at most 0.5 now",
        "Lower the weight decay from 0.001 to 0.0001",
        "Raise learning_rate from 0.0001 to 0.001",
        "Raise epochs from 100 to 200",
    ]


def test_a_block_that_the_image_has_no_room_for_is_added_without_pooling() -> None:
    config = TrainingConfig(model=Model(blocks=tuple(Block(filters=32) for _ in range(3))))
    assert fixes("underfitting", config)[0].patch["model.blocks"][-1]["pooling"] == "none"


def test_a_foreign_log_gets_its_fixes_in_words() -> None:
    for story in STORIES:
        for fix in fixes(story, None):
            assert fix.patch == {}
            assert fix.title


def test_a_foreign_log_that_tells_its_rate_gets_the_number() -> None:
    told = {"optimizer": "Adam", "learning_rate": 0.5}
    assert titles("lr_too_high_flat", told)[:2] == ["Lower learning_rate from 0.5 to 0.001", "Use a larger model"]


@pytest.mark.parametrize("story", STORIES)
@pytest.mark.parametrize("name", [preset.id for preset in PRESETS])
def test_every_story_has_something_to_try_on_every_preset(story: str, name: str) -> None:
    assert fixes(story, preset(name).config)


@settings(max_examples=100, deadline=None)
@given(config=configs(), story=st.sampled_from(STORIES))
def test_each_patch_is_valid_changes_something_and_raises_no_new_warning(config: TrainingConfig, story: str) -> None:
    before = {(hint.rule, hint.key) for hint in hints(config, include_silenced=True) if hint.severity == "warning"}
    for fix in fixes(story, config):
        if not fix.patch:
            continue
        after = apply(config, fix.patch)
        assert diff(config, after), fix.title
        raised = {(hint.rule, hint.key) for hint in hints(after, include_silenced=True) if hint.severity == "warning"}
        assert raised <= before, fix.title


@settings(max_examples=60, deadline=None)
@given(config=configs(), story=st.sampled_from(STORIES))
def test_weights_are_only_kept_where_they_still_fit(config: TrainingConfig, story: str) -> None:
    shape = ("filters", "units", "kernel_size", "batch_norm", "blocks", "dense_layers")
    for fix in fixes(story, config):
        if fix.start_from != "scratch":
            assert not [key for key in fix.patch if key.endswith(shape)]
        if fix.live:
            assert set(fix.patch) <= {"learning_rate"}


@settings(max_examples=60, deadline=None)
@given(config=configs(), story=st.sampled_from(STORIES))
def test_taking_the_first_fix_again_and_again_ends(config: TrainingConfig, story: str) -> None:
    for _ in range(ROUNDS):
        patch = next(iter(patches(story, config)), None)
        if patch is None:
            return
        config = apply(config, patch)
    pytest.fail(f"still {patch}")


@settings(max_examples=40, deadline=None)
@given(config=configs(), story=st.sampled_from(STORIES), data=st.data())
def test_taking_any_fixes_again_and_again_ends(config: TrainingConfig, story: str, data: st.DataObject) -> None:
    for _ in range(ROUNDS):
        offered = patches(story, config)
        if not offered:
            return
        config = apply(config, data.draw(st.sampled_from(offered)))
    pytest.fail(f"still {offered}")


@settings(max_examples=40, deadline=None)
@given(config=configs(), story=st.sampled_from(STORIES))
def test_fixes_survive_the_event_log(config: TrainingConfig, story: str) -> None:
    for fix in fixes(story, config):
        assert msgspec.json.decode(msgspec.json.encode(fix), type=Fix) == fix
