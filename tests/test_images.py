"""Pictures as input, against Pillow, numbers by hand and properties."""

import gzip
import io
import os
import re
import struct
import tracemalloc
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import dlbook.arguments
from dlbook.images import (
    PICTURE_SUFFIXES,
    fit_within,
    folder_to_network_input,
    read_idx,
    read_rgb,
    resize,
    resize_to,
    show,
    to_grey,
    to_network_input,
    write_picture,
)
from dlbook.opencv import opencv


def noise(*shape, seed=0):
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def encoded(image, kind="PNG", **options):
    stream = io.BytesIO()
    Image.fromarray(image).save(stream, kind, **options)
    return stream.getvalue()


# Reading


@pytest.mark.parametrize("kind", ["png", "bmp", "tiff", "ppm"])
def test_a_colour_picture_is_read_as_pillow_wrote_it(tmp_path, kind):
    image = noise(5, 7, 3)
    path = tmp_path / f"picture.{kind}"
    Image.fromarray(image).save(path)
    read = read_rgb(path)
    assert read.dtype == np.uint8
    np.testing.assert_array_equal(read, image)


def test_red_comes_first_also_from_a_jpeg(tmp_path):
    red = np.zeros((16, 16, 3), np.uint8)
    red[..., 0] = 250
    Image.fromarray(red).save(tmp_path / "red.jpg", quality=95)
    colour = read_rgb(tmp_path / "red.jpg")[8, 8].astype(int)
    assert abs(colour - [250, 0, 0]).max() < 8


def test_a_path_may_be_a_string(tmp_path):
    Image.fromarray(noise(2, 3, 3)).save(tmp_path / "a.png")
    np.testing.assert_array_equal(read_rgb(str(tmp_path / "a.png")), noise(2, 3, 3))


def test_a_grey_picture_gets_three_equal_channels(tmp_path):
    grey = noise(4, 6)
    Image.fromarray(grey).save(tmp_path / "grey.png")
    read = read_rgb(tmp_path / "grey.png")
    assert read.shape == (4, 6, 3)
    for channel in range(3):
        np.testing.assert_array_equal(read[..., channel], grey)


def test_transparency_is_dropped_and_the_colours_stay(tmp_path):
    image = noise(4, 6, 4)
    Image.fromarray(image).save(tmp_path / "a.png")
    np.testing.assert_array_equal(read_rgb(tmp_path / "a.png"), image[..., :3])


def test_a_palette_and_a_black_and_white_picture_get_three_channels(tmp_path):
    Image.fromarray(noise(4, 6, 3)).convert("P").save(tmp_path / "palette.png")
    wanted = np.asarray(Image.open(tmp_path / "palette.png").convert("RGB"))
    np.testing.assert_array_equal(read_rgb(tmp_path / "palette.png"), wanted)
    Image.fromarray(noise(4, 6)).convert("1").save(tmp_path / "bits.png")
    wanted = np.asarray(Image.open(tmp_path / "bits.png").convert("RGB"))
    np.testing.assert_array_equal(read_rgb(tmp_path / "bits.png"), wanted)


def test_sixteen_bits_become_eight(tmp_path):
    deep = np.array([[0, 128 * 257, 65535]], np.uint16)
    Image.fromarray(deep).save(tmp_path / "deep.png")
    read = read_rgb(tmp_path / "deep.png")
    assert read.dtype == np.uint8
    np.testing.assert_array_equal(read[..., 0], [[0, 128, 255]])


def test_a_photograph_taken_sideways_comes_out_upright(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held so that the top is on the right
    sideways = np.zeros((8, 16, 3), np.uint8)
    sideways[:, :8] = 255  # its left half, which becomes the top
    Image.fromarray(sideways).save(tmp_path / "photo.jpg", exif=exif, quality=95)
    read = read_rgb(tmp_path / "photo.jpg")
    assert read.shape == (16, 8, 3)
    assert read[:6].min() > 200
    assert read[10:].max() < 50


@pytest.mark.parametrize("name", ["Bär.png", "図.png", "with blank.png", "no_ending"])
def test_any_name_will_do(tmp_path, name):
    (tmp_path / name).write_bytes(encoded(noise(3, 2, 3)))
    np.testing.assert_array_equal(read_rgb(tmp_path / name), noise(3, 2, 3))


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 9, 3), (9, 1, 3)])
def test_a_picture_of_one_pixel_or_one_line_is_a_picture(tmp_path, shape):
    Image.fromarray(noise(*shape)).save(tmp_path / "thin.png")
    np.testing.assert_array_equal(read_rgb(tmp_path / "thin.png"), noise(*shape))


