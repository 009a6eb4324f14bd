"""Figures of results: mean and spread over seeds, names at the lines, nothing lost at an edge.

A page says what is drawn, in one call; what is needed to read it stands in the picture, because
JupyterLab, GitHub and Colab show no caption. The figure functions return a closed figure: make
one the last expression of a cell.
"""

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke
from numpy.typing import ArrayLike, NDArray

from lecture_utils.evidence import Sample

NOTE = {"fontsize": 9, "color": "0.35"}
LABEL_SIZE = 10
#: The shares of a usual figure that a text and one of its letters take.
LABEL_HEIGHT, LETTER_WIDTH = 0.065, 0.02
UP, DOWN, BROKEN = "▲", "▼", "×"
#: Smallest contrast of a text to the white ground (WCAG 2.2, AA).
CONTRAST = 4.5
SPREADS = {"sd": "mean ± sd", "interval": "mean and 95 % interval"}


def line_figure(
    curves: Mapping[str, Any],
    x: ArrayLike | None = None,
    *,
    x_label: str,
    y_label: str,
    log: str = "",
    limits: tuple[float, float] | None = None,
    spread: str = "sd",
    size: tuple[float, float] | None = None,
) -> Figure:
    """Draw one line a name, with the name at its end.

    Parameters
    ----------
    curves : mapping of str to array_like, shape (n_points,) or (n_points, n_seeds)
        One value a point, or one a point and seed: then the mean is drawn with its spread. A
        sequence of `lecture_utils.evidence.Sample` does as well.
    x : array_like of float, shape (n_points,), optional
        Where the points are; 0, 1, 2, ... if it is not given.
    x_label, y_label : str
        What the axes show, with the unit.
    log : {"", "x", "y", "xy"}
        The logarithmic axes.
    limits : tuple of float, optional
        Ends of the vertical axis. What leaves them does so with an arrow and a number.
    spread : {"sd", "interval"}
        What the bars are: the standard deviation of the seeds or the 95 % interval of the mean.
    size : tuple of float, optional
        Width and height, in inches.

    Returns
    -------
    matplotlib.figure.Figure
        Closed, so that a cell shows it once.

    Raises
    ------
    ValueError
        If a curve does not fit `x`, or a choice is none of the above.

    Examples
    --------
    >>> rates, rng = [0.01, 0.1, 1.0], np.random.default_rng(0)
    >>> losses = {name: rng.uniform(1, 2, size=(3, 10)) for name in ("SGD", "Adam")}
    >>> figure = line_figure(losses, rates, x_label="rate", y_label="loss (nats)", log="x")
    >>> sorted(text.get_text() for text in figure.axes[0].texts)
    ['Adam', 'SGD']
    >>> figure.axes[0].get_title("right")
    'mean ± sd of 10 seeds'
    """
    if set(log) - {"x", "y"}:
        raise ValueError(f"log must be '', 'x', 'y' or 'xy', got {log!r}")
    figure, ax = plt.subplots(figsize=size)
    try:
        ax.set(xlabel=x_label, ylabel=y_label)
        for axis in log:
            getattr(ax, f"set_{axis}scale")("log")
        for name, values in curves.items():
            where = np.arange(len(values)) if x is None else np.asarray(x)
            if _is_by_seed(values):
                plot_by_seed(ax, where, values, name, spread=spread)
            else:
                _fits(name, where, values)
                ax.plot(where, values, label=name)
        if limits is not None:
            ax.set_ylim(limits)
        label_lines(ax)
    finally:
        plt.close(figure)
    return figure


def interval_figure(
    effects: Mapping[str, Sample],
    *,
    x_label: str,
    size: tuple[float, float] | None = None,
) -> Figure:
    """Draw means with their 95 % intervals below each other, and a line at 0.

    Parameters
    ----------
    effects : mapping of str to Sample
        Usually differences, from `lecture_utils.evidence.differences`: where the bar crosses the
        line, the rule sees no difference.
    x_label : str
        What they are, with the unit.
    size : tuple of float, optional
        Width and height, in inches.

    Returns
    -------
    matplotlib.figure.Figure
        Closed, so that a cell shows it once.

    Examples
    --------
    >>> from lecture_utils.evidence import difference
    >>> leads = {"crops": difference([0.86, 0.87, 0.88], [0.84, 0.85, 0.85])}
    >>> figure = interval_figure(leads, x_label="accuracy gained")
    >>> [tick.get_text() for tick in figure.axes[0].get_yticklabels()]
    ['crops']
    """
    if not effects:
        raise ValueError("effects must hold at least one sample")
    figure, ax = plt.subplots(figsize=size or (5, 0.9 + 0.32 * len(effects)))
    try:
        for place, effect in enumerate(effects.values()):
            low, high = effect.interval
            ax.plot([low, high], [place, place], color="C0", solid_capstyle="butt")
            ax.plot(effect.mean, place, "o", color="C0")
        ax.axvline(0, color="black", linewidth=1, zorder=1)
        ax.set_yticks(range(len(effects)), list(effects))
        ax.set(xlabel=x_label, ylim=(len(effects) - 0.5, -0.5))
        ax.grid(False, axis="y")
        together = max(effect.comparisons for effect in effects.values())
        family = f", {together} comparisons together" if together > 1 else ""
        _note(ax, f"95 % intervals{family}, {_numbers_of_seeds(effects.values())}")
    finally:
        plt.close(figure)
    return figure


