"""Fixes: in the guide's order, concrete, valid, and coming to an end."""

from __future__ import annotations

import pytest

from training.config.model import Block, DenseLayer, Model
from training.config.patch import apply
from training.config.presets import PRESETS, preset
from training.config.schema import ClassWeights, Optimization, TrainingConfig
from training.diagnosis.facts import Facts
from training.diagnosis.findings import Fix, Severity
from training.diagnosis.fixes import REMEDIES, fixes_for
from training.diagnosis.history import History
from training.diagnosis.rules import RULES
from training.diagnosis.rules.rule import Evidence
from training.diagnosis.settings import read_settings

STORIES = sorted(REMEDIES)
NOTHING = Facts()


def fixes(
    story: str,
    config: TrainingConfig | dict[str, object] | None,
    since: int = 12,
    facts: Facts = NOTHING,
    severity: Severity = "warning",
) -> tuple[Fix, ...]:
    label, _, variant = story.partition("/")
    known = read_settings(config)
    seen = Evidence(since, "", 1.0, (), severity, variant=variant)
    return fixes_for(label, seen, known, History(known, facts))


def titles(story: str, config: TrainingConfig | dict[str, object] | None, facts: Facts = NOTHING) -> list[str]:
    return [fix.title for fix in fixes(story, config, facts=facts)]


def test_every_rule_has_fixes() -> None:
    assert {rule.label for rule in RULES} == {story.partition("/")[0] for story in REMEDIES}


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
        "Warm the learning rate up over 5 epochs",
    ]
    assert titles("divergence", config) == start
    assert titles("divergence/mid_run", config) == [start[2], start[3], start[0], start[1]]


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
        "Smooth the labels by 0.1",
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


def test_a_warm_up_takes_a_tenth_of_a_short_run_and_is_never_shortened() -> None:
    def patch(epochs: int, warm: int) -> list[object]:
        config = TrainingConfig(epochs=epochs, optimization=Optimization(warmup_epochs=warm))
        found = [fix.patch for fix in fixes("divergence", config)]
        return [patch["optimization.warmup_epochs"] for patch in found if "optimization.warmup_epochs" in patch]

    assert [patch(100, 0), patch(20, 0), patch(9, 0), patch(100, 3), patch(100, 8)] == [[5], [2], [], [5], []]


def test_inputs_as_they_lie_in_the_file_are_normalised_or_looked_at() -> None:
    raw = apply(TrainingConfig(), {"data.normalise": False})
    assert fixes("unnormalised_inputs", raw)[0].patch == {"data.normalise": True}
    assert titles("unnormalised_inputs", TrainingConfig())[0].startswith("Look at the images")
    assert any("Divide pixels by 255" in title for title in titles("unnormalised_inputs", None))


def test_labels_are_looked_at_where_they_come_from() -> None:
    listed = apply(TrainingConfig(), {"data.source": "manifest", "data.path": "list.csv"})
    assert "rows of the manifest" in titles("shuffled_labels", listed)[0]
    assert all(fix.patch == {} for fix in fixes("shuffled_labels", listed))


@pytest.mark.parametrize(
    ("now", "ratio", "then"),
    [
        ("None", 6.0, "Auto Class Weights"),
        ("None", 10.0, "Auto Class Weights"),
        ("None", 11.0, "Focal Loss"),
        ("None", None, "Auto Class Weights"),
        ("Auto Class Weights", 6.0, "Focal Loss"),
        ("Auto Class Weights", 40.0, "Focal Loss"),
        ("Focal Loss", 40.0, None),
    ],
)
def test_a_collapse_is_weighted_by_the_guides_table_and_then_by_focal_loss(
    now: ClassWeights, ratio: float | None, then: str | None
) -> None:
    found = fixes("imbalance_collapse", TrainingConfig(class_weights=now), facts=Facts(class_ratio=ratio))
    assert [fix.patch["class_weights"] for fix in found if "class_weights" in fix.patch] == ([then] if then else [])


def test_rare_classes_are_not_counted_twice() -> None:
    weighted = TrainingConfig(class_weights="Auto Class Weights")
    sampled = apply(TrainingConfig(), {"data.sampler": "balanced"})
    assert "Draw all classes equally often" in titles("imbalance_collapse", TrainingConfig())
    for config in (weighted, sampled):
        assert "Draw all classes equally often" not in titles("imbalance_collapse", config)


def test_a_stop_that_came_too_early_gets_ten_epochs_of_patience_then_fifteen_from_where_it_stopped() -> None:
    def first(patience: int) -> Fix:
        return fixes("es_too_early", TrainingConfig(early_stopping=True, es_patience=patience))[0]

    assert (first(2).patch, first(2).start_from) == ({"es_patience": 10}, "last")
    assert first(10).patch == {"es_patience": 15}
    assert "es_patience" not in first(15).patch


def test_validation_grows_to_as_many_images_as_can_be_read() -> None:
    def shares(n_train: int, n_val: int, fraction: float = 0.2) -> list[object]:
        config = apply(TrainingConfig(), {"data.val_fraction": fraction})
        found = fixes("val_noisy", config, facts=Facts(n_train=n_train, n_val=n_val, classes=2))
        assert all(fix.start_from == "scratch" for fix in found)
        return [fix.patch["data.val_fraction"] for fix in found if fix.patch]

    assert shares(450, 50, 0.1) == [0.2]
    assert shares(160, 40) == [0.4]
    assert shares(1900, 100, 0.05) == []
    assert shares(48, 12) == [0.4]
    assert shares(300, 200, 0.4) == []


def test_a_validation_set_that_came_with_the_data_is_not_grown_by_a_share() -> None:
    found = fixes("val_noisy", TrainingConfig(), facts=Facts(n_train=5000, n_val=24, classes=2))
    assert [fix.title for fix in found if fix.patch] == []
    assert found[0].title == "Hold more images out for validation"


def test_a_fix_that_the_guide_would_warn_of_is_not_offered() -> None:
    stepped = TrainingConfig(lr_strategy="Step Decay")
    assert "Lower epochs from 100 to 14" in [fix.title for fix in fixes("overfitting", stepped, since=12)]
    # Four epochs would drop the rate tenfold after each.
    assert not any("epochs" in fix.patch for fix in fixes("overfitting", stepped, since=2))
