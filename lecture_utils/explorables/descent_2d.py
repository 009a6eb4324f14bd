"""A bowl from above: two curvatures, one learning rate; what a step does in each direction."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from lecture_utils.arguments import finite_numbers, number, whole_number
from lecture_utils.explorables.stills import HEAD, INK, ONE, QUIET, THREE, TWO, plain

SCRIPTS = ("optimizers.js", "descent.js")
HANDLES = True  # a reader can drag something
#: Width over height of the picture, room for the controls in rem: on a desktop, on a phone.
SHAPE = {"wide": 1.5, "narrow": 1.0, "controls": 9, "narrow_controls": 16}


def settings(
    *,
    curvatures: Sequence[float] = (8.0, 0.5),
    bottom: Sequence[float] = (3.0, 3.0),
    start: Sequence[float] = (0.0, 0.0),
    rate: float = 0.2,
    rates: Sequence[float] = (0.01, 0.5, 0.005),
    ratios: Sequence[float] = (1, 2, 4, 8, 16, 32, 64, 100),
    reach: Sequence[float] = (4.2, 3.6),
    steps: int = 40,
) -> dict[str, Any]:
    """Return all settings, checked.

    The cost is ``curvatures[0] / 2 * (w1 - bottom[0])**2`` plus the same for w2.

    Parameters
    ----------
    curvatures : (float, float)
        How fast the slope changes along w1 and along w2. Positive; the second stays, and the
        first over the second is one of `ratios`.
    bottom, start : (float, float)
        Where the cost is smallest, and where the walk begins at first.
    rate : float
        Learning rate at first; within `rates`.
    rates : (float, float, float)
        Smallest and largest rate of the slider, and from one to the next. Positive.
    ratios : sequence of float
        How many times steeper the first direction can be set.
    reach : (float, float)
        How far the picture shows at least, left and right of the bottom, above and below.
    steps : int
        Steps of a walk.

    Raises
    ------
    TypeError
        If a setting is not of its type.
    ValueError
        If one is out of range.
    """
    steep, gentle = (number("curvatures", each, above=0) for each in curvatures)
    ratios = [number("ratios", each, above=0) for each in ratios]
    if steep / gentle not in ratios:
        raise ValueError(f"curvatures must have one of the ratios {ratios}, got {steep / gentle}")
    low, high, by = (number("rates", each, above=0) for each in rates)
    places = {"bottom": bottom, "start": start, "reach": reach}
    for name, place in places.items():
        if finite_numbers(name, place).shape != (2,):
            raise ValueError(f"{name} must be two numbers, got {place!r}")
    return {
        "curvatures": [steep, gentle],
        **{name: [float(each) for each in place] for name, place in places.items()},
        "rate": number("rate", rate, least=low, most=high),
        "rates": [low, high, by],
        "ratios": ratios,
        "steps": whole_number("steps", steps),
    }


def draw(figure: Figure, settings: Mapping[str, Any], words: Mapping[str, str]) -> None:
    """Draw the contours, the start, the first step, and what a step does in each direction."""
    curvatures, bottom, start = (
        np.array(settings[key]) for key in ("curvatures", "bottom", "start")
    )
    reach, rate = settings["reach"], settings["rate"]
    ax = figure.subplots()
    angles = np.linspace(0, 2 * np.pi, 145)
    for level in 0.16 * 2.0 ** np.arange(9):
        axes = level / np.sqrt(curvatures / curvatures[1])
        ax.plot(
            bottom[0] + axes[0] * np.cos(angles),
            bottom[1] + axes[1] * np.sin(angles),
            color=QUIET,
            linewidth=0.8,
            alpha=0.6,
        )
    landing = start - rate * curvatures * (start - bottom)
    ax.annotate("", landing, start, arrowprops={**HEAD, "color": THREE, "linewidth": 2.4})
    ax.plot(*start, "o", color=TWO, markersize=11)
    ax.plot(*bottom, "o", color=INK, markersize=4)
    ax.annotate(words["bottom"], bottom, (4, -4), textcoords="offset points", va="top", color=INK)
    texts = (
        words["factor"].format(name=words[name], factor=plain(1 - rate * curvature))
        for name, curvature in zip(("first", "second"), curvatures, strict=True)
    )
    ax.set_title("\n".join(texts), loc="right", color=ONE)
    box = ax.get_position()
    share = box.height * figure.get_figheight() / (box.width * figure.get_figwidth())
    half = max(reach[0], reach[1] / share)
    ax.set(xlim=(bottom[0] - half, bottom[0] + half), xlabel=words["first"])
    ax.set(ylim=(bottom[1] - half * share, bottom[1] + half * share), ylabel=words["second"])
