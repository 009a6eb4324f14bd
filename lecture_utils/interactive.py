"""Interactive figures that are stored as data: no script, no random id, no network.

JupyterLab draws them by itself. The notebook also stores a still picture, which the build adds:
GitHub, Colab and VS Code show it, and so does the site until a reader touches it
(``coursebook/site/vega_figures.py``). nbval sees the data and one sentence.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

# The newest type that JupyterLab 4.6 draws without an extension. Altair 6 itself would write v6.
MIME_TYPE = "application/vnd.vegalite.v5+json"
SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"

# Legible on a phone too, where the picture is scaled down to 350 px or so.
WIDTH, HEIGHT = 420, 260
FONT = '-apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif'  # of the site's text
STYLE = {
    "axis": {
        "labelFontSize": 13,
        "titleFontSize": 14,
        "titleFontWeight": "normal",
        "gridColor": "#e4e4e4",
    },
    "legend": {"labelFontSize": 13, "titleFontSize": 14},
    "text": {"fontSize": 14},
    "title": {"fontSize": 15, "anchor": "start"},
}
# The colours of lecture.mplstyle (Okabe and Ito), for curves that a chart tells apart by colour.
COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"]


class Figure:
    """Show a chart in JupyterLab and in the book; elsewhere show its description.

    Make one the last expression of a cell. Its parameters with a ``bind`` become sliders and
    menus, in the book without a server.

    Parameters
    ----------
    chart : altair.Chart or mapping
        Any chart of Altair, layered and concatenated ones included, or a specification of
        Vega-Lite, whose data are in the chart (``alt.Data(values=...)``). Without a width it
        becomes 420 x 260 pixels, and texts get sizes that can be read on a phone; settings of the
        chart itself win. Use only what Vega-Lite 5 and 6 share: JupyterLab draws with 5, the book
        with 6. `lecture_utils.sliders` makes the usual ones.
    description : str
        What a blind reader needs to know, as one sentence or a few. It is the alternative text.
    slider_labels : dict of str to sequence of str, optional
        For a slider that counts 0, 1, 2, ...: what the book shows beside it, and what a screen
        reader says, instead of the number. One label a position. A chart without a title gets
        one that says the chosen label, since JupyterLab shows the number beside its slider.

    Attributes
    ----------
    spec : dict
        The Vega-Lite specification that is stored in the notebook.
    description : str
        As given.

    Raises
    ------
    TypeError
        If `chart` is neither.
    ValueError
        If `description` is empty, or if `slider_labels` does not fit the sliders of the chart.

    Notes
    -----
    A notebook writes a list one number a line. Store a curve as one string and let Vega take it
    apart with ``split()``, as below: forty curves of a hundred points then take 28 KB, not 140.

    Examples
    --------
    Three curves, one of them shown; the slider chooses.

    >>> import altair as alt
    >>> rates, losses = [0.01, 0.1, 1.0], [[2.0, 1.9, 1.8], [2.0, 1.2, 0.7], [2.0, 2.6, 3.4]]
    >>> curves = [
    ...     {"k": k, "rate": rate, "losses": " ".join(f"{loss:.3g}" for loss in curve)}
    ...     for k, (rate, curve) in enumerate(zip(rates, losses))
    ... ]
    >>> slider = alt.binding_range(min=0, max=2, step=1, name="learning rate ")
    >>> chosen = alt.param(name="chosen", value=1, bind=slider)
    >>> curve = (
    ...     alt.Chart(alt.Data(values=curves))
    ...     .transform_filter("datum.k == chosen")
    ...     .transform_calculate(loss="split(datum.losses, ' ')")
    ...     .transform_flatten(["loss"])
    ...     .transform_calculate(loss="toNumber(datum.loss)")
    ...     .transform_window(step="row_number()")
    ... )
    >>> line = curve.mark_line().encode(
    ...     x=alt.X("step:Q", title="step", scale=alt.Scale(domain=[1, 3])),
    ...     y=alt.Y("loss:Q", title="training loss", scale=alt.Scale(domain=[0, 4])),
    ... )
    >>> Figure(
    ...     line.add_params(chosen),
    ...     "Training loss over three steps: it falls at the rates 0.01 and 0.1 and grows at 1.",
    ...     slider_labels={"chosen": [f"{rate:g}" for rate in rates]},
    ... )
    Training loss over three steps: it falls at the rates 0.01 and 0.1 and grows at 1.
    """

    def __init__(
        self,
        chart: Any,
        description: str,
        *,
        slider_labels: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        spec = chart.to_dict() if hasattr(chart, "to_dict") else chart
        if not isinstance(spec, Mapping):
            raise TypeError(f"chart must be an Altair chart or a specification, not {chart!r}")
        if not isinstance(description, str) or not description.strip():
            raise ValueError(f"description must say what the chart shows, not {description!r}")
        self.description = description
        self.spec = {**spec, "$schema": SCHEMA}
        self.spec["description"] = description
        _fill_in_style(self.spec)
        if slider_labels:
            _check_labels(slider_labels, self.spec.get("params", []))
            self.spec["usermeta"] = {
                "sliderLabels": {name: list(labels) for name, labels in slider_labels.items()}
            }
            self.spec.setdefault("title", {"text": {"expr": _chosen(slider_labels, self.spec)}})

    def __repr__(self) -> str:
        """Return the description."""
        return self.description

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        return {MIME_TYPE: self.spec, "text/plain": self.description}


def _chosen(slider_labels: Mapping[str, Sequence[str]], spec: dict[str, Any]) -> str:
    """Return a Vega expression for the name and the chosen label of each slider."""
    names = {
        param["name"]: param["bind"].get("name", "")
        for param in spec["params"]
        if param["name"] in slider_labels
    }
    parts = [
        f"{json.dumps(names[name])} + {json.dumps(list(labels))}[{name}]"
        for name, labels in slider_labels.items()
    ]
    return " + ', ' + ".join(parts)


def _fill_in_style(spec: dict[str, Any]) -> None:
    """Set the sizes and colours that the chart leaves open."""
    config = spec["config"] = {"font": FONT, **spec.get("config", {})}
    config["view"] = {
        **config.get("view", {}),
        "continuousWidth": WIDTH,
        "continuousHeight": HEIGHT,
    }
    config["range"] = {"category": COLOURS, **config.get("range", {})}
    for part, settings in STYLE.items():
        config[part] = {**settings, **config.get(part, {})}


def _check_labels(slider_labels: Mapping[str, Sequence[str]], params: list[dict[str, Any]]) -> None:
    """Raise ValueError unless each entry names a slider 0, 1, 2, ... and labels every position."""
    sliders = {
        param["name"]: param["bind"]
        for param in params
        if param.get("bind", {}).get("input") == "range"
    }
    for name, labels in slider_labels.items():
        if name not in sliders:
            raise ValueError(
                f"slider_labels names {name!r}; the chart's sliders are {sorted(sliders)}"
            )
        slider = sliders[name]
        positions = [slider.get(key) for key in ("min", "max", "step")]
        if positions != [0, len(labels) - 1, 1]:
            raise ValueError(
                f"{len(labels)} labels for the slider {name!r} need min, max, step = "
                f"{[0, len(labels) - 1, 1]}, not {positions}"
            )
