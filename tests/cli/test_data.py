"""`traindeck data PATH`: trouble is found before the GPU is rented."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import traindeck
from tests.conftest import MakeFolder
from tests.drawing import image


def test_a_folder_is_described_with_bars_ratio_and_loss(
    make_folder: MakeFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    assert traindeck.main(["data", str(make_folder(cat=12, dog=4))]) == 0
    text = capsys.readouterr().out
    assert "16 images of 2 classes" in text
    bars = {line.split()[0]: line.count("█") for line in text.splitlines() if "█" in line}
    assert bars == {"cat": 30, "dog": 10}
    assert "3 times the smallest; the guide recommends weighted cross-entropy" in text
    assert "Width 12, height 10" in text
    assert "grey 16" in text


def test_trouble_is_named_and_is_no_failure(make_folder: MakeFolder, capsys: pytest.CaptureFixture[str]) -> None:
    root = make_folder(cat=9, dog=9)
    (root / "cat" / "05.png").write_bytes(b"no image")
    shutil.copy(root / "cat" / "00.png", root / "dog" / "same.png")
    (root / "dog" / "gone.png").symlink_to("nowhere.png")
    (root / "bird").mkdir()
    (root / "cat" / "moving.gif").touch()
    assert traindeck.main(["data", str(root)]) == 0
    text = capsys.readouterr().out
    assert "18 images of 2 classes (2 more cannot be read)." in text
    assert "2 images cannot be read" in text
    assert "dog/gone.png (link leads nowhere)" in text
    assert "cat/05.png (not a PNG" in text
    assert "cat/00.png = dog/same.png" in text
    assert "bird" in text
    assert "1 file of other image formats" in text


def test_json_has_the_same_facts(make_folder: MakeFolder, capsys: pytest.CaptureFixture[str]) -> None:
    root = make_folder(cat=4, dog=2)
    shutil.copy(root / "cat" / "00.png", root / "dog" / "same.png")
    assert traindeck.main(["data", str(root), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert [(entry["name"], entry["count"]) for entry in facts["classes"]] == [("cat", 4), ("dog", 3)]
    assert facts["duplicates"]["across_classes"] == [["cat/00.png", "dog/same.png"]]
    assert facts["losses"] == ["None"]
    assert len(facts["mean"]) == 1


def test_a_config_is_looked_at_with_its_own_data_section_and_seed(
    make_folder: MakeFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_folder(cat=4, dog=4, bird=4)
    (tmp_path / "c.yaml").write_text(
        "data: {source: folder, path: images, classes: [cat, dog], image_size: 16}\nruntime: {seed: 7}\n"
    )
    assert traindeck.main(["data", str(tmp_path / "c.yaml"), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert (len(facts["classes"]), facts["side"], facts["split_by"]) == (2, 16, "seed 7")


def test_manifests_and_binaries_are_understood(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("a", "b"):
        (tmp_path / "bin" / name).mkdir(parents=True)
        for number in range(3):
            image(number).save(tmp_path / f"{name}{number}.png")
            (tmp_path / "bin" / name / str(number)).write_bytes(bytes([number]) * 50)
    rows = [f"{name}{number}.png,{name}" for name in "ab" for number in range(3)]
    (tmp_path / "list.csv").write_text("\n".join(["path,label", *rows]))
    assert traindeck.main(["data", str(tmp_path / "list.csv")]) == 0
    assert "6 images of 2 classes" in capsys.readouterr().out
    assert traindeck.main(["data", str(tmp_path / "bin"), "--source", "byteplot"]) == 0
    assert "binaries, drawn as grey images 6" in capsys.readouterr().out


def test_what_cannot_be_trained_on_is_exit_code_2(
    make_folder: MakeFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert traindeck.main(["data", str(tmp_path / "nothing")]) == 2
    assert "no such file or folder" in capsys.readouterr().err
    assert traindeck.main(["data", ""]) == 2
    assert "path of the data is empty" in capsys.readouterr().err
    root = make_folder(a=3, b=2)
    (root / "b" / "00.png").write_bytes(b"no image")
    assert traindeck.main(["data", str(root)]) == 2
    assert "cannot be trained on" in capsys.readouterr().out


def test_of_many_classes_the_largest_and_the_smallest_are_printed(
    make_folder: MakeFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    root = make_folder(**{f"c{number:02}": 2 + number % 3 for number in range(60)})
    assert traindeck.main(["data", str(root)]) == 0
    text = capsys.readouterr().out
    assert sum("█" in line for line in text.splitlines()) == 40
    assert "20 classes between" in text


def test_neither_torch_nor_numpy_is_loaded(make_folder: MakeFolder) -> None:
    source = (
        "import sys, traindeck\n"
        f"traindeck.main(['data', {str(make_folder(a=3, b=3))!r}])\n"
        "print([name for name in ('torch', 'torchvision', 'numpy', 'textual') if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_folder_of_other_files_is_told_of_byteplots(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "setup.exe").write_bytes(b"MZ")
    assert traindeck.main(["data", str(tmp_path)]) == 2
    err = capsys.readouterr().err
    assert "no images, but 2 other files" in err
    assert "--source byteplot" in err


def test_the_number_of_groups_is_told(
    make_folder: MakeFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_folder(cat=20, dog=11)
    (tmp_path / "c.yaml").write_text("data: {source: folder, path: images, groups: '[a-z]+/.'}\n")
    assert traindeck.main(["data", str(tmp_path / "c.yaml")]) == 0
    assert "They belong to 4 groups." in capsys.readouterr().out
