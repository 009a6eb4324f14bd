"""A head learns four classes from few labels: on pixels, or on the features of a network."""

import base64
import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from lecture_utils.arguments import finite_numbers
from lecture_utils.explorables.stills import FOUR, INK, ONE, QUIET, THREE, TWO

SCRIPTS = ("softmax_regression.js", "forty_labels_data.js")
HANDLES = False
#: Width over height of the picture, room for the controls in rem: on a desktop, on a phone.
SHAPE = {"wide": 1.62, "narrow": 0.6, "controls": 9.5, "narrow_controls": 18}
#: What a head can see.
WAYS = ("pixels", "random", "frozen")
#: Of the penalty: half of it times the sum of the squared weights, next to the summed loss.
PENALTY = 1.0


def settings(*, way: str = "pixels", n: int = 10, draws: ArrayLike | None = None) -> dict[str, Any]:
    """Return all settings, checked.

    The pictures are those of four classes of CIFAR-100, of which the page holds 16 numbers each,
    and no picture; ``experiments/15_forty_labels.py`` made them.

    Parameters
    ----------
    way : str
        What the head sees at first: ``"pixels"``; ``"random"`` or ``"frozen"``, the features of
        an untrained or of the trained network.
    n : int
        Labels a class at first: 1, 3, 10 or 30.
    draws : array_like of int, shape (n_draws, 4, 30), optional
        For each draw and class which pictures of the pool, from 0 to 149, get labels; fewer labels
        take the first of them. Without it: 60 draws of ``numpy.random.default_rng(0)``.

    Raises
    ------
    TypeError
        If a setting is not of its type.
    ValueError
        If one is none of the above.
    """
    sizes, pool = data()["labels"], data()["pool"]
    if way not in WAYS:
        raise ValueError(f"way must be one of {WAYS}, got {way!r}")
    if n not in sizes:
        raise ValueError(f"n must be one of {sizes}, got {n!r}")
    if draws is None:
        rng = np.random.default_rng(0)
        draws = [[rng.permutation(pool)[: sizes[-1]] for _ in range(4)] for _ in range(60)]
    draws = finite_numbers("draws", draws)
    if draws.dtype.kind != "i":
        raise TypeError(f"draws must be whole numbers, got {draws.dtype}")
    if draws.ndim != 3 or draws.shape[1:] != (4, sizes[-1]):
        raise ValueError(f"draws must have shape (n_draws, 4, {sizes[-1]}), got {draws.shape}")
    if draws.min() < 0 or draws.max() >= pool:
        raise ValueError(f"draws must be from 0 to {pool - 1}, got {draws.min()} to {draws.max()}")
    packed = base64.b64encode(draws.astype(np.uint8).tobytes()).decode()
    return {"way": way, "n": sizes.index(n), "draws": packed, "n_draws": len(draws)}


@cache
def data() -> dict[str, Any]:
    """Return what ``browser/forty_labels_data.js`` holds."""
    file = resources.files(__package__) / "browser" / "forty_labels_data.js"
    script = file.read_text(encoding="utf-8")
    return json.loads(script[script.index("\n{") : script.rindex("}") + 1])


def numbers(way: str, part: str) -> NDArray[np.float64]:
    """Return 16 numbers a picture, class after class; `part` is ``"pool"`` or ``"new"``."""
    stored = data()["numbers"][way]
    codes = np.frombuffer(base64.b64decode(stored[part]), np.int8)
    return stored["scale"] * codes.reshape(-1, data()["width"])


