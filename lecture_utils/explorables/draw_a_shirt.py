"""A drawing of 28 by 28 pixels, and what a network that knows clothes says to it, stroke by stroke.

The network, its weights rounded to 8 bits, comes from ``experiments/10_drawing.py``, which
writes ``browser/draw_a_shirt_data.js``; so do the mean picture of every class and some pictures
from the sample of Fashion-MNIST. Another explorable, `lecture_utils.explorables.confusion_cells`,
shows the same network's mistakes.
"""

import base64
import itertools
import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from lecture_utils.arguments import finite_numbers, number
from lecture_utils.explorables.stills import INK, ONE, QUIET, TWO

SCRIPTS = ("network.js", "pictures.js", "drawing.js", "draw_a_shirt_data.js")
HANDLES = False
#: Width over height of the picture, room for the controls in rem: on a desktop, on a phone.
SHAPE = {"wide": 1.72, "narrow": 0.62, "controls": 9.5, "narrow_controls": 18.5}
SIDE = 28


def settings(
    *,
    picture: ArrayLike | None = None,
    noise: ArrayLike | None = None,
    radius: float = 1.5,
    ink: float = 0.9,
) -> dict[str, Any]:
    """Return all settings, checked.

    Parameters
    ----------
    picture : array_like of float, shape (28, 28), optional
        What is drawn at first, from 0, the ground, to 1; rounded to 255ths. The letter H without
        it.
    noise : array_like of float, shape (28, 28), optional
        What the button for random pixels shows, likewise. Without it: uniform draws of
        ``numpy.random.default_rng(0)``.
    radius : float
        Half the width of the pen at first, in pixels, from 0.5 to 4.
    ink : float
        How dark the pen draws at first, from 0, which rubs out, to 1.

    Raises
    ------
    TypeError
        If a setting is not of its type.
    ValueError
        If one is out of range.
    """
    picture = letter_h() if picture is None else picture
    noise = np.random.default_rng(0).random((SIDE, SIDE)) if noise is None else noise
    return {
        "picture": _in_base64("picture", picture),
        "noise": _in_base64("noise", noise),
        "radius": float(number("radius", radius, least=0.5, most=4)),
        "ink": float(number("ink", ink, least=0, most=1)),
    }


@cache
def data() -> dict[str, Any]:
    """Return what ``browser/draw_a_shirt_data.js`` holds."""
    file = resources.files(__package__) / "browser" / "draw_a_shirt_data.js"
    script = file.read_text(encoding="utf-8")
    return json.loads(script[script.index("\n{") : script.rindex("}") + 1])


def weights() -> list[NDArray[np.float64]]:
    """Return kernel and bias of both layers: shapes (784, 128), (128,), (128, 10) and (10,)."""
    shapes = [shape for m, n in itertools.pairwise(data()["sizes"]) for shape in ((m, n), (n,))]
    return [
        scale * np.frombuffer(base64.b64decode(codes), np.int8).reshape(shape)
        for codes, scale, shape in zip(data()["codes"], data()["scales"], shapes, strict=True)
    ]


def pictures() -> NDArray[np.float64]:
    """Return the stored test pictures, from 0 to 1, shape (n_pictures, 28, 28)."""
    return _from_base64(data()["pictures"])


def means() -> NDArray[np.float64]:
    """Return the mean training picture of every class, from 0 to 1, shape (10, 28, 28)."""
    return _from_base64(data()["means"])


def scores(seen: ArrayLike) -> NDArray[np.float64]:
    """Return the network's ten scores of pictures from 0 to 1, shape (n_pictures, 10)."""
    kernel_1, bias_1, kernel_2, bias_2 = weights()
    inputs = np.reshape(seen, (-1, SIDE * SIDE))
    return np.maximum(inputs @ kernel_1 + bias_1, 0) @ kernel_2 + bias_2


