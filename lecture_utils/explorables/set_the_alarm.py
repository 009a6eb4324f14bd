"""Readings of a machine that never failed: three distances, a threshold, what its alarms cost."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from lecture_utils.arguments import finite_numbers, number, whole_number
from lecture_utils.explorables.stills import INK, ONE, QUIET, THREE, TWO, plain

SCRIPTS = ("distances.js",)
HANDLES = True
#: Width over height of the picture, room for the controls in rem: on a desktop, on a phone.
SHAPE = {"wide": 1.65, "narrow": 0.5, "controls": 13, "narrow_controls": 17.5}
DISTANCES = ("euclidean", "mahalanobis", "neighbours")
COLOURS = dict(zip(DISTANCES, (ONE, TWO, THREE), strict=True))
KINDS = ("off_the_line", "too_far", "in_the_bend")
#: How far the picture goes from the mean, to each side.
REACH = 3.4
#: Of so many readings the costs are counted.
READINGS = 1000
PREVALENCES = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1)
COSTS = (1, 2, 5, 10, 20, 50, 100)


def settings(
    *,
    normal: ArrayLike | None = None,
    held: ArrayLike | None = None,
    failures: Mapping[str, ArrayLike] | None = None,
    at: Sequence[float] = (30, 13.5),
    neighbours: int = 5,
    rank: int = 5,
    prevalence: float = 0.02,
    cost_of_miss: int = 10,
) -> dict[str, Any]:
    """Return all settings, checked. Columns are standardized by `normal`, and rounded to 0.001.

    Parameters
    ----------
    normal : array_like of float, shape (n, 2), optional
        Readings that the distances are measured from. Without it, and then without `held` and
        `failures`: ``pump_readings`` of ``numpy.random.default_rng(13)``.
    held : array_like of float, shape (n_held, 2), optional
        Normal readings that set the threshold, at least 40.
    failures : mapping of str to array_like of float, shape (n_failures, 2), optional
        What failures of each kind of ``KINDS`` look like.
    at : (float, float)
        Where the reading that one drags stands at first; at most 3.4 standard deviations from
        the mean.
    neighbours : int
        How many nearest readings count.
    rank : int
        The threshold at first is the score of this rank among the held-out ones, 1 the largest.
    prevalence : float
        The share of failures among all readings at first; one of ``PREVALENCES``.
    cost_of_miss : int
        What a miss costs at first, in false alarms; one of ``COSTS``.

    Raises
    ------
    TypeError
        If a setting is not of its type.
    ValueError
        If one is out of range.
    """
    if normal is None:
        normal, held, failures = pump_readings(np.random.default_rng(13))
    if failures is None or set(failures) != set(KINDS):
        got = None if failures is None else list(failures)
        raise ValueError(f"failures must have the kinds {list(KINDS)}, got {got}")
    given = {"normal": normal, "held": held, **{kind: failures[kind] for kind in KINDS}, "at": [at]}
    given = {name: finite_numbers(name, points) for name, points in given.items()}
    for name, points in given.items():
        if points.ndim != 2 or points.shape[1] != 2 or not len(points):
            raise ValueError(f"{name} must have shape (n, 2), got {points.shape}")
    mean, sd = given["normal"].mean(axis=0), given["normal"].std(axis=0)
    if np.linalg.matrix_rank(given["normal"] - mean) < 2:
        raise ValueError("normal must not lie on one line")
    if len(given["held"]) < 40:
        raise ValueError(f"held must be at least 40 readings, got {len(given['held'])}")
    shown = {name: (points - mean) / sd for name, points in given.items()}
    if np.abs(shown["at"]).max() > REACH:
        raise ValueError(f"at must lie within {REACH:g} standard deviations, got {at}")
    if whole_number("neighbours", neighbours) > len(shown["normal"]):
        raise ValueError(f"neighbours must be at most {len(shown['normal'])}, got {neighbours}")
    most = most_rank(len(shown["held"]))
    if whole_number("rank", rank) > most:
        raise ValueError(f"rank must be at most {most}, got {rank}")
    if prevalence not in PREVALENCES or cost_of_miss not in COSTS:
        raise ValueError(
            f"prevalence must be one of {PREVALENCES} and cost_of_miss one of {COSTS}, "
            f"got {prevalence} and {cost_of_miss}"
        )
    return {
        "normal": shown["normal"].round(3).tolist(),
        "held": shown["held"].round(3).tolist(),
        "failures": {kind: shown[kind].round(3).tolist() for kind in KINDS},
        "at": shown["at"][0].round(3).tolist(),
        "neighbours": neighbours,
        "rank": rank,
        "most_rank": most,
        "prevalences": list(PREVALENCES),
        "prevalence": PREVALENCES.index(prevalence),
        "costs": list(COSTS),
        "cost_of_miss": COSTS.index(cost_of_miss),
        "reach": REACH,
        "readings": READINGS,
    }


def most_rank(n_held: int) -> int:
    """Return the largest rank that a reader can choose: a false-alarm rate of three tenths."""
    return int(0.3 * (n_held + 1))


def pump_readings(
    rng: np.random.Generator, *, n: int = 150, n_held: int = 99, n_failures: int = 40
) -> tuple[NDArray, NDArray, dict[str, NDArray]]:
    """Return normal readings, held-out ones and failures of a pump, made up: speed and current.

    The current grows with the third power of the speed, so the cloud is bent. Failures lie off it,
    below, too far along it, or inside its bend. Speeds are in turns a second, currents in ampere.
    """

    def usual(speed: NDArray) -> NDArray:
        return 4 + speed**3 / 12_000

    speed = rng.uniform(20, 60, n + n_held)
    readings = np.column_stack([speed, usual(speed) + rng.normal(0, 0.9, n + n_held)])
    failed = {}
    for kind, (lowest, highest), (least, most) in (
        ("off_the_line", (30, 56), (-5, -1.5)),
        ("too_far", (58, 66), (-1.5, 1.5)),
        ("in_the_bend", (32, 50), (1.5, 4.5)),
    ):
        speed = rng.uniform(lowest, highest, n_failures)
        off = rng.uniform(least, most, n_failures)
        failed[kind] = np.column_stack([speed, usual(speed) + off])
    return readings[:n], readings[n:], failed


def scores(settings: Mapping[str, Any], points: ArrayLike) -> dict[str, NDArray[np.float64]]:
    """Return the three distances of points, shape (n_points,) each, by name.

    ``euclidean`` from the mean, ``mahalanobis`` from the mean, ``neighbours``: the mean distance
    to the nearest normal readings.
    """
    normal, points = np.asarray(settings["normal"]), np.asarray(points, float)
    away = points - normal.mean(axis=0)
    inverse = np.linalg.inv(np.cov(normal.T, bias=True))
    to_each = np.linalg.norm(points[:, None] - normal, axis=-1)
    return {
        "euclidean": np.linalg.norm(away, axis=1),
        "mahalanobis": np.sqrt(np.einsum("ni,ij,nj->n", away, inverse, away)),
        "neighbours": np.sort(to_each, axis=1)[:, : settings["neighbours"]].mean(axis=1),
    }


def limits(settings: Mapping[str, Any], rank: int) -> dict[str, float]:
    """Return the threshold of each distance: the score of that rank among the held-out ones."""
    return {
        name: float(np.sort(found)[-rank])
        for name, found in scores(settings, settings["held"]).items()
    }


def costs(
    settings: Mapping[str, Any], kind: str, *, rank: int, prevalence: float, cost_of_miss: float
) -> dict[str, dict[str, float]]:
    """Return expected false alarms, misses and their cost, of 1,000 readings, by distance."""
    found, at = {}, limits(settings, rank)
    for name, score in scores(settings, settings["failures"][kind]).items():
        alarms = READINGS * (1 - prevalence) * rank / (len(settings["held"]) + 1)
        misses = READINGS * prevalence * np.mean(score <= at[name])
        found[name] = {
            "falseAlarms": alarms,
            "misses": misses,
            "cost": alarms + number("cost_of_miss", cost_of_miss, above=0) * misses,
        }
    return found


def draw(figure: Figure, settings: Mapping[str, Any], words: Mapping[str, str]) -> None:
    """Draw the plane with the three limits, and the scores of each distance beside it."""
    figure.set_size_inches(7, 4.6)
    grid = figure.add_gridspec(3, 2, width_ratios=(1.5, 1), hspace=0.15)
    plane = figure.add_subplot(grid[:, 0])
    normal, at = np.array(settings["normal"]), np.array(settings["at"])
    reach, limit = settings["reach"], limits(settings, settings["rank"])
    line = np.linspace(-reach, reach, 161)
    mesh = np.stack(np.meshgrid(line, line), axis=-1)
    over = scores(settings, mesh.reshape(-1, 2))
    plane.plot(*normal.T, ".", color=QUIET, markersize=4)
    for name, style in zip(DISTANCES, ("-", "--", "-"), strict=True):
        plane.contour(
            line, line, over[name].reshape(mesh.shape[:2]), levels=[limit[name]],
            colors=[COLOURS[name]], linestyles=style, linewidths=2 if style == "-" else 2.4,
        )  # fmt: skip
    plane.plot(*at, "o", color=INK, markersize=11)
    plane.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal",
              xlabel=words["speed"], ylabel=words["current"])  # fmt: skip
    held, here = scores(settings, settings["held"]), scores(settings, [at])
    for row, name in enumerate(DISTANCES):
        ax, value = figure.add_subplot(grid[row, 1]), float(here[name][0])
        heights = np.linspace(0.15, 0.85, 7)[np.arange(len(held[name])) % 7]
        ax.plot(held[name], heights, ".", color=QUIET, markersize=4)
        ax.axvline(limit[name], color=COLOURS[name], linewidth=2)
        ax.plot(value, 0.5, "o", color=INK, markersize=9)
        rings = words["alarm" if value > limit[name] else "quiet"]
        title = words["reading"].format(name=words[name], value=plain(value), rings=rings)
        ax.set_title(title, color=COLOURS[name], fontsize=11)
        ax.set(yticks=[], ylim=(0, 1), xlim=(0, 1.1 * max(held[name].max(), value)))
    ax.set_xlabel(words["heldAxis"])
