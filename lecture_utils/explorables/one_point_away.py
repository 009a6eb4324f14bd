"""Nine points, one of which a reader drags away: what follows it, and what stays."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from lecture_utils.arguments import finite_numbers, number, whole_number
from lecture_utils.explorables.stills import HEAD, INK, ONE, QUIET, THREE, TWO, plain

SCRIPTS = ("least_squares.js", "statistics.js")
HANDLES = True
#: Width over height of the picture, room for the controls in rem: on a desktop, on a phone.
SHAPE = {"wide": 1.45, "narrow": 0.82, "controls": 6.5, "narrow_controls": 9.5}
#: Area in m² and price in 100 million won of nine flats, made up.
FLATS = ((40, 4.4), (50, 5.2), (60, 5.9), (70, 7.4), (80, 7.8), (90, 9.1), (100, 9.7), (110, 11.3),
         (120, 11.6))  # fmt: skip
X_RANGE, Y_RANGE = (25, 175), (-1.5, 25)


def settings(
    *,
    points: Sequence[tuple[float, float]] = FLATS,
    moved: int = 1,
    at: tuple[float, float] = (50, 20),
    delta: float = 1.0,
    deltas: Sequence[float] = (0.25, 5.0, 0.25),
) -> dict[str, Any]:
    """Return all settings, checked.

    Parameters
    ----------
    points : sequence of (float, float)
        Area and price of at least five flats, in their order; within 30 to 170 and 0 to 20.
    moved : int
        Which point a reader drags at first, from 0.
    at : (float, float)
        Where that point is at first; from 30 to 170 and from 0 to 60.
    delta : float
        Up to which error the Huber loss is squared, in the unit of the price; within `deltas`.
    deltas : (float, float, float)
        Lowest and highest delta of the slider, and from one to the next.

    Raises
    ------
    TypeError
        If a setting is not of its type.
    ValueError
        If one is out of range.
    """
    points, at = finite_numbers("points", points), finite_numbers("at", at)
    if points.ndim != 2 or points.shape[1] != 2 or len(points) < 5:
        raise ValueError(f"points must have shape (at least 5, 2), got {points.shape}")
    if at.shape != (2,):
        raise ValueError(f"at must have shape (2,), got {at.shape}")
    for name, (x, y), highest in (("points", points.T, 20), ("at", at[:, None], 60)):
        if x.min() < 30 or x.max() > 170 or y.min() < 0 or y.max() > highest:
            raise ValueError(f"{name} must lie within 30 to 170 and 0 to {highest}")
    if whole_number("moved", moved, least=0) >= len(points):
        raise ValueError(f"moved must be below the {len(points)} points, got {moved}")
    narrow, wide, by = (number("deltas", each, above=0) for each in deltas)
    return {
        "points": points.tolist(),
        "moved": moved,
        "at": at.tolist(),
        "delta": number("delta", delta, least=narrow, most=wide),
        "deltas": [narrow, wide, by],
        "x_range": list(X_RANGE),
        "y_range": list(Y_RANGE),
    }


def huber_fit(
    table: ArrayLike, y: ArrayLike, delta: float, *, most_steps: int = 2000
) -> NDArray[np.float64]:
    """Return the coefficients with the smallest sum of Huber losses.

    Weighted least squares again and again: a row whose error r is beyond `delta` gets the weight
    delta/abs(r), every other row 1. Each round lowers the sum.

    Parameters
    ----------
    table : array_like of float, shape (n_rows, n_columns)
        What is multiplied with the coefficients.
    y : array_like of float, shape (n_rows,)
        Targets.
    delta : float
        Up to which error the loss is squared. Positive.
    most_steps : int
        It stops earlier, when no coefficient moves any more.

    Examples
    --------
    >>> huber_fit(np.ones((5, 1)), [4, 5, 6, 7, 80], 1.0).round(3).tolist()
    [6.0]
    """
    table, y = np.asarray(table, float), np.asarray(y, float)
    coefficients = np.linalg.lstsq(table, y, rcond=None)[0]
    for _ in range(most_steps):
        before = coefficients
        weights = np.minimum(1, delta / np.maximum(np.abs(y - table @ before), 1e-300))
        root = np.sqrt(weights)
        coefficients = np.linalg.lstsq(table * root[:, None], y * root, rcond=None)[0]
        if np.abs(coefficients - before).max() <= 1e-13 * np.abs(before).max():
            break
    return coefficients


def summary(points: ArrayLike, moved: int, delta: float) -> dict[str, Any]:
    """Return everything that the picture shows, by name.

    Parameters
    ----------
    points : array_like of float, shape (n_points, 2)
        Area and price, where they are now.
    moved : int
        The point whose z-score is wanted.
    delta : float
        As in `huber_fit`.

    Returns
    -------
    dict
        ``mean``, ``median``, ``fences`` (low, high) and ``z`` of the prices, ``squares`` and
        ``huber``, the lines as (at 0, slope).
    """
    x, y = np.transpose(np.asarray(points, float))
    table = np.column_stack([np.ones_like(x), x])
    q1, q3 = np.quantile(y, [0.25, 0.75])
    return {
        "mean": y.mean(),
        "median": np.median(y),
        "fences": (q1 - 1.5 * (q3 - q1), q3 + 1.5 * (q3 - q1)),
        "z": (y[moved] - y.mean()) / y.std(ddof=1),
        "squares": np.linalg.lstsq(table, y, rcond=None)[0],
        "huber": huber_fit(table, y, delta),
    }


def draw(figure: Figure, settings: Mapping[str, Any], words: Mapping[str, str]) -> None:
    """Draw the points with both lines, and beside them the prices with mean, median, fences."""
    points, moved = np.array(settings["points"]), settings["moved"]
    home = points[moved].copy()
    points[moved] = settings["at"]
    found = summary(points, moved, settings["delta"])
    (x_low, x_high), (low, high) = settings["x_range"], settings["y_range"]
    ax, strip = figure.subplots(
        1, 2, sharey=True, gridspec_kw={"width_ratios": [1.9, 1], "wspace": 0.06}
    )
    others = np.delete(points, moved, axis=0)
    ends = np.array([x_low, x_high])
    lines = {name: found[name] for name in ("squares", "huber")}
    at_end = {name: start + slope * x_high for name, (start, slope) in lines.items()}
    for name, colour in (("squares", TWO), ("huber", THREE)):
        start, slope = lines[name]
        ax.plot(ends, start + slope * ends, color=colour, linewidth=2.4)
        above = 1 if at_end[name] == max(at_end.values()) else -1
        edge = above * max(above * at_end[name], above * (at_end[name] - 55 * slope))
        height = np.clip(edge + above * 0.9, low + 1, high - 1)
        ax.text(x_high - 3, height, words[name], color=colour, ha="right", va="center")
    ax.plot(*home, "o", markerfacecolor="none", markeredgecolor=QUIET)
    for axes, where in ((ax, others[:, 0]), (strip, np.full(len(others), 0.12))):
        axes.plot(where, others[:, 1], "o", color=INK, markersize=5)
    if points[moved, 1] <= high:
        ax.plot(*points[moved], "o", color=ONE, markersize=11)
        strip.plot(0.12, points[moved, 1], "o", color=ONE, markersize=8)
    else:
        ax.annotate("", (points[moved, 0], high), (points[moved, 0], high - 3),
                    arrowprops={**HEAD, "color": ONE})  # fmt: skip
        ax.text(points[moved, 0] + 3, high - 2, plain(float(points[moved, 1])), color=ONE)
    apart = np.sign(found["mean"] - found["median"]) or 1
    for name, colour, shift in (("mean", TWO, apart), ("median", THREE, -apart)):
        strip.plot([0.04, 0.4], [found[name]] * 2, color=colour, linewidth=3)
        text = words[name].format(value=plain(float(found[name])))
        gap = max(0, 1.4 - abs(found["mean"] - found["median"])) / 2
        strip.text(0.43, found[name] + shift * gap, text, color=colour, va="center")
    for fence, name in zip(found["fences"], ("lowFence", "highFence"), strict=True):
        if low <= fence <= high:
            strip.axhline(fence, color=QUIET, linestyle="--", linewidth=1.3)
            strip.text(0.97, fence + 0.3, words[name], color=QUIET, ha="right")
    strip.set(xlim=(0, 1), xticks=[], title=words["alone"])
    ax.set(xlim=(x_low, x_high), ylim=(low, high), xlabel=words["area"], ylabel=words["price"])