def fit(x: ArrayLike, labels: ArrayLike, penalty: float = PENALTY) -> NDArray[np.float64]:
    """Return the weights of softmax regression, shape (1 + n_features, n_classes), bias first.

    They minimize the summed cross entropy plus half of `penalty` times the sum of the squared
    weights, without the bias; found by Newton's method. The biases add up to 0.
    """
    x = np.column_stack([np.ones(len(x)), x])
    n_classes = int(np.max(labels)) + 1
    truth = np.eye(n_classes)[labels]
    held = np.full((x.shape[1], n_classes), penalty)
    held[0] = 1e-9  # the loss does not change if all biases do
    weights = np.zeros(held.shape)

    def loss(weights: NDArray) -> float:
        scores = x @ weights
        top = scores.max(axis=1)
        logs = np.log(np.exp(scores - top[:, None]).sum(axis=1)) + top
        return float((logs - (truth * scores).sum(axis=1)).sum() + (held * weights**2).sum() / 2)

    for _ in range(100):
        p = softmax(x @ weights)
        slope = x.T @ (p - truth) + held * weights
        bend = np.diag(held.ravel()).reshape(*weights.shape, *weights.shape)
        for k, other in np.ndindex(n_classes, n_classes):
            bend[:, k, :, other] += x.T @ (x * (p[:, [k]] * ((k == other) - p[:, [other]])))
        bend = bend.reshape(weights.size, -1)
        step = np.linalg.solve(bend, slope.ravel()).reshape(weights.shape)
        share, now = 1.0, loss(weights)
        while loss(weights - share * step) > now and share > 1e-4:
            share /= 2
        weights = weights - share * step
        if np.abs(step).max() < 1e-10:
            break
    return weights


def softmax(scores: NDArray) -> NDArray:
    """Return probabilities, row by row."""
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def labelled(settings: Mapping[str, Any], draw: int, n: int) -> tuple[NDArray, NDArray]:
    """Return the rows of the pool that get labels, and the labels."""
    codes = np.frombuffer(base64.b64decode(settings["draws"]), np.uint8)
    rows = codes.reshape(settings["n_draws"], 4, -1)[draw, :, :n].astype(int)
    return (rows + data()["pool"] * np.arange(4)[:, None]).ravel(), np.repeat(np.arange(4), n)


def answers(settings: Mapping[str, Any], way: str, draw: int, n: int) -> NDArray[np.int64]:
    """Return the class that a head names for every new picture, after one draw of labels."""
    rows, labels = labelled(settings, draw, n)
    weights = fit(numbers(way, "pool")[rows], labels)
    return (numbers(way, "new") @ weights[1:] + weights[0]).argmax(axis=1)


def right(settings: Mapping[str, Any], way: str, draw: int, n: int) -> float:
    """Return how many of the new pictures a head names rightly, in per cent."""
    truth = np.repeat(np.arange(4), data()["new"])
    return float(100 * np.mean(answers(settings, way, draw, n) == truth))


def draw(figure: Figure, settings: Mapping[str, Any], words: Mapping[str, str]) -> None:
    """Draw the map of the new pictures, and beside it how many one head names rightly."""
    way, n = settings["way"], data()["labels"][settings["n"]]
    figure.set_size_inches(7, 4.3)
    left, beside = figure.subplots(1, 2, width_ratios=(1.5, 1))
    plane = np.array(data()["numbers"][way]["view"])
    new, pool = numbers(way, "new") @ plane, numbers(way, "pool") @ plane
    truth = np.repeat(np.arange(4), data()["new"])
    is_right = answers(settings, way, 0, n) == truth
    rows, labels = labelled(settings, 0, n)
    for k, colour in enumerate((ONE, TWO, THREE, FOUR)):
        left.plot(*new[(truth == k) & is_right].T, "o", color=colour, markersize=3, alpha=0.5)
        left.plot(*new[(truth == k) & ~is_right].T, "x", color=colour, markersize=4)
        left.plot(*pool[rows[labels == k]].T, "o", color=colour, markersize=7, markeredgecolor=INK)
    ground = {"facecolor": "white", "alpha": 0.7, "linewidth": 0}
    for k, colour in enumerate((ONE, TWO, THREE, FOUR)):
        middle, name = new[truth == k].mean(axis=0), data()["classes"][k]
        left.text(*middle, name, color=colour, ha="center", bbox=ground)
    left.set(xticks=[], yticks=[])
    left.set_title(words[f"map_{way}"], color=INK, fontsize=10)
    sizes = data()["labels"]
    value = right(settings, way, 0, n)
    beside.plot([n], [value], "o", color=INK)
    beside.text(n, value + 3, f"{value:.0f} %", color=INK, ha="center")
    beside.axhline(25, color=QUIET, linestyle=":")
    beside.text(sizes[0], 26.5, words["chance"], color=QUIET)
    beside.set(xscale="log", xlim=(0.8, 38), ylim=(20, 100), xlabel=words["labelsAxis"])
    beside.set_xticks(sizes, [str(size) for size in sizes])
    beside.minorticks_off()
    beside.set_title(words["rightAxis"], color=INK, fontsize=10)
