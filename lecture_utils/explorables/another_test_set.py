"""One test set after the other: how two models score on it piles up, and how far they are apart."""

import base64
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray
from scipy.special import bdtr

from lecture_utils.arguments import finite_numbers, number
from lecture_utils.explorables.stills import INK, ONE, QUIET, TWO, plain

SCRIPTS = ("sampling.js",)
HANDLES = False
#: Width over height of the picture, room for the controls in rem: on a desktop, on a phone.
SHAPE = {"wide": 1.35, "narrow": 0.8, "controls": 13, "narrow_controls": 20}
#: Uniform numbers that one test set needs: the rare pictures among all, three for the kinds of
#: rare ones, three for those of the others; then as many for pictures of B's own.
NUMBERS = 14
SIZES = (50, 100, 200, 500, 1000, 2000, 5000, 10_000)
THRESHOLDS = tuple(k / 20 for k in range(1, 16))
MEASURES = ("accuracy", "recall", "precision", "cost")
#: Draws are stored as 16-bit numbers.
LEVELS = 2**16


def settings(
    *,
    rare: ArrayLike | None = None,
    scores_a: ArrayLike | None = None,
    scores_b: ArrayLike | None = None,
    thresholds: Sequence[float] = THRESHOLDS,
    threshold: float = 0.5,
    n: int = 500,
    uniforms: ArrayLike | None = None,
) -> dict[str, Any]:
    """Return all settings, checked.

    Two models give a score to each of many pictures, and raise an alarm where it reaches a
    threshold. These pictures are taken for all that there are: a test set is drawn from them. All
    that is stored of the models is how often both, one or neither raises an alarm.

    Parameters
    ----------
    rare : array_like of bool, shape (n_pictures,), optional
        Which pictures belong to the rare class. Without it, and then without scores: 4,000
        pictures from ``numpy.random.default_rng(0)``.
    scores_a, scores_b : array_like of float, shape (n_pictures,), optional
        The scores of both models.
    thresholds : sequence of float
        Those that a reader can choose, ascending; without it 0.05 to 0.75 in steps of 0.05.
    threshold : float
        The one at first; one of `thresholds`.
    n : int
        Pictures in a test set at first: 50, 100, 200, 500, 1000, 2000, 5000 or 10000.
    uniforms : array_like of float, shape (n_sets, 14), optional
        Uniform numbers in [0, 1), rounded down to 2**-16; a test set needs a row of them. Without
        it: 300 test sets from ``numpy.random.default_rng(0)``.

    Raises
    ------
    TypeError
        If a setting is not of its type.
    ValueError
        If shapes do not fit each other, one of the classes is missing, or a choice is none of the
        above.
    """
    if rare is None:
        rng = np.random.default_rng(0)
        rare = np.arange(4000) < 400
        shared = rng.normal(size=4000) + 2.0 * rare
        scores_a, scores_b = (1 / (1 + np.exp(2.6 - shared - rng.normal(size=4000) * spread))
                              for spread in (0.3, 0.6))  # fmt: skip
    rare = np.asarray(rare, bool)
    of_a, of_b = finite_numbers("scores_a", scores_a), finite_numbers("scores_b", scores_b)
    if not rare.shape == of_a.shape == of_b.shape or rare.ndim != 1:
        raise ValueError(
            f"rare and both scores must be rows of one length, got the shapes "
            f"{rare.shape}, {of_a.shape} and {of_b.shape}"
        )
    if rare.all() or not rare.any():
        raise ValueError("rare must hold pictures of both classes")
    limits = [number("thresholds", each) for each in thresholds]
    if limits != sorted(set(limits)) or threshold not in limits:
        raise ValueError(f"threshold must be one of the ascending {limits}, got {threshold}")
    if n not in SIZES:
        raise ValueError(f"n must be one of {SIZES}, got {n}")
    if uniforms is None:
        uniforms = np.random.default_rng(0).random((300, NUMBERS))
    uniforms = finite_numbers("uniforms", uniforms)
    if uniforms.ndim != 2 or uniforms.shape[1] != NUMBERS:
        raise ValueError(f"uniforms must have shape (n_sets, {NUMBERS}), got {uniforms.shape}")
    if uniforms.min() < 0 or uniforms.max() >= 1:
        raise ValueError("uniforms must lie in [0, 1)")

    def shares(among: NDArray) -> list[list[float]]:
        """Return, for each threshold, how often both, A alone and B alone raise an alarm."""
        alarms = [(of_a[among] >= limit, of_b[among] >= limit) for limit in limits]
        return [
            [round(float(np.mean(kind)), 5) for kind in (a & b, a & ~b, b & ~a)] for a, b in alarms
        ]

    return {
        "rarity": round(float(rare.mean()), 4),
        "thresholds": limits,
        "threshold": limits.index(threshold),
        "rare": shares(rare),
        "others": shares(~rare),
        "sizes": list(SIZES),
        "size": SIZES.index(n),
        "draws": base64.b64encode((uniforms * LEVELS).astype("<u2").tobytes()).decode(),
        "numbers": NUMBERS,
        "levels": LEVELS,
    }


