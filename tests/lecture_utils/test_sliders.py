"""A slider figure: what each position shows, what leaves the picture, what is refused."""

import json
import re
import subprocess
import sys

import altair as alt
import numpy as np
import pytest
import vl_convert

from lecture_utils.sliders import slider_figure

RATES = [0.1, 0.2, 0.26]
STEPS = np.arange(11)
COSTS = np.array([36 * (1 - 8 * rate) ** (2 * STEPS) for rate in RATES])
ABOUT = {
    "slider": "learning rate",
    "x_label": "step",
    "y_label": "cost",
    "description": "The cost over ten steps.",
}
LABELS = [f"{rate:g}" for rate in RATES]


def drawn(figure, position=0):
    """Return the chart as SVG, as it looks at a position of the slider."""
    spec = json.loads(json.dumps(figure.spec, allow_nan=False))
    spec["params"][0]["value"] = position
    return vl_convert.vegalite_to_svg(spec, vl_version="5.21")


def words(svg):
    """Return the texts that can be seen."""
    return re.findall(r'<text(?![^>]*opacity="0")[^>]*>([^<]+)</text>', svg)


def line(svg):
    """Return the points of the first moving line, in pixels."""
    (path,) = re.findall(r'mark-line[^>]*>\s*<path[^>]*d="([^"]+)"', svg)
    return np.array([pair.split(",") for pair in re.findall(r"[-\d.]+,[-\d.]+", path)], float)


def test_each_position_shows_its_curve_and_its_name():
    figure = slider_figure(COSTS, LABELS, **ABOUT, log="y")
    heights = [line(drawn(figure, position))[:, 1] for position in range(3)]
    assert (np.diff(heights[0]) > 0).all(), "the cost falls: downwards are larger pixels"
    assert (np.diff(heights[2]) < 0).all()
    for position, label in enumerate(LABELS):
        assert f"learning rate {label}" in words(drawn(figure, position))


def test_the_axis_stays_while_the_slider_moves():
    figure = slider_figure(COSTS, LABELS, **ABOUT, log="y")
    ticks = [[w for w in words(drawn(figure, k)) if re.fullmatch(r"[\d.]+", w)] for k in (0, 2)]
    assert ticks[0] == ticks[1]


def test_altair_and_vega_lite_accept_the_specification():
    figure = slider_figure(
        {"SGD": COSTS, "Adam": COSTS / 2},
        LABELS,
        **ABOUT,
        log="y",
        limits=(1e-3, 1e2),
        background={"bound": (STEPS, np.ones(11))},
        dots=(STEPS[:2], STEPS[1:3]),
        summary={"last cost": COSTS[:, -1]},
        summary_label="cost",
        summary_log=True,
    )
    alt.Chart.from_dict(figure.spec, validate=True)
    seen = words(drawn(figure))
    assert {"SGD", "Adam", "bound", "last cost"} & set(seen) >= {"bound", "last cost"}


def test_names_stand_at_the_lines_and_no_legend():
    svg = drawn(slider_figure({"SGD": COSTS, "Adam": COSTS + 1}, LABELS, **ABOUT))
    assert words(svg).count("SGD") == words(svg).count("Adam") == 1
    assert "role-legend" not in svg


@pytest.mark.parametrize("log", ["", "y"])
def test_what_leaves_the_picture_says_how_far(log):
    limits = (1e-3, 1e2) if log else (0, 100)
    figure = slider_figure(COSTS, LABELS, **ABOUT, log=log, limits=limits)
    assert "▲ 168 at step 10" in words(drawn(figure, 2))
    assert not [word for word in words(drawn(figure, 0)) if "▲" in word]
    assert line(drawn(figure, 2))[-1, 1] < 0, "the line goes on beyond the edge, not along it"


def test_infinite_and_missing_costs_are_drawn_and_said():
    costs = np.array([[1.0, 10, np.inf], [1, np.nan, np.nan]])
    figure = slider_figure(costs, ["inf", "nan"], **ABOUT, log="y", limits=(0.1, 100))
    assert "▲ inf at step 2" in words(drawn(figure, 0))
    assert "× nan from step 1" in words(drawn(figure, 1))


def test_several_curves_that_leave_are_told_apart():
    figure = slider_figure({"a": COSTS, "b": COSTS}, LABELS, **ABOUT, log="y", limits=(1e-3, 1e2))
    svg = drawn(figure, 2)
    marks = re.findall(r'transform="translate\(([\d.-]+),([\d.-]+)\)"[^>]*>[ab] ▲', svg)
    heights = {float(y) for _, y in marks}
    assert len(heights) == 2 and max(heights) - min(heights) > 15


def test_a_curve_takes_little_room():
    many = np.random.default_rng(0).uniform(0.1, 1, size=(20, 100))
    figure = slider_figure(many, [f"{k}" for k in range(20)], **ABOUT)
    assert len(json.dumps(figure.spec, indent=1)) < 25_000


def test_a_page_with_a_slider_needs_neither_altair_nor_matplotlib():
    code = "import sys, lecture_utils.sliders; print(*sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True
    )
    assert not {"altair", "matplotlib"} & set(run.stdout.split())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"curves": COSTS[:2]}, r"\(positions, points\) = \(3, 11\), got \(2, 11\)"),
        ({"x": [1, 2]}, r"11 points, got the shape \(2,\)"),
        ({"start": 3}, "from 0 to 2, got 3"),
        ({"log": "z"}, "got 'z'"),
        ({"limits": (0, 1), "log": "y"}, r"from 0(\.0)? to 1"),
        ({"limits": (2, 1)}, "from 2"),
        ({"curves": -COSTS, "log": "y"}, "nothing to show"),
        ({"summary": {"error": [1, 2]}}, r"'error' needs 3 values, got the shape \(2,\)"),
        ({"labels": []}, "at least one"),
    ],
)
def test_what_does_not_fit_is_refused(arguments, message):
    given = {"curves": COSTS, "labels": LABELS, **ABOUT, **arguments}
    with pytest.raises(ValueError, match=message):
        slider_figure(given.pop("curves"), given.pop("labels"), **given)
