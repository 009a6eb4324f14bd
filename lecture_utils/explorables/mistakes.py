"""What five networks take 400 small pictures for, epoch by epoch: mistakes to be browsed."""

import base64
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import imread
from numpy.typing import NDArray

from lecture_utils.arguments import whole_number
from lecture_utils.explorables.stills import INK, ONE, QUIET, THREE, TWO

SCRIPTS = ("pictures.js", "guesses.js", "mistakes_data.js")
HANDLES = False
#: Width over height of the picture, room for the controls in rem: on a desktop, on a phone. On a
#: desktop the pictures stand beside the chart.
SHAPE = {
    "wide": 1.24,
    "narrow": 0.69,
    "controls": 44.5,
    "narrow_controls": 54.5,
    "layout": "beside",
}
#: From the lowest rung of the ladder to the highest.
RUNGS = ("linear", "dense", "cnn", "cnn_normalized", "cnn_both")
N_EPOCHS = 8
#: Pictures in a row of the sheet, one row a superclass: four of each of its five classes.
N_COLUMNS = 20
SIDE = 32
COLOURS = {"right": ONE, "near": THREE, "far": TWO}


def settings(*, rung: str = "linear", epoch: int = 8, superclass: str = "trees") -> dict[str, Any]:
    """Return all settings, checked.

    Pictures and guesses are those of ``experiments/12_mistakes.py``: of each of the 100 classes of
    CIFAR-100 the first four pictures that were held out for validation.

    Parameters
    ----------
    rung : str
        The network at first, one of ``RUNGS``.
    epoch : int
        After which of the eight epochs, from 1.
    superclass : str
        Whose pictures are shown at first, such as ``"trees"``.

    Raises
    ------
    TypeError
        If `epoch` is not an integer.
    ValueError
        If there is no such rung, epoch or superclass.
    """
    if rung not in RUNGS:
        raise ValueError(f"rung must be one of {', '.join(RUNGS)}, got {rung!r}")
    if whole_number("epoch", epoch) > N_EPOCHS:
        raise ValueError(f"epoch must be from 1 to {N_EPOCHS}, got {epoch}")
    names = data()["superclasses"]
    if superclass not in names:
        raise ValueError(f"superclass must be one of {', '.join(names)}, got {superclass!r}")
    return {
        "rungs": list(RUNGS),
        "epochs": N_EPOCHS,
        "columns": N_COLUMNS,
        "rung": rung,
        "epoch": epoch,
        "superclass": names.index(superclass),
    }


@cache
def data() -> dict[str, Any]:
    """Return what ``browser/mistakes_data.js`` holds: names, labels, pictures and guesses."""
    file = resources.files(__package__) / "browser" / "mistakes_data.js"
    script = file.read_text(encoding="utf-8")
    return json.loads(script[script.index("\n{") : script.rindex("}") + 1])


def pictures() -> NDArray[np.uint8]:
    """Return the pictures, shape (400, 32, 32, 3); they lost a little when they were packed."""
    sheet = imread(io.BytesIO(base64.b64decode(data()["sheet"])), format="webp")
    tiles = sheet[..., :3].reshape(-1, SIDE, N_COLUMNS, SIDE, 3)
    return tiles.swapaxes(1, 2).reshape(-1, SIDE, SIDE, 3)


def labels() -> NDArray[np.int64]:
    """Return the class of every picture, shape (400,)."""
    return np.array(data()["labels"])


def superclass_of() -> NDArray[np.int64]:
    """Return the superclass of every class, shape (100,)."""
    return np.array(data()["superclass_of"])


def guesses(rung: str) -> NDArray[np.int64]:
    """Return the five best guesses, best first, shape (8 epochs, 400 pictures, 5)."""
    return _stored("guesses", rung).astype(int)


def sureness(rung: str) -> NDArray[np.float64]:
    """Return the probabilities of the five best guesses, to a 255th; shaped as `guesses`."""
    return _stored("sure", rung) / 255


def _stored(what: str, rung: str) -> NDArray[np.uint8]:
    return np.frombuffer(base64.b64decode(data()[what][rung]), np.uint8).reshape(N_EPOCHS, -1, 5)


@dataclass(frozen=True)
class Count:
    """How many of some pictures a network has right.

    Attributes
    ----------
    right : int
        At the first guess.
    near : int
        Wrong, with a class of the right superclass.
    far : int
        Wrong, with a class of another superclass.
    top_5 : int
        The right class is among the five best guesses.
    """

    right: int
    near: int
    far: int
    top_5: int


