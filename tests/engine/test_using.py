"""Using a trained run: it is judged as training judged it, and files are seen as training saw them."""

from __future__ import annotations

import math
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from tests.drawing import image
from tests.engine.conftest import SMALL, Run
from tests.engine.trained import draw_classes, trained
from training.engine.control import Control
from training.engine.data.batches import Subset
from training.engine.data.digits import load_digits
from training.engine.data.load import load_samples
from training.engine.data.samples import Memory
from training.engine.reporting import Report
from training.engine.using.evaluate import Judged, judge_run
from training.engine.using.loaded import LoadedRun, load_run
from training.engine.using.predict import NotRead, Prediction, predict
from training.errors import InvalidInput, RunFailed
from training.runs.commands import CommandReader
from training.runs.events import Epoch, FinalTest

DIGITS = SMALL.replace("epochs: 2", "epochs: 3\nlearning_rate: 0.05") + (
    "data: {test_fraction: 0.2}\noptimization: {ema: 0.9}\n"
)
# Kept larger than it is seen, and judged by a loss that depends on the class sizes.
PICTURES = """
epochs: 2
batch_size: 8
class_weights: Focal Loss
model: {{blocks: [{{filters: 4}}], dense_layers: []}}
data: {{source: folder, path: {path}, image_size: 12, augmentation: strong}}
"""


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return trained(tmp_path_factory.mktemp("digits") / "digits", DIGITS)


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("pictures")
    path = draw_classes(folder / "images", ant=12, bee=20, cat=8)
    return trained(folder / "pictures", PICTURES.format(path=path))


def logged(run: Run, epoch: int) -> dict[str, Any]:
    (found,) = [event.metrics for event in run.of(Epoch) if event.epoch == epoch]
    return found


def agrees(judged: Judged, metrics: dict[str, Any], side: str) -> bool:
    """Floats are compared to six digits: images may be summed up in other batches."""
    return all(
        math.isclose(value, float(metrics[name]), rel_tol=1e-5)
        for name, value in judged.evaluation.metrics(side).items()
    )


@pytest.mark.parametrize("kind", ["best", "last"])
def test_evaluating_reproduces_what_was_logged_for_the_checkpoint(digits: Run, kind: Any) -> None:
    run = load_run(digits.folder, kind)
    validation, test = judge_run(run)
    assert (validation.name, test.name) == ("validation", "test")
    assert run.epoch == digits.checkpoint(kind)["epoch"]
    assert agrees(validation, logged(digits, run.epoch), "val")
    if kind == "best":
        assert agrees(test, digits.one(FinalTest).metrics, "test")


def test_a_weighted_loss_on_decoded_files_is_reproduced_too(pictures: Run) -> None:
    run = load_run(pictures.folder, "last")
    (validation,) = judge_run(run)
    assert agrees(validation, logged(pictures, 2), "val")


def test_a_file_is_seen_exactly_as_in_training(pictures: Run, tmp_path: Path) -> None:
    run = load_run(pictures.folder)
    copy = Run(type(pictures.folder)(tmp_path / "copy"))
    shutil.copytree(pictures.folder.path, copy.folder.path)
    report = Report(copy.folder)
    samples = load_samples(
        copy.folder.path, run.config, None, report, Control(CommandReader(copy.folder.commands), report)
    )
    rows = samples.rows(samples.ids)
    subset = Subset(samples, rows, run.normalisation, torch.device("cpu"), seed=0, side=12)
    in_training = torch.cat([batch.images for batch in subset.in_order(8)])
    root = Path(run.config.data.path or "")
    paths = [str(path) for path in samples.ids]
    (part,) = run.decoded(root, paths, [100] * len(paths))
    ours = torch.cat([batch.images for batch in run.batches(part.pixels)])
    assert part.pixels.shape[-1] == 16 > ours.shape[-1] == 12
    assert torch.equal(ours, in_training)


def test_predictions_are_what_evaluation_counts(pictures: Run) -> None:
    run = load_run(pictures.folder)
    (judged,) = judge_run(run, Path(run.config.data.path or ""))
    files = sorted(map(str, Path(run.config.data.path or "").rglob("*.png")))
    confusion = torch.zeros(3, 3, dtype=torch.int64)
    for entry in (entry for part in predict(run, files, top=3) for entry in part):
        assert isinstance(entry, Prediction)
        (first, share), *others = entry.top
        assert share >= others[0][1] >= others[1][1]
        assert share + sum(probability for _, probability in others) == pytest.approx(1)
        confusion[run.classes.index(Path(entry.path).parent.name), run.classes.index(first)] += 1
    assert torch.equal(confusion, judged.evaluation.confusion)


