"""A confusion matrix whose cells show their pictures.

The network is that of `lecture_utils.explorables.draw_a_shirt`; the matrix counts what it says to
the 1,000 test pictures of the sample of Fashion-MNIST, 100 of each class, and the pictures are some
of these.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from lecture_utils.arguments import whole_number
from lecture_utils.explorables.draw_a_shirt import data, percent, pictures, probabilities
from lecture_utils.explorables.stills import INK, ONE, QUIET, TWO

SCRIPTS = ("network.js", "pictures.js", "draw_a_shirt_data.js")
HANDLES = False
#: Width over height of the picture, room for the controls in rem: on a desktop, on a phone.
SHAPE = {"wide": 1.5, "narrow": 0.68, "controls": 4, "narrow_controls": 7}


def settings(*, true: int = 6, predicted: int = 0) -> dict[str, Any]:
    """Return all settings, checked.

    Parameters
    ----------
    true, predicted : int
        Row and column of the cell at first, from 0 to 9.

    Raises
    ------
    TypeError
        If a setting is not of its type.
    ValueError
        If one is out of range.
    """
    last = len(data()["classes"]) - 1
    for name, value in {"true": true, "predicted": predicted}.items():
        if whole_number(name, value, least=0) > last:
            raise ValueError(f"{name} must be from 0 to {last}, got {value}")
    return {"true": true, "predicted": predicted}


def draw(figure: Figure, settings: Mapping[str, Any], words: Mapping[str, str]) -> None:
    """Draw the matrix, and the pictures of one cell."""
    true, predicted = settings["true"], settings["predicted"]
    counts, classes = np.array(data()["confusion"]), data()["classes"]
    said = probabilities(pictures())
    rows = np.flatnonzero((np.array(data()["labels"]) == true) & (said.argmax(axis=1) == predicted))
    figure.set_size_inches(6.4, 4.2)
    grid = figure.add_gridspec(3, 2, width_ratios=(4, 1))
    matrix = figure.add_subplot(grid[:, 0])
    for (row, column), count in np.ndenumerate(counts):
        if count:
            colour = ONE if row == column else TWO
            matrix.text(column, row, count, ha="center", va="center", fontsize=9, color=colour)
    matrix.add_patch(
        Rectangle((predicted - 0.5, true - 0.5), 1, 1, fill=False, edgecolor=INK, lw=2)
    )
    matrix.set_xticks(range(10), classes, rotation=60, ha="right", fontsize=8)
    matrix.set_yticks(range(10), classes, fontsize=8)
    matrix.set(xlim=(-0.5, 9.5), ylim=(9.5, -0.5))
    matrix.set_xlabel(words["predicted"], color=QUIET)
    matrix.set_ylabel(words["true"], color=QUIET)
    for place in range(3):
        ax = figure.add_subplot(grid[place, 1])
        ax.axis("off")
        if place < len(rows):
            ax.imshow(pictures()[rows[place]], cmap="gray_r", vmin=0, vmax=1)
            share = said[rows[place], predicted]
            answer = words["says"].format(answer=classes[predicted], share=percent(share))
            ax.set_title(answer, fontsize=8, color=QUIET)
