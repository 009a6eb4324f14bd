"""One column and a bias: stretch the column, centre it or not, and see the bowl and 40 steps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from lecture_utils.arguments import finite_numbers, number, whole_number
from lecture_utils.explorables.stills import INK, ONE, QUIET, TWO, plain

SCRIPTS = ("optimizers.js", "descent.js", "least_squares.js", "bowl.js")
HANDLES = False
#: Width over height of the picture, room for the controls in rem: on a desktop, on a phone.
SHAPE = {"wide": 1.7, "narrow": 0.62, "controls": 10, "narrow_controls": 15}
#: A walk has arrived when this share of the avoidable cost is left.
ARRIVED = 1e-3


def settings(
    *,
    column: ArrayLike | None = None,
    targets: ArrayLike | None = None,
    centre: float = 5.0,
    stretches: Sequence[float] = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100),
    stretch: float = 20.0,
    centred: bool = False,
    share: float = 0.8,
    steps: int = 40,
) -> dict[str, Any]:
    """Return all settings, checked.

    The model is ``w * x + b`` with ``x = stretch * column``, or ``stretch * (column + centre)`` if
    it is not centred; the cost is the mean squared error. A walk begins at ``w = b = 0``.

    Parameters
    ----------
    column, targets : array_like of float, shape (n_rows,), optional
        The column is stored with mean 0 and standard deviation 1. Without them: 14 rows from
        ``numpy.random.default_rng(0)`` around the line 1.5 + 2 * column.
    centre : float
        Mean of the column that is not centred, in its standard deviations.
    stretches : sequence of float
        What the slider offers. Positive.
    stretch : float
        One of `stretches`, at first.
    centred : bool
        Whether the column is centred at first.
    share : float
        Learning rate of every walk, as a share of the largest stable rate of its bowl; between 0
        and 1.
    steps : int
        Steps of a walk.

    Raises
    ------
    TypeError
        If a setting is not of its type.
    ValueError
        If one is out of range.
    """
    if (column is None) != (targets is None):
        raise ValueError("column and targets must be given together")
    if column is None:
        rng = np.random.default_rng(0)
        column = np.linspace(-1.5, 1.5, 14) + 0.2 * rng.normal(size=14)
        targets = 1.5 + 2 * _standard(column) + 0.4 * rng.normal(size=14)
    column, targets = finite_numbers("column", column), finite_numbers("targets", targets)
    if column.ndim != 1 or column.shape != targets.shape:
        raise ValueError(
            f"column and targets must be rows of one length, got {column.shape}, {targets.shape}"
        )
    if not np.ptp(column):
        raise ValueError(f"column must hold different values, got {column[0]} only")
    stretches = [number("stretches", each, above=0) for each in stretches]
    if stretch not in stretches:
        raise ValueError(f"stretch must be one of {stretches}, got {stretch!r}")
    if not isinstance(centred, bool):
        raise TypeError(f"centred must be True or False, got {centred!r}")
    share = number("share", share, above=0)
    if share >= 1:
        raise ValueError(f"share must be below 1, got {share}")
    return {
        "column": [round(float(each), 6) for each in _standard(column)],
        "targets": [round(float(each), 6) for each in targets],
        "centre": number("centre", centre),
        "stretches": stretches,
        "stretch": float(stretch),
        "centred": centred,
        "share": share,
        "steps": whole_number("steps", steps),
    }


def _standard(column: NDArray[np.float64]) -> NDArray[np.float64]:
    return (column - column.mean()) / column.std()


@dataclass(frozen=True)
class Walk:
    """What happens on one bowl.

    Attributes
    ----------
    x : ndarray of float64, shape (n_rows,)
        The column as the model gets it.
    bottom : ndarray of float64, shape (2,)
        The best w and b.
    curvatures : ndarray of float64, shape (2,)
        The eigenvalues of the Hessian, the flattest first.
    directions : ndarray of float64, shape (2, 2)
        The eigenvectors, one a column.
    path : ndarray of float64, shape (steps + 1, 2)
        w and b at the start and after every step.
    left : ndarray of float64, shape (steps + 1,)
        The share of the avoidable cost that is left.
    """

    x: NDArray
    bottom: NDArray
    curvatures: NDArray
    directions: NDArray
    path: NDArray
    left: NDArray


def walk(settings: Mapping[str, Any], *, stretch: float, centred: bool) -> Walk:
    """Return the bowl of one stretch, and the walk on it, by NumPy."""
    x = stretch * (np.array(settings["column"]) + (0 if centred else settings["centre"]))
    y = np.array(settings["targets"])
    a = np.column_stack([x, np.ones_like(x)])
    curvatures, directions = np.linalg.eigh(2 * a.T @ a / len(a))
    bottom = np.linalg.lstsq(a, y, rcond=None)[0]
    rate = settings["share"] * 2 / curvatures[-1]
    path = [np.zeros(2)]
    for _ in range(settings["steps"]):
        path.append(path[-1] - rate * 2 * a.T @ (a @ path[-1] - y) / len(a))
    above = np.sum(((path - bottom) @ directions) ** 2 * curvatures, axis=1)
    return Walk(x, bottom, curvatures, directions, np.array(path), above / above[0])


def draw(figure: Figure, settings: Mapping[str, Any], words: Mapping[str, str]) -> None:
    """Draw the rows with the line after all steps, and the bowl with the path to there."""
    found = walk(settings, stretch=settings["stretch"], centred=settings["centred"])
    steps = settings["steps"]
    figure.set_size_inches(6.8, 3.9)
    rows, bowl = figure.subplots(1, 2)
    ends = np.array([min(0, found.x.min()), max(0, found.x.max())])
    ends += np.array([-0.06, 0.06]) * np.ptp(ends)
    rows.axvline(0, color=QUIET, linewidth=0.8)
    rows.plot(found.x, settings["targets"], "o", color=ONE, markersize=4)
    for (w, b), look in ((found.bottom, f"{INK} --"), (found.path[-1], f"{TWO} -")):
        colour, style = look.split()
        rows.plot(ends, w * ends + b, style, color=colour)
        rows.plot(0, b, "o", color=colour, markersize=4)
    low, high = min(found.bottom[1], *settings["targets"]), max(settings["targets"])
    margin = 0.1 * (high - low)
    rows.set(
        xlim=ends,
        ylim=(low - margin, high + margin),
        xlabel=words["column"],
        ylabel=words["target"],
    )
    rows.set_title(words["lineAfter"].format(k=steps), color=TWO, loc="left")
    # One unit is as long to the right as upwards: the bowl has its true shape.
    middle, reach = found.bottom / 2, 0.8 * np.abs(found.bottom).max()
    circle = np.array(
        [np.cos(np.linspace(0, 2 * np.pi, 145)), np.sin(np.linspace(0, 2 * np.pi, 145))]
    )
    lengths = np.sqrt(found.curvatures[0] / found.curvatures)
    for level in reach * 2.0 ** np.arange(-3, 4):
        contour = found.bottom[:, None] + found.directions @ (level * lengths[:, None] * circle)
        bowl.plot(*contour, color=QUIET, linewidth=0.8, alpha=0.6)
    bowl.plot(*found.path.T, color=TWO, linewidth=1)
    bowl.plot(*found.path.T, "o", color=TWO, markersize=3)
    bowl.plot(*found.bottom, "o", color=INK, markersize=5)
    bowl.annotate(words["bottom"], found.bottom, (8, -4), textcoords="offset points", color=INK)
    bowl.set_aspect("equal")
    bowl.set(xlim=middle[0] + np.array([-reach, reach]), xlabel=words["weight"])
    bowl.set(ylim=middle[1] + np.array([-reach, reach]), ylabel=words["bias"])
    condition = found.curvatures[1] / found.curvatures[0]
    texts = (
        words["condition"].format(value=f"{float(f'{condition:.3g}'):,.0f}"),
        words["left"].format(k=steps, percent=plain(100 * float(found.left[-1]))),
    )
    bowl.set_title("\n".join(texts), color=TWO, loc="left")
