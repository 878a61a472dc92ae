"""One file as pixels: every pixel mode against a value that is known beforehand, and what is refused by name."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from PIL import Image

from tests.dataset.files import PNG_GREY, PNG_GREY_ALPHA, PNG_RGB, PNG_RGBA, png16, tiff
from tests.drawing import image
from training.dataset.byteplot_image import TALLEST, width_for
from training.dataset.decode import Decoded, Recipe, Unreadable, decode
from training.dataset.modes import to_eight_bits

WHITE_IS_ZERO, BLACK_IS_ZERO, TIFF_RGB, TIFF_CMYK, TIFF_YCBCR, TIFF_LAB = 0, 1, 2, 5, 6, 8


def read(path: Path, side: int = 8, **recipe: object) -> Decoded:
    found = decode(path.parent, path.name, Recipe(side, **recipe))  # type: ignore[arg-type]
    assert isinstance(found, Decoded), found
    return found


def refused(path: Path) -> str:
    found = decode(path.parent, path.name, Recipe(8))
    assert isinstance(found, Unreadable)
    return found.why


def pixel(found: Decoded) -> tuple[int, ...]:
    """The one value that the whole image has."""
    values = set(zip(*(found.pixels[channel :: found.channels] for channel in range(found.channels)), strict=True))
    assert len(values) == 1
    return values.pop()


def read_bytes(folder: Path, content: bytes) -> Decoded:
    (folder / "x").write_bytes(content)
    return read(folder / "x")


# Eight bits


@pytest.mark.parametrize("suffix", ["png", "bmp", "tif", "webp"])
def test_lossless_formats_give_back_what_was_saved(tmp_path: Path, suffix: str) -> None:
    Image.new("RGB", (9, 7), (200, 10, 20)).save(tmp_path / f"x.{suffix}", lossless=True)
    assert pixel(read(tmp_path / f"x.{suffix}")) == (200, 10, 20)
    assert read(tmp_path / f"x.{suffix}").size == (9, 7)


def test_grey_one_bit_and_palette_images_keep_their_channels(tmp_path: Path) -> None:
    Image.new("L", (8, 8), 100).save(tmp_path / "grey.png")
    Image.new("1", (8, 8), 1).save(tmp_path / "bit.png")
    Image.new("L", (8, 8), 100).convert("P").save(tmp_path / "grey palette.png")
    Image.new("RGB", (8, 8), (200, 10, 20)).quantize().save(tmp_path / "palette.png")
    assert pixel(read(tmp_path / "grey.png")) == (100,)
    assert pixel(read(tmp_path / "bit.png")) == (255,)
    assert pixel(read(tmp_path / "grey palette.png")) == (100,)
    assert pixel(read(tmp_path / "palette.png")) == (200, 10, 20)
    assert pixel(read(tmp_path / "grey.png", color="rgb")) == (100, 100, 100)


def test_jpeg_is_read_close_to_what_was_saved(tmp_path: Path) -> None:
    Image.new("RGB", (64, 48), (200, 10, 20)).save(tmp_path / "x.jpg", quality=95)
    assert all(abs(one - other) < 4 for one, other in zip(pixel(read(tmp_path / "x.jpg")), (200, 10, 20), strict=True))


def test_red_in_cmyk_is_red_in_jpeg_which_stores_it_inverted_and_in_tiff(tmp_path: Path) -> None:
    Image.new("CMYK", (8, 8), (0, 255, 255, 0)).save(tmp_path / "x.jpg", quality=100)
    assert pixel(read(tmp_path / "x.jpg")) == (255, 0, 0)
    red = bytes([0, 255, 255, 0])
    assert pixel(read_bytes(tmp_path, tiff(red, bits=8, photometric=TIFF_CMYK, channels=4))) == (255, 0, 0)


def test_ycbcr_becomes_rgb(tmp_path: Path) -> None:
    red = bytes([76, 85, 255])  # ITU-R BT.601
    assert pixel(read_bytes(tmp_path, tiff(red, bits=8, photometric=TIFF_YCBCR, channels=3))) == (254, 0, 0)


@pytest.mark.parametrize(
    ("mode", "value", "expected"),
    [
        ("RGBX", (1, 2, 3, 4), (1, 2, 3)),
        ("RGBa", (100, 0, 0, 128), (227, 127, 127)),  # 100 is 199 at half strength, over white
        ("La", (50, 128), (177,)),
        ("HSV", (0, 255, 200), (200, 0, 0)),
        ("I;16", 0x1280, (18,)),
        ("I;16B", 0x1280, (18,)),
        ("I;16L", 0x1280, (18,)),
        ("I;16N", 0xFFFF, (255,)),
        ("I", 0x1280, (18,)),  # what older Pillows make of a 16-bit PNG
    ],
)
def test_modes_that_come_up_inside_pillow_are_converted(
    mode: str, value: int | tuple[int, ...], expected: tuple[int, ...]
) -> None:
    wide = mode.startswith("I")
    plain = to_eight_bits(Image.new(mode, (2, 2), value), bits=16 if wide else 8)
    found = plain.image.getpixel((1, 1))
    assert (found if isinstance(found, tuple) else (found,)) == expected


def test_a_palette_with_alpha_gives_the_colours_of_its_palette() -> None:
    drawn = Image.new("PA", (2, 2), (1, 255))
    drawn.putpalette([0, 0, 0, 10, 20, 30])
    assert to_eight_bits(drawn).image.getpixel((0, 0)) == (10, 20, 30)


# Transparency


def test_transparency_is_laid_over_white_and_said(tmp_path: Path) -> None:
    Image.new("RGBA", (8, 8), (0, 0, 0, 0)).save(tmp_path / "clear.png")
    Image.new("RGBA", (8, 8), (1, 2, 3, 255)).save(tmp_path / "opaque.png")
    Image.new("LA", (8, 8), (0, 127)).save(tmp_path / "grey.png")
    Image.new("P", (8, 8), 0).save(tmp_path / "palette.png", transparency=0)
    Image.new("RGBA", (8, 8), (200, 0, 0, 0)).save(tmp_path / "x.webp", lossless=True)
    found = {path.stem: read(path) for path in tmp_path.iterdir()}
    assert (pixel(found["clear"]), found["clear"].transparent) == ((255, 255, 255), True)
    assert (pixel(found["opaque"]), found["opaque"].transparent) == ((1, 2, 3), False)
    assert (pixel(found["grey"]), found["grey"].transparent) == ((128,), True)
    assert (pixel(found["palette"]), found["palette"].transparent) == ((255,), True)
    assert (pixel(found["x"]), found["x"].transparent) == ((255, 255, 255), True)


# Sixteen bits


@pytest.mark.parametrize(("value", "expected"), [(0, 0), (128, 0), (129, 1), (0x8000, 128), (0xFFFF, 255)])
def test_sixteen_bit_grey_is_rounded_to_the_nearest_of_256(tmp_path: Path, value: int, expected: int) -> None:
    assert pixel(read_bytes(tmp_path, png16(PNG_GREY, [value]))) == (expected,)
    row = struct.pack("<H", value)
    assert pixel(read_bytes(tmp_path, tiff(row, bits=16, photometric=BLACK_IS_ZERO))) == (expected,)
    assert pixel(read_bytes(tmp_path, tiff(row, bits=16, photometric=WHITE_IS_ZERO))) == (255 - expected,)


def test_twelve_bits_fill_their_own_range(tmp_path: Path) -> None:
    found = read_bytes(tmp_path, tiff(b"\xff\xff\xff", bits=12, photometric=BLACK_IS_ZERO, width=2))
    assert pixel(found) == (255,)


def test_sixteen_bit_rgb_gives_its_high_bytes(tmp_path: Path) -> None:
    values = [0x12FF, 0x8034, 0xFF00]
    expected = (0x12, 0x80, 0xFF)
    assert pixel(read_bytes(tmp_path, png16(PNG_RGB, values))) == expected
    assert pixel(read_bytes(tmp_path, png16(PNG_RGBA, [*values, 0xFFFF]))) == expected
    assert pixel(read_bytes(tmp_path, png16(PNG_GREY_ALPHA, [0x12FF, 0xFFFF]))) == (0x12,)
    row = struct.pack("<3H", *values)
    found = read_bytes(tmp_path, tiff(row, bits=16, photometric=TIFF_RGB, channels=3))
    assert (pixel(found), found.mode) == (expected, "RGB;16")


def test_a_see_through_value_of_sixteen_bits_is_white_in_grey_and_refused_in_rgb(tmp_path: Path) -> None:
    found = read_bytes(tmp_path, png16(PNG_GREY, [0x12FF], key=b"\x12\xff"))
    assert (pixel(found), found.transparent) == ((255,), True)
    assert pixel(read_bytes(tmp_path, png16(PNG_GREY, [0x12FE], key=b"\x12\xff"))) == (19,)
    (tmp_path / "x").write_bytes(png16(PNG_RGB, [1, 2, 3], key=bytes(6)))
    assert "see-through" in refused(tmp_path / "x")


def test_sixteen_bits_of_which_hardly_any_are_used_are_marked_as_dark(tmp_path: Path) -> None:
    assert read_bytes(tmp_path, png16(PNG_GREY, [4095])).dark
    assert not read_bytes(tmp_path, png16(PNG_GREY, [4096])).dark
    assert not read_bytes(tmp_path, png16(PNG_GREY, [0])).dark
    assert read_bytes(tmp_path, png16(PNG_RGB, [4095, 0, 0])).dark
    assert not read_bytes(tmp_path, png16(PNG_RGB, [4095, 0, 5000])).dark


# Refused


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (tiff(struct.pack("<f", 0.5), bits=32, photometric=BLACK_IS_ZERO, sample_format=3), "floating-point"),
        (tiff(struct.pack("<I", 9), bits=32, photometric=BLACK_IS_ZERO), "32-bit"),
        (tiff(struct.pack("<h", -9), bits=16, photometric=BLACK_IS_ZERO, sample_format=2), "signed"),
        (tiff(bytes([100, 1, 1]), bits=8, photometric=TIFF_LAB, channels=3), "LAB"),
        (tiff(bytes(4), bits=16, photometric=BLACK_IS_ZERO, channels=2, alpha=2), "a kind of TIFF"),
        (b"no image", "not a PNG, JPEG, BMP, TIFF or WebP"),
        (b"", "empty"),
    ],
)
def test_what_has_no_known_scale_or_is_no_image_is_refused_with_the_reason(
    tmp_path: Path, content: bytes, why: str
) -> None:
    (tmp_path / "x.tif").write_bytes(content)
    assert why in refused(tmp_path / "x.tif")


@pytest.mark.parametrize("suffix", ["png", "jpg", "bmp", "tif", "webp"])
def test_a_damaged_file_is_refused_wherever_it_breaks_off(tmp_path: Path, suffix: str) -> None:
    whole = tmp_path / f"whole.{suffix}"
    Image.effect_noise((30, 30), 50).save(whole)
    content = whole.read_bytes()
    for share in (0.02, 0.1, 0.5, 0.9):
        (tmp_path / "cut").write_bytes(content[: int(len(content) * share)])
        assert refused(tmp_path / "cut")


def test_an_image_that_would_fill_the_memory_is_refused_before_it_does(tmp_path: Path) -> None:
    Image.new("1", (20_000, 20_000)).save(tmp_path / "bomb.png")
    assert "million pixels" in refused(tmp_path / "bomb.png")


# Upright, first of several


@pytest.mark.parametrize("suffix", ["png", "jpg", "tif", "webp"])
def test_an_image_that_was_taken_sideways_is_turned_upright_once(tmp_path: Path, suffix: str) -> None:
    picture = image(255, size=(16, 8))
    picture.paste(255, (0, 0, 8, 8))  # the left half is white
    picture.paste(0, (8, 0, 16, 8))
    exif = Image.Exif()
    exif[0x0112] = 6  # to be shown turned by 90° clockwise
    picture.save(tmp_path / f"x.{suffix}", exif=exif, quality=95)
    found = read(tmp_path / f"x.{suffix}", color="grey")
    assert min(found.pixels[:24]) > 240
    assert max(found.pixels[-24:]) < 15
    assert found.size == (8, 16)  # as displayed


@pytest.mark.parametrize("suffix", ["png", "tif", "webp"])
def test_of_several_frames_the_first_is_read_and_the_others_are_said(tmp_path: Path, suffix: str) -> None:
    first, second = (Image.new("RGB", (8, 8), colour) for colour in ((200, 0, 0), (0, 200, 0)))
    first.save(tmp_path / f"x.{suffix}", save_all=True, append_images=[second], lossless=True)
    found = read(tmp_path / f"x.{suffix}")
    assert (pixel(found), found.several) == ((200, 0, 0), True)


# Byteplots


def test_a_binary_is_as_wide_as_its_size_asks_for() -> None:
    limits = [10_000, 30_000, 60_000, 100_000, 200_000, 500_000, 1_000_000]
    assert [width_for(limit - 1) for limit in limits] == [32, 64, 128, 256, 384, 512, 768]
    assert [width_for(limit) for limit in limits] == [64, 128, 256, 384, 512, 768, 1024]


def test_a_binary_is_drawn_row_by_row_and_filled_up_with_zeros(tmp_path: Path) -> None:
    (tmp_path / "x.exe").write_bytes(bytes(range(200)) * 5 + b"\x07" * 20)
    found = read(tmp_path / "x.exe", side=32, kind="byteplot")
    assert (found.size, found.channels, found.mode) == ((32, 32), 1, "bytes")
    assert found.pixels == (bytes(range(200)) * 5 + b"\x07" * 20).ljust(1024, b"\x00")
    (tmp_path / "empty").touch()
    empty = decode(tmp_path, "empty", Recipe(8, kind="byteplot"))
    assert isinstance(empty, Unreadable)
    assert "empty" in empty.why


def test_a_huge_binary_is_drawn_from_means_of_its_rows(tmp_path: Path) -> None:
    rows = 2 * TALLEST + 1  # three rows at a time
    with (tmp_path / "x").open("wb") as file:
        file.write(b"\x40" * (1024 * rows // 2))
        file.truncate(1024 * rows)
    found = read(tmp_path / "x", side=4, kind="byteplot")
    assert found.size == (1024, -(-rows // 3))
    assert (found.pixels[0], found.pixels[-1]) == (0x40, 0)