def binomial(n: int, p: float, u: float) -> int:
    """Return the smallest k whose chance of at most k heads in n throws is at least `u`."""
    return int(np.searchsorted(bdtr(np.arange(n), n, p), u)) if 0 < p < 1 else (n if p >= 1 else 0)


def kinds(n: int, shares: Sequence[float], uniforms: Sequence[float]) -> list[int]:
    """Return how many of `n` are of each kind, the rest last, by one binomial after the other."""
    counts, left, mass = [], n, 1.0
    for share, u in zip(shares, uniforms, strict=True):
        counts.append(binomial(left, min(share / mass, 1.0) if mass > 1e-12 else 0.0, u))
        left, mass = left - counts[-1], mass - share
    return [*counts, left]


def piles(
    settings: Mapping[str, Any],
    n_sets: int,
    *,
    n: int,
    paired: bool = True,
    threshold: int | None = None,
    measure: str = "accuracy",
    rarity: float | None = None,
    cost_of_a_miss: float = 5,
) -> NDArray[np.float64]:
    """Return the scores of A and B on the first test sets, in per cent, shape (n_sets, 2).

    The cost is that of 100 pictures: 1 for a false alarm, `cost_of_a_miss` for a miss. A precision
    without any alarm is NaN, and so is a recall without any rare picture.
    """
    at = settings["threshold"] if threshold is None else threshold
    rarity = settings["rarity"] if rarity is None else rarity
    stored = np.frombuffer(base64.b64decode(settings["draws"]), "<u2")
    draws = (stored.reshape(-1, settings["numbers"])[:n_sets] + 0.5) / settings["levels"]

    def cells(row: NDArray) -> tuple[list[int], list[int]]:
        n_rare = binomial(n, rarity, row[0])
        return (
            kinds(n_rare, settings["rare"][at], row[1:4]),
            kinds(n - n_rare, settings["others"][at], row[4:7]),
        )

    found = []
    for row in draws:
        first, second = cells(row[:7]), cells(row[:7] if paired else row[7:])
        pair = []
        for (rare, others), alone in ((first, 1), (second, 2)):
            hits, alarms = rare[0] + rare[alone], others[0] + others[alone]
            pair.append(score(measure, hits, sum(rare), alarms, sum(others), cost_of_a_miss))
        found.append(pair)
    return np.array(found)


def score(
    measure: str, hits: int, n_rare: int, alarms: int, n_others: int, cost_of_a_miss: float
) -> float:
    """Return one of `MEASURES`, from the hits among the rare and the alarms among the others."""
    top, bottom = {
        "accuracy": (hits + n_others - alarms, n_rare + n_others),
        "recall": (hits, n_rare),
        "precision": (hits, hits + alarms),
        "cost": (alarms + cost_of_a_miss * (n_rare - hits), n_rare + n_others),
    }[measure]
    return 100 * top / bottom if bottom else float("nan")


def draw(figure: Figure, settings: Mapping[str, Any], words: Mapping[str, str]) -> None:
    """Draw the scores of 51 test sets, A upwards and B downwards, and their differences below."""
    n = settings["sizes"][settings["size"]]
    scores = piles(settings, 51, n=n)
    above, below = figure.subplots(2, 1, height_ratios=(1.6, 1))
    for column, (sign, colour) in enumerate(((1, ONE), (-1, TWO))):
        values, counts = np.unique(np.round(scores[:, column], 6), return_counts=True)
        above.bar(values, sign * counts, 80 / n, color=colour, alpha=0.75)
        text = words["pile"].format(
            name="AB"[column],
            value=plain(scores[:, column].mean()),
            spread=plain(scores[:, column].std(ddof=1)),
        )
        above.text(0.01, 0.9 if sign > 0 else 0.04, text, color=colour, transform=above.transAxes)
    above.axhline(0, color=INK, linewidth=1)
    middle, half = np.mean(scores), 1.1 * np.ptp(scores)
    top = 1.5 * max(counts)
    above.set(xlim=(middle - half, middle + half), ylim=(-top, top), yticks=[],
              xlabel=words["accuracyAxis"])  # fmt: skip
    lead = np.round(scores[:, 0] - scores[:, 1], 6)
    values, counts = np.unique(lead, return_counts=True)
    below.bar(values, counts, 80 / n, color=QUIET)
    below.axvline(0, color=INK, linewidth=1)
    below.set(xlim=(-half, half), ylim=(0, 1.5 * max(counts)), yticks=[], xlabel=words["leadAxis"])
    for side, key, count in (
        (0.01, "bAhead", (lead < 0).sum()),
        (0.99, "aAhead", (lead > 0).sum()),
    ):
        below.text(side, 0.82, words[key].format(count=count), color=TWO if side < 0.5 else ONE,
                   ha="left" if side < 0.5 else "right", transform=below.transAxes)  # fmt: skip
