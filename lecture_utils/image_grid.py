"""Draw many small images in one figure."""

import math
from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from lecture_utils.arguments import whole_number

WIDTH_INCHES = 5
TITLE_INCHES = 0.19


def show_images(
    images: ArrayLike,
    titles: Sequence[str] | None = None,
    *,
    n_columns: int,
    cmap: str = "gray_r",
    dpi: float = 100,
) -> Figure:
    """Draw images row by row, each with its title above it.

    Parameters
    ----------
    images : array_like, shape (n_images, height, width) or (n_images, height, width, 3)
        Grey or RGB. Integers run from 0 to 255, floats from 0 to 1.
    titles : sequence of str, optional
        One for each image; a line break makes it taller.
    n_columns : int
        Images a row.
    cmap : str
        Colours of grey images: ``"gray_r"`` draws 0 white, as Fashion-MNIST wants it; ``"gray"``
        draws it black, as in photographs.
    dpi : float
        Pixels an inch: small images need few.

    Returns
    -------
    matplotlib.figure.Figure
        Drawn, not yet shown: call ``plt.show()``.

    Raises
    ------
    TypeError
        If `n_columns` is not an integer.
    ValueError
        If the shape is not one of the above, there is no image, or the number of titles is not
        that of the images.

    Examples
    --------
    >>> figure = show_images(np.zeros((5, 28, 28)), list("abcde"), n_columns=3)
    >>> [ax.get_title() for ax in figure.axes]
    ['a', 'b', 'c', 'd', 'e', '']
    >>> plt.close(figure)
    """
    images = np.asarray(images)
    whole_number("n_columns", n_columns)
    grey = images.ndim == 3
    if not len(images) or not (grey or (images.ndim == 4 and images.shape[-1] == 3)):
        raise ValueError(
            "images must have shape (n_images, height, width) or (n_images, height, width, 3) "
            f"with at least one image, got {images.shape}"
        )
    if titles is not None and len(titles) != len(images):
        raise ValueError(f"{len(images)} images need as many titles, got {len(titles)}")
    titles = [""] * len(images) if titles is None else titles
    n_rows = math.ceil(len(images) / n_columns)
    cell_width = WIDTH_INCHES / n_columns
    n_lines = max(title.count("\n") + bool(title) for title in titles)
    cell_height = cell_width * images.shape[1] / images.shape[2] + n_lines * TITLE_INCHES
    figure, axes = plt.subplots(
        n_rows, n_columns, figsize=(WIDTH_INCHES, n_rows * cell_height), dpi=dpi, squeeze=False
    )
    brightest = 255 if images.dtype.kind in "ui" else 1
    for ax in axes.flat:
        ax.axis("off")
    for ax, image, title in zip(axes.flat, images, titles, strict=False):
        ax.imshow(image, cmap=cmap if grey else None, vmin=0, vmax=brightest,
                  interpolation="nearest")  # fmt: skip
        ax.set_title(title, fontsize=10)
    return figure
