"""A list's items keep their text and their comments while they come, go and change places."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.config.strategies import QUICK
from training.config.files import edit, read_text
from training.config.matching import origins, rising
from training.config.model import Block
from training.config.patch import replaced

BLOCKS = """\
data: {image_size: 64}
model:
  blocks:   # conv
    # the stem
    - filters: 32   # first
      dropout: 0.25
      # deep in the first
    # the middle
    # of it
    - filters: 64
    - {filters: 128, dropout: 0.3}   # last

    # - filters: 256, too slow
  depth: 3
"""
A, B, C, NEW = (
    Block(filters=32, dropout=0.25),
    Block(filters=64),
    Block(filters=128, dropout=0.3),
    Block(filters=16),
)
A_TEXT = """\
    # the stem
    - filters: 32   # first
      dropout: 0.25
      # deep in the first
"""
B_TEXT = """\
    # the middle
    # of it
    - filters: 64
"""
C_TEXT = """\
    - {filters: 128, dropout: 0.3}   # last
"""
NEW_TEXT = """\
    - {filters: 16}
"""
HEAD, TAIL = BLOCKS.split(A_TEXT)[0], BLOCKS.split(C_TEXT)[1]


def with_blocks(text: str, *blocks: Block) -> str:
    """The text edited to have these blocks, after checking that it does."""
    config, problems = read_text(text)
    assert config is not None, problems
    wanted = replaced(config, "model.blocks", blocks)
    result = edit(text, wanted)
    assert read_text(result) == (wanted, ())
    return result


@pytest.mark.parametrize(
    ("blocks", "expected"),
    [
        ((B, A, C), [B_TEXT, A_TEXT, C_TEXT]),
        ((C, A, B), [C_TEXT, A_TEXT, B_TEXT]),
        ((C, B, A), [C_TEXT, B_TEXT, A_TEXT]),
        ((B, C, A), [B_TEXT, C_TEXT, A_TEXT]),
        ((B, C), [B_TEXT, C_TEXT]),
        ((A, C), [A_TEXT, C_TEXT]),
        ((A, B), [A_TEXT, B_TEXT]),
        ((C,), [C_TEXT]),
        ((C, A), [C_TEXT, A_TEXT]),
        ((NEW, A, B, C), [NEW_TEXT, A_TEXT, B_TEXT, C_TEXT]),
        ((A, NEW, B, C), [A_TEXT, NEW_TEXT, B_TEXT, C_TEXT]),
        ((A, B, B, C), [A_TEXT, B_TEXT, "    - {filters: 64}\n", C_TEXT]),
        ((B, NEW, C), [B_TEXT, NEW_TEXT, C_TEXT]),
    ],
)
def test_each_item_takes_its_comments_along(blocks: tuple[Block, ...], expected: list[str]) -> None:
    assert with_blocks(BLOCKS, *blocks) == HEAD + "".join(expected) + TAIL


def test_an_item_that_changed_is_edited_where_it_is() -> None:
    changed = Block(filters=64, dropout=0.1)
    expected = HEAD + A_TEXT + B_TEXT + "      dropout: 0.1\n" + C_TEXT + TAIL
    assert with_blocks(BLOCKS, A, changed, C) == expected


def test_an_item_that_moved_and_changed_keeps_its_comments() -> None:
    changed = A_TEXT.replace("32", "16")
    assert with_blocks(BLOCKS, B, Block(filters=16, dropout=0.25), C) == HEAD + B_TEXT + changed + C_TEXT + TAIL


def test_what_changed_and_what_went_are_told_apart() -> None:
    expected = HEAD + B_TEXT + C_TEXT.replace("0.3", "0.2") + TAIL
    assert with_blocks(BLOCKS, B, Block(filters=128, dropout=0.2)) == expected


@pytest.mark.parametrize(
    ("text", "blocks", "expected"),
    [
        (  # at the end of a file without a last line break
            "model:\n  blocks:\n  - {filters: 1}\n  # b\n  - {filters: 2}",
            (2, 1),
            "model:\n  blocks:\n  # b\n  - {filters: 2}\n  - {filters: 1}",
        ),
        (  # blank lines between items, Windows line ends
            "model:\r\n  blocks:\r\n  - filters: 1\r\n\r\n  - filters: 2\r\n\r\n  - filters: 3\r\nepochs: 2\r\n",
            (1, 3, 4),
            "model:\r\n  blocks:\r\n  - filters: 1\r\n\r\n  - filters: 3\r\n\r\n  - filters: 4\r\nepochs: 2\r\n",
        ),
        (
            "model:\n  blocks:\n  - filters: 1\n\n  - filters: 2\n\n  - filters: 3\n",
            (2, 4, 3),
            "model:\n  blocks:\n  - filters: 2\n\n  - filters: 4\n\n  - filters: 3\n",
        ),
        (
            "model:\n  blocks:\n  - filters: 1\n\n  - filters: 2\n",
            (9, 1, 2),
            "model:\n  blocks:\n  - filters: 9\n\n  - filters: 1\n\n  - filters: 2\n",
        ),
        (  # one comment above all: it is the list's
            "model:\n  blocks:\n    # widths grow\n    - filters: 1\n    - filters: 2\n",
            (2,),
            "model:\n  blocks:\n    # widths grow\n    - filters: 2\n",
        ),
        (  # a comment with a blank line below it stays
            "model:\n  blocks:\n  - filters: 1\n\n  # the wide ones\n\n  - filters: 2\n  - filters: 3\n",
            (1, 3),
            "model:\n  blocks:\n  - filters: 1\n\n  # the wide ones\n\n  - filters: 3\n",
        ),
        (  # the comment below the list speaks of the next key
            "model:\n  blocks:\n  - filters: 1\n  # deep\n  depth: 3\n",
            (1, 2),
            "model:\n  blocks:\n  - filters: 1\n  - filters: 2\n  # deep\n  depth: 3\n",
        ),
        (  # brackets: commas, line breaks and comments stay
            "model: {blocks: [{filters: 1, dropout: 0.5}, {filters: 2}, # c\n  {filters: 3}]}\n",
            (3, 1.5, 2, 4),
            "model: {blocks: [{filters: 3}, {filters: 1, dropout: 0.5}, # c\n  {filters: 2}, {filters: 4}]}\n",
        ),
        (  # an anchor before the dashes, another in an item that moves
            "model:\n  blocks: &all  # c\n    - &a {filters: 1}\n    - {filters: 2}\n    - *a\n",
            (2, 1, 1),
            "model:\n  blocks: &all  # c\n    - {filters: 2}\n    - &a {filters: 1}\n    - *a\n",
        ),
        (
            "model:\n  blocks:\n    - &a {filters: 1}\n    - {filters: 2}\n    - *a # again\n",
            (2, 1),
            "model:\n  blocks:\n    - {filters: 2}\n    - {filters: 1} # again\n",
        ),
        (  # a dash on a line of its own
            "model:\n  blocks:\n  -\n    filters: 1\n  - # two\n    filters: 2\n",
            (2, 1),
            "model:\n  blocks:\n  - # two\n    filters: 2\n  -\n    filters: 1\n",
        ),
    ],
)
def test_any_layout_of_a_list_is_kept(text: str, blocks: tuple[float, ...], expected: str) -> None:
    # So that there is something left after four poolings.
    large = "data: {image_size: 64}" + ("\r\n" if "\r" in text else "\n")
    result = with_blocks(large + text, *(Block(filters=int(size), dropout=size % 1) for size in blocks))
    assert result == large + expected


@st.composite
def commented(draw: st.DrawFn) -> tuple[str, list[str], list[Block]]:
    """A text with a list of blocks, the text of each with its comments, and the blocks; no two are equal."""
    blocks = [Block(filters=8 * at, pooling="none") for at in range(1, draw(st.integers(2, 6)) + 1)]
    indent = draw(st.sampled_from(["  ", "    "]))
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    gap = draw(st.sampled_from(["", "", newline]))
    pieces = []
    for block in blocks:
        lines = [f"# above {block.filters}"] * draw(st.integers(1, 2))
        entries = [f"filters: {block.filters}", "pooling: none"]
        note = draw(st.sampled_from(["", f" # at {block.filters}"]))
        if draw(st.booleans()):
            lines += [f"- {entries[0]}{note}", f"  {entries[1]}", *([f"   # in {block.filters}"] if note else [])]
        else:
            lines.append(f"- {{{', '.join(entries)}}}{note}")
        pieces.append("".join(f"{indent}{line}{newline}" for line in lines))
    after = draw(st.sampled_from(["", "# end", "epochs: 3 # end", f"{newline}# end{newline}"]))
    return f"model:{newline}  blocks: # all{newline}{gap.join(pieces)}{after}", pieces, blocks


@QUICK
@given(st.data())
def test_items_that_stay_keep_their_text_wherever_they_go(data: st.DataObject) -> None:
    text, pieces, blocks = data.draw(commented())
    stay = data.draw(st.permutations(range(len(blocks))))
    what = data.draw(st.sampled_from(["removed", "added", "copied"]))
    if what == "removed":
        stay = stay[: data.draw(st.integers(1, len(stay)))]
    elif what == "copied":  # of an item and its copy that both moved nobody could tell which is which
        stay = sorted(stay)
    wanted = [blocks[at] for at in stay]
    for _ in range(0 if what == "removed" else data.draw(st.integers(1, 2))):
        place = data.draw(st.integers(0, len(wanted) - 1))
        wanted.insert(place + (what == "copied"), wanted[place] if what == "copied" else Block(filters=1000))

    result = with_blocks(text, *wanted)

    places = [result.find(pieces[at].rstrip("\r\n")) for at in stay]
    assert -1 not in places
    assert places == sorted(places)
    assert result.count("# above") == sum(pieces[at].count("# above") for at in stay), "what went left nothing behind"
    assert ("# end" in text, "# all" in text) == ("# end" in result, "# all" in result)


@given(st.lists(st.integers(0, 3), max_size=7), st.lists(st.integers(0, 3), max_size=7))
def test_each_old_item_becomes_one_new_item_at_most(old: list[int], new: list[int]) -> None:
    found = origins([(item,) for item in old], [(item,) for item in new], (0,))
    taken = [origin for origin in found if origin is not None]
    assert len(taken) == len(set(taken))
    for item in set(old) & set(new):
        kept = sum(origin is not None and old[origin] == item == new[at] for at, origin in enumerate(found))
        assert kept == min(old.count(item), new.count(item)), "equal items are the same item"
    if old == new:
        assert found == list(range(len(old)))


@given(st.permutations(range(7)))
def test_the_items_that_stay_are_as_many_as_can(order: list[int]) -> None:
    longest = 0
    for chosen in range(1 << len(order)):
        part = [order[at] for at in range(len(order)) if chosen >> at & 1]
        longest = max(longest, len(part) if part == sorted(part) else 0)
    stay = rising(order)
    assert [place for place in order if place in stay] == sorted(stay)
    assert len(stay) == longest
