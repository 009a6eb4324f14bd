"""Figures: what stands in the picture, and that it can be read there."""

import io
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex, to_rgb
from matplotlib.font_manager import findfont

from lecture_utils.evidence import Sample, difference, differences
from lecture_utils.figure_style import FONTS, use_figure_style
from lecture_utils.figures import (
    interval_figure,
    label_lines,
    line_figure,
    plot_by_seed,
)
from lecture_utils.labels import readable

STEPS = {"x_label": "step", "y_label": "cost"}


@pytest.fixture(autouse=True)
def course_style():
    with plt.rc_context():
        use_figure_style()
        yield


def texts(figure):
    return [text.get_text() for text in figure.axes[0].texts]


def boxes(figure):
    figure.canvas.draw()
    return [text.get_window_extent() for text in figure.axes[0].texts]


def test_names_stand_at_the_lines_and_in_their_colours():
    figure = line_figure({"SGD": [3, 2, 1], "Adam": [3, 1, 0]}, **STEPS)
    (ax,) = figure.axes
    assert ax.get_legend() is None and texts(figure) == ["Adam", "SGD"]
    assert [text.get_color() for text in ax.texts] == [
        readable(to_hex(colour)) for colour in ("C1", "C0")
    ]
    assert [(ax.get_xlabel(), ax.get_ylabel())] == [("step", "cost")]


@pytest.mark.parametrize("ends", [[1, 1.001, 1.002, 1.003], [2, 1, 2, 1], [1, 1, 1, 1]])
def test_names_of_lines_that_meet_do_not_overlap(ends):
    figure = line_figure({f"line {k}": [0, 3, end] for k, end in enumerate(ends)}, **STEPS)
    found = boxes(figure)
    assert not any(a.overlaps(b) for k, a in enumerate(found) for b in found[:k])


def test_names_keep_the_order_of_their_lines():
    figure = line_figure({"low": [0, 1], "high": [0, 1.01], "middle": [0, 1.005]}, **STEPS)
    heights = dict(zip(texts(figure), (box.y0 for box in boxes(figure)), strict=True))
    assert heights["low"] < heights["middle"] < heights["high"]


def test_what_leaves_the_picture_leaves_with_an_arrow_and_a_number():
    curves = {
        "runs away": 10.0 ** np.arange(9),
        "falls": 10.0 ** -np.arange(9),
        "stays": np.ones(9),
    }
    figure = line_figure(curves, **STEPS, log="y", limits=(1e-3, 1e3))
    assert texts(figure) == ["falls ▼ 1e-8 at step 8", "runs away ▲ 1e8 at step 8", "stays"]
    frame = figure.axes[0].get_window_extent()
    for box in boxes(figure):
        assert frame.y0 <= box.y0 and box.y1 <= frame.y1


def test_a_line_that_returns_keeps_its_name_at_the_end():
    figure = line_figure({"bounces": [1, 50, 2, 3]}, **STEPS, limits=(0, 10))
    assert texts(figure) == ["▲ 50 at step 1", "bounces"]


def test_not_a_number_is_said():
    figure = line_figure({"softmax, then log": [3, 2, np.nan, np.nan]}, **STEPS)
    assert texts(figure) == ["softmax, then log × nan from step 2"]


@pytest.mark.parametrize("log", ["", "x", "y", "xy"])
def test_axes_are_logarithmic_where_the_page_says_so(log):
    figure = line_figure({"a": [1, 2]}, [1, 10], **STEPS, log=log)
    (ax,) = figure.axes
    assert ax.get_xscale() == ("log" if "x" in log else "linear")
    assert ax.get_yscale() == ("log" if "y" in log else "linear")


@pytest.mark.parametrize("by_seed", [np.array, lambda rows: [Sample(row) for row in rows]])
def test_bars_are_the_spread_of_the_seeds_and_the_picture_says_so(by_seed):
    values = [[1.0, 2.0, 3.0], [5.0, 5.0, 8.0]]
    figure = line_figure({"SGD": by_seed(values)}, [1, 2], **STEPS)
    (ax,) = figure.axes
    assert ax.get_title("right") == "mean ± sd of 3 seeds"
    (bars,) = ax.collections
    ends = [segment[:, 1] for segment in bars.get_segments()]
    np.testing.assert_allclose(ends, [[1, 3], [6 - 3**0.5, 6 + 3**0.5]])