def test_the_name_of_a_missing_file_is_told(tmp_path):
    with pytest.raises(FileNotFoundError, match=re.escape("no file") + ".*absent.png"):
        read_rgb(tmp_path / "absent.png")
    with pytest.raises(FileNotFoundError, match="absent"):
        read_rgb(tmp_path / "absent" / "picture.png")


def test_a_missing_file_without_a_folder_says_where_it_was_looked_for(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileNotFoundError, match=re.escape(repr(str(Path.cwd())))):
        read_rgb("absent.png")


def test_a_folder_is_no_picture(tmp_path):
    with pytest.raises(IsADirectoryError, match="is a folder"):
        read_rgb(tmp_path)


def test_an_empty_file_is_no_picture(tmp_path):
    (tmp_path / "empty.png").touch()
    with pytest.raises(ValueError, match=r"empty.png' is empty"):
        read_rgb(tmp_path / "empty.png")


@pytest.mark.parametrize("contents", [b"Dear diary,\n", b"\x89PNG\r\n\x1a\nIEND", b"\0" * 1000])
def test_text_under_a_pictures_name_is_no_picture(tmp_path, contents, capfd):
    (tmp_path / "diary.png").write_bytes(contents)
    with pytest.raises(ValueError, match=r"diary.png' can't be read as a picture"):
        read_rgb(tmp_path / "diary.png")
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "BMP", "TIFF", "WEBP", "PPM"])
@pytest.mark.parametrize("kept", [0.5, 0.9, 0.99])
def test_the_beginning_of_a_picture_is_no_picture(tmp_path, kind, kept, capfd):
    contents = encoded(noise(40, 50, 3), kind)
    (tmp_path / "part").write_bytes(contents[: int(kept * len(contents))])
    with pytest.raises(ValueError, match="part' "):
        read_rgb(tmp_path / "part")
    assert capfd.readouterr().err == ""


def test_a_photograph_that_breaks_off_after_its_preview_is_no_picture(tmp_path):
    preview = encoded(noise(8, 8, 3), "JPEG")
    photo = encoded(noise(40, 50, 3), "JPEG")
    with_preview = photo[:2] + b"\xff\xe1" + struct.pack(">H", len(preview) + 2) + preview
    (tmp_path / "whole.jpg").write_bytes(with_preview + photo[2:])
    assert read_rgb(tmp_path / "whole.jpg").shape == (40, 50, 3)
    (tmp_path / "part.jpg").write_bytes(with_preview + photo[2:-100])
    with pytest.raises(ValueError, match="breaks off"):
        read_rgb(tmp_path / "part.jpg")


def test_a_picture_that_announces_ten_thousand_million_pixels_is_refused(tmp_path):
    def chunk(name, data):
        check = struct.pack(">I", zlib.crc32(name + data))
        return struct.pack(">I", len(data)) + name + data + check

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0))
    rest = chunk(b"IDAT", zlib.compress(bytes(100))) + chunk(b"IEND", b"")
    (tmp_path / "huge.png").write_bytes(b"\x89PNG\r\n\x1a\n" + header + rest)
    with pytest.raises(ValueError, match="can't be read"):
        read_rgb(tmp_path / "huge.png")


def test_reading_leaves_opencvs_messages_as_they_were(tmp_path):
    logging = opencv().utils.logging
    (tmp_path / "diary.png").write_bytes(b"Dear diary")
    before = logging.setLogLevel(logging.LOG_LEVEL_ERROR)
    try:
        with pytest.raises(ValueError, match="diary"):
            read_rgb(tmp_path / "diary.png")
        assert logging.getLogLevel() == logging.LOG_LEVEL_ERROR
    finally:
        logging.setLogLevel(before)


# Grey


def test_grey_weighs_red_green_and_blue_as_the_eye_does():
    image = noise(30, 40, 3)
    by_hand = image @ [0.299, 0.587, 0.114]
    assert abs(to_grey(image) - by_hand).max() <= 0.51  # rounded to whole numbers
    assert to_grey(image).dtype == np.uint8
    assert to_grey(image).shape == (30, 40)


def test_a_grey_picture_stays_grey_and_is_copied():
    image = noise(3, 4)
    grey = to_grey(image)
    np.testing.assert_array_equal(grey, image)
    grey[:] = 0
    np.testing.assert_array_equal(image, noise(3, 4))