def plot_by_seed(
    ax: Axes,
    x: ArrayLike,
    values: ArrayLike | Sequence[Sample],
    label: str = "",
    *,
    spread: str = "sd",
    **style: Any,
) -> None:
    """Draw the mean over seeds as a line, its spread as bars, and say which in a corner.

    Parameters
    ----------
    ax : Axes
        Where.
    x : array_like of float, shape (n_points,)
        Where the points are.
    values : array_like, shape (n_points, n_seeds), or sequence of Sample
        One value a point and seed.
    label : str
        Name of the line, for `label_lines`.
    spread : {"sd", "interval"}
        As in `line_figure`.
    **style
        What ``Axes.errorbar`` takes.

    Raises
    ------
    ValueError
        If the values do not fit `x`, or `spread` is neither.

    Examples
    --------
    >>> figure, ax = plt.subplots()
    >>> plot_by_seed(ax, [0.1, 1.0], [[2.0, 2.2, 2.1], [1.0, 1.4, 1.2]], "SGD")
    >>> ax.lines[0].get_ydata().round(2).tolist()
    [2.1, 1.2]
    >>> plt.close(figure)
    """
    if spread not in SPREADS:
        raise ValueError(f"spread must be one of {list(SPREADS)}, got {spread!r}")
    samples = [row if isinstance(row, Sample) else Sample(row) for row in values]
    _fits(label, x, samples)
    means = np.array([sample.mean for sample in samples])
    if spread == "sd":
        bars = np.array([sample.sd for sample in samples])
    else:
        bars = np.abs(np.transpose([sample.interval for sample in samples]) - means)
    drawn = ax.errorbar(x, means, bars, **{"marker": "o", "capsize": 2.5, **style})
    drawn.lines[0].set_label(label)
    _note(ax, f"{SPREADS[spread]} of {_numbers_of_seeds(samples)}")


def label_lines(ax: Axes) -> None:
    """Write each line's name at its end instead of a legend, and what leaves the picture.

    Where a line leaves the limits of the axes an arrow points after it, with the farthest value
    and its place. Texts that would overlap move apart. Call it last, when the limits are final.

    Parameters
    ----------
    ax : Axes
        Where.

    Examples
    --------
    >>> figure, ax = plt.subplots()
    >>> lines = ax.plot([1, 10, 1e5, 1e9], label="too fast") + ax.plot([9, 5, 3, 2], label="good")
    >>> limits = ax.set(ylim=(0, 20), xlabel="step")
    >>> label_lines(ax)
    >>> [text.get_text() for text in ax.texts]
    ['too fast ▲ 1e9 at step 3', 'good']
    >>> plt.close(figure)
    """
    texts = [text for line in ax.get_lines() for text in _texts_of(ax, line)]
    for pool in _overlapping(texts):
        low, high = LABEL_HEIGHT / 2, 1 - LABEL_HEIGHT / 2  # neither in the title nor on the axis
        heights = _apart(np.clip([text.height for text in pool], low, high), LABEL_HEIGHT)
        heights -= max(0, heights.max() - high)
        heights += max(0, low - heights.min())
        for text, height in zip(pool, heights, strict=True):
            ax.annotate(
                text.text,
                (text.across, height),
                (7, 0),
                xycoords="axes fraction",
                textcoords="offset points",
                va="center",
                fontsize=LABEL_SIZE,
                color=readable(text.colour),
                annotation_clip=False,
                path_effects=[withStroke(linewidth=2.5, foreground="white")],
            )


@dataclass(frozen=True)
class _Text:
    """What is to be written to the right of a place, which is in shares of the axes."""

    across: float
    height: float
    text: str
    colour: Any

    @property
    def end(self) -> float:
        return self.across + LETTER_WIDTH * (len(self.text) + 1)


