"""Random changes of images that leave their label as it is.

Every function takes `images` of shape (n_images, height, width) or (n_images, height, width,
n_channels), unsigned bytes or floats, and a NumPy generator `rng` from which it draws anew for each
image. It returns a new array of the same shape and type. Other images and arguments of another type
raise TypeError; another shape, and settings out of their range, raise ValueError.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lecture_utils.arguments import number, whole_number

#: What can lie outside an image, which is black, its outermost pixels, or its mirror image.
BORDERS = ("zero", "edge", "reflect")

#: Brightness of red, green and blue, as in ITU-R BT.601.
LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)

#: Images worked on at a time, so that the intermediate floats stay small however many there are.
CHUNK = 512


def flip_horizontally(
    images: ArrayLike, rng: np.random.Generator, *, probability: float = 0.5
) -> NDArray:
    """Mirror some of the images, left to right, each with this probability (from 0 to 1).

    Examples
    --------
    >>> flip_horizontally(np.array([[[1.0, 2.0, 3.0]]]), np.random.default_rng(0), probability=1)
    array([[[3., 2., 1.]]])
    """
    images = _checked(images, rng)
    probability = number("probability", probability, least=0, most=1)
    flipped = images.copy()
    chosen = np.flatnonzero(rng.random(len(images)) < probability)
    flipped[chosen] = images[chosen, :, ::-1]
    return flipped


def crop_randomly(
    images: ArrayLike, rng: np.random.Generator, *, padding: int, border: str = "zero"
) -> NDArray:
    """Put a frame around each image and cut out a window of the old size at a random place.

    The image moves by -`padding` to +`padding` pixels in both directions; every one of these
    shifts is equally likely. The usual augmentation of CIFAR images: a padding of 4 and zeros
    (He and others, *Deep residual learning for image recognition*, 2016).

    Parameters
    ----------
    images, rng
        See the module.
    padding : int
        Width of the frame in pixels; at least 0.
    border : {"zero", "edge", "reflect"}
        What the frame holds: 0, the outermost pixels, or the mirror image.

    Examples
    --------
    >>> image = np.arange(1.0, 5.0).reshape(1, 2, 2)
    >>> crop_randomly(image, np.random.default_rng(0), padding=1)
    array([[[3., 4.],
            [0., 0.]]])
    """
    images = _checked(images, rng)
    padding = whole_number("padding", padding, least=0)
    _check_border(border)
    n_images, height, width = images.shape[:3]
    shifts = rng.integers(-padding, padding + 1, (2, n_images, 1))
    cropped = np.empty_like(images)
    for part in _chunks(n_images):
        moved = _pick(images[part], np.arange(height) + shifts[0, part], 1, border)
        cropped[part] = _pick(moved, np.arange(width) + shifts[1, part], 2, border)
    return cropped


def scale_randomly(
    images: ArrayLike, rng: np.random.Generator, *, largest: float, border: str = "zero"
) -> NDArray:
    """Enlarge or shrink each image about its centre, by a random factor.

    The logarithm of the factor is uniform, so that enlarging and shrinking are equally likely.
    Values between pixels are interpolated linearly, as by ``scipy.ndimage.affine_transform`` of
    order 1. What grows beyond the window is cut off.

    Parameters
    ----------
    images, rng
        See the module.
    largest : float
        The factors are from 1 / `largest` to `largest`. At least 1, at most 4.
    border : {"zero", "edge", "reflect"}
        What surrounds an image that shrank: 0, its outermost pixels, or its mirror image.

    Examples
    --------
    >>> row = np.array([[[0.0, 0.0, 1.0, 0.0, 0.0]]])
    >>> scale_randomly(row, np.random.default_rng(0), largest=2.0).round(2)
    array([[[0.  , 0.17, 1.  , 0.17, 0.  ]]])
    """
    images = _checked(images, rng)
    largest = number("largest", largest, least=1, most=4)
    _check_border(border)
    n_images, *size = images.shape[:3]
    factors = np.exp(rng.uniform(-np.log(largest), np.log(largest), (n_images, 1)))
    scaled = np.empty_like(images)
    for part in _chunks(n_images):
        moved = images[part].astype(np.result_type(images.dtype, np.float32))
        for axis in (1, 2):
            centre = (size[axis - 1] - 1) / 2
            sources = centre + (np.arange(size[axis - 1]) - centre) / factors[part]
            below = np.floor(sources).astype(int)
            shape = [len(moved), 1, 1, *[1] * (images.ndim - 3)]
            shape[axis] = -1
            share = (sources - below).astype(moved.dtype).reshape(shape)
            low, high = (_pick(moved, below + step, axis, border) for step in (0, 1))
            moved = low + share * (high - low)
        scaled[part] = _as(images.dtype, moved)
    return scaled


def turn_randomly(images: ArrayLike, rng: np.random.Generator, *, largest: float) -> NDArray:
    """Turn each image about its centre, by a random angle.

    Every angle from -`largest` to `largest` degrees is equally likely; positive ones turn against
    the clock. Values between pixels are interpolated linearly, as by ``scipy.ndimage.rotate`` of
    order 1. What comes in from outside is 0.

    Parameters
    ----------
    images, rng
        See the module.
    largest : float
        The largest angle, in degrees, from 0 to 180.

    Examples
    --------
    >>> corner = np.array([[[1.0, 0.0], [0.0, 0.0]]])
    >>> turn_randomly(corner, np.random.default_rng(0), largest=45).round(2)
    array([[[0.8 , 0.  ],
            [0.11, 0.  ]]])
    """
    images = _checked(images, rng)
    largest = number("largest", largest, least=0, most=180)
    n_images, height, width = images.shape[:3]
    angles = np.deg2rad(rng.uniform(-largest, largest, (n_images, 1, 1)))
    down, right = np.arange(height) - (height - 1) / 2, np.arange(width) - (width - 1) / 2
    turned = np.empty_like(images)
    for part in _chunks(n_images):
        moved = images[part].astype(np.result_type(images.dtype, np.float32))
        cos, sin = np.cos(angles[part]), np.sin(angles[part])
        rows = (height - 1) / 2 + cos * down[:, None] + sin * right
        columns = (width - 1) / 2 + cos * right - sin * down[:, None]
        turned[part] = _as(images.dtype, _between(moved, rows, columns))
    return turned


def erase_randomly(images: ArrayLike, rng: np.random.Generator, *, side: int) -> NDArray:
    """Set a square of each image to 0, at a random place inside it.

    T. DeVries and G. Taylor call it *cutout* (2017).

    Parameters
    ----------
    images, rng
        See the module.
    side : int
        Side of the square in pixels; at most height and width.

    Examples
    --------
    >>> erase_randomly(np.ones((1, 2, 3)), np.random.default_rng(0), side=2)
    array([[[1., 0., 0.],
            [1., 0., 0.]]])
    """
    images = _checked(images, rng)
    n_images, height, width = images.shape[:3]
    side = whole_number("side", side, least=0)
    if side > min(height, width):
        raise ValueError(f"side must be at most {min(height, width)}, got {side}")
    tops = rng.integers(0, height - side + 1, n_images)
    lefts = rng.integers(0, width - side + 1, n_images)
    erased = images.copy()
    for image, top, left in zip(erased, tops, lefts, strict=True):
        image[top : top + side, left : left + side] = 0
    return erased


def jitter_colours(
    images: ArrayLike,
    rng: np.random.Generator,
    *,
    brightness: float = 0.0,
    contrast: float = 0.0,
    saturation: float = 0.0,
) -> NDArray:
    """Change brightness, contrast and saturation of each image by random factors.

    With a factor $f$ drawn from $[1 - s, 1 + s]$ for each of the three strengths $s$, and in
    this order: brightness makes $f x$ of a value $x$; contrast makes $g + f (x - g)$, with
    $g$ the mean grey of the image; saturation does the same with the grey of each pixel. Values
    outside the range of colours are clipped after each. The factors mean what they mean in
    ``PIL.ImageEnhance``.

    Parameters
    ----------
    images : array_like
        See the module; floats from 0 to 1. One channel or three (red, green, blue); a saturation
        needs three.
    rng : numpy.random.Generator
        Source of the factors.
    brightness, contrast, saturation : float
        Largest change of each factor. From 0 to 1; 0 leaves it out.

    Examples
    --------
    >>> pixels = np.array([[[0.2, 0.4]]])
    >>> jitter_colours(pixels, np.random.default_rng(0), brightness=0.5).round(3)
    array([[[0.227, 0.455]]])
    """
    images = _checked(images, rng)
    strengths = {"brightness": brightness, "contrast": contrast, "saturation": saturation}
    strengths = {name: number(name, s, least=0, most=1) for name, s in strengths.items()}
    n_channels = images.shape[3] if images.ndim == 4 else 1
    if n_channels not in (1, 3):
        raise ValueError(f"images must have one channel or three, got shape {images.shape}")
    if strengths["saturation"] and n_channels != 3:
        raise ValueError(f"saturation needs three channels, got images of shape {images.shape}")
    white = 255 if images.dtype == np.uint8 else 1
    if images.size and white == 1 and not (images.min() >= 0 and images.max() <= 1):
        raise ValueError(
            f"float images must be from 0 to 1, got values from {images.min()} to {images.max()}"
        )
    factors = {
        name: rng.uniform(1 - s, 1 + s, (len(images), 1, 1, 1)) for name, s in strengths.items()
    }
    jittered = np.empty_like(images)
    for part in _chunks(len(images)):
        colours = images[part].astype(np.result_type(images.dtype, np.float32))
        colours = colours.reshape(*colours.shape[:3], n_channels)
        for name in (name for name, strength in strengths.items() if strength):
            factor = factors[name][part].astype(colours.dtype)
            if name == "brightness":
                colours *= factor
            else:
                grey = colours @ LUMA[:, None].astype(colours.dtype) if n_channels == 3 else colours
                if name == "contrast":
                    grey = grey.mean(axis=(1, 2, 3), keepdims=True)
                colours = grey + factor * (colours - grey)
            np.clip(colours, 0, white, out=colours)
        jittered[part] = _as(images.dtype, colours.reshape(images[part].shape))
    return jittered


def _checked(images: ArrayLike, rng: np.random.Generator) -> NDArray:
    """Return the images as an array, or raise."""
    images = np.asarray(images)
    if images.dtype != np.uint8 and images.dtype.kind != "f":
        raise TypeError(f"images must be unsigned bytes or floats, got {images.dtype}")
    if images.ndim not in (3, 4) or 0 in images.shape[1:]:
        raise ValueError(
            "images must have shape (n_images, height, width) or "
            f"(n_images, height, width, n_channels), got {images.shape}"
        )
    if not isinstance(rng, np.random.Generator):
        raise TypeError(f"rng must be a numpy.random.Generator, got {rng!r}")
    return images


def _check_border(border: str) -> None:
    if border not in BORDERS:
        raise ValueError(f"border must be one of {', '.join(BORDERS)}, got {border!r}")


def _chunks(n_images: int) -> Iterator[slice]:
    """Yield slices that together cover all images."""
    return (slice(start, start + CHUNK) for start in range(0, n_images, CHUNK))


def _pick(images: NDArray, places: NDArray, axis: int, border: str) -> NDArray:
    """Return rows (`axis` 1) or columns (2) of each image: `places[i]` of image i.

    Shapes (n_images, ...) and (n_images, n_places). A place may lie outside.
    """
    last = images.shape[axis] - 1
    outside = (places < 0) | (places > last)
    if border == "reflect":
        around = np.mod(places, max(2 * last, 1))
        inside = last - np.abs(last - around)
    else:
        inside = places.clip(0, last)
    which = np.arange(len(images))[:, None]
    if axis == 1:
        picked = images[which, inside]
        if border == "zero":
            picked[outside] = 0
    else:
        index = inside.reshape(len(images), 1, -1, *[1] * (images.ndim - 3))
        picked = np.take_along_axis(images, index, axis=2)
        if border == "zero":
            picked[np.broadcast_to(outside[:, None], picked.shape[:3])] = 0
    return picked


def _between(images: NDArray, rows: NDArray, columns: NDArray) -> NDArray:
    """Return what lies at these places of each image, between pixels by linear interpolation.

    Shapes (n_images, height, width, ...), and (n_images, n_rows, n_columns) for both kinds of
    places. Outside is 0.
    """
    height, width = images.shape[1:3]
    which = np.arange(len(images))[:, None, None]
    above, left = np.floor(rows).astype(int), np.floor(columns).astype(int)
    found = np.zeros_like(images, shape=(*rows.shape, *images.shape[3:]))
    for row, column in ((above, left), (above, left + 1), (above + 1, left), (above + 1, left + 1)):
        share = (1 - np.abs(rows - row)) * (1 - np.abs(columns - column))
        inside = (row >= 0) & (row < height) & (column >= 0) & (column < width)
        share = np.where(inside, share, 0).astype(images.dtype)
        share = share.reshape(*share.shape, *[1] * (images.ndim - 3))
        found += share * images[which, row.clip(0, height - 1), column.clip(0, width - 1)]
    return found


def _as(dtype: np.dtype, values: NDArray) -> NDArray:
    """Return the values in this type, rounded if it is a whole one."""
    return (np.rint(values) if dtype == np.uint8 else values).astype(dtype)
