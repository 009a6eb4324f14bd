import json
from importlib import resources

import altair as alt
import matplotlib
import pytest
import vl_convert

from lecture_utils.interactive import MIME_TYPE, Figure

LABELS = ["0.1", "0.2", "0.3"]


def chart_with_slider(name="chosen", last=2, **properties):
    slider = alt.param(
        name=name, value=1, bind=alt.binding_range(min=0, max=last, step=1, name="rate ")
    )
    points = [{"k": k, "x": x, "y": x * k} for k in range(3) for x in range(4)]
    return (
        alt.Chart(alt.Data(values=points), **properties)
        .transform_filter(f"datum.k == {name}")
        .mark_line()
        .encode(x="x:Q", y="y:Q")
        .add_params(slider)
    )


def test_what_a_notebook_stores_is_data_and_a_sentence():
    bundle = Figure(chart_with_slider(), "Three lines.")._repr_mimebundle_()
    assert bundle.keys() == {MIME_TYPE, "text/plain"}
    assert bundle["text/plain"] == "Three lines."
    assert bundle[MIME_TYPE]["description"] == "Three lines."
    assert json.loads(json.dumps(bundle[MIME_TYPE])) == bundle[MIME_TYPE]


def test_two_runs_store_the_same():
    first, second = (
        json.dumps(Figure(chart_with_slider(), "Lines.", slider_labels={"chosen": LABELS}).spec)
        for _ in range(2)
    )
    assert first == second


def test_vega_lite_5_draws_it():
    spec = Figure(chart_with_slider(), "Three lines.").spec
    svg = vl_convert.vegalite_to_svg(spec, vl_version="5.21")
    assert "mark-line" in svg


def test_sizes_are_legible_unless_the_chart_says_otherwise():
    assert Figure(chart_with_slider(), "Lines.").spec["config"]["axis"]["labelFontSize"] >= 13
    small = chart_with_slider(width=100).configure_axis(labelFontSize=9)
    spec = Figure(small, "Lines.").spec
    assert spec["width"] == 100
    assert spec["config"]["axis"]["labelFontSize"] == 9
    assert spec["config"]["axis"]["titleFontSize"] >= 13


def test_curves_have_the_colours_of_the_other_figures():
    style = resources.files("lecture_utils") / "lecture.mplstyle"
    cycle = matplotlib.rc_params_from_file(style, use_default_template=False)
    colours = [f"#{colour.lstrip('#')}" for colour in cycle["axes.prop_cycle"].by_key()["color"]]
    assert Figure(chart_with_slider(), "Lines.").spec["config"]["range"]["category"] == colours


def test_labels_are_stored_where_vega_lite_ignores_them():
    figure = Figure(chart_with_slider(), "Lines.", slider_labels={"chosen": tuple(LABELS)})
    assert figure.spec["usermeta"] == {"sliderLabels": {"chosen": LABELS}}


def test_the_title_says_what_the_slider_chose():
    figure = Figure(chart_with_slider(), "Lines.", slider_labels={"chosen": LABELS})
    assert ">rate 0.2</text>" in vl_convert.vegalite_to_svg(figure.spec, vl_version="5.21")
    titled = chart_with_slider(title="Mine")
    assert Figure(titled, "Lines.", slider_labels={"chosen": LABELS}).spec["title"] == "Mine"
    assert "title" not in Figure(chart_with_slider(), "Lines.").spec


def test_what_is_no_chart_is_refused():
    with pytest.raises(TypeError, match="'not a chart'"):
        Figure("not a chart", "A description.")


@pytest.mark.parametrize("description", ["", "  ", None])
def test_a_description_is_required(description):
    with pytest.raises(ValueError, match="description"):
        Figure(chart_with_slider(), description)


def test_labels_for_an_unknown_slider_are_refused():
    with pytest.raises(ValueError, match=r"'rate'.*\['chosen'\]"):
        Figure(chart_with_slider(), "Lines.", slider_labels={"rate": LABELS})


def test_labels_must_fit_the_positions():
    with pytest.raises(ValueError, match=r"3 labels.*\[0, 2, 1\], not \[0, 5, 1\]"):
        Figure(chart_with_slider(last=5), "Lines.", slider_labels={"chosen": LABELS})