@pytest.mark.parametrize("view", [np.s_[::-1], np.s_[:, ::2], np.s_[..., ::-1], np.s_[1:, 2:]])
def test_a_view_of_a_picture_is_a_picture(view, tmp_path):
    part, copy = noise(6, 8, 3)[view], noise(6, 8, 3)[view].copy()
    np.testing.assert_array_equal(to_grey(part), to_grey(copy))
    np.testing.assert_array_equal(resize_to(part, 3, 2), resize_to(copy, 3, 2))
    write_picture(tmp_path / "a.png", part)
    write_picture(tmp_path / "grey.png", part[..., 1])
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "a.png")), copy)
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "grey.png")), copy[..., 1])


def test_a_picture_that_must_not_be_written_to_can_be_read():
    image = noise(6, 8, 3)
    image.flags.writeable = False
    assert to_grey(image).shape == (6, 8)
    assert resize_to(image, 3, 4).shape == (3, 4, 3)


# Sizes


@pytest.mark.parametrize(
    ("given", "box", "wanted"),
    [
        ((300, 400), (100, 100), (75, 100)),  # wide: the width decides
        ((400, 300), (100, 100), (100, 75)),  # tall: the height decides
        ((300, 400), (150, 1000), (150, 200)),
        ((30, 40), (100, 100), (30, 40)),  # smaller than the box
        ((30, 400), (100, 100), (8, 100)),  # 7.5, an exact half: up or down
        ((10, 10), (3, 7), (3, 3)),
        ((100, 30), (33, 33), (33, 10)),  # 9.9
        ((1, 1000), (10, 10), (1, 10)),  # never less than one pixel
        ((1000, 1), (10, 10), (10, 1)),
        ((7, 5), (7, 5), (7, 5)),
        ((1, 1), (1, 1), (1, 1)),
    ],
)
def test_the_largest_size_that_fits(given, box, wanted):
    assert fit_within(*given, *box) == wanted
    assert all(type(number) is int for number in fit_within(*given, *box))


def test_a_fitted_size_fits_touches_the_box_and_keeps_the_aspect_ratio():
    rng = np.random.default_rng(1)
    for _ in range(2000):
        height, width, max_height, max_width = (int(n) for n in rng.integers(1, 500, 4))
        h, w = fit_within(height, width, max_height, max_width)
        assert 1 <= h <= min(height, max_height)
        assert 1 <= w <= min(width, max_width)
        if (h, w) != (height, width):
            assert h == max_height or w == max_width
        # The exact height for this width lies within a pixel's rounding, and the other way.
        scale = min(1, max_height / height, max_width / width)
        assert abs(h - max(1, height * scale)) <= 0.5 + 1e-9
        assert abs(w - max(1, width * scale)) <= 0.5 + 1e-9


@pytest.mark.parametrize("wrong", [0, -3])
@pytest.mark.parametrize("place", range(4))
def test_no_side_is_shorter_than_one_pixel(place, wrong):
    sides = [10, 20, 30, 40]
    sides[place] = wrong
    with pytest.raises(ValueError, match=rf"at least 1\. Given: {wrong}"):
        fit_within(*sides)


@pytest.mark.parametrize("wrong", [2.0, "5", None, True, (3, 4)])
def test_sides_are_whole_numbers(wrong):
    with pytest.raises(TypeError, match="max_height must be a whole number"):
        fit_within(10, 20, wrong, 40)
    with pytest.raises(TypeError, match="height must be a whole number"):
        resize_to(noise(4, 4), wrong, 4)
    with pytest.raises(TypeError, match="width must be a whole number"):
        resize(noise(4, 4), 4, wrong)
    with pytest.raises(TypeError, match="size must be a whole number"):
        to_network_input(noise(4, 4), wrong)


@pytest.mark.parametrize("wrong", [0, -1])
def test_a_picture_is_not_resized_to_nothing(wrong):
    for how in ("stretch", "fit", "pad"):
        with pytest.raises(ValueError, match="at least 1"):
            resize(noise(4, 4), wrong, 4, how)
    with pytest.raises(ValueError, match="at least 1"):
        resize_to(noise(4, 4), 4, wrong)
    with pytest.raises(ValueError, match="at least 1"):
        to_network_input(noise(4, 4), wrong)


# Resizing


@pytest.mark.parametrize("shape", [(6, 10, 3), (6, 10), (10, 6, 3)])
def test_half_as_large_means_the_mean_of_each_two_by_two(shape):
    image = noise(*shape)
    height, width = shape[0] // 2, shape[1] // 2
    means = image.reshape(height, 2, width, 2, *shape[2:]).mean(axis=(1, 3))
    small = resize_to(image, height, width)
    assert small.dtype == np.uint8
    assert small.shape == (height, width, *shape[2:])
    assert abs(small - means).max() <= 0.5


