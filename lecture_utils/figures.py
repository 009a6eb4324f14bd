"""Figures of results: mean and spread over seeds, names at the lines, nothing lost at an edge.

A page says what is drawn, in one call; what is needed to read it stands in the picture, because
JupyterLab, GitHub and Colab show no caption. The figure functions return a closed figure: make
one the last expression of a cell.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke
from numpy.typing import ArrayLike

from lecture_utils.evidence import Sample
from lecture_utils.labels import (
    BROKEN,
    LABEL_HEIGHT,
    UP,
    apart,
    departure_text,
    departures,
    readable,
)

NOTE = {"fontsize": 9, "color": "0.35"}
LABEL_SIZE = 10
#: The share of a usual figure's width that a letter takes.
LETTER_WIDTH = 0.02
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
        heights = apart([text.height for text in pool])
        for text, height in zip(pool, heights, strict=True):
            ax.annotate(
                text.text,
                (text.across, height),
                (7, 0),
                xycoords="axes fraction",
                textcoords="offset points",
                va="center",
                fontsize=LABEL_SIZE,
                color=readable(to_hex(text.colour)),
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
