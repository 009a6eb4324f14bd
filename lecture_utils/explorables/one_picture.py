"""One picture, changed as a reader likes, and what two small networks say to it."""

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

from lecture_utils.arguments import finite_numbers, whole_number
from lecture_utils.explorables.stills import INK, ONE, QUIET, TWO

SCRIPTS = ("network.js", "pictures.js", "one_picture_data.js")
HANDLES = False
#: Width over height of the picture, room for the controls in rem: on a desktop, on a phone.
SHAPE = {"wide": 1.7, "narrow": 0.64, "controls": 9.5, "narrow_controls": 15}
#: The farthest move of the slider, in pixels.
REACH = 8
#: A change at random draws: mirrored, angle, size, down, right, brightness, place of the hole (2).
N_DRAWS = 8


def settings(*, picture: int = 0, right: int = 0, draws: ArrayLike | None = None) -> dict[str, Any]:
    """Return all settings, checked.

    Pictures and networks are those of ``experiments/07_one_picture.py``: the first test pictures of
    every class of the sample of Fashion-MNIST, and two networks that learned from 5,000 others, one
    from these as they are, one from changed ones.

    Parameters
    ----------
    picture : int
        Number of the picture at first.
    right : int
        How far it is moved to the right at first, in pixels, from -8 to 8.
    draws : array_like of float, shape (n_changes, 8), optional
        From 0 to 1: what the changes at random are made of, rounded to three digits. Without it:
        100 of ``numpy.random.default_rng(0)``.

    Raises
    ------
    TypeError
        If a setting is not of its type.
    ValueError
        If one is out of range.
    """
    n_pictures = len(data()["labels"])
    if whole_number("picture", picture, least=0) >= n_pictures:
        raise ValueError(f"picture must be below {n_pictures}, got {picture}")
    if abs(whole_number("right", right, least=-REACH)) > REACH:
        raise ValueError(f"right must be from {-REACH} to {REACH}, got {right}")
    if draws is None:
        draws = np.random.default_rng(0).random((100, N_DRAWS))
    draws = finite_numbers("draws", draws)
    if draws.ndim != 2 or draws.shape[1] != N_DRAWS:
        raise ValueError(f"draws must have shape (n_changes, {N_DRAWS}), got {draws.shape}")
    if draws.min() < 0 or draws.max() > 1:
        raise ValueError(f"draws must be from 0 to 1, got {draws.min()} to {draws.max()}")
    return {
        "picture": picture,
        "right": right,
        "reach": REACH,
        "draws": draws.round(3).tolist(),
    }


@cache
def data() -> dict[str, Any]:
    """Return what ``browser/one_picture_data.js`` holds."""
    file = resources.files(__package__) / "browser" / "one_picture_data.js"
    script = file.read_text(encoding="utf-8")
    return json.loads(script[script.index("\n{") : script.rindex("}") + 1])


def pictures() -> NDArray[np.float64]:
    """Return the pictures, from 0 to 1, shape (n_pictures, 28, 28)."""
    grey = np.frombuffer(base64.b64decode(data()["pictures"]), np.uint8)
    return grey.reshape(-1, 28, 28) / 255


def weights(name: str) -> list[NDArray[np.float64]]:
    """Return kernel and bias of both layers of a network, ``"plain"`` or ``"changed"``."""
    sizes, network = data()["sizes"], data()["networks"][name]
    shapes = [shape for m, n in itertools.pairwise(sizes) for shape in ((m, n), (n,))]
    return [
        scale * np.frombuffer(base64.b64decode(codes), np.int8).reshape(shape)
        for codes, scale, shape in zip(network["codes"], network["scales"], shapes, strict=True)
    ]


def probabilities(name: str, seen: ArrayLike) -> NDArray[np.float64]:
    """Return what a network says to pictures, shape (n_pictures, n_classes).

    Each picture is halved by the mean of every two by two pixels; a hidden layer of ReLU, then a
    softmax.
    """
    halves = np.reshape(seen, (-1, 14, 2, 14, 2)).mean(axis=(2, 4)).reshape(-1, 14 * 14)
    kernel_1, bias_1, kernel_2, bias_2 = weights(name)
    scores = np.maximum(halves @ kernel_1 + bias_1, 0) @ kernel_2 + bias_2
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def draw(figure: Figure, settings: Mapping[str, Any], words: Mapping[str, str]) -> None:
    """Draw the picture as it is at first, and the probabilities of both networks as bars."""
    right, number = settings["right"], settings["picture"]
    framed = np.pad(pictures()[number], ((0, 0), (REACH, REACH)))
    now = framed[:, REACH - right : REACH - right + 28]
    figure.set_size_inches(6.4, 3.7)
    picture, bars = figure.subplots(1, 2, width_ratios=(1, 1.25))
    picture.imshow(now, cmap="gray_r", vmin=0, vmax=1)
    picture.set(xticks=[], yticks=[])
    picture.set_title(words["now"], color=QUIET)
    picture.set_xlabel(data()["classes"][data()["labels"][number]], color=INK)
    classes, label = data()["classes"], data()["labels"][number]
    for name, shift, colour in (("plain", -0.2, ONE), ("changed", 0.2, TWO)):
        (shares,) = probabilities(name, now)
        bars.barh(np.arange(10) + shift, shares, 0.36, color=colour)
        for place, share in enumerate(shares):
            if share >= 0.05:
                bars.text(
                    share + 0.02, place + shift, f"{share:.0%}", color=colour, va="center",
                    fontsize=8,
                )  # fmt: skip
    bars.text(0, -1.55, words["plain"], color=ONE, fontsize=9)
    bars.text(0, -0.85, words["changed"], color=TWO, fontsize=9)
    bars.set_yticks(range(10), classes)
    for place, text in enumerate(bars.get_yticklabels()):
        text.set_color(INK if place == label else QUIET)
    bars.set(xlim=(0, 1.15), ylim=(9.6, -2.1), xticks=[])
    bars.grid(False)
    bars.spines[["top", "right", "bottom"]].set_visible(False)
    picture.spines[:].set(visible=True, color=QUIET)
