"""A ball on the cost (xw - y)^2: drag it, see its slope, take steps of gradient descent."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from lecture_utils.arguments import number, whole_number
from lecture_utils.explorables.stills import HEAD, INK, ONE, QUIET, THREE, TWO, plain

SCRIPTS = ("optimizers.js", "descent.js")
HANDLES = True  # a reader can drag something
#: Width over height of the picture, room for the controls in rem: on a desktop, on a phone.
SHAPE = {"wide": 1.6, "narrow": 1.05, "controls": 6, "narrow_controls": 11}


def settings(
    *,
    input: float = 2.0,
    target: float = 6.0,
    start: float = 0.0,
    rate: float = 0.1,
    rates: Sequence[float] = (0.01, 0.3, 0.005),
    steps: int = 10,
) -> dict[str, Any]:
    """Return all settings, checked.

    Parameters
    ----------
    input, target : float
        x and y of the cost (xw - y)^2; x not 0.
    start : float
        Where the ball lies at first; not at the bottom, y / x.
    rate : float
        Learning rate at first; within `rates`.
    rates : (float, float, float)
        Smallest and largest rate of the slider, and from one to the next. Positive.
    steps : int
        Steps of a run.

    Raises
    ------
    TypeError
        If a setting is not of its type.
    ValueError
        If one is out of range.
    """
    low, high, by = (number("rates", each, above=0) for each in rates)
    input, target = number("input", input), number("target", target)
    if input == 0:
        raise ValueError("input must not be 0: the cost would not depend on w")
    start = number("start", start)
    if start == target / input:
        raise ValueError(f"start must not be the bottom of the curve, got {start}")
    return {
        "input": input,
        "target": target,
        "start": start,
        "rate": number("rate", rate, least=low, most=high),
        "rates": [low, high, by],
        "steps": whole_number("steps", steps),
    }


def draw(figure: Figure, settings: Mapping[str, Any], words: Mapping[str, str]) -> None:
    """Draw the ball, its tangent, and where the first step leads."""
    x, y, w, rate = (settings[key] for key in ("input", "target", "start", "rate"))
    bottom = y / x
    reach = 1.6 * abs(w - bottom)

    def cost(at: Any) -> Any:
        return (x * at - y) ** 2

    slope = 2 * x * (x * w - y)
    highest = cost(bottom + reach)
    lane = -0.1 * highest
    ax = figure.subplots()
    places = np.linspace(bottom - reach, bottom + reach, 121)
    ax.plot(places, cost(places), color=INK)
    # As long on the picture whatever the slope: 0.16 of its width.
    steepness = slope * 2 * reach / (1.17 * highest) / 1.5
    half = 0.16 * 2 * reach / np.hypot(1, steepness)
    ax.plot([w - half, w + half], [cost(w) - half * slope, cost(w) + half * slope], color=ONE)
    ax.plot([w, w], [cost(w), lane], color=QUIET, linestyle=":", linewidth=1.2)
    landing = np.clip(w - rate * slope, bottom - reach, bottom + reach)
    ax.annotate(
        "", (landing, lane), (w, lane), arrowprops={**HEAD, "color": THREE, "linewidth": 2.4}
    )
    ax.plot(w, cost(w), "o", color=TWO, markersize=11)
    side = (
        {"ha": "left", "x": w + 0.06 * reach}
        if w < bottom
        else {"ha": "right", "x": w - 0.06 * reach}
    )
    values = {"w": plain(w), "cost": plain(cost(w)), "slope": plain(slope)}
    beside = side.pop("x")
    ax.text(beside, cost(w) + 0.07 * highest, words["place"].format(**values), color=TWO, **side)
    ax.text(beside + 0.02 * reach, cost(w), words["slope"].format(**values), color=ONE, **side)
    step = words["step"].format(by=plain(abs(rate * slope)))
    ax.text((w + landing) / 2, lane + 0.025 * highest, step, color=THREE, ha="center")
    ax.set(xlim=(bottom - reach, bottom + reach), ylim=(-0.17 * highest, highest))
    ax.set(xlabel=words["parameter"], ylabel=words["cost"])