def test_where_only_one_side_gets_shorter_neighbours_are_blended():
    row = np.array([[0, 0, 100, 200, 0, 0, 0, 0]], np.uint8)
    # Four times as narrow: linear looks at the two middle pixels of each four only.
    np.testing.assert_array_equal(resize_to(row, 1, 2), [[50, 0]])
    np.testing.assert_array_equal(resize_to(np.repeat(row, 2, axis=0), 1, 2), [[75, 0]])


def test_enlarging_blends_between_the_old_pixels():
    # New centres lie at -1/4, 1/4, 3/4 and 5/4 of the way between the old ones.
    np.testing.assert_array_equal(
        resize_to(np.array([[0, 100]], np.uint8), 1, 4), [[0, 25, 75, 100]]
    )


@pytest.mark.parametrize("size", [(3, 11), (11, 3), (1, 1), (20, 30)])
def test_height_comes_before_width(size):
    assert resize_to(noise(8, 5, 3), *size).shape == (*size, 3)
    assert resize_to(noise(8, 5), *size).shape == size


def test_the_same_size_gives_the_same_pixels_in_a_new_array():
    image = noise(5, 7, 3)
    for again in (resize_to(image, 5, 7), resize(image, 9, 9, "fit")):
        np.testing.assert_array_equal(again, image)
        assert not np.shares_memory(again, image)


def test_stretch_fills_the_box():
    image = noise(20, 40, 3)
    np.testing.assert_array_equal(resize(image, 10, 10), resize_to(image, 10, 10))


@pytest.mark.parametrize("shape", [(40, 20, 3), (20, 40, 3), (40, 20), (33, 57, 3), (30, 30)])
def test_fit_keeps_the_aspect_ratio(shape):
    fitted = resize(noise(*shape), 12, 15, "fit")
    height, width = fitted.shape[:2]
    assert height <= 12
    assert width <= 15
    assert height == 12 or width == 15
    assert abs(height / width - shape[0] / shape[1]) < 0.5 / min(height, width) * 2
    assert fitted.shape[2:] == shape[2:]


@pytest.mark.parametrize("how", ["fit", "pad"])
@pytest.mark.parametrize("shape", [(48, 96), (96, 48)])
def test_a_round_disc_stays_round(how, shape):
    y, x = np.ogrid[: shape[0], : shape[1]]
    disc = np.where(np.hypot(y - shape[0] / 2, x - shape[1] / 2) < 20, 255, 0).astype(np.uint8)
    light = resize(disc, 30, 30, how) > 127
    height, width = light.any(axis=1).sum(), light.any(axis=0).sum()
    assert abs(height - width) <= 1
    assert height > 8
    stretched = resize(disc, 30, 30, "stretch") > 127
    assert abs(stretched.any(axis=1).sum() - stretched.any(axis=0).sum()) > 8


def test_a_wide_picture_gets_bars_above_and_below():
    wide = np.full((10, 20, 3), 200, np.uint8)
    padded = resize(wide, 8, 8, "pad", fill=(1, 2, 3))
    assert padded.shape == (8, 8, 3)
    np.testing.assert_array_equal(padded[2:6], 200)
    np.testing.assert_array_equal(padded[[0, 1, 6, 7]], np.broadcast_to([1, 2, 3], (4, 8, 3)))


def test_a_tall_grey_picture_gets_bars_left_and_right():
    padded = resize(np.full((20, 10), 200, np.uint8), 8, 8, "pad", fill=9)
    np.testing.assert_array_equal(padded[:, 2:6], 200)
    np.testing.assert_array_equal(padded[:, [0, 1, 6, 7]], 9)


def test_a_small_picture_is_put_in_the_middle_unchanged():
    small = noise(3, 4, 3)
    padded = resize(small, 9, 9, "pad", fill=255)
    np.testing.assert_array_equal(padded[3:6, 2:6], small)
    assert (padded == 255).all(axis=2).sum() >= 81 - 12
    np.testing.assert_array_equal(resize(small, 9, 9, "fit"), small)


@pytest.mark.parametrize("fill", [-1, 256, 0.5, (1, 2), "red", (0, 0, 300), None])
def test_a_colour_is_one_or_three_whole_numbers_up_to_255(fill):
    with pytest.raises(ValueError, match="fill must be"):
        resize(noise(4, 8, 3), 4, 4, "pad", fill)


def test_a_grey_picture_has_no_coloured_bars():
    with pytest.raises(ValueError, match="fill must be a whole number from 0"):
        resize(noise(4, 8), 4, 4, "pad", (1, 2, 3))


