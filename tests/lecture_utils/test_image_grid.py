"""Grids of images: what is drawn, and what is refused."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from lecture_utils.image_grid import show_images


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


@pytest.mark.parametrize(("dtype", "brightest"), [(np.uint8, 255), (np.float32, 1)])
def test_grey_images_share_one_scale(dtype, brightest):
    figure = show_images(np.ones((3, 4, 4), dtype), n_columns=2)
    drawn = [ax.images[0] for ax in figure.axes if ax.images]
    assert [image.get_clim() for image in drawn] == [(0, brightest)] * 3


def test_every_image_is_drawn_in_reading_order():
    images = np.random.default_rng(0).random((5, 6, 8, 3))
    figure = show_images(images, ["one\nline more", *"abcd"], n_columns=3)
    drawn = [ax.images[0].get_array() for ax in figure.axes if ax.images]
    np.testing.assert_array_equal(drawn, images)


@pytest.mark.parametrize("shape", [(28, 28), (0, 28, 28), (2, 28, 28, 4)])
def test_refuses_other_shapes(shape):
    with pytest.raises(ValueError, match="images must have shape"):
        show_images(np.zeros(shape), n_columns=2)


def test_refuses_another_number_of_titles():
    with pytest.raises(ValueError, match="2 images need as many titles, got 1"):
        show_images(np.zeros((2, 3, 3)), ["a"], n_columns=2)


def test_refuses_no_columns():
    with pytest.raises(ValueError, match="n_columns must be at least 1, got 0"):
        show_images(np.zeros((2, 3, 3)), n_columns=0)
