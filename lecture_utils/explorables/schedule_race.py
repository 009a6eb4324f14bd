"""Draw a schedule and race it against a constant rate, in a bowl whose slope is noisy."""

import base64
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from numpy.typing import ArrayLike, NDArray

from lecture_utils import schedules
from lecture_utils.arguments import finite_numbers, number
from lecture_utils.explorables.stills import ONE, QUIET, TWO

SCRIPTS = ("optimizers.js", "descent.js", "schedules.js", "noisy_bowl.js")
HANDLES = True
#: Width over height of the picture, room for the controls in rem: on a desktop, on a phone.
SHAPE = {"wide": 1.75, "narrow": 0.66, "controls": 13, "narrow_controls": 19}
#: The draws are stored as 16-bit numbers of this unit: ±8 standard deviations fit.
DRAW_STEP = 2.0**-12
#: Schedules that a button draws, by the name of its label: a function of
#: `lecture_utils.schedules` and its settings; `LENGTHS` of them are shares of the run.
PRESETS = {
    "flat": ("constant", {"rate": 0.4}),
    "drop": ("piecewise_constant", {"boundaries": [0.8], "rates": [0.4, 0.04]}),
    "straight": ("polynomial_decay", {"initial_rate": 0.45, "end_rate": 0.002, "decay_steps": 1.0}),
    "exponential": (
        "exponential_decay",
        {"initial_rate": 0.8, "decay_rate": 0.03, "decay_steps": 1.0},
    ),
    "early": (
        "exponential_decay",
        {"initial_rate": 0.8, "decay_rate": 0.01, "decay_steps": 0.25},
    ),
}
LENGTHS = ("boundaries", "decay_steps")


def settings(
    *,
    draws: ArrayLike | None = None,
    curvature: Sequence[float] = (1.0, 0.1),
    start: Sequence[float] = (3.0, 6.0),
    noise: float = 0.3,
    noises: Sequence[float] = (0.0, 0.6, 0.05),
    rates: Sequence[float] = (0.002, 1.0),
    constant: float = 0.18,
    costs: Sequence[float] = (1e-3, 10.0),
) -> dict[str, Any]:
    """Return all settings, checked.

    The cost is ``sum(curvature * w**2) / 2``, its slope ``curvature * w``. An update sees the
    slope plus the noise times standard normal draws.

    Parameters
    ----------
    draws : array_like of float, shape (n_races, n_updates, n_directions), optional
        Standard normal numbers, rounded to 2**-12; every race takes the next ones. Without it:
        20 races of 200 updates from ``numpy.random.default_rng(0)``.
    curvature : sequence of float
        Curvature of the bowl in each direction. Positive.
    start : sequence of float
        Where both begin; one number a direction.
    noise : float
        Standard deviation of the noise at first; within `noises`.
    noises : (float, float, float)
        Lowest and highest noise of the slider, and from one to the next.
    rates : (float, float)
        Lowest and highest rate that can be drawn. Positive, the highest below two divided by the
        largest curvature.
    constant : float
        Rate of the rival at first; within `rates`.
    costs : (float, float)
        What the axis of the costs shows. Positive.

    Raises
    ------
    TypeError
        If a setting is not of its type.
    ValueError
        If one is out of range.
    """
    curvature, start = (
        finite_numbers(name, values).astype(float)
        for name, values in (("curvature", curvature), ("start", start))
    )
    if curvature.ndim != 1 or not (curvature > 0).all():
        raise ValueError(f"curvature must be a row of positive numbers, got {curvature.tolist()}")
    if start.shape != curvature.shape:
        raise ValueError(
            f"start must have {len(curvature)} numbers, as many as curvature, got {start.size}"
        )
    if draws is None:
        draws = np.random.default_rng(0).normal(size=(20, 200, len(curvature)))
    draws = finite_numbers("draws", draws)
    if draws.ndim != 3 or draws.shape[2] != len(curvature) or draws.shape[1] < 20:
        raise ValueError(
            f"draws must have shape (n_races, at least 20 updates, {len(curvature)}), "
            f"got {draws.shape}"
        )
    if np.abs(draws).max() >= 8:
        raise ValueError(f"draws must lie between -8 and 8, got {np.abs(draws).max()}")
    low = number("rates", rates[0], above=0)
    high = number("rates", rates[1], above=low, below=2 / curvature.max())
    quiet, loud, by = (number("noises", each, least=0) for each in noises)
    bottom = number("costs", costs[0], above=0)
    stored = np.round(draws / DRAW_STEP).astype("<i2")
    return {
        "steps": draws.shape[1],
        "draws": base64.b64encode(stored.tobytes()).decode(),
        "draw_step": DRAW_STEP,
        "curvature": curvature.tolist(),
        "start": start.tolist(),
        "noise": number("noise", noise, least=quiet, most=loud),
        "noises": [quiet, loud, by],
        "rates": [low, high],
        "constant": number("constant", constant, least=low, most=high),
        "costs": [bottom, number("costs", costs[1], above=bottom)],
        "presets": [  # a notebook sorts the keys of a mapping, and the buttons have an order
            [name, schedule, _in_updates(given, draws.shape[1])]
            for name, (schedule, given) in PRESETS.items()
        ],
    }


