"""A corrected run trains on the split of the run that it corrects, unless another share is to validate."""

from __future__ import annotations

from pathlib import Path

import pytest

from training.runs.launch import _inherit_split
from training.runs.layout import RunFolder


def folder(path: Path, config: str) -> RunFolder:
    path.mkdir()
    (path / "config.yaml").write_text(config)
    return RunFolder(path)


@pytest.mark.parametrize(
    ("change", "inherited"),
    [
        ("learning_rate: 0.01\n", True),
        ("data: {augmentation: light}\n", True),
        ("data: {val_fraction: 0.4}\n", False),
        ("data: {subset: 50}\n", False),
    ],
)
def test_a_child_has_the_split_of_its_parent_where_the_same_images_validate(
    tmp_path: Path, change: str, inherited: bool
) -> None:
    parent, child = folder(tmp_path / "parent", "epochs: 3\n"), folder(tmp_path / "child", f"epochs: 3\n{change}")
    parent.split.write_text("the parent's")
    _inherit_split(child, parent)
    assert child.split.exists() == inherited
    assert not inherited or child.split.read_text() == "the parent's"