def count(rung: str, epoch: int, shown: slice | NDArray = slice(None)) -> Count:
    """Count the answers to some of the pictures, all of them without `shown`.

    Examples
    --------
    >>> found = count("linear", epoch=8)
    >>> found.right + found.near + found.far, found.top_5 >= found.right
    (400, True)
    """
    truth, five = labels()[shown], guesses(rung)[epoch - 1, shown]
    right = five[:, 0] == truth
    same = superclass_of()[five[:, 0]] == superclass_of()[truth]
    return Count(
        right=int(right.sum()),
        near=int((same & ~right).sum()),
        far=int((~same).sum()),
        top_5=int((five == truth[:, None]).any(axis=1).sum()),
    )


def draw(figure: Figure, settings: Mapping[str, Any], words: Mapping[str, str]) -> None:
    """Draw the pictures of one superclass with the guesses, and what all guesses are."""
    figure.set_size_inches(7.4, 6.0)
    figure.set_layout_engine("none")
    rung, epoch, superclass = settings["rung"], settings["epoch"], settings["superclass"]
    where = f"{words[f'rung_{rung}']}, {words['epoch']} {epoch}"
    figure.text(0.02, 0.94, f"{data()['superclasses'][superclass]}: {where}", color=INK)
    _draw_pictures(figure, rung, epoch, superclass, words)
    _draw_curves(figure.add_axes((0.7, 0.5, 0.27, 0.35)), rung, epoch, words)
    _draw_counts(figure.add_axes((0.7, 0.12, 0.27, 0.22)), count(rung, epoch), words)


def _draw_pictures(
    figure: Figure, rung: str, epoch: int, superclass: int, words: Mapping[str, str]
) -> None:
    shown = np.arange(N_COLUMNS) + N_COLUMNS * superclass
    names, truth = data()["classes"], labels()[shown]
    best = guesses(rung)[epoch - 1, shown, 0]
    for k, image in enumerate(pictures()[shown]):
        row, column = divmod(k, N_COLUMNS // 5)
        ax = figure.add_axes((0.16 + 0.115 * column, 0.77 - 0.185 * row, 0.1, 0.125))
        ax.imshow(image)
        ax.set(xticks=[], yticks=[])
        ax.grid(False)
        kind = "far"
        if best[k] == truth[k]:
            kind = "right"
        elif superclass_of()[best[k]] == superclass:
            kind = "near"
        guess = "" if kind == "right" else names[best[k]]
        mark = f"{words[f'mark_{kind}']} {guess}"
        ax.spines[:].set(visible=True, color=COLOURS[kind], linewidth=3)
        ax.set_xlabel(mark, fontsize=7, color=COLOURS[kind], labelpad=2)
        if column == 0:
            figure.text(0.02, 0.825 - 0.185 * row, names[truth[k]], fontsize=9, color=INK)


def _draw_curves(ax: Axes, rung: str, epoch: int, words: Mapping[str, str]) -> None:
    epochs = range(1, N_EPOCHS + 1)
    for other in RUNGS:
        shares = [100 * count(other, at).right / len(labels()) for at in epochs]
        if other == rung:
            ax.plot(epochs, shares, color=ONE, linewidth=2.5)
            ax.plot(epoch, shares[epoch - 1], "o", color=ONE)
        else:
            ax.plot(epochs, shares, color=QUIET, linewidth=0.8, alpha=0.6)
    ax.set(xlabel=words["epochAxis"], xticks=[1, 4, N_EPOCHS], ylim=(0, 60))
    ax.set_title(words["rightAxis"], loc="left", fontsize=9, color=QUIET)


def _draw_counts(ax: Axes, found: Count, words: Mapping[str, str]) -> None:
    for place, (kind, colour) in enumerate(COLOURS.items()):
        number = getattr(found, kind)
        ax.barh(place, number, 0.5, color=colour)
        text = f"{words[f'mark_{kind}']} {words[kind]}: {number}"
        ax.text(0, place - 0.36, text, fontsize=8, color=colour)
    ax.set(xlim=(0, len(labels())), ylim=(2.4, -0.9), xticks=[], yticks=[])
    ax.grid(False)
    ax.spines[:].set_visible(False)
    title = words["allGuesses"].format(n=len(labels()))
    ax.set_title(title, loc="left", fontsize=9, color=QUIET)