def _in_updates(given: Mapping[str, Any], n_steps: int) -> dict[str, Any]:
    """Return the settings of a schedule with lengths in updates instead of shares of the run."""
    lengths = {
        name: np.multiply(given[name], n_steps).astype(int).tolist()
        for name in LENGTHS
        if name in given
    }
    return {**given, **lengths}


def drawn(settings: Mapping[str, Any], name: str) -> NDArray[np.float64]:
    """Return the rate of every update that a button draws, cut to what can be drawn."""
    schedule, given = {key: rest for key, *rest in settings["presets"]}[name]
    rates = getattr(schedules, schedule)(np.arange(settings["steps"]), **given)
    return np.clip(rates, *settings["rates"])


def race(settings: Mapping[str, Any], rates: ArrayLike, number: int) -> NDArray[np.float64]:
    """Return the cost at the start and after every update, with the draws of one race."""
    curvature, w = (np.array(settings[name]) for name in ("curvature", "start"))
    stored = np.frombuffer(base64.b64decode(settings["draws"]), "<i2")
    draws = stored.reshape(-1, settings["steps"], len(w))[number] * settings["draw_step"]
    costs = [curvature @ w**2 / 2]
    for rate, draw in zip(np.asarray(rates), draws, strict=True):
        w = w - rate * (curvature * w + settings["noise"] * draw)
        costs.append(curvature @ w**2 / 2)
    return np.array(costs)


def on_average(
    settings: Mapping[str, Any], rates: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the two parts of the cost, averaged over all noise: way left, and trembling.

    The mean of w and its variance s obey ``mean = f * mean`` and
    ``s = f**2 * s + (rate * noise)**2`` with ``f = 1 - rate * curvature``.
    """
    curvature, mean = (np.array(settings[name]) for name in ("curvature", "start"))
    variance = np.zeros(len(mean))
    parts = [(curvature @ mean**2 / 2, 0.0)]
    for rate in np.asarray(rates):
        factor = 1 - rate * curvature
        mean = factor * mean
        variance = factor**2 * variance + (rate * settings["noise"]) ** 2
        parts.append((curvature @ mean**2 / 2, curvature @ variance / 2))
    way, trembling = np.transpose(parts)
    return way, trembling


def draw(figure: Figure, settings: Mapping[str, Any], words: Mapping[str, str]) -> None:
    """Draw a flat schedule and its rival, and what a race between them looks like."""
    steps = settings["steps"]
    mine, rival = drawn(settings, "flat"), np.full(steps, settings["constant"])
    figure.set_size_inches(6.4, 3.6)
    rates, costs = figure.subplots(1, 2)
    for each, colour, name in ((mine, ONE, words["mine"]), (rival, TWO, words["rival"])):
        rates.plot(each, color=colour)
        rates.text(0.02 * steps, each[0] * 1.08, name, color=colour)
    rates.plot(steps // 2, mine[steps // 2], "o", color=ONE, markersize=9)
    rates.text(0.5 * steps, mine[0] * 1.35, words["drawHere"], color=QUIET, ha="center")
    rates.set(yscale="log", ylim=settings["rates"], xlim=(0, steps))
    rates.set(xlabel=words["update"], ylabel=words["rate"])
    for each, colour, name in ((mine, ONE, words["mine"]), (rival, TWO, words["rival"])):
        _draw_cost(costs, settings, each, colour, name)
    costs.set(yscale="log", ylim=settings["costs"], xlim=(0, steps))
    costs.set(xlabel=words["update"], ylabel=words["cost"])


def _draw_cost(
    ax: Axes, settings: Mapping[str, Any], rates: NDArray, colour: str, name: str
) -> None:
    mean = np.sum(on_average(settings, rates), axis=0)
    ax.plot(race(settings, rates, 0), color=colour, linewidth=0.7, alpha=0.5)
    ax.plot(mean, color=colour, linewidth=2.4)
    text = f"{name} {mean[-1]:.2g}"
    place = (len(rates), mean[-1] * (1.6 if colour == ONE else 0.62))
    ax.text(*place, text, color=colour, ha="right", va="center",
            path_effects=[withStroke(linewidth=3, foreground="white")])  # fmt: skip