def test_an_unknown_way_of_resizing_lists_the_known_ones():
    with pytest.raises(ValueError, match=r"'stretch', 'fit', 'pad'\. Given: 'crop'"):
        resize(noise(4, 4), 2, 2, "crop")


# Pictures that are none


TAKES_A_PICTURE = [
    to_grey,
    show,
    lambda image: resize_to(image, 2, 2),
    lambda image: resize(image, 2, 2, "pad"),
    lambda image: to_network_input(image, 2),
    lambda image: write_picture("nowhere.png", image),
]


@pytest.mark.parametrize("call", TAKES_A_PICTURE)
@pytest.mark.parametrize(
    ("image", "error", "says"),
    [
        (np.zeros((4, 4), np.int64), TypeError, r"Given: int64.*astype\(np\.uint8\)"),
        (np.zeros((4, 4, 3)), TypeError, r"Given: float64.*image \* 255"),
        (np.zeros((4, 4), bool), TypeError, "Given: bool"),
        (None, TypeError, "cv2.imread"),
        ("picture.png", TypeError, "Given: <U11"),
        (np.zeros(16, np.uint8), ValueError, r"Given: shape \(16,\)"),
        (np.zeros((4, 4, 4), np.uint8), ValueError, "drops the transparency"),
        (np.zeros((4, 4, 1), np.uint8), ValueError, r"image\[:, :, 0\]"),
        (np.zeros((4, 4, 2), np.uint8), ValueError, r"\(4, 4, 2\)"),
        (np.zeros((5, 4, 4, 3), np.uint8), ValueError, "one picture at a time"),
        (np.zeros((0, 4, 3), np.uint8), ValueError, "at least one pixel"),
        (np.zeros((4, 0), np.uint8), ValueError, "at least one pixel"),
    ],
)
def test_what_is_no_picture_is_refused_everywhere(call, image, error, says, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(error, match=rf"(?i)^image must .*{says}"):
        call(image)
    assert list(tmp_path.iterdir()) == []


# Writing


@pytest.mark.parametrize("name", ["new.png", "NEW.PNG", "Bär.png"])
@pytest.mark.parametrize("shape", [(5, 7, 3), (5, 7), (1, 1, 3)])
def test_pillow_reads_what_was_written(tmp_path, name, shape):
    path = write_picture(tmp_path / name, noise(*shape))
    assert path == tmp_path / name
    np.testing.assert_array_equal(np.asarray(Image.open(path)), noise(*shape))


@pytest.mark.parametrize("name", ["photo.jpg", "photo.jpeg"])
def test_a_jpeg_looks_like_the_picture(tmp_path, name):
    image = np.zeros((32, 32, 3), np.uint8)
    image[:, 16:] = (240, 120, 20)
    write_picture(str(tmp_path / name), image)
    opened = Image.open(tmp_path / name)
    assert opened.format == "JPEG"
    assert abs(np.asarray(opened)[:, 24].astype(int) - [240, 120, 20]).max() < 10


def test_what_was_written_is_read_again(tmp_path):
    image = noise(9, 4, 3)
    np.testing.assert_array_equal(read_rgb(write_picture(tmp_path / "a.png", image)), image)


def test_nothing_is_overwritten_unless_told(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(b"precious")
    with pytest.raises(FileExistsError, match="overwrite=True"):
        write_picture(path, noise(2, 2, 3))
    assert path.read_bytes() == b"precious"
    write_picture(path, noise(2, 2, 3), overwrite=True)
    np.testing.assert_array_equal(np.asarray(Image.open(path)), noise(2, 2, 3))
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.png"]


def test_a_file_that_appears_in_the_last_moment_is_not_overwritten(tmp_path, monkeypatch):
    path = tmp_path / "a.png"

    def somebody_is_faster(path, overwrite):
        path = Path(path)
        path.write_bytes(b"precious")
        return path

    monkeypatch.setattr("dlbook.images.new_file", somebody_is_faster)
    with pytest.raises(FileExistsError, match="left as it is"):
        write_picture(path, noise(2, 2, 3))
    assert path.read_bytes() == b"precious"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.png"]


def test_a_failure_in_the_middle_leaves_no_file_behind(tmp_path, monkeypatch):
    def disc_full(*_):
        raise OSError(28, "No space left on device")

    path = tmp_path / "a.png"
    path.write_bytes(b"precious")
    monkeypatch.setattr(Path, "replace", disc_full)
    with pytest.raises(OSError, match="No space left"):
        write_picture(path, noise(2, 2, 3), overwrite=True)
    assert path.read_bytes() == b"precious"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.png"]


@pytest.mark.parametrize("name", ["a.txt", "a", "a.gif", ".png"])
def test_an_unknown_ending_lists_the_known_ones(tmp_path, name):
    with pytest.raises(ValueError, match=r"ending must be one of '\.png', '\.jpg'"):
        write_picture(tmp_path / name, noise(2, 2, 3))
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_is_not_made(tmp_path):
    with pytest.raises(FileNotFoundError, match="no folder"):
        write_picture(tmp_path / "absent" / "a.png", noise(2, 2, 3))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_not_written_over(tmp_path):
    (tmp_path / "a.png").mkdir()
    with pytest.raises(IsADirectoryError, match="is a folder"):
        write_picture(tmp_path / "a.png", noise(2, 2, 3), overwrite=True)


def test_a_folder_that_refuses_is_named(tmp_path, monkeypatch):
    def refuse(*_args, **_options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(dlbook.arguments.tempfile, "TemporaryDirectory", refuse)
    with pytest.raises(PermissionError, match=r"can't be written to, so 'a\.png' was not saved"):
        write_picture(tmp_path / "a.png", noise(2, 2, 3))


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write to any folder"
)
def test_a_read_only_folder_is_named(tmp_path):
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(PermissionError, match="can't be written to"):
            write_picture(tmp_path / "a.png", noise(2, 2, 3))
    finally:
        tmp_path.chmod(0o700)
    assert list(tmp_path.iterdir()) == []


def test_a_picture_that_is_too_long_for_a_jpeg_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"can't be stored as \.jpg\. Given: 70000 x 2 pixels"):
        write_picture(tmp_path / "long.jpg", np.zeros((70_000, 2), np.uint8))
    assert list(tmp_path.iterdir()) == []


# Showing


def test_a_picture_is_shown_pixel_by_pixel_with_its_title(monkeypatch):
    drawn = {}

    def picture_grid(pictures, titles=None, description=None):
        drawn.update(pictures=pictures, titles=titles)
        return "the figure"

    monkeypatch.setattr("dlbook.figures.picture_grid", picture_grid)
    assert show(noise(4, 6, 3), "a meadow") == "the figure"
    np.testing.assert_array_equal(drawn["pictures"], [noise(4, 6, 3)])
    assert drawn["titles"] == ["a meadow"]
    show(noise(4, 6))
    assert drawn["titles"] is None


def test_a_picture_that_is_shown_tells_its_size_and_title_in_words():
    words = show(noise(4, 6, 3), "a meadow").text_alternative
    assert "4 by 6" in words
    assert "a meadow" in words
    assert "4 by 6" in show(noise(4, 6)).text_alternative


# Input for a network


def test_a_network_sees_grey_shrunk_and_divided_by_255():
    image = noise(8, 12, 3)
    grey = image @ [0.299, 0.587, 0.114]
    by_hand = grey.reshape(4, 2, 4, 3).mean(axis=(1, 3)).ravel() / 255
    x = to_network_input(image, 4)
    assert x.dtype == np.float64
    assert x.shape == (16,)
    assert abs(x - by_hand).max() < 1.01 / 255


def test_the_order_of_the_steps_is_grey_then_smaller():
    rng = np.random.default_rng(3)
    cv2 = opencv()
    for _ in range(20):
        height, width, size = (int(n) for n in rng.integers(1, 40, 3))
        image = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
        grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
        small = cv2.resize(grey, (size, size), interpolation=cv2.INTER_AREA)
        np.testing.assert_allclose(to_network_input(image, size), small.ravel() / 255)


def test_the_rows_follow_each_other_from_the_top():
    image = np.zeros((3, 3), np.uint8)
    image[0, 2] = 255
    np.testing.assert_array_equal(to_network_input(image, 3), [0, 0, 1, 0, 0, 0, 0, 0, 0])


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (30, 2, 3), (100, 100, 3)])
def test_white_is_one_and_black_is_zero_in_every_shape(shape):
    white = np.full(shape, 255, np.uint8)
    np.testing.assert_array_equal(to_network_input(white, 5), np.ones(25))
    np.testing.assert_array_equal(to_network_input(white * 0, 5), np.zeros(25))


