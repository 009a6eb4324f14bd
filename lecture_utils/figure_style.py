"""The look of the course's figures: lecture.mplstyle, and a font that is close to the site's.

Figures are stored as pictures, so they cannot take the font of the reader's system, as the site
does. Roboto is one of those fonts; the part of it here has Latin and Greek letters and the signs
of mathematics (Apache License 2.0, ``data/fonts``).
"""

from pathlib import Path

import matplotlib.pyplot as plt
from matplotlib import font_manager

FONTS = Path(__file__).parent / "data" / "fonts"


def use_figure_style() -> None:
    """Make the figures that follow look like those of the course.

    Examples
    --------
    >>> use_figure_style()
    >>> Path(font_manager.findfont("Roboto")).parent == FONTS
    True
    """
    for font in FONTS.glob("*.ttf"):
        font_manager.fontManager.addfont(font)
    plt.style.use("lecture_utils.lecture")
