"""Draw the still picture of an explorable: how it looks before anybody touches it."""

import base64
import io
from collections.abc import Callable, Mapping
from typing import Any

import matplotlib
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from lecture_utils.figure_style import use_figure_style

#: What colours mean in all explorables, as in ``browser/explorables.css``.
INK, QUIET = "#222832", "#48566b"
ONE, TWO, THREE, FOUR = "#0072B2", "#C24E00", "#00805D", "#A8588A"
HEAD = {"arrowstyle": "-|>,head_width=0.3,head_length=0.6", "shrinkA": 0, "shrinkB": 0}


def picture(
    draw: Callable[[Figure, Mapping[str, Any], Mapping[str, str]], None],
    settings: Mapping[str, Any],
    words: Mapping[str, str],
) -> str:
    """Return a PNG in base64, in the style of the course; `draw` fills the figure."""
    with matplotlib.rc_context():  # the site draws them too, where no page has set the style
        use_figure_style()
        figure = Figure()
        FigureCanvasAgg(figure)
        draw(figure, settings, words)
        file = io.BytesIO()
        figure.savefig(file, format="png", metadata={"Software": None})
    return base64.b64encode(file.getvalue()).decode()


def plain(value: float) -> str:
    """Return a number as the explorables write it: three digits, a real minus.

    >>> plain(-24.0), plain(2.4000001)
    ('−24', '2.4')
    """
    return f"{value:.3g}".replace("-", "−")
