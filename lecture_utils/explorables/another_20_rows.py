"""A polynomial fitted to one set of rows after the other: its bias and its spread pile up."""

import base64
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from lecture_utils.arguments import finite_numbers, number, whole_number
from lecture_utils.explorables.stills import INK, ONE, QUIET, TWO, plain

SCRIPTS = ("least_squares.js",)
HANDLES = False
#: Width over height of the picture, room for the controls in rem: on a desktop, on a phone.
SHAPE = {"wide": 1.5, "narrow": 0.95, "controls": 9, "narrow_controls": 16}
#: The draws are stored as 16-bit numbers of this unit: ±8 standard deviations fit.
DRAW_STEP = 2.0**-12


def settings(
    *,
    draws: ArrayLike | None = None,
    degree: int = 3,
    degrees: Sequence[int] = (0, 14),
    noise: float = 0.3,
    noises: Sequence[float] = (0.0, 1.0, 0.05),
    height: float = 2.2,
) -> dict[str, Any]:
    """Return all settings, checked.

    The truth is ``sin(4 * x + 1)`` at x evenly spaced from -1 to 1; a row adds the noise times a
    standard normal draw.

    Parameters
    ----------
    draws : array_like of float, shape (n_sets, n_rows), optional
        Standard normal numbers, rounded to 2**-12; a reader sees one set after the other. Without
        it: 100 sets of 20 rows from ``numpy.random.default_rng(0)``.
    degree : int
        Degree of the polynomial at first; within `degrees`.
    degrees : (int, int)
        Lowest and highest degree of the slider; the highest below the number of rows.
    noise : float
        Standard deviation of the noise at first; within `noises`.
    noises : (float, float, float)
        Lowest and highest noise of the slider, and from one to the next.
    height : float
        The picture shows y from minus to plus this. Positive.

    Raises
    ------
    TypeError
        If a setting is not of its type.
    ValueError
        If one is out of range.
    """
    if draws is None:
        draws = np.random.default_rng(0).normal(size=(100, 20))
    draws = finite_numbers("draws", draws)
    if draws.ndim != 2:
        raise ValueError(f"draws must have shape (n_sets, n_rows), got {draws.shape}")
    if np.abs(draws).max() >= 8:
        raise ValueError(f"draws must lie between -8 and 8, got {np.abs(draws).max()}")
    lowest, highest = (whole_number("degrees", each, least=0) for each in degrees)
    if highest >= draws.shape[1]:
        raise ValueError(f"degrees must stay below the {draws.shape[1]} rows, got {highest}")
    if not lowest <= whole_number("degree", degree, least=0) <= highest:
        raise ValueError(f"degree must be from {lowest} to {highest}, got {degree}")
    quiet, loud, by = (number("noises", each, least=0) for each in noises)
    stored = np.round(draws / DRAW_STEP).astype("<i2")
    return {
        "rows": draws.shape[1],
        "draws": base64.b64encode(stored.tobytes()).decode(),
        "draw_step": DRAW_STEP,
        "degree": degree,
        "degrees": [lowest, highest],
        "noise": number("noise", noise, least=quiet, most=loud),
        "noises": [quiet, loud, by],
        "height": number("height", height, above=0),
    }


def fits(
    settings: Mapping[str, Any], n_sets: int, at: ArrayLike, *, degree: int, noise: float
) -> NDArray[np.float64]:
    """Return what the fits to the first sets of rows predict, shape (n_sets, len(at))."""
    stored = np.frombuffer(base64.b64decode(settings["draws"]), "<i2")
    draws = stored.reshape(-1, settings["rows"])[:n_sets] * settings["draw_step"]
    x = np.linspace(-1, 1, settings["rows"])
    y = np.sin(4 * x + 1) + noise * draws
    theta = np.linalg.lstsq(np.vander(x, degree + 1, increasing=True), y.T, rcond=None)[0]
    return (np.vander(at, degree + 1, increasing=True) @ theta).T


def draw(figure: Figure, settings: Mapping[str, Any], words: Mapping[str, str]) -> None:
    """Draw ten fits in one picture, their mean, the truth, and the last set of rows."""
    grid = np.linspace(-1, 1, 81)
    degree, noise, height = (settings[key] for key in ("degree", "noise", "height"))
    curves = fits(settings, 10, grid, degree=degree, noise=noise)
    mean, truth = curves.mean(axis=0), np.sin(4 * grid + 1)
    ax = figure.subplots()
    ax.plot(grid, curves.T, color=ONE, linewidth=0.8, alpha=0.5)
    ax.plot(grid, truth, color=INK, linestyle="--", linewidth=2.2)
    ax.plot(grid, mean, color=TWO, linewidth=2.6)
    parts = {
        "bias": np.mean((mean - truth) ** 2),
        "variance": np.mean(curves.var(axis=0)),
        "noisePart": noise**2,
    }
    texts = [words[name].format(value=plain(float(value))) for name, value in parts.items()]
    ax.set_title("    ".join(texts), color=QUIET)
    ax.text(-1.02, -0.93 * height, words["manySets"].format(shown=len(curves)), color=ONE)
    ax.text(0.15, 1.1, words["truth"], color=INK, ha="center")
    ax.annotate(words["mean"], (grid[64], mean[64]), (6, 8), textcoords="offset points", color=TWO)
    ax.set(xlim=(-1.05, 1.05), ylim=(-height, height), xlabel="x", ylabel="y")