def test_no_function_changes_the_picture_it_was_given(tmp_path):
    image = noise(8, 6, 3)
    to_grey(image)
    resize(image, 4, 4, "pad")
    to_network_input(image, 3)
    write_picture(tmp_path / "a.png", image)
    np.testing.assert_array_equal(image, noise(8, 6, 3))


# A folder


def fill_folder(folder, names):
    for seed, name in enumerate(names):
        (folder / name).parent.mkdir(exist_ok=True)
        Image.fromarray(noise(6, 4, 3, seed=seed)).save(folder / name)


def test_sub_folders_are_classes_in_the_order_of_their_names(tmp_path):
    fill_folder(tmp_path, ["dog/2.png", "dog/1.png", "cat/x.png", "ant/y.bmp"])
    x, labels, names = folder_to_network_input(tmp_path, 2)
    assert names == ["ant", "cat", "dog"]
    np.testing.assert_array_equal(labels, [0, 1, 2, 2])
    assert labels.dtype == np.int64
    wanted = [to_network_input(noise(6, 4, 3, seed=seed), 2) for seed in (3, 2, 1, 0)]
    np.testing.assert_allclose(x, wanted)


def test_a_flat_folder_has_no_labels_and_names_its_files(tmp_path):
    fill_folder(tmp_path, ["b.png", "a.png"])
    x, labels, names = folder_to_network_input(str(tmp_path), 2)
    assert labels is None
    assert names == ["a.png", "b.png"]
    np.testing.assert_allclose(x[0], to_network_input(noise(6, 4, 3, seed=1), 2))
    assert x.shape == (2, 4)


