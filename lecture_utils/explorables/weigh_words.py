"""A review that a reader writes: the weight of every word, and their sum, which knows no order."""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch
from numpy.typing import ArrayLike

from lecture_utils.arguments import finite_numbers, whole_number
from lecture_utils.datasets.imdb_words import split_words
from lecture_utils.explorables.stills import INK, ONE, QUIET, TWO

SCRIPTS = ("review_reader.js", "weigh_words_data.js")
HANDLES = False
#: Width over height of the picture, room for the controls in rem: on a desktop, on a phone.
SHAPE = {"wide": 2.05, "narrow": 0.78, "controls": 11, "narrow_controls": 14.5}
SENTENCES = (
    "Not bad at all!",
    "Not good.",
    "I expected a bad film and it was great",
    "I expected a great film and it was bad",
    "It was not funny",
    "Seven of ten: 7 out of 10",
)


def settings(
    *,
    sentences: Sequence[str] = SENTENCES,
    longest: int = 160,
    draws: ArrayLike | None = None,
) -> dict[str, Any]:
    """Return all settings, checked.

    The weights are those of ``experiments/11_word_weights.py``.

    Parameters
    ----------
    sentences : sequence of str
        What stands in the field at first, and what a button brings, one after the other.
    longest : int
        How many characters the field takes. Positive.
    draws : array_like of float, shape (n_shuffles, n_keys), optional
        Keys by which the words are sorted when they are shuffled; from the first key again where
        there are more words. Without it: 20 times 60 of ``numpy.random.default_rng(0)``, rounded
        to three digits.

    Raises
    ------
    TypeError
        If a setting is not of its type.
    ValueError
        If one is out of range.
    """
    longest = whole_number("longest", longest)
    sentences = list(sentences)
    for text in sentences:
        if not isinstance(text, str) or not split_words(text):
            raise ValueError(f"a sentence must be a text with words, got {text!r}")
        if len(text) > longest:
            raise ValueError(f"a sentence must have at most {longest} characters, got {text!r}")
    if not sentences:
        raise ValueError("sentences must hold at least one text")
    if draws is None:
        draws = np.random.default_rng(0).random((20, 60))
    draws = finite_numbers("draws", draws)
    if draws.ndim != 2 or not draws.size:
        raise ValueError(f"draws must have shape (n_shuffles, n_keys), got {draws.shape}")
    return {"sentences": sentences, "longest": longest, "draws": draws.round(3).tolist()}


@cache
def data() -> dict[str, Any]:
    """Return what ``browser/weigh_words_data.js`` holds."""
    file = resources.files(__package__) / "browser" / "weigh_words_data.js"
    script = file.read_text(encoding="utf-8")
    return json.loads(script[script.index("\n{") : script.rindex("}") + 1])


@dataclass(frozen=True)
class Reader:
    """A linear model of reviews: a constant, and a weight for each word and pair that it knows.

    Attributes
    ----------
    constant : float
        The score of a review without a known word.
    words : dict of str to float
        Weight of each known word; above 0 for the film.
    pairs : dict of (str, str) to float
        Weight of each known pair of neighbours; empty for the model of words alone.
    """

    constant: float
    words: dict[str, float]
    pairs: dict[tuple[str, str], float]

    def score(self, text: str) -> float:
        """Return the constant plus all weights of a text; what is unknown weighs nothing.

        Parameters
        ----------
        text : str
            Cut into words as the IMDB data are, see ``split_words`` there.

        Returns
        -------
        float
            Logit of "for the film".
        """
        words = split_words(text)
        of_words = sum(self.words.get(word, 0.0) for word in words)
        return self.constant + of_words + sum(self.pairs.get(pair, 0.0) for pair in pairwise(words))


@cache
def reader(name: str = "words") -> Reader:
    """Return one of the two models of the explorable.

    Parameters
    ----------
    name : {"words", "pairs"}
        Words alone, or words and pairs of neighbours.

    Returns
    -------
    Reader
        With the weights that the page uses.

    Raises
    ------
    ValueError
        If there is no such model.

    Examples
    --------
    >>> round(reader().words["awful"], 1), reader().score("Awful!") < 0
    (-0.8, True)
    """
    if name not in data()["models"]:
        raise ValueError(f"a reader is one of {', '.join(data()['models'])}, got {name!r}")
    model, words = data()["models"][name], data()["words"].split(" ")
    codes = np.frombuffer(base64.b64decode(model["weights"]), "<i2")
    weights = (codes * data()["unit"]).tolist()
    numbers = np.frombuffer(base64.b64decode(data()["pairs"]), "<u2").reshape(-1, 2)
    pairs = [(words[a], words[b]) for a, b in numbers]
    n = len(words)
    return Reader(
        constant=model["constant"],
        words=dict(zip(words, weights[:n], strict=True)),
        pairs=dict(zip(pairs, weights[n:], strict=True)) if len(weights) > n else {},
    )


def draw(figure: Figure, settings: Mapping[str, Any], words: Mapping[str, str]) -> None:
    """Draw the first sentence with its weights, and the sums below."""
    model, text = reader(), settings["sentences"][0]
    read = split_words(text)
    figure.set_size_inches(6.4, 3.1)
    above, below = figure.subplots(2, 1, height_ratios=(1, 1))
    above.set(xlim=(0, 48), ylim=(0, 4))
    above.axis("off")
    x, weights = 1.0, []
    for word in read:
        weight = model.words.get(word)
        colour = QUIET if weight is None else TWO if weight < 0 else ONE
        width = max(0.95 * len(word), 4.6) + 1.2
        alpha = 0 if weight is None else min(0.55, 0.06 + 0.5 * abs(weight))
        box = {"boxstyle": "round,pad=0,rounding_size=0.4", "linewidth": 1, "edgecolor": colour}
        above.add_patch(
            FancyBboxPatch((x, 0.6), width, 2.8, facecolor=(*_rgb(colour), alpha), **box)
        )
        above.text(x + width / 2, 2.35, word, color=INK, ha="center", va="center")
        under = words["unknown"] if weight is None else _signed(weight)
        above.text(x + width / 2, 1.2, under, color=colour, ha="center", va="center", fontsize=9)
        weights.append(weight or 0.0)
        x += width + 1
    score = model.score(text)
    against = sum(weight for weight in weights if weight < 0)
    in_favour = sum(weight for weight in weights if weight > 0)
    below.barh(2, against, 0.5, color=TWO)
    below.barh(2, in_favour, 0.5, color=ONE)
    below.axvline(0, color=QUIET, linewidth=1)
    below.plot(score, 1.2, "o", color=INK, markersize=8)
    share = f"{1 / (1 + np.exp(-score)):.0%}".replace("%", " %")
    total = words["total"].format(score=_signed(score), share=share)
    below.text(score, 0.35, total, color=INK, ha="center")
    below.text(-1, 2.7, words["against"].format(sum=_signed(against)), color=TWO)
    below.text(1, 2.7, words["inFavour"].format(sum=_signed(in_favour)), color=ONE, ha="right")
    below.set(xlim=(-1.02, 1.02), ylim=(0, 3.2), yticks=[], xticks=[-1, -0.5, 0, 0.5, 1])
    below.grid(False)
    below.spines[["top", "right", "left"]].set_visible(False)


def _signed(value: float) -> str:
    """Return a weight as the page writes it: with its sign, two decimals."""
    return f"{'−' if value < 0 else '+'}{abs(value):.2f}"


def _rgb(colour: str) -> tuple[float, ...]:
    return tuple(int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5))
