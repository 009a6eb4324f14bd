"""The eight points of the learning-rate lab: each rate that is tried leaves a dot."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from lecture_utils.arguments import finite_numbers, number, whole_number
from lecture_utils.explorables.stills import FOUR, INK, ONE, QUIET, THREE, TWO, plain
from lecture_utils.lecture_tables import rate_lab

SCRIPTS = ("optimizers.js", "network.js")
HANDLES = False
#: Width over height of the picture, room for the controls in rem: on a desktop, on a phone.
SHAPE = {"wide": 1.75, "narrow": 0.66, "controls": 9.5, "narrow_controls": 14.5}


def settings(
    *,
    start: Sequence[float] | None = None,
    rate: float = 0.01,
    rates: Sequence[float] = (1e-4, 10, 41),
    losses: Sequence[float] = (0.1, 20),
    steps: int = 100,
) -> dict[str, Any]:
    """Return all settings, checked.

    Parameters
    ----------
    start : sequence of 12 float, optional
        Weights (three features by three classes, row by row) and biases before the first step.
        Without it: standard normal numbers of ``numpy.random.default_rng(0)``.
    rate : float
        Learning rate at first; the nearest of `rates` is taken.
    rates : (float, float, int)
        Smallest and largest rate of the slider, and how many, at equal ratios. Positive.
    losses : (float, float)
        What the axis of the losses shows. Positive.
    steps : int
        Steps of each training.

    Raises
    ------
    TypeError
        If a setting is not of its type.
    ValueError
        If one is out of range.
    """
    if start is None:
        start = np.random.default_rng(0).normal(size=12).round(4)
    start = finite_numbers("start", start).astype(float).ravel()
    if len(start) != 12:
        raise ValueError(f"start must be 9 weights and 3 biases, got {len(start)} numbers")
    low, high, count = rates
    low = number("rates", low, above=0)
    high = number("rates", high, above=low)
    bottom, top = (number("losses", each, above=0) for each in losses)
    (x, labels), _ = rate_lab()
    return {
        "x": x.tolist(),
        "labels": labels.tolist(),
        "start": start.tolist(),
        "rate": number("rate", rate, least=low, most=high),
        "rates": [low, high, whole_number("rates", count, least=2)],
        "losses": [bottom, top],
        "steps": whole_number("steps", steps),
    }


def train(settings: Mapping[str, Any]) -> tuple[np.ndarray, np.ndarray, list[float]]:
    """Return weights and biases at the end, and the loss before each step and after the last."""
    x, labels = np.array(settings["x"]), np.array(settings["labels"])
    kernel, bias = np.split(np.array(settings["start"]), [9])
    kernel = kernel.reshape(3, 3)
    losses = []
    for _ in range(settings["steps"] + 1):
        logits = x @ kernel + bias
        logits -= logits.max(axis=1, keepdims=True)
        error = np.exp(logits)
        error /= error.sum(axis=1, keepdims=True)
        losses.append(-np.log(error[np.arange(len(x)), labels]).mean())
        if len(losses) <= settings["steps"]:
            error[np.arange(len(x)), labels] -= 1
            kernel = kernel - settings["rate"] * x.T @ error / len(x)
            bias = bias - settings["rate"] * error.mean(axis=0)
    return kernel, bias, losses


def draw(figure: Figure, settings: Mapping[str, Any], words: Mapping[str, str]) -> None:
    """Draw the points with the borders after training, and the first dot of the valley."""
    kernel, bias, losses = train(settings)
    figure.set_size_inches(6.4, 3.6)
    points, valley = figure.subplots(1, 2)
    side = np.linspace(0, 8, 161)
    second, third = np.meshgrid(side, side)
    scores = kernel[0] + second[..., None] * kernel[1] + third[..., None] * kernel[2] + bias
    colours = [ONE, TWO, THREE]
    for k, colour in enumerate(colours):
        mine = scores.argmax(axis=-1) == k
        points.contourf(second, third, mine, [0.5, 1.5], colors=[colour], alpha=0.13)
        if mine.mean() > 0.08:  # room for a word
            place = _free_place(second[mine].mean(), third[mine].mean(), settings["x"])
            name = words["class"].format(k=k)
            points.text(*place, name, color=colour, ha="center", va="center")
    for row, label in zip(settings["x"], settings["labels"], strict=True):
        points.plot(*row[1:], "o", color=colours[label], markersize=7)
        if (np.array(row) @ kernel + bias).argmax() != label:  # on the wrong side of a border
            points.plot(*row[1:], "o", color=INK, fillstyle="none", markersize=13)
    points.set(xlim=(0, 8), ylim=(0, 8), xlabel=words["second"], ylabel=words["third"])
    low, high, _ = settings["rates"]
    valley.axhline(losses[0], color=QUIET, linestyle=":", linewidth=1.2)
    valley.text(low, losses[0] * 1.08, words["lossAtStart"], color=QUIET)
    valley.plot(settings["rate"], losses[-1], "o", color=FOUR, markersize=8)
    text = f"{plain(settings['rate'])}: {plain(losses[-1])}"
    valley.annotate(text, (settings["rate"], losses[-1]), (8, -14), textcoords="offset points",
                    color=FOUR)  # fmt: skip
    valley.set(xscale="log", yscale="log", xlim=(low / 1.3, high * 2), ylim=settings["losses"])
    loss = words["lossAxis"].format(steps=settings["steps"])
    valley.set(xlabel=words["rate"], ylabel=loss)


def _free_place(across: float, up: float, x: Sequence[Sequence[float]]) -> tuple[float, float]:
    """Return a place for a word near the given one, above or below it if points are in the way."""

    def room(move: float) -> float:  # to the nearest point; a word is wider than high
        return min(abs(up + move - b) + 0.5 * abs(across - a) for _, a, b in x)

    return across, up + max((0, 0.9, -0.9), key=lambda move: min(room(move), 0.9))
