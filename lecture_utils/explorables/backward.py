"""One day in a network of two ReLU units: values on the way there, slopes on the way back."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from lecture_utils.arguments import finite_numbers, number
from lecture_utils.explorables.stills import INK, ONE, QUIET, TWO, plain

SCRIPTS = ("backward_pass.js",)
HANDLES = False
#: Width over height of the picture, room for the controls in rem: on a desktop, on a phone.
SHAPE = {"wide": 1.25, "narrow": 0.72, "controls": 11, "narrow_controls": 19}
#: The parameters, in the order of `backward_pass`: what a unit multiplies by and adds, what the
#: output multiplies it by, and what the output adds.
PARAMETERS = ("w1", "b1", "w2", "b2", "v1", "v2", "c")
#: Where the numbers of the picture stand, x to the right and y upwards.
PLACES = {
    "x": (0.5, 0.95),
    "z1": (0.2, 0.68), "h1": (0.2, 0.46), "z2": (0.8, 0.68), "h2": (0.8, 0.46),
    "prediction": (0.5, 0.24), "cost": (0.5, 0.05),
}  # fmt: skip
#: The ways of the values, and the parameter that works on each.
WAYS = (
    ("x", "z1", "w1"), ("x", "z2", "w2"), ("z1", "h1", None), ("z2", "h2", None),
    ("h1", "prediction", "v1"), ("h2", "prediction", "v2"), ("prediction", "cost", None),
)  # fmt: skip
#: What is added at a place.
ADDED = {"b1": "z1", "b2": "z2", "c": "prediction"}


def settings(
    *,
    input: float = 2.0,
    target: float = 5.0,
    parameters: ArrayLike = (0.5, 0.5, -1.0, 1.0, 2.0, 1.0, 0.0),
    rate: float = 0.01,
    reach: float = 3.0,
) -> dict[str, Any]:
    """Return all settings, checked.

    The network answers ``v1 relu(w1 x + b1) + v2 relu(w2 x + b2) + c``; its cost on one day is the
    square of what the answer is off the target.

    Parameters
    ----------
    input : float
        x of the day.
    target : float
        What the network should have answered.
    parameters : array_like of float, shape (7,)
        w1, b1, w2, b2, v1, v2 and c at first; none beyond `reach`.
    rate : float
        Learning rate of a step. Positive.
    reach : float
        The slider goes from minus to plus this. Positive.

    Raises
    ------
    TypeError
        If a setting is not of its type.
    ValueError
        If one is out of range.
    """
    parameters = finite_numbers("parameters", parameters)
    if parameters.shape != (len(PARAMETERS),):
        raise ValueError(f"parameters must have shape (7,), got {parameters.shape}")
    reach = number("reach", reach, above=0)
    if np.abs(parameters).max() > reach:
        raise ValueError(f"parameters must lie within ±{reach}, got {parameters.tolist()}")
    return {
        "input": number("input", input),
        "target": number("target", target),
        "parameters": parameters.tolist(),
        "names": list(PARAMETERS),
        "rate": number("rate", rate, above=0),
        "reach": reach,
        "places": {name: list(place) for name, place in PLACES.items()},
        "ways": [list(way) for way in WAYS],
        "added": ADDED,
    }


def backward_pass(
    input: float, target: float, parameters: ArrayLike
) -> tuple[dict[str, float], dict[str, float], NDArray[np.float64]]:
    """Return the values on the way there, and the slopes of the cost on the way back.

    Parameters
    ----------
    input, target : float
        One day.
    parameters : array_like of float, shape (7,)
        In the order of `PARAMETERS`.

    Returns
    -------
    values, slopes : dict of float
        At every place of `PLACES`. The slope of the cost along ``x`` adds both ways.
    gradient : ndarray, shape (7,)
        The slopes along the parameters.
    """
    w, b = np.array(parameters, dtype=float)[[[0, 2], [1, 3]]]
    v, c = np.array(parameters, dtype=float)[4:6], float(np.array(parameters, dtype=float)[6])
    z = w * input + b
    h = np.maximum(z, 0)
    prediction = float(h @ v) + c
    miss = 2 * (prediction - target)
    through = miss * v
    bent = through * (z > 0)
    values = {
        "x": float(input),
        **{f"z{k + 1}": float(z[k]) for k in range(2)},
        **{f"h{k + 1}": float(h[k]) for k in range(2)},
        "prediction": prediction,
        "cost": (prediction - target) ** 2,
    }
    slopes = {
        "x": float(bent @ w),
        **{f"z{k + 1}": float(bent[k]) for k in range(2)},
        **{f"h{k + 1}": float(through[k]) for k in range(2)},
        "prediction": miss,
        "cost": 1.0,
    }
    gradient = np.array(
        [bent[0] * input, bent[0], bent[1] * input, bent[1], miss * h[0], miss * h[1], miss]
    )
    return values, slopes, gradient


def draw(figure: Figure, settings: Mapping[str, Any], words: Mapping[str, str]) -> None:
    """Draw the network with its values; the slopes are for the reader to fetch."""
    values, _, _ = backward_pass(settings["input"], settings["target"], settings["parameters"])
    given = dict(zip(PARAMETERS, settings["parameters"], strict=True))
    figure.set_size_inches(6, 4.8)
    ax = figure.subplots()
    for start, end, name in WAYS:
        (x0, y0), (x1, y1) = PLACES[start], PLACES[end]
        ax.annotate(
            "",
            (x1, y1 + 0.055),
            (x0, y0 - 0.055),
            arrowprops={"arrowstyle": "-|>", "color": QUIET, "linewidth": 1.3},
        )
        text = (
            f"{words[name]} = {plain(given[name])}" if name else "ReLU" if start[0] == "z" else ""
        )
        side = -1 if x0 + x1 < 1 else 1
        align = "right" if side < 0 else "left"
        ax.text(
            (x0 + x1) / 2 + 0.03 * side,
            (y0 + y1) / 2 + {"w": 0.03, "v": -0.03}.get((name or "")[:1], 0),
            text,
            color=ONE if name else QUIET,
            ha=align,
            va="center",
        )
    for place, (x, y) in PLACES.items():
        text = f"{words[place]} = {plain(values[place])}"
        box = {"boxstyle": "round", "facecolor": "white", "edgecolor": QUIET}
        ax.text(x, y, text, color=INK, ha="center", va="center", bbox=box)
    for name, place in ADDED.items():
        x, y = PLACES[place]
        side = -1 if x < 0.4 else 1
        text = f"{words[name]} = {plain(given[name])}"
        align = "right" if side < 0 else "left"
        ax.text(x + 0.13 * side, y, text, color=ONE, ha=align, va="center")
    x, y = PLACES["cost"]
    ax.text(x + 0.13, y, words["target"].format(target=plain(settings["target"])), color=TWO,
            va="center")  # fmt: skip
    ax.set(xlim=(-0.08, 1.08), ylim=(-0.02, 1.02))
    ax.set_axis_off()
