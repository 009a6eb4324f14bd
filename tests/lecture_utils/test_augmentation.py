"""Augmented images are what SciPy and Pillow make of them, and differ from image to image."""

import numpy as np
import pytest
from PIL import Image, ImageEnhance
from scipy import ndimage

from lecture_utils import augmentation
from lecture_utils.augmentation import (
    crop_randomly,
    erase_randomly,
    flip_horizontally,
    jitter_colours,
    scale_randomly,
    turn_randomly,
)

SHAPES = [(40, 7, 5), (40, 6, 9, 1), (40, 8, 8, 3)]
DTYPES = [np.uint8, np.float16, np.float32, np.float64]
FUNCTIONS = {
    "flip": flip_horizontally,
    "crop": lambda images, rng: crop_randomly(images, rng, padding=2),
    "scale": lambda images, rng: scale_randomly(images, rng, largest=1.5),
    "turn": lambda images, rng: turn_randomly(images, rng, largest=30),
    "erase": lambda images, rng: erase_randomly(images, rng, side=3),
    "jitter": lambda images, rng: jitter_colours(images, rng, brightness=0.5, contrast=0.5),
}
#: What SciPy calls our borders.
SCIPY_MODES = {"zero": "grid-constant", "edge": "nearest", "reflect": "mirror"}


