"""A stream whose level drifts, and a mean that forgets: short memories tremble, long ones lag."""

import base64
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from numpy.typing import ArrayLike, NDArray

from lecture_utils.arguments import finite_numbers, number, whole_number
from lecture_utils.explorables.stills import INK, ONE, QUIET, TWO, plain

SCRIPTS = ("stream.js",)
HANDLES = False
#: Width over height of the picture, room for the controls in rem: on a desktop, on a phone.
SHAPE = {"wide": 1.2, "narrow": 0.5, "controls": 13, "narrow_controls": 18}
#: The draws are stored as 16-bit numbers of this unit: ±8 standard deviations fit.
DRAW_STEP = 2.0**-12
#: How the level may change.
KINDS = ("still", "jump", "slow", "seasons")
#: Rows that are remembered; 0 stands for all.
MEMORIES = (2, 3, 4, 5, 7, 10, 14, 20, 28, 40, 56, 80, 112, 160, 0)


def settings(
    *,
    draws: ArrayLike | None = None,
    kind: str = "jump",
    memories: Sequence[int] = MEMORIES,
    memory: int = 40,
    level: float = 20.0,
    change: float = 10.0,
    changes: Sequence[float] = (0.0, 16.0, 1.0),
    noise: float = 5.0,
    noises: Sequence[float] = (1.0, 8.0, 0.5),
    jump_at: float = 1 / 3,
    window: int = 40,
) -> dict[str, Any]:
    """Return all settings, checked.

    A row is the level of its time plus the noise times a standard normal draw. After each row a
    count ``n = forgetting * n + 1`` and a mean ``m += (row - m) / n`` are updated; the forgetting
    factor of a memory of N rows is ``1 - 1 / N``. Each row tests the mean before it moves it.

    Parameters
    ----------
    draws : array_like of float, shape (n_streams, n_rows), optional
        Standard normal numbers, rounded to 2**-12; a reader may ask for the next stream. Without
        it: 10 streams of 360 rows from ``numpy.random.default_rng(3)``.
    kind : {"jump", "still", "slow", "seasons"}
        How the level changes at first; a reader chooses among all of them.
    memories : sequence of int
        What the slider offers, in rows: rising from 2, the last one 0, which is all rows.
    memory : int
        Where it stands at first; one of `memories`.
    level, change : float
        The level of the first row, and by how much it changes; `change` within `changes`.
    changes : (float, float, float)
        Lowest and highest change of the slider, and from one to the next.
    noise : float
        Standard deviation of the noise at first; within `noises`.
    noises : (float, float, float)
        Lowest and highest noise of the slider, and from one to the next.
    jump_at : float
        After which share of the rows a jump comes.
    window : int
        Over how many of the last rows the running error is a mean.

    Raises
    ------
    TypeError
        If a setting is not of its type.
    ValueError
        If one is out of range.
    """
    if draws is None:
        draws = np.random.default_rng(3).normal(size=(10, 360))
    draws = finite_numbers("draws", draws)
    if draws.ndim != 2 or draws.shape[1] < 40:
        raise ValueError(f"draws must have shape (n_streams, at least 40), got {draws.shape}")
    if np.abs(draws).max() >= 8:
        raise ValueError(f"draws must lie between -8 and 8, got {np.abs(draws).max()}")
    if kind not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}, got {kind!r}")
    offered = [whole_number("memories", each, least=0) for each in memories]
    rising = offered[:-1]
    if len(offered) < 3 or offered[-1] != 0 or rising[0] < 2 or sorted(set(rising)) != rising:
        raise ValueError(f"memories must rise from 2 or more and end with 0, got {offered}")
    if memory not in offered:
        raise ValueError(f"memory must be one of {offered}, got {memory!r}")
    none, most, by = (number("changes", each, least=0) for each in changes)
    quiet, loud, step = (number("noises", each, above=0) for each in noises)
    stored = np.round(draws / DRAW_STEP).astype("<i2")
    return {
        "rows": draws.shape[1],
        "draws": base64.b64encode(stored.tobytes()).decode(),
        "draw_step": DRAW_STEP,
        "kinds": list(KINDS),
        "kind": kind,
        "memories": offered,
        "memory": offered.index(memory),
        "level": number("level", level),
        "change": number("change", change, least=none, most=most),
        "changes": [none, most, by],
        "noise": number("noise", noise, least=quiet, most=loud),
        "noises": [quiet, loud, step],
        "jump_at": number("jump_at", jump_at, above=0, below=1),
        "window": whole_number("window", window, least=1),
    }


def forgetting_factor(memory: int) -> float:
    """Return by what the weight of all old rows is multiplied; a memory of 0 is all rows."""
    return 1 - 1 / memory if memory else 1.0


def levels(settings: Mapping[str, Any], kind: str, change: float) -> NDArray[np.float64]:
    """Return the level of every row, shape (n_rows,)."""
    n = settings["rows"]
    row = np.arange(n)
    share = {
        "still": np.zeros(n),
        "jump": (row >= round(settings["jump_at"] * n)) * 1.0,
        "slow": row / (n - 1),
        "seasons": (1 - np.cos(4 * np.pi * row / n)) / 2,
    }[kind]
    return settings["level"] + change * share