def test_hidden_files_and_other_kinds_of_files_are_passed_over(tmp_path):
    fill_folder(tmp_path, ["a.PNG", ".hidden.png"])
    (tmp_path / "notes.txt").write_text("not a picture")
    (tmp_path / "._a.png").write_bytes(b"written by another system")
    (tmp_path / ".cache").mkdir()
    _, labels, names = folder_to_network_input(tmp_path, 2)
    assert names == ["a.PNG"]
    assert labels is None


@pytest.mark.parametrize("suffix", PICTURE_SUFFIXES)
def test_every_ending_that_is_looked_for_can_be_read(tmp_path, suffix):
    image = Image.fromarray(noise(6, 4, 3))
    image = image.convert("L") if suffix == ".pgm" else image
    image.save(tmp_path / f"a{suffix}")
    assert folder_to_network_input(tmp_path, 2)[0].shape == (1, 4)


def test_all_broken_pictures_are_listed_at_once(tmp_path):
    fill_folder(tmp_path, ["a.png"])
    (tmp_path / "b.png").touch()
    (tmp_path / "c.jpg").write_bytes(b"text")
    with pytest.raises(ValueError, match=r"(?s)^2 of 3 pictures.*skip_broken.*b\.png.*c\.jpg"):
        folder_to_network_input(tmp_path, 2)


def test_at_most_ten_broken_pictures_are_listed(tmp_path):
    for number in range(13):
        (tmp_path / f"{number:02}.png").touch()
    with pytest.raises(ValueError, match="and 3 more") as caught:
        folder_to_network_input(tmp_path, 2)
    assert str(caught.value).count("is empty") == 10


def test_broken_pictures_are_left_out_when_told_and_the_labels_stay_right(tmp_path):
    fill_folder(tmp_path, ["cat/a.png", "cat/c.png", "dog/a.png"])
    (tmp_path / "cat" / "b.png").touch()
    with pytest.warns(UserWarning, match=r"(?s)1 pictures? .*b\.png"):
        x, labels, names = folder_to_network_input(tmp_path, 2, skip_broken=True)
    assert x.shape == (3, 4)
    np.testing.assert_array_equal(labels, [0, 0, 1])
    assert names == ["cat", "dog"]


def test_a_folder_of_broken_pictures_only_is_an_error_all_the_same(tmp_path):
    (tmp_path / "a.png").touch()
    with pytest.raises(ValueError, match="1 of 1"):
        folder_to_network_input(tmp_path, 2, skip_broken=True)


def test_an_empty_folder_or_class_is_named(tmp_path):
    with pytest.raises(ValueError, match="no pictures in"):
        folder_to_network_input(tmp_path, 2)
    fill_folder(tmp_path, ["cat/a.png"])
    (tmp_path / "dog").mkdir()
    with pytest.raises(ValueError, match=r"no pictures in .*dog"):
        folder_to_network_input(tmp_path, 2)


def test_pictures_beside_classes_are_pointed_out(tmp_path):
    fill_folder(tmp_path, ["cat/a.png", "stray.png"])
    with pytest.raises(ValueError, match=r"'stray\.png' beside the folder 'cat'"):
        folder_to_network_input(tmp_path, 2)