def probabilities(seen: ArrayLike) -> NDArray[np.float64]:
    """Return the softmax of the scores, shape (n_pictures, 10)."""
    found = scores(seen)
    powers = np.exp(found - found.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def distances(seen: ArrayLike) -> NDArray[np.float64]:
    """Return the root mean square distances to the mean pictures, shape (n_pictures, 10)."""
    off = np.reshape(seen, (-1, 1, SIDE, SIDE)) - means()
    return np.sqrt(np.mean(off**2, axis=(2, 3)))


def stroke(
    picture: ArrayLike,
    start: tuple[float, float],
    end: tuple[float, float],
    *,
    radius: float,
    ink: float,
) -> NDArray[np.float64]:
    """Return a picture with a line on it, as the explorable draws it.

    Parameters
    ----------
    picture : array_like of float, shape (28, 28)
        From 0 to 1.
    start, end : tuple of float
        Column and row; 0 is the centre of the first pixel.
    radius : float
        Half the width of the line, in pixels; its edge is one pixel soft.
    ink : float
        From 0, which rubs out, to 1.
    """
    picture, start, end = np.asarray(picture, float), np.asarray(start), np.asarray(end)
    row, column = np.mgrid[: picture.shape[0], : picture.shape[1]]
    places = np.stack([column, row], axis=-1)
    way = end - start
    length = way @ way
    share = np.clip((places - start) @ way / length, 0, 1) if length else np.zeros(picture.shape)
    distance = np.linalg.norm(places - start - share[..., None] * way, axis=-1)
    covered = np.clip(radius + 0.5 - distance, 0, 1)
    return np.minimum(picture, 1 - covered) if ink == 0 else np.maximum(picture, ink * covered)


def letter_h() -> NDArray[np.float64]:
    """Return the letter H, three strokes of the pen, shape (28, 28)."""
    picture = np.zeros((SIDE, SIDE))
    for start, end in (((7, 4), (7, 23)), ((20, 4), (20, 23)), ((7, 13), (20, 13))):
        picture = stroke(picture, start, end, radius=1.5, ink=1)
    return picture


def percent(share: float) -> str:
    """Return a probability as the explorables write it.

    >>> percent(0.942), percent(0.9996)
    ('94 %', '> 99 %')
    """
    return "> 99 %" if share >= 0.995 else f"{100 * share:.0f} %"


def draw(figure: Figure, settings: Mapping[str, Any], words: Mapping[str, str]) -> None:
    """Draw the picture, the ten shares as bars, and the nearest mean picture."""
    now = _from_base64(settings["picture"])[0]
    (shares,), (far,) = probabilities(now), distances(now)
    classes = data()["classes"]
    figure.set_size_inches(6.4, 3.72)
    grid = figure.add_gridspec(3, 2, width_ratios=(1.2, 1), height_ratios=(2.5, 0.16, 0.8))
    sheet = figure.add_subplot(grid[:, 0])
    sheet.imshow(now, cmap="gray_r", vmin=0, vmax=1)
    bars = figure.add_subplot(grid[0, 1])
    bars.barh(range(10), shares, 0.6, color=[TWO if s == shares.max() else ONE for s in shares])
    for place, share in enumerate(shares):
        if share >= 0.005:
            bars.text(share + 0.02, place, percent(share), va="center", fontsize=8, color=INK)
    bars.set_yticks(range(10), classes)
    bars.set(xlim=(0, 1.2), ylim=(9.6, -0.6), xticks=[])
    bars.set_title(words["shares"], color=QUIET, fontsize=9, loc="left")
    bars.grid(False)
    bars.spines[["top", "right", "bottom"]].set_visible(False)
    mean = figure.add_subplot(grid[2, 1])
    mean.imshow(means()[far.argmin()], cmap="gray_r", vmin=0, vmax=1)
    nearer = int(np.sum(np.array(data()["distances"]) < far.min()))
    count = words["all"] if nearer == len(data()["distances"]) else nearer
    mean.set_ylabel(
        f"{words['nearest']}\n{classes[far.argmin()]}",
        rotation=0, ha="right", va="center", fontsize=8, color=QUIET,
    )  # fmt: skip
    mean.text(30, 14, words["stillRank"].format(count=count), va="center", fontsize=8, color=QUIET)
    for ax in (sheet, mean):
        ax.set(xticks=[], yticks=[])
        ax.spines[:].set(visible=True, color=QUIET)


def _in_base64(name: str, picture: ArrayLike) -> str:
    """Return a checked picture as bytes in text."""
    picture = finite_numbers(name, picture)
    if picture.shape != (SIDE, SIDE):
        raise ValueError(f"{name} must have shape ({SIDE}, {SIDE}), got {picture.shape}")
    if picture.min() < 0 or picture.max() > 1:
        raise ValueError(f"{name} must be from 0 to 1, got {picture.min()} to {picture.max()}")
    return base64.b64encode(np.rint(255 * picture).astype(np.uint8).tobytes()).decode()


def _from_base64(text: str) -> NDArray[np.float64]:
    return np.frombuffer(base64.b64decode(text), np.uint8).reshape(-1, SIDE, SIDE) / 255