def _texts_of(ax: Axes, line: Line2D) -> Iterator[_Text]:
    """Yield the name of a line at its end, and a mark wherever it leaves the limits."""
    if line.get_linestyle() == "None" or line.get_transform() != ax.transData:
        return
    x, y = np.asarray(line.get_xdata(), float), np.asarray(line.get_ydata(), float)
    low, high = sorted(ax.get_ylim())
    ends = departures(y, low, high)
    name = "" if line.get_label().startswith("_") else line.get_label()
    to_axes = ax.transData + ax.transAxes.inverted()
    for first, last, arrow in ends:
        across, height = to_axes.transform(
            (x[max(first - 1, 0)], np.clip(y[max(first - 1, 0)], low, high))
        )
        if arrow != BROKEN:
            across_out, _ = to_axes.transform((x[first], high))
            edge = 1 if arrow == UP else 0
            _, out = to_axes.transform((x[first], y[first]))
            share = (edge - height) / (out - height) if first and np.isfinite(out) else 1
            across, height = across + share * (across_out - across), edge
        text = departure_text(x, y, first, last, arrow, ax.get_xlabel())
        stays_out = last == len(y) - 1
        yield _Text(
            across, height, f"{name} {text}".strip() if stays_out else text, line.get_color()
        )
    if name and len(y) and not any(last == len(y) - 1 for _, last, _ in ends):
        across, height = to_axes.transform((x[-1], y[-1]))
        yield _Text(across, height, name, line.get_color())


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


def _overlapping(texts: Sequence[_Text]) -> Iterator[list[_Text]]:
    """Yield the texts in groups that may meet: over one range of x, and not far apart in height."""
    columns: list[list[_Text]] = []
    reach = -np.inf
    for text in sorted(texts, key=lambda text: text.across):
        if text.across > reach:
            columns.append([])
        columns[-1].append(text)
        reach = max(reach, text.end)
    for column in columns:
        column.sort(key=lambda text: text.height)
        gaps = np.diff([text.height for text in column])
        cuts = [0, *np.flatnonzero(gaps > len(column) * LABEL_HEIGHT) + 1, len(column)]
        yield from (column[start:end] for start, end in itertools.pairwise(cuts))


def readable(colour: Any) -> str:
    """Return `colour`, darkened until a text in it can be read on white.

    Parameters
    ----------
    colour : colour of Matplotlib
        Such as ``"C1"`` or ``"#E69F00"``.

    Returns
    -------
    str
        As ``"#rrggbb"``.

    Examples
    --------
    >>> readable("#0072B2"), readable("#E69F00")
    ('#0072b2', '#9d6d00')
    """
    parts = np.array(to_rgb(colour))
    while 1.05 / (_luminance(parts) + 0.05) < CONTRAST:
        parts *= 0.99
    return to_hex(parts)


def _luminance(parts: NDArray) -> float:
    """Return the relative luminance of red, green and blue from 0 to 1, as WCAG defines it."""
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def _is_by_seed(values: Any) -> bool:
    return any(isinstance(value, Sample) for value in values) or np.ndim(values) == 2


def _fits(label: str, x: ArrayLike, values: Sequence[Any]) -> None:
    if len(x) != len(values):
        raise ValueError(f"{label or 'the line'} has {len(values)} values for {len(x)} points")


def _numbers_of_seeds(samples: Any) -> str:
    low, *others = sorted({sample.n for sample in samples})
    return f"{low} to {others[-1]} seeds" if others else f"{low} seeds"


def _note(ax: Axes, text: str) -> None:
    """Say in the upper right corner how to read what is drawn; several notes stand together."""
    notes = [note for note in ax.get_title("right").split("; ") if note]
    if text not in notes:
        ax.set_title("; ".join([*notes, text]), loc="right", **NOTE)


def _apart(heights: Sequence[float], distance: float) -> NDArray:
    """Return the heights, moved as little as possible so that neighbours keep `distance`.

    Without the distances it is isotonic regression: neighbours in the wrong order share a mean.
    """
    order = np.argsort(heights, kind="stable")
    steps = distance * np.arange(len(heights))
    blocks: list[list[float]] = []
    for height in np.asarray(heights)[order] - steps:
        blocks.append([height])
        while len(blocks) > 1 and np.mean(blocks[-2]) > np.mean(blocks[-1]):
            last = blocks.pop()
            blocks[-1] += last
    moved = np.empty(len(heights))
    moved[order] = [np.mean(block) for block in blocks for _ in block] + steps
    return moved
