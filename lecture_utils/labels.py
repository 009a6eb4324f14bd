"""Texts at the lines of a chart: where they stand, in which colour, what leaves the picture.

What figures of Matplotlib and interactive figures share; it imports neither library.
"""

import itertools
import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

#: The share of a usual chart's height that a text takes.
LABEL_HEIGHT = 0.075
#: Smallest contrast of a text to the white ground (WCAG 2.2, AA).
CONTRAST = 4.5
UP, DOWN, BROKEN = "▲", "▼", "×"


def departures(y: NDArray, low: float, high: float) -> list[tuple[int, int, str]]:
    """Return where a curve is out of the picture: first point, last point, and which way.

    Parameters
    ----------
    y : ndarray of float, shape (n_points,)
        The curve.
    low, high : float
        The limits.

    Returns
    -------
    list of tuple
        The way is ``"▲"``, ``"▼"``, or ``"×"`` for NaN.

    Examples
    --------
    >>> departures(np.array([1, 5, 50, 60, 2, -1, np.nan]), 0, 10)
    [(2, 3, '▲'), (5, 5, '▼'), (6, 6, '×')]
    """
    ways = np.select([np.isnan(y), y > high, y < low], [BROKEN, UP, DOWN], "")
    found, start = [], 0
    for way, group in itertools.groupby(ways.tolist()):
        length = len(list(group))
        if way:
            found.append((start, start + length - 1, way))
        start += length
    return found


def departure_text(x: NDArray, y: NDArray, first: int, last: int, way: str, x_label: str) -> str:
    """Return the arrow of a departure, the farthest value and its place.

    Parameters
    ----------
    x, y : ndarray of float, shape (n_points,)
        The curve.
    first, last, way
        From `departures`.
    x_label : str
        What the place is, said if it is short.

    Returns
    -------
    str
        As ``▲ 3e9 at step 40``.

    Examples
    --------
    >>> departure_text(np.arange(3), np.array([1.0, 5e9, 200]), 1, 2, "▲", "step")
    '▲ 5e9 at step 1'
    >>> departure_text(np.arange(3), np.array([1.0, 1.0, np.nan]), 2, 2, "×", "step")
    '× nan from step 2'
    """
    unit = f"{x_label} " if 0 < len(x_label) <= 8 else ""
    if way == BROKEN:
        return f"{way} nan from {unit}{x[first]:g}"
    points = y[first : last + 1]
    farthest = first + int(points.argmax() if way == UP else points.argmin())
    value = y[farthest]
    short = f"{value:.0f}" if 100 <= abs(value) < 1e5 else f"{value:.2g}"
    short = re.sub(r"e[+]?(-?)0*", r"e\1", short)
    return f"{way} {short} at {unit}{x[farthest]:g}"


def apart(heights: Sequence[float], distance: float = LABEL_HEIGHT) -> NDArray:
    """Return the heights, moved as little as possible so that neighbours keep `distance`.

    Without the distances it is isotonic regression: neighbours in the wrong order share a mean.
    All texts stay inside the chart, as long as there is room.

    Parameters
    ----------
    heights : sequence of float
        Middles of the texts, in shares of the chart's height.
    distance : float
        What two of them keep.

    Returns
    -------
    ndarray of float, shape (n_texts,)
        In the order given.

    Examples
    --------
    >>> apart([0.5, 0.52, 0.9, 1.2], 0.1).round(2).tolist()
    [0.46, 0.56, 0.85, 0.95]
    """
    low, high = distance / 2, 1 - distance / 2
    heights = np.clip(heights, low, high)  # what has left the chart pushes no farther than its edge
    order = np.argsort(heights, kind="stable")
    steps = distance * np.arange(len(heights))
    blocks: list[list[float]] = []
    for height in heights[order] - steps:
        blocks.append([height])
        while len(blocks) > 1 and np.mean(blocks[-2]) > np.mean(blocks[-1]):
            last = blocks.pop()
            blocks[-1] += last
    middles = np.clip([np.mean(block) for block in blocks for _ in block], low, high - steps[-1])
    moved = np.empty(len(heights))
    moved[order] = middles + steps
    return moved


def readable(colour: str) -> str:
    """Return `colour`, darkened until a text in it can be read on white.

    Parameters
    ----------
    colour : str
        As ``"#rrggbb"``.

    Returns
    -------
    str
        As ``"#rrggbb"``.

    Examples
    --------
    >>> readable("#0072b2"), readable("#e69f00")
    ('#0072b2', '#9d6d00')
    """
    parts = np.frombuffer(bytes.fromhex(colour.removeprefix("#")), np.uint8) / 255
    while 1.05 / (_luminance(parts) + 0.05) < CONTRAST:
        parts = parts * 0.99
    return "#" + (parts * 255).round().astype(np.uint8).tobytes().hex()


def _luminance(parts: NDArray) -> float:
    """Return the relative luminance of red, green and blue from 0 to 1, as WCAG defines it."""
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])
