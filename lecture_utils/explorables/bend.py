"""A line or one or two ReLU units, which a reader moves until they meet points on abs(x)."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from lecture_utils.arguments import finite_numbers, number, whole_number
from lecture_utils.explorables.stills import INK, ONE, QUIET, THREE, TWO, plain

SCRIPTS = ("optimizers.js", "network.js")
HANDLES = True  # a reader can drag something
#: Width over height of the picture, room for the controls in rem: on a desktop, on a phone.
SHAPE = {"wide": 1.6, "narrow": 1.0, "controls": 6, "narrow_controls": 6}
#: Nine points on the absolute value of x.
ABSOLUTE_VALUES = tuple((k / 2, abs(k) / 2) for k in range(-4, 5))


def settings(
    *,
    points: Sequence[tuple[float, float]] = ABSOLUTE_VALUES,
    units: Sequence[tuple[float, float, float]] = ((-0.5, 1.5, 1.5), (0.8, 1.0, 0.5)),
    line: tuple[float, float] = (0.5, 0.6),
    shown: int = 2,
    rate: float = 0.05,
    steps: int = 400,
) -> dict[str, Any]:
    """Return all settings, checked.

    Parameters
    ----------
    points : sequence of (float, float)
        x and y of the points to meet; within ±2.4 and from -1.4 to 2.6.
    units : two (float, float, float)
        Where a unit has its corner, how far beside it its arm reaches (to the left if negative,
        not 0), and how high. In a network: ``height / |reach| * ReLU(sign(reach) * (x - corner))``.
    line : (float, float)
        The line at x = 0, and its slope.
    shown : int
        Units that are shown at first: 0 (the line), 1 or 2.
    rate : float
        Learning rate of "Let it learn". Positive.
    steps : int
        Steps of "Let it learn".

    Raises
    ------
    TypeError
        If a setting is not of its type.
    ValueError
        If one is out of range.
    """
    points = finite_numbers("points", points)
    units = finite_numbers("units", units)
    line = finite_numbers("line", line)
    for name, array, shape in (
        ("points", points, (len(points), 2)),
        ("units", units, (2, 3)),
        ("line", line, (2,)),
    ):
        if array.shape != shape:
            raise ValueError(f"{name} must have shape {shape}, got {array.shape}")
    if not units[:, 1].all():
        raise ValueError(f"the reach of a unit must not be 0, got {units.tolist()}")
    if whole_number("shown", shown, least=0) > 2:
        raise ValueError(f"shown must be 0, 1 or 2, got {shown}")
    return {
        "points": points.tolist(),
        "units": units.tolist(),
        "line": line.tolist(),
        "shown": shown,
        "rate": number("rate", rate, above=0),
        "steps": whole_number("steps", steps),
    }


def draw(figure: Figure, settings: Mapping[str, Any], words: Mapping[str, str]) -> None:
    """Draw the points, the units, their sum, and the distances between sum and points."""
    grid = np.linspace(-2.4, 2.4, 193)
    units = settings["units"][: settings["shown"]]

    def bent(unit: Sequence[float], x: Any) -> Any:
        corner, reach, height = unit
        return height / abs(reach) * np.maximum(0, np.sign(reach) * (x - corner))

    def total(x: Any) -> Any:
        at_zero, slope = settings["line"]
        return sum(bent(unit, x) for unit in units) if units else at_zero + slope * x

    ax = figure.subplots()
    x, y = np.transpose(settings["points"])
    ax.vlines(x, y, total(x), color=QUIET, linestyle=":", linewidth=1.2)
    for unit, colour in zip(units, (TWO, THREE), strict=False):
        ax.plot(grid, bent(unit, grid), color=colour, linewidth=1.2)
        corner, reach, height = unit
        ax.plot([corner, corner + reach], [0, height], "o", color=colour, markersize=9)
    ax.plot(grid, total(grid), color=ONE, linewidth=2.8)
    ax.plot(x, y, "o", color=INK)
    if len(units) > 1:
        height = np.clip(total(-2.3) + 0.1, -1, 2.3)
        ax.text(-2.3, height, words["sum"], color=ONE)
    error = plain(float(np.mean((total(x) - y) ** 2)))
    ax.text(-2.3, -1.25, words["error"].format(error=error), color=INK)
    ax.set(xlim=(-2.4, 2.4), ylim=(-1.4, 2.6), xlabel=words["input"], ylabel=words["output"])
