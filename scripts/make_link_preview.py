"""Draw the picture that a link to the course shows where people chat and post.

    python scripts/make_link_preview.py

Writes coursebook/site/static/link_preview.png, 1200 by 630 pixels as such places want it: the
title, and the first question of the course, how far a step may go on a parabola.
"""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from lecture_utils.figure_style import use_figure_style
from lecture_utils.interactive import COLOURS

TARGET = Path(__file__).resolve().parent.parent / "coursebook/site/static/link_preview.png"
START, N_STEPS = 1.0, 6
#: Learning rate on the parabola w², colour, words, and where they stand.
WALKS = (
    (0.06, COLOURS[0], "too careful", (0.62, 0.18)),
    (0.30, COLOURS[2], "fine", (0.16, -0.16)),
    (1.06, COLOURS[1], "too far: it climbs", (-0.72, 0.78)),
)


def walk(rate: float) -> np.ndarray:
    """Return START and the places after each of N_STEPS steps down the slope of w²."""
    return START * (1 - 2 * rate) ** np.arange(N_STEPS + 1)


def main() -> None:
    """Draw it and write it."""
    use_figure_style()
    figure = plt.figure(figsize=(12, 6.3), dpi=100, layout="none", facecolor="white")
    figure.text(0.055, 0.66, "Practical deep learning,\nmeasured", size=37, va="center")
    figure.text(
        0.055, 0.37, "Lessons to play with, labs that run,\nno number that is not measured.",
        size=21, va="center", color="#444444", linespacing=1.5,
    )  # fmt: skip
    axes = figure.add_axes((0.53, 0.1, 0.44, 0.82))
    line = np.linspace(-1.75, 1.75, 200)
    axes.plot(line, line**2, color="#999999", linewidth=3)
    for rate, colour, words, place in WALKS:
        places = walk(rate)
        axes.plot(places, places**2, "o-", color=colour, linewidth=2.5, markersize=10)
        axes.text(*place, words, color=colour, size=19)
    axes.set(xlim=(-1.85, 1.85), ylim=(-0.3, 3.2))
    axes.set_axis_off()
    figure.savefig(TARGET, metadata={"Software": None})
    print(f"{TARGET}: {TARGET.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