def some_images(shape, dtype=np.uint8):
    values = np.random.default_rng(1).integers(1, 256, shape)
    return values.astype(dtype) if dtype == np.uint8 else (values / 255).astype(dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_shape_and_type_stay_and_images_change(name, shape, dtype):
    images = some_images(shape, dtype)
    before = images.copy()
    changed = FUNCTIONS[name](images, np.random.default_rng(0))
    assert changed.shape == shape
    assert changed.dtype == dtype
    np.testing.assert_array_equal(images, before)  # the input is left alone
    assert not np.shares_memory(changed, images)
    assert np.mean([(a != b).any() for a, b in zip(changed, images, strict=True)]) > 0.2


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_generator_decides(name):
    images = some_images((40, 8, 8, 3))
    first, again, other = (FUNCTIONS[name](images, np.random.default_rng(s)) for s in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_no_images_give_no_images(name):
    empty = np.empty((0, 8, 8, 3), np.uint8)
    assert FUNCTIONS[name](empty, np.random.default_rng(0)).shape == (0, 8, 8, 3)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_chunks_do_not_show(name, monkeypatch):
    images = some_images((40, 8, 8, 3))
    whole = FUNCTIONS[name](images, np.random.default_rng(0))
    monkeypatch.setattr(augmentation, "CHUNK", 7)
    np.testing.assert_array_equal(FUNCTIONS[name](images, np.random.default_rng(0)), whole)


def test_flip_mirrors_the_share_that_was_asked_for():
    images = some_images((4000, 2, 3))
    flipped = flip_horizontally(images, np.random.default_rng(0), probability=0.2)
    mirrored = (flipped == images[:, :, ::-1]).all(axis=(1, 2))
    same = (flipped == images).all(axis=(1, 2))
    assert (mirrored | same).all()
    assert abs(mirrored[~same].size / 4000 - 0.2) < 0.03


@pytest.mark.parametrize("probability", [0, 1])
def test_flip_never_and_always(probability):
    images = some_images((20, 4, 6, 3))
    wanted = images[:, :, ::-1] if probability else images
    np.testing.assert_array_equal(
        flip_horizontally(images, np.random.default_rng(0), probability=probability), wanted
    )


@pytest.mark.parametrize("border", SCIPY_MODES)
def test_crop_is_a_window_of_the_padded_image(border):
    padding, images = 2, some_images((600, 5, 6, 3))
    cropped = crop_randomly(images, np.random.default_rng(0), padding=padding, border=border)
    mode = {"zero": "constant"}.get(border, border)  # np.pad's name
    frame = [(0, 0), (padding, padding), (padding, padding), (0, 0)]
    padded = np.pad(images, frame, mode=mode)
    found = np.zeros((2 * padding + 1, 2 * padding + 1), int)
    for image, crop in zip(padded, cropped, strict=True):
        places = [
            place
            for place in np.ndindex(found.shape)
            if np.array_equal(image[place[0] : place[0] + 5, place[1] : place[1] + 6], crop)
        ]
        assert len(places) == 1
        found[places[0]] += 1
    assert found.min() > 8  # 24 of each are expected


def test_crop_without_a_frame_changes_nothing():
    images = some_images((5, 4, 4))
    np.testing.assert_array_equal(
        crop_randomly(images, np.random.default_rng(0), padding=0), images
    )


@pytest.mark.parametrize("border", SCIPY_MODES)
def test_scale_agrees_with_scipy(border):
    images, largest = some_images((30, 9, 12, 3), np.float64), 1.7
    scaled = scale_randomly(images, np.random.default_rng(3), largest=largest, border=border)
    log = np.log(largest)
    factors = np.exp(np.random.default_rng(3).uniform(-log, log, (30, 1)))[:, 0]
    assert factors.min() < 0.8 < 1.25 < factors.max()
    centre = (np.array([9, 12, 3]) - 1) / 2
    for image, factor, found in zip(images, factors, scaled, strict=True):
        matrix = np.array([1 / factor, 1 / factor, 1])
        wanted = ndimage.affine_transform(
            image, matrix, centre - matrix * centre, order=1, mode=SCIPY_MODES[border]
        )
        np.testing.assert_allclose(found, wanted, atol=1e-12)


def test_scale_rounds_bytes():
    images = some_images((30, 9, 12))
    scaled = scale_randomly(images, np.random.default_rng(3), largest=1.5)
    as_floats = scale_randomly(images.astype(float), np.random.default_rng(3), largest=1.5)
    assert np.abs(scaled - as_floats).max() <= 0.5 + 1e-3


@pytest.mark.parametrize("shape", [(20, 9, 12), (20, 9, 12, 3)])
def test_turn_agrees_with_scipy(shape):
    images = some_images(shape, np.float64)
    turned = turn_randomly(images, np.random.default_rng(3), largest=120)
    angles = np.random.default_rng(3).uniform(-120, 120, (20, 1, 1)).ravel()
    assert angles.min() < -90 and angles.max() > 90
    for image, angle, found in zip(images, angles, turned, strict=True):
        wanted = ndimage.rotate(image, angle, reshape=False, order=1, mode="grid-constant")
        np.testing.assert_allclose(found, wanted, atol=1e-12)


def test_erase_leaves_one_square_of_zeros():
    images = some_images((40, 9, 12))  # from 1 on
    erased = erase_randomly(images, np.random.default_rng(0), side=3)
    places = set()
    for before, after in zip(images, erased, strict=True):
        rows, columns = np.nonzero(after == 0)
        assert len(rows) == 9 and np.ptp(rows) == np.ptp(columns) == 2
        np.testing.assert_array_equal(after[after != 0], before[after != 0])
        places.add((rows.min(), columns.min()))
    assert len(places) > 20


@pytest.mark.parametrize(
    ("strength", "enhancer"),
    [
        ("brightness", ImageEnhance.Brightness),
        ("contrast", ImageEnhance.Contrast),
        ("saturation", ImageEnhance.Color),
    ],
)
def test_jitter_agrees_with_pillow(strength, enhancer):
    images = some_images((20, 8, 8, 3))
    jittered = jitter_colours(images, np.random.default_rng(5), **{strength: 0.8})
    rng = np.random.default_rng(5)
    factors = {
        name: rng.uniform(1 - s, 1 + s, 20)
        for name, s in {"brightness": 0, "contrast": 0, "saturation": 0, strength: 0.8}.items()
    }[strength]
    for image, factor, found in zip(images, factors, jittered, strict=True):
        wanted = np.asarray(enhancer(Image.fromarray(image)).enhance(factor))
        # Pillow rounds the grey, and cuts off what we round
        assert np.abs(found.astype(int) - wanted).max() <= 2


def test_jitter_without_strength_changes_nothing():
    images = some_images((5, 4, 4, 3))
    np.testing.assert_array_equal(jitter_colours(images, np.random.default_rng(0)), images)


def test_jitter_of_bytes_and_of_floats_agree():
    images = some_images((20, 8, 8, 3))
    strengths = {"brightness": 0.6, "contrast": 0.6, "saturation": 0.6}
    as_bytes = jitter_colours(images, np.random.default_rng(0), **strengths)
    as_floats = jitter_colours(images / 255, np.random.default_rng(0), **strengths)
    assert as_floats.min() >= 0
    assert as_floats.max() <= 1
    np.testing.assert_allclose(as_bytes, 255 * as_floats, atol=0.51)


def test_a_grey_image_may_have_a_channel_axis_or_none():
    images = some_images((10, 6, 6))
    for name, change in FUNCTIONS.items():
        flat = change(images, np.random.default_rng(0))
        with_axis = change(images[..., None], np.random.default_rng(0))
        np.testing.assert_array_equal(flat, with_axis[..., 0], err_msg=name)


GOOD = np.zeros((2, 4, 4, 3))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda r: flip_horizontally(GOOD.astype(int), r), TypeError, "floats, got int64"),
        (lambda r: flip_horizontally(GOOD[0, 0], r), ValueError, r"got \(4, 3\)"),
        (lambda r: flip_horizontally(GOOD[:, :0], r), ValueError, r"got \(2, 0, 4, 3\)"),
        (lambda r: flip_horizontally(GOOD, 0), TypeError, "Generator, got 0"),
        (lambda r: flip_horizontally(GOOD, r, probability=1.5), ValueError, "at most 1, got 1.5"),
        (lambda r: crop_randomly(GOOD, r, padding=-1), ValueError, "at least 0, got -1"),
        (lambda r: crop_randomly(GOOD, r, padding=1.0), TypeError, "integer, got 1.0"),
        (lambda r: crop_randomly(GOOD, r, padding=1, border="x"), ValueError, "reflect, got 'x'"),
        (lambda r: scale_randomly(GOOD, r, largest=0.5), ValueError, "at least 1 and at most 4"),
        (lambda r: scale_randomly(GOOD, r, largest=2, border=""), ValueError, "got ''"),
        (lambda r: turn_randomly(GOOD, r, largest=200), ValueError, "at most 180, got 200"),
        (lambda r: erase_randomly(GOOD, r, side=5), ValueError, "side must be at most 4, got 5"),
        (lambda r: jitter_colours(GOOD, r, brightness=-0.1), ValueError, "brightness must be"),
        (lambda r: jitter_colours(GOOD[..., :2], r), ValueError, "one channel or three"),
        (lambda r: jitter_colours(GOOD[..., 0], r, saturation=1), ValueError, "three channels"),
        (lambda r: jitter_colours(GOOD - 1, r, contrast=1), ValueError, "from -1.0 to -1.0"),
        (lambda r: jitter_colours(GOOD * np.nan, r, contrast=1), ValueError, "from nan to nan"),
    ],
)
def test_bad_arguments_are_named(call, error, message):
    with pytest.raises(error, match=message):
        call(np.random.default_rng(0))