def test_a_missing_folder_or_a_file_in_its_place_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no folder .*absent"):
        folder_to_network_input(tmp_path / "absent", 2)
    (tmp_path / "file").touch()
    with pytest.raises(NotADirectoryError, match="is a file"):
        folder_to_network_input(tmp_path / "file", 2)


# IDX files


def idx(values, kind=8):
    return (
        bytes([0, 0, kind, values.ndim])
        + struct.pack(f">{values.ndim}I", *values.shape)
        + values.astype(np.uint8).tobytes()
    )


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_pictures_are_read_as_the_format_says(tmp_path, pack):
    images = noise(5, 4, 3)
    (tmp_path / "images").write_bytes(pack(idx(images)))
    read = read_idx(tmp_path / "images")
    assert read.dtype == np.uint8
    np.testing.assert_array_equal(read, images)
    read[0] = 0  # a student may write into it


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_labels_are_whole_numbers_that_can_be_subtracted(tmp_path, pack):
    labels = np.array([5, 0, 4, 1, 255])
    (tmp_path / "labels").write_bytes(pack(idx(labels)))
    read = read_idx(str(tmp_path / "labels"))
    np.testing.assert_array_equal(read, labels)
    assert read.min() - 1 == -1


def test_three_bytes_by_hand(tmp_path):
    contents = bytes([0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 3, 7, 8, 9])
    (tmp_path / "by hand").write_bytes(contents)
    np.testing.assert_array_equal(read_idx(tmp_path / "by hand"), [[[7, 8, 9]]])


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
@pytest.mark.parametrize(
    "start", [b"", b"\0\0", b"\x89PNG....", b"\0\0\x0d\x03" + bytes(12), b"\0\0\x08\x02" + bytes(8)]
)
def test_another_kind_of_file_is_no_idx_file(tmp_path, start, pack):
    (tmp_path / "other").write_bytes(pack(start))
    with pytest.raises(ValueError, match="no IDX file of pictures or labels"):
        read_idx(tmp_path / "other")


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
@pytest.mark.parametrize("kept", [6, 16, 40, 75])
def test_an_idx_file_that_breaks_off_is_refused(tmp_path, kept, pack):
    (tmp_path / "part").write_bytes(pack(idx(noise(5, 4, 3))[:kept]))
    with pytest.raises(ValueError, match="as many values as it announces"):
        read_idx(tmp_path / "part")


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_bytes_after_the_last_value_are_refused(tmp_path, pack):
    (tmp_path / "long").write_bytes(pack(idx(noise(5, 4, 3)) + b"\0"))
    with pytest.raises(ValueError, match="5 x 4 x 3 announced, more are there"):
        read_idx(tmp_path / "long")


def test_a_zipped_file_that_breaks_off_is_refused(tmp_path):
    whole = gzip.compress(idx(noise(50, 40, 30)))
    for kept in (5, 20, len(whole) // 2, len(whole) - 1):
        (tmp_path / "part.gz").write_bytes(whole[:kept])
        with pytest.raises(ValueError, match=r"part\.gz' can't be unzipped"):
            read_idx(tmp_path / "part.gz")


def test_a_damaged_zipped_file_is_refused(tmp_path):
    whole = bytearray(gzip.compress(idx(noise(50, 40, 30))))
    whole[len(whole) // 2] ^= 255
    (tmp_path / "bad.gz").write_bytes(whole)
    with pytest.raises(ValueError, match=r"bad\.gz'"):
        read_idx(tmp_path / "bad.gz")


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
@pytest.mark.parametrize("sides", [(2**32 - 1,) * 3, (60_000, 28, 28), (2**31, 1, 1)])
def test_a_file_that_announces_more_than_it_can_hold_takes_no_memory(tmp_path, sides, pack):
    header = bytes([0, 0, 8, 3]) + struct.pack(">3I", *sides)
    (tmp_path / "bomb").write_bytes(pack(header + bytes(100)))
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match="announced, not so many are there"):
            read_idx(tmp_path / "bomb")
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()


def test_an_idx_file_without_values_is_refused(tmp_path):
    (tmp_path / "none").write_bytes(idx(np.zeros((0, 28, 28))))
    with pytest.raises(ValueError, match="0 x 28 x 28 announced"):
        read_idx(tmp_path / "none")


def test_a_missing_idx_file_or_a_folder_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="absent"):
        read_idx(tmp_path / "absent")
    with pytest.raises(IsADirectoryError, match="is a folder"):
        read_idx(tmp_path)


def test_a_shown_picture_says_in_the_authors_words_what_is_to_be_seen():
    shown = show(noise(4, 6, 3), "noise", description="Coloured dots without order.")
    assert shown.text_alternative.startswith("Coloured dots without order.")
