"""A polynomial with a penalty on its weights, fitted to points that a reader drags."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from lecture_utils.arguments import finite_numbers, number, whole_number
from lecture_utils.explorables.stills import INK, ONE, QUIET, THREE, TWO, plain

SCRIPTS = ("least_squares.js", "statistics.js")
HANDLES = True  # a reader can drag something
#: Width over height of the picture, room for the controls in rem: on a desktop, on a phone.
SHAPE = {"wide": 1.5, "narrow": 0.68, "controls": 6.5, "narrow_controls": 11}
#: 0 and half decades: the strengths of the slider.
STRENGTHS = (0.0, *(float(f"{10 ** (k / 2):.1e}") for k in range(-12, 5)))
#: What the sizes of the weights are drawn between.
SIZES = (1e-3, 1e4)
#: What the errors are drawn between.
ERRORS = (1e-3, 30.0)


def settings(
    *,
    points: ArrayLike | None = None,
    others: ArrayLike | None = None,
    new_points: ArrayLike | None = None,
    degree: int = 9,
    strengths: Sequence[float] = STRENGTHS,
    strength: float = 0.001,
    noise: float = 0.2,
    height: float = 2.2,
) -> dict[str, Any]:
    """Return all settings, checked; coordinates are rounded to 0.001.

    The truth is ``sin(pi * x)``. The weights minimize the sum of squared errors plus the strength
    times the sum of the squared weights, the one of the constant left out.

    Parameters
    ----------
    points : array_like of float, shape (n, 2), optional
        x and y of the points at first, with x from -1 to 1. Without it: 12
        near the truth, one in each twelfth of the way, by ``numpy.random.default_rng(6)``.
    others : array_like of float, shape (n_sets, n, 2), optional
        More of their kind, which a reader can ask for, one set after the other. Without it: 20.
    new_points : array_like of float, shape (n_new, 2), optional
        What the fit is judged by. Without it: 200 of the same kind.
    degree : int
        Degree of the polynomial; below the number of points.
    strengths : sequence of float
        What the slider offers, rising; only the first may be 0.
    strength : float
        Where it stands at first; one of `strengths`.
    noise : float
        Standard deviation of the noise in the points. Its square is drawn, and nothing else
        depends on it.
    height : float
        The picture shows y from minus to plus this. Positive.

    Raises
    ------
    TypeError
        If a setting is not of its type.
    ValueError
        If one is out of range.
    """
    rng = np.random.default_rng(6)
    points = readings(rng) if points is None else finite_numbers("points", points)
    if new_points is None:
        new_points = readings(rng, n=200)
    if others is None:
        others = np.array([readings(rng, n=len(points)) for _ in range(20)])
    others = finite_numbers("others", others)
    new_points = finite_numbers("new_points", new_points)
    for name, array, shape in (
        ("points", points, (len(points), 2)),
        ("others", others, (len(others), len(points), 2)),
        ("new_points", new_points, (len(new_points), 2)),
    ):
        if array.shape != shape:
            raise ValueError(f"{name} must have shape {shape}, got {array.shape}")
        if np.abs(array[..., 0]).max() > 1:
            raise ValueError(f"the x of {name} must lie from -1 to 1")
    if whole_number("degree", degree) >= len(points):
        raise ValueError(f"degree must be below the {len(points)} points, got {degree}")
    offered = finite_numbers("strengths", strengths).tolist()
    if len(offered) < 2 or offered[0] < 0 or (np.diff(offered) <= 0).any():
        raise ValueError(f"strengths must rise from 0 or more, got {offered}")
    if strength not in offered:
        raise ValueError(f"strength must be one of {offered}, got {strength}")
    return {
        "points": points.round(3).tolist(),
        "others": others.round(3).tolist(),
        "new_points": new_points.round(3).tolist(),
        "degree": degree,
        "strengths": offered,
        "start": offered.index(strength),
        "noise": number("noise", noise, least=0),
        "height": number("height", height, above=0),
        "sizes": list(SIZES),
        "errors": list(ERRORS),
    }


def readings(rng: np.random.Generator, n: int = 12) -> NDArray[np.float64]:
    """Return n points near ``sin(pi * x)``, one in each n-th of the way from -1 to 1, shape (n, 2).

    First come all draws of x, then those of the noise, whose standard deviation is 0.2.
    """
    x = -1 + 2 * (np.arange(n) + rng.uniform(0, 1, n)) / n
    return np.column_stack([x, np.sin(np.pi * x) + 0.2 * rng.normal(size=n)])


def fit(settings: Mapping[str, Any], points: ArrayLike, strength: float) -> NDArray[np.float64]:
    """Return the weights 0 to `degree` of the fitted polynomial, the constant first."""
    x, y = np.transpose(points)
    table = np.vander(x, settings["degree"] + 1, increasing=True)
    # As more rows of a least squares problem: the squared table would lose half of the digits.
    penalty = np.sqrt(strength) * np.eye(settings["degree"] + 1)[1:]
    return np.linalg.lstsq(
        np.vstack([table, penalty]), np.append(y, np.zeros(len(penalty))), rcond=None
    )[0]


def error(points: ArrayLike, weights: ArrayLike) -> float:
    """Return the mean squared error of a polynomial on points."""
    x, y = np.transpose(points)
    return float(np.mean((np.polynomial.polynomial.polyval(x, weights) - y) ** 2))


def draw(figure: Figure, settings: Mapping[str, Any], words: Mapping[str, str]) -> None:
    """Draw the curve through the points, the sizes of its weights, and both errors."""
    strengths, start = settings["strengths"], settings["start"]
    points, height = np.array(settings["points"]), settings["height"]
    weights = fit(settings, points, strengths[start])
    grid = np.linspace(-1, 1, 161)
    figure.set_size_inches(7, 4.6)
    axes = figure.subplot_mosaic([["curve", "sizes"], ["curve", "errors"]], width_ratios=(5, 4))

    ax = axes["curve"]
    ax.plot(grid, np.sin(np.pi * grid), "--", color=INK, linewidth=1.2)
    ax.plot(grid, np.polynomial.polynomial.polyval(grid, weights), color=ONE, linewidth=2.8)
    ax.plot(*points.T, "o", color=INK)
    ax.text(0.35, 1.25, words["truth"], color=INK, ha="center")
    ax.set(xlim=(-1.05, 1.05), ylim=(-height, height), xlabel="x", ylabel="y")
    ax.set_title(words["strength"].format(strength=plain(strengths[start])), color=ONE)

    ax = axes["sizes"]
    size, powers = np.abs(weights[1:]), np.arange(1, len(weights))
    ax.vlines(powers, SIZES[0], size, color=THREE, linewidth=5)
    ax.set(yscale="log", ylim=SIZES, yticks=[0.01, 1, 100], xticks=powers)
    ax.set_yticklabels(["0.01", "1", "100"])
    ax.set_xlabel(words["power"])
    length = plain(float(np.linalg.norm(weights[1:])))
    ax.set_title(words["length"].format(length=length), color=THREE)

    ax = axes["errors"]
    for judges, name, colour, height in (
        (points, "onPoints", INK, 1.13),
        (settings["new_points"], "onNew", TWO, 1.02),
    ):
        value = error(judges, weights)
        ax.plot(start, value, "o", color=colour)
        text = words[name].format(value=plain(value))
        ax.text(0, height, text, color=colour, transform=ax.transAxes)
    ax.axhline(settings["noise"] ** 2, color=QUIET, linestyle=":")
    ticks = range(1, len(strengths), 4)
    ax.set(yscale="log", ylim=ERRORS, xlim=(-0.5, len(strengths) - 0.5))
    ax.set(yticks=[0.01, 0.1, 1, 10], xticks=ticks, xlabel=words["strengthAxis"])
    ax.set_yticklabels(["0.01", "0.1", "1", "10"])
    ax.set_xticklabels([plain(strengths[tick]) for tick in ticks])
    ax.minorticks_off()