def test_bars_can_be_intervals_of_the_mean():
    sample = Sample([1.0, 2.0, 4.0])
    figure = line_figure({"SGD": [sample, sample]}, **STEPS, spread="interval")
    (bars,) = figure.axes[0].collections
    np.testing.assert_allclose(bars.get_segments()[0][:, 1], sample.interval)
    assert figure.axes[0].get_title("right") == "mean and 95 % interval of 3 seeds"


def test_two_spreads_in_one_picture_are_both_named():
    figure, ax = plt.subplots()
    plot_by_seed(ax, [0], [[1, 2]], "a")
    plot_by_seed(ax, [0], [[1, 2, 3]], "b")
    plot_by_seed(ax, [0], [[1, 2, 4]], "c")
    plt.close(figure)
    assert ax.get_title("right") == "mean ± sd of 2 seeds; mean ± sd of 3 seeds"


def test_a_difference_is_a_bar_that_does_not_cross_the_line():
    none = [0.84, 0.85, 0.84, 0.86]
    leads = differences(
        {"crops": [0.87, 0.88, 0.86, 0.89], "flips": [0.85, 0.84, 0.85, 0.85]}, none
    )
    figure = interval_figure(leads, x_label="accuracy gained")
    (ax,) = figure.axes
    crosses = [line.get_xdata()[0] < 0 < line.get_xdata()[1] for line in ax.lines[:4:2]]
    assert crosses == [not lead.is_difference for lead in leads.values()] == [False, True]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["crops", "flips"]
    assert ax.yaxis_inverted()
    assert ax.get_title("right") == "95 % intervals, 2 comparisons together, 4 seeds"
    alone = interval_figure({"a": difference([1, 2], [0, 0])}, x_label="x")
    assert alone.axes[0].get_title("right") == "95 % intervals, 2 seeds"


@pytest.mark.parametrize("colour", [f"C{k}" for k in range(7)])
def test_texts_in_the_colours_of_lines_can_be_read(colour):
    parts = np.array(to_rgb(readable(to_hex(colour))))
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    assert 1.05 / (linear @ [0.2126, 0.7152, 0.0722] + 0.05) >= 4.45


def test_a_cell_shows_a_figure_once():
    """Matplotlib shows what is open at the end of a cell, IPython the last expression."""
    line_figure({"a": [1, 2]}, **STEPS)
    interval_figure({"a": Sample([1, 2])}, x_label="x")
    with pytest.raises(ValueError, match="log"):
        line_figure({"a": [1, 2]}, **STEPS, log="z")
    with pytest.raises(ValueError, match="a has 2 values"):
        line_figure({"a": [1, 2]}, [1], **STEPS)
    assert not plt.get_fignums()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: line_figure({"a": [[1, 2]]}, **STEPS, spread="se"), "spread.*'se'"),
        (lambda: line_figure({"SGD": [[1, 2]]}, [1, 2], **STEPS), "SGD has 1 values for 2 points"),
        (lambda: interval_figure({}, x_label="x"), "at least one sample"),
    ],
)
def test_what_does_not_fit_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_guides_without_a_name_stay_without():
    figure, ax = plt.subplots()
    ax.plot([1, 2])
    ax.axhline(5)
    ax.plot([3], [4], "o", label="a point")
    label_lines(ax)
    plt.close(figure)
    assert not ax.texts


def test_figures_are_in_the_font_of_the_course_and_no_sign_is_missing(caplog, recwarn):
    """Matplotlib logs a font that it does not find, and warns of a character without a glyph."""
    figure, ax = plt.subplots()
    ax.set(title="λ ≤ 0.1 × σ² − ½ → ▲ ▼ × ±", xscale="log", xlim=(1e-3, 10), xlabel="$10^{-3}$")
    figure.savefig(io.BytesIO())
    plt.close(figure)
    assert not caplog.records and not recwarn.list
    assert Path(findfont(ax.title.get_fontproperties())).parent == FONTS
