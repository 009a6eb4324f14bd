"""One word asks, all words answer: attention with two numbers a word, and a query to drag."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from lecture_utils.arguments import finite_numbers, whole_number
from lecture_utils.explorables.stills import FOUR, HEAD, INK, ONE, QUIET, THREE, TWO

SCRIPTS = ("attention.js",)
HANDLES = True
#: Width over height of the picture, room for the controls in rem: on a desktop, on a phone.
SHAPE = {"wide": 1.75, "narrow": 0.66, "controls": 4, "narrow_controls": 7.5}
#: The plane shows both numbers from minus to plus this.
REACH = 2.5
LOOKS = (QUIET, TWO, ONE, FOUR)


def settings(
    *,
    names: Sequence[str] = ("film", "not", "bad"),
    keys: ArrayLike = ((0.0, 0.0), (0.0, 1.0), (-1.0, 0.0)),
    values: ArrayLike | None = None,
    asking: int = 2,
    query: Sequence[float] = (0.0, math.sqrt(2) * math.log(3)),
) -> dict[str, Any]:
    """Return all settings, checked.

    Parameters
    ----------
    names : sequence of str
        Two to four words.
    keys : array_like of float, shape (n_words, 2)
        The key of each word, from -2 to 2.
    values : array_like of float, shape (n_words, 2), optional
        The value of each word, from -2 to 2; the keys if it is not given.
    asking : int
        Whose query a reader drags, from 0.
    query : (float, float)
        That query at first, from -2.5 to 2.5.

    Raises
    ------
    TypeError
        If a setting is not of its type.
    ValueError
        If one is out of range.
    """
    names = list(names)
    if not 2 <= len(names) <= len(LOOKS) or not all(isinstance(n, str) and n for n in names):
        raise ValueError(f"names must be two to four words, got {names}")
    values = keys if values is None else values
    for name, given in (("keys", keys), ("values", values)):
        found = finite_numbers(name, given)
        if found.shape != (len(names), 2):
            raise ValueError(f"{name} must have shape ({len(names)}, 2), got {found.shape}")
        if np.abs(found).max() > 2:
            raise ValueError(f"{name} must lie from -2 to 2, got {np.abs(found).max()}")
    first = finite_numbers("query", query)
    if first.shape != (2,) or np.abs(first).max() > REACH:
        raise ValueError(f"query must be two numbers from -{REACH} to {REACH}, got {query}")
    if whole_number("asking", asking, least=0) >= len(names):
        raise ValueError(f"asking must be below {len(names)}, got {asking}")
    return {
        "names": names,
        "keys": np.asarray(keys, float).tolist(),
        "values": np.asarray(values, float).tolist(),
        "asking": asking,
        "query": first.tolist(),
        "reach": REACH,
    }


def attention(
    query: ArrayLike, keys: ArrayLike, values: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the weights of the words and the mixed value.

    ``softmax(K q / sqrt(d))`` for a query q of d numbers and keys K, one row a word, and the mean
    of the values, one row a word, with these weights.
    """
    scores = np.asarray(keys) @ np.asarray(query) / np.sqrt(len(query))
    powers = np.exp(scores - scores.max())
    weights = powers / powers.sum()
    return weights, weights @ np.asarray(values)


def draw(figure: Figure, settings: Mapping[str, Any], words: Mapping[str, str]) -> None:
    """Draw the keys, the query and the mix as arrows, and the weights as bars."""
    names, keys, query = settings["names"], settings["keys"], settings["query"]
    weights, mixed = attention(query, keys, settings["values"])
    figure.set_size_inches(6.6, 3.7)
    plane, bars = figure.subplots(1, 2, width_ratios=(1.15, 1))
    for key, name, colour in zip(keys, names, LOOKS, strict=False):
        if math.hypot(*key) < 0.05:
            plane.plot(*key, "o", color=colour)
        else:
            plane.annotate("", key, (0, 0), arrowprops=HEAD | {"color": colour, "linewidth": 2})
        left = key[0] < 0
        plane.annotate(
            name, key, (-5 if left else 7, -13 if key[1] <= 0 else 0), color=colour,
            textcoords="offset points", ha="right" if left else "left",
        )  # fmt: skip
    plane.plot([0, query[0]], [0, query[1]], "--", color=THREE)
    plane.plot(*query, "o", color=THREE, markersize=9)
    plane.annotate(words["query"], query, (10, 4), color=THREE, textcoords="offset points")
    plane.annotate("", mixed, (0, 0), arrowprops=HEAD | {"color": INK, "linewidth": 2})
    plane.annotate(
        words["mixed"], mixed, (-6, 3), color=INK, textcoords="offset points", ha="right"
    )
    plane.set(xlim=(-REACH, REACH), ylim=(-REACH, REACH), aspect="equal")
    plane.set(xticks=[-2, -1, 0, 1, 2], yticks=[-2, -1, 0, 1, 2])
    plane.set_title(words["plane"], color=QUIET, fontsize=10)
    for place, (name, share, colour) in enumerate(zip(names, weights, LOOKS, strict=False)):
        bars.barh(place, share, 0.3, color=colour)
        bars.text(0, place - 0.26, name, color=colour)
        bars.text(share + 0.02, place + 0.08, f"{100 * share:.0f} %", color=colour)
    pair = f"({mixed[0]:.2f}, {mixed[1]:.2f})".replace("-", "−")
    takes = words["takes"].format(word=names[settings["asking"]], mixed=pair)
    bars.text(0, len(names) - 0.3, takes, color=INK)
    bars.set(xlim=(0, 1.05), ylim=(len(names) - 0.1, -0.7))
    bars.axis("off")
    bars.set_title(words["weights"], color=QUIET, fontsize=10)