def stream(
    settings: Mapping[str, Any], number: int, *, kind: str, change: float, noise: float
) -> NDArray[np.float64]:
    """Return the rows of one stream, shape (n_rows,)."""
    stored = np.frombuffer(base64.b64decode(settings["draws"]), "<i2")
    draws = stored.reshape(-1, settings["rows"])[number] * settings["draw_step"]
    return levels(settings, kind, change) + noise * draws


def means(rows: ArrayLike, forgetting: float) -> NDArray[np.float64]:
    """Return the mean after every row: row k steps back weighs ``forgetting**k``."""
    count, mean, found = 0.0, 0.0, []
    for row in np.asarray(rows):
        count = forgetting * count + 1
        mean += (row - mean) / count
        found.append(mean)
    return np.array(found)


def squared_errors(rows: ArrayLike, forgetting: float) -> NDArray[np.float64]:
    """Return how far each row but the first is from the mean before it, squared."""
    return (np.asarray(rows)[1:] - means(rows, forgetting)[:-1]) ** 2


def on_average(
    level: ArrayLike, noise: float, forgetting: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return lag² and trembling before each row but the first, averaged over all noise.

    The lag is the level minus the mean of the levels before it; the trembling is the variance of
    the mean, ``v = (1 - 1/n)**2 * v + (noise / n)**2`` with the count n of `means`.
    """
    lag = np.asarray(level)[1:] - means(level, forgetting)[:-1]
    count, variance, trembling = 0.0, 0.0, []
    for _ in lag:
        count = forgetting * count + 1
        variance = (1 - 1 / count) ** 2 * variance + (noise / count) ** 2
        trembling.append(variance)
    return lag**2, np.array(trembling)


def running(errors: ArrayLike, window: int) -> NDArray[np.float64]:
    """Return the mean of the last `window` errors at every place, of all where there are fewer."""
    sums = np.append(0.0, np.cumsum(errors))
    end = np.arange(1, len(sums))
    start = np.maximum(end - window, 0)
    return (sums[end] - sums[start]) / (end - start)


def draw(figure: Figure, settings: Mapping[str, Any], words: Mapping[str, str]) -> None:
    """Draw the rows with both means, their running errors, and one dot for the memory."""
    given = {name: settings[name] for name in ("kind", "change", "noise")}
    rows = stream(settings, 0, **given)
    level = levels(settings, given["kind"], given["change"])
    memory = settings["memories"][settings["memory"]]
    figure.set_size_inches(7, 5.8)
    axes = figure.subplot_mosaic([["rows", "rows"], ["error", "valley"]], height_ratios=(1.2, 1))

    ax, at = axes["rows"], np.arange(len(rows))
    ax.plot(at, rows, "o", color=QUIET, markersize=2.5, alpha=0.5)
    ax.plot(at, level, "--", color=INK, linewidth=1.4)
    ax.plot(at, means(rows, 1.0), color=TWO)
    ax.plot(at, means(rows, forgetting_factor(memory)), color=ONE, linewidth=2.4)
    ax.set(xlim=(0, len(rows)), xlabel=words["row"], title=words["value"])
    yours = words["yours"].format(memory=memory) if memory else words["yoursAll"]
    for (share, height), text, colour in (
        ((0.02, 0.92), yours, ONE), ((0.98, 0.42), words["never"], TWO),
        ((0.98, 0.04), words["truth"], INK),
    ):  # fmt: skip
        ax.text(
            share,
            height,
            text,
            color=colour,
            ha="left" if share < 0.5 else "right",
            transform=ax.transAxes,
            path_effects=[withStroke(linewidth=3, foreground="white")],
        )

    ax = axes["error"]
    for forgetting, colour in ((1.0, TWO), (forgetting_factor(memory), ONE)):
        _plot_recent(ax, squared_errors(rows, forgetting), settings["window"], color=colour)
    errors = (rows - level)[1:] ** 2
    _plot_recent(ax, errors, settings["window"], color=INK, linestyle="--", linewidth=1.2)
    ax.set(xlim=(0, len(rows)), ylim=(0, None), xlabel=words["row"])
    ax.set_title(words["running"].format(window=settings["window"]), fontsize=10)

    ax = axes["valley"]
    offered = [each for each in settings["memories"] if each]
    mine = squared_errors(rows, forgetting_factor(memory)).mean()
    ax.axhline(squared_errors(rows, 1.0).mean(), color=TWO)
    ax.axhline(errors.mean(), color=INK, linestyle="--", linewidth=1.2)
    ax.text(offered[0], errors.mean(), words["knows"], color=INK, va="bottom")
    ax.text(offered[0], squared_errors(rows, 1.0).mean(), words["never"], color=TWO, va="top")
    ax.plot(memory or 2 * offered[-1], mine, "o", color=ONE, markersize=8)
    ax.annotate(plain(float(mine)), (memory or offered[-1], mine), (8, 4), color=ONE,
                textcoords="offset points")  # fmt: skip
    ax.set(xscale="log", xlim=(offered[0] * 0.8, 2.5 * offered[-1]), xlabel=words["memoryAxis"])
    ax.set_xticks([2, 5, 14, 40, 112], ["2", "5", "14", "40", "112"])
    ax.minorticks_off()
    ax.set_title(words["valleyTitle"], fontsize=10)


def _plot_recent(ax: Axes, errors: NDArray, window: int, **style: Any) -> None:
    """Draw the running error from the first full window on."""
    ax.plot(np.arange(window, len(errors) + 1), running(errors, window)[window - 1 :], **style)