def test_a_digit_saved_as_an_image_gets_the_probabilities_of_the_digit(digits: Run, tmp_path: Path) -> None:
    run = load_run(digits.folder)
    samples = load_digits(run.config.data)
    assert isinstance(samples.store, Memory)
    pixels = samples.store.images[:70]
    files = [str(tmp_path / f"{index:02}.png") for index in range(70)]
    for path, one in zip(files, pixels, strict=True):
        Image.frombytes("L", (8, 8), bytes(one.flatten().tolist())).convert("RGB").save(path)
    (batch,) = run.batches(pixels)
    expected = run.logits(batch.images).softmax(dim=1).amax(dim=1)
    found = [entry for part in predict(run, files) for entry in part]
    assert [entry.path for entry in found] == files  # in their order, though they come in parts
    shares = [entry.top[0][1] for entry in found if isinstance(entry, Prediction)]
    assert shares == pytest.approx(expected.tolist(), rel=1e-6)


def test_other_data_are_matched_by_the_names_of_their_classes(pictures: Run, tmp_path: Path) -> None:
    run = load_run(pictures.folder)
    (judged,) = judge_run(run, draw_classes(tmp_path / "few", cat=3))
    assert judged.name == "data"
    assert judged.evaluation.confusion.sum(dim=1).tolist() == [0, 0, 3]
    described = judged.as_dict(run.classes)
    assert [entry["images"] for entry in described["classes"]] == [0, 0, 3]
    assert sum(mistake["images"] for mistake in described["mistakes"]) == 3 - described["confusion"][2][2]


def test_a_ready_made_split_and_a_manifest_are_judged_too(pictures: Run, tmp_path: Path) -> None:
    run = load_run(pictures.folder)
    draw_classes(tmp_path / "split" / "train", ant=2)
    draw_classes(tmp_path / "split" / "test", bee=1)
    assert [judged.name for judged in judge_run(run, tmp_path / "split")] == ["training", "test"]
    manifest = tmp_path / "list.csv"
    manifest.write_text("path,label\nsplit/train/ant/00.png,ant\nsplit/test/bee/00.png,bee\n")
    (judged,) = judge_run(run, manifest)
    assert judged.evaluation.confusion.sum(dim=1).tolist() == [1, 1, 0]


def test_a_class_that_the_run_does_not_know_is_named(pictures: Run, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"does not know: dog.*ant, bee and cat"):
        judge_run(load_run(pictures.folder), draw_classes(tmp_path / "other", ant=1, dog=1))


def test_files_that_cannot_be_read_are_left_out_and_named(pictures: Run, tmp_path: Path) -> None:
    run = load_run(pictures.folder)
    data = draw_classes(tmp_path / "data", ant=2)
    (data / "ant" / "torn.png").write_bytes((data / "ant" / "00.png").read_bytes()[:40])
    (judged,) = judge_run(run, data)
    assert int(judged.evaluation.confusion.sum()) == 2
    assert [bad.partition(" ")[0] for bad in judged.bad] == ["ant/torn.png"]
    (entries,) = predict(run, [str(data / "ant" / "torn.png"), str(data / "ant" / "01.png")])
    assert [type(entry) for entry in entries] == [NotRead, Prediction]
    for good in ("00.png", "01.png"):
        (data / "ant" / good).unlink()
    with pytest.raises(RunFailed, match=r"None of the 1 images can be read; the first is ant/torn\.png"):
        judge_run(run, data)


def test_colour_is_shown_to_a_run_that_knows_grey_only_as_grey(pictures: Run, tmp_path: Path) -> None:
    run: LoadedRun = load_run(pictures.folder)
    image(90).save(tmp_path / "grey.png")
    image(90).convert("RGB").save(tmp_path / "colour.png")
    (entries,) = predict(run, [str(tmp_path / "grey.png"), str(tmp_path / "colour.png")])
    grey, colour = (entry.top for entry in entries if isinstance(entry, Prediction))
    assert grey == colour
