"""A figure with a slider, by one call: the curves of every position, and what they are called.

It writes the Vega-Lite specification itself, so that a kernel needs no Altair (70 MiB).
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lecture_utils.arguments import whole_number
from lecture_utils.interactive import COLOURS, HEIGHT, Figure
from lecture_utils.labels import BROKEN, UP, apart, departure_text, departures, readable

GREY = "#6b6b6b"
POSITION = "position"
LINE_HEIGHT = 17  # pixels between two texts at one edge
#: Texts are darker than their lines.
OWN_COLOURS = {"resolve": {"scale": {"color": "independent"}}}


def slider_figure(
    curves: ArrayLike | Mapping[str, ArrayLike],
    labels: Sequence[str],
    *,
    slider: str,
    description: str,
    x: ArrayLike | None = None,
    x_label: str,
    y_label: str,
    log: str = "",
    limits: tuple[float, float] | None = None,
    start: int = 0,
    background: Mapping[str, tuple[ArrayLike, ArrayLike]] | None = None,
    dots: tuple[ArrayLike, ArrayLike] | None = None,
    summary: Mapping[str, ArrayLike] | None = None,
    summary_label: str = "",
    summary_log: bool = False,
) -> Figure:
    """Draw the curve, or several, of the position that a slider chooses.

    The names of several curves stand at their ends. What leaves the limits does so with an arrow,
    the farthest value and its place.

    Parameters
    ----------
    curves : array_like, shape (n_positions, n_points), or mapping of str to such
        A curve for every position of the slider.
    labels : sequence of str
        What the slider chooses: one text a position, such as ``"0.1"``.
    slider : str
        What it sets, such as ``"learning rate"``.
    description : str
        What a blind reader needs to know: which positions show what.
    x : array_like of float, shape (n_points,), optional
        Where the points are; 0, 1, 2, ... if it is not given.
    x_label, y_label : str
        What the axes show, with the unit.
    log : {"", "x", "y", "xy"}
        The logarithmic axes.
    limits : tuple of float, optional
        Ends of the vertical axis, the same for all positions. Otherwise everything is in view.
    start : int
        The position at the beginning, which is also the one of the still picture.
    background : mapping of str to (x, y), optional
        Curves that stay, grey and dashed, such as the truth; their names stand at their ends.
    dots : (x, y), optional
        Points that stay, such as the training rows.
    summary : mapping of str to array_like, shape (n_positions,), optional
        A second picture below: one value a position, such as the error, and a rule at the one
        that is chosen.
    summary_label : str
        What its vertical axis shows, with the unit.
    summary_log : bool
        Whether that axis is logarithmic.

    Returns
    -------
    lecture_utils.interactive.Figure
        Shows itself as the last expression of a cell.

    Raises
    ------
    TypeError
        If `start` is not an integer.
    ValueError
        If the shapes do not fit each other and the labels, `start` is no position, or a
        logarithmic axis has nothing above 0 to show.

    Examples
    --------
    >>> rates, steps = [0.1, 0.2, 0.26], np.arange(11)
    >>> costs = [36 * (1 - 8 * rate) ** (2 * steps) for rate in rates]
    >>> slider_figure(
    ...     costs, [f"{rate:g}" for rate in rates], slider="learning rate", x_label="step",
    ...     y_label="cost", log="y", limits=(1e-3, 1e2),
    ...     description="The cost over ten steps falls at 0.1 and 0.2, and grows at 0.26.",
    ... )
    The cost over ten steps falls at 0.1 and 0.2, and grows at 0.26.
    """
    if set(log) - {"x", "y"}:
        raise ValueError(f"log must be '', 'x', 'y' or 'xy', got {log!r}")
    named = curves if isinstance(curves, Mapping) else {"": curves}
    if not named or not labels:
        raise ValueError("a slider needs at least one curve and one label")
    y = {name: np.asarray(values, float) for name, values in named.items()}
    n_points = next(iter(y.values())).shape[-1]
    for name, values in y.items():
        if values.shape != (len(labels), n_points):
            raise ValueError(
                f"the curves {name!r} must have the shape (positions, points) = "
                f"{len(labels), n_points}, got {values.shape}"
            )
    if not 0 <= whole_number("start", start, least=0) < len(labels):
        raise ValueError(f"start must be a position from 0 to {len(labels) - 1}, got {start}")
    places = np.arange(n_points) if x is None else np.asarray(x, float)
    if places.shape != (n_points,):
        raise ValueError(f"x must have {n_points} points, got the shape {places.shape}")
    still = {
        name: tuple(np.asarray(part, float) for part in xy)
        for name, xy in (background or {}).items()
    }
    fixed = [*still.values(), *([dots] if dots else [])]
    scales = {
        "x": _scale("x" in log, [places, *(part for part, _ in fixed)], None),
        "y": _scale("y" in log, [*y.values(), *(part for _, part in fixed)], limits),
    }
    axes = {"x": _axis("x", x_label, scales["x"]), "y": _axis("y", y_label, scales["y"])}
    layers = [_fixed_line(*xy, axes) for xy in still.values()]
    if dots:
        points = [{"x": _short(a), "y": _short(b)} for a, b in zip(*dots, strict=True)]
        layers.append(
            _layer(
                points,
                {"type": "point", "filled": True, "size": 45, "color": "black", "opacity": 0.8},
                axes,
            )
        )
    layers.append(_moving_lines(y, places, axes))
    layers += _texts(y, places, still, scales, axes, x_label)
    params = [
        {
            "name": POSITION,
            "value": start,
            "bind": {
                "input": "range",
                "min": 0,
                "max": len(labels) - 1,
                "step": 1,
                "name": f"{slider} ",
            },
        }
    ]
    picture = {"layer": layers, "height": HEIGHT, **OWN_COLOURS}
    if summary:
        below = _summary(summary, labels, slider, summary_label, summary_log)
        picture = {"vconcat": [picture, below], **OWN_COLOURS}
    return Figure(
        {"params": params, **picture}, description, slider_labels={POSITION: list(labels)}
    )


def _scale(
    logarithmic: bool, values: Sequence[ArrayLike], limits: tuple[float, float] | None
) -> dict[str, Any]:
    """Return the scale of an axis: the limits, or all that is finite with a little room."""
    if limits is None:
        shown = np.concatenate([np.ravel(np.asarray(part, float)) for part in values])
        shown = shown[np.isfinite(shown) & ((shown > 0) | (not logarithmic))]
        if not len(shown):
            raise ValueError("nothing to show: no value is finite, or above 0 on a log axis")
        limits = float(shown.min()), float(shown.max())
        if not logarithmic and limits[0] < limits[1]:
            room = 0.03 * (limits[1] - limits[0])
            limits = limits[0] - room, limits[1] + room
    low, high = limits
    if not low < high or (logarithmic and low <= 0):
        raise ValueError(f"the axis cannot go from {low!r} to {high!r}")
    kind = {"type": "log"} if logarithmic else {"zero": False}
    return {**kind, "domain": [_short(low), _short(high)], "nice": False}


def _share(value: ArrayLike, scale: Mapping[str, Any]) -> NDArray:
    """Return where a value stands on an axis: 0 at its beginning, 1 at its end."""
    low, high = scale["domain"]
    if scale.get("type") == "log":
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.log(np.asarray(value, float) / low) / math.log(high / low)
    return (np.asarray(value, float) - low) / (high - low)


def _value(share: float, scale: Mapping[str, Any]) -> float:
    """Return the value that stands at a share of an axis."""
    low, high = scale["domain"]
    if scale.get("type") == "log":
        return low * (high / low) ** share
    return low + share * (high - low)


def _axis(channel: str, title: str, scale: Mapping[str, Any]) -> dict[str, Any]:
    """Return the encoding of an axis; a logarithmic one has its ticks at the powers of ten."""
    axis = {}
    if scale.get("type") == "log":
        first, last = (math.log10(end) for end in scale["domain"])
        powers = range(math.ceil(first - 1e-9), math.floor(last + 1e-9) + 1)
        if len(powers) > 1:
            axis = {"axis": {"values": [float(f"1e{power}") for power in powers], "format": "~g"}}
    return {"field": channel, "type": "quantitative", "title": title, "scale": scale, **axis}


def _short(value: float) -> float | None:
    """Return a number with four digits, None if it is none: what a picture can show."""
    return float(f"{value:.4g}") if math.isfinite(value) else None


def _layer(
    values: Sequence[Mapping[str, Any]],
    mark: Mapping[str, Any],
    encoding: Mapping[str, Any],
    *,
    moves: bool = False,
) -> dict[str, Any]:
    """Return a layer; of one that moves, only the values of the chosen position show."""
    chosen = {"transform": [{"filter": f"datum.k == {POSITION}"}]} if moves else {}
    return {"data": {"values": list(values)}, "mark": mark, **chosen, "encoding": encoding}


def _fixed_line(x: NDArray, y: NDArray, axes: Mapping[str, Any]) -> dict[str, Any]:
    points = [{"x": _short(a), "y": _short(b)} for a, b in zip(x, y, strict=True)]
    mark = {"type": "line", "clip": True, "color": GREY, "strokeDash": [5, 4], "strokeWidth": 1.5}
    return _layer(points, mark, axes)


def _moving_lines(
    curves: Mapping[str, NDArray], x: NDArray, axes: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the layer of all curves, each stored as one string: a fifth of the bytes."""
    top = max(abs(end) for end in axes["y"]["scale"]["domain"])
    far = 1e300 if axes["y"]["scale"].get("type") == "log" else 1e4 * top
    stored = [
        {"k": k, "name": name, "ys": " ".join(f"{value:.4g}" for value in np.clip(row, -far, far))}
        for name, rows in curves.items()
        for k, row in enumerate(rows)
    ]
    places = "[" + ",".join(f"{place:.5g}" for place in x) + "]"
    layer = _layer(stored, {"type": "line", "clip": True, "strokeWidth": 2.5}, axes, moves=True)
    layer["transform"] += [
        # Vega writes into what it reads: "ys" must still be there when the slider comes back.
        {"calculate": places, "as": "x"},
        {"calculate": "split(datum.ys, ' ')", "as": "y"},
        {"flatten": ["x", "y"]},
        {"calculate": "toNumber(datum.y)", "as": "y"},
    ]
    layer["encoding"] = {**axes, "color": _colour(list(curves))}
    return layer


def _colour(names: Sequence[str], *, of_text: bool = False) -> dict[str, Any]:
    colours = [COLOURS[k % len(COLOURS)] for k in range(len(names))]
    colours = [readable(colour) for colour in colours] if of_text else colours
    scale = {"domain": list(names), "range": colours}
    return {"field": "name", "type": "nominal", "scale": scale, "legend": None}


def _texts(
    curves: Mapping[str, NDArray],
    x: NDArray,
    still: Mapping[str, tuple[NDArray, NDArray]],
    scales: Mapping[str, Any],
    axes: Mapping[str, Any],
    x_label: str,
) -> list[dict[str, Any]]:
    """Return the layers of texts: names at the ends of lines, marks where one leaves."""
    named = [name for name in [*curves, *still] if name]
    low, high = scales["y"]["domain"]
    at_end, leaving = [], []
    for k in range(len(next(iter(curves.values())))):
        ends = {}
        for name, rows in curves.items():
            ways = departures(rows[k], low, high)
            for first, last, way in ways:
                gone = last == len(x) - 1
                text = departure_text(x, rows[k], first, last, way, x_label)
                leaving.append(
                    {
                        "k": k,
                        "name": name,
                        "first": first,
                        "way": way,
                        "text": f"{name} {text}".strip() if gone else text,
                    }
                )
            if name and not any(last == len(x) - 1 for _, last, _ in ways):
                ends[name] = x[-1], rows[k][-1]
        for name, (places, heights) in still.items():
            inside = np.flatnonzero((low <= heights) & (heights <= high))
            if len(inside):
                ends[name] = places[inside[-1]], heights[inside[-1]]
        shares = [float(_share(height, scales["y"])) for _, height in ends.values()]
        if ends:
            for (name, (place, _)), share in zip(ends.items(), apart(shares), strict=True):
                at_end.append(
                    {
                        "k": k,
                        "name": name,
                        "text": name,
                        "x": _short(place),
                        "y": _short(_value(share, scales["y"])),
                    }
                )
    layers = []
    mark = {"type": "text", "align": "left", "dx": 6, "fontSize": 13}
    colour = _colour(list(curves), of_text=True)
    colour["scale"]["domain"] += list(still)
    colour["scale"]["range"] += [readable(GREY)] * len(still)
    encoding = {**axes, "text": {"field": "text"}, "color": colour}
    if at_end:
        layers.append(_layer(at_end, mark, encoding, moves=True))
        # Room on the right for the longest name, also at positions where its curve has left.
        longest = max(named, key=len)
        corner = [{"x": scales["x"]["domain"][1], "y": low, "text": longest}]
        layers.append(_layer(corner, {**mark, "opacity": 0}, {**axes, "text": {"field": "text"}}))
    groups: dict[tuple[str, bool, int], list[dict[str, Any]]] = {}
    for entry in leaving:
        first, way = entry.pop("first"), entry.pop("way")
        row = curves[entry["name"]][entry["k"]]
        place, edge = _exit(x, row, first, way, scales)
        right = bool(_share(place, scales["x"]) > 0.45)
        stack = sum(
            e["k"] == entry["k"] for (w, _, _), es in groups.items() for e in es if w == way
        )
        entry |= {"x": _short(place), "y": _short(edge)}
        groups.setdefault((way, right, stack), []).append(entry)
    for (way, right, stack), entries in groups.items():
        below = 1 if way == UP else -1
        where = {
            "align": "right" if right else "left",
            "dx": -6 if right else 6,
            "baseline": "top" if way == UP else "bottom",
            "dy": below * (3 + LINE_HEIGHT * stack),
        }
        halo = {"stroke": "white", "strokeWidth": 3, "strokeJoin": "round"}
        layers.append(_layer(entries, {**mark, **where, **halo}, encoding, moves=True))
        layers.append(_layer(entries, {**mark, **where}, encoding, moves=True))
    return layers


def _exit(
    x: NDArray, y: NDArray, first: int, way: str, scales: Mapping[str, Any]
) -> tuple[float, float]:
    """Return where a line crosses the edge on its way to the first point that is out."""
    low, high = scales["y"]["domain"]
    before = max(first - 1, 0)
    if way == BROKEN:
        return x[before], float(np.clip(np.nan_to_num(y[before]), low, high))
    edge = 1.0 if way == UP else 0.0
    a, b = _share(y[[before, first]], scales["y"])
    share = (edge - a) / (b - a) if first and np.isfinite(b) and np.isfinite(a) else 1.0
    places = _share(x[[before, first]], scales["x"])
    across = places[0] + min(max(share, 0.0), 1.0) * (places[1] - places[0])
    return _value(float(across), scales["x"]), (high if way == UP else low)


def _summary(
    summary: Mapping[str, ArrayLike], labels: Sequence[str], slider: str, y_label: str, log: bool
) -> dict[str, Any]:
    """Return the second picture: a value a position, and a rule at the chosen one."""
    values = {name: np.asarray(row, float) for name, row in summary.items()}
    for name, row in values.items():
        if row.shape != (len(labels),):
            raise ValueError(
                f"the summary {name!r} needs {len(labels)} values, got the shape {row.shape}"
            )
    scale = _scale(log, list(values.values()), None)
    at = {
        "field": "k",
        "type": "quantitative",
        "title": slider,
        "scale": {"domain": [0, len(labels) - 1], "nice": False},
        "axis": {
            "values": list(range(len(labels))),
            "grid": False,
            "labelOverlap": "greedy",
            "labelExpr": f"{list(labels)}[datum.value]",
        },
    }
    axes = {"x": at, "y": _axis("y", y_label, scale)}
    points = [
        {"k": k, "name": name, "y": _short(value)}
        for name, row in values.items()
        for k, value in enumerate(row)
    ]
    lines = _layer(
        points, {"type": "line", "point": True}, {**axes, "color": _colour(list(values))}
    )
    ends = apart([float(_share(row[-1], scale)) for row in values.values()], 0.13)
    names = [
        {"k": len(labels) - 1, "name": name, "y": _short(_value(share, scale))}
        for name, share in zip(values, ends, strict=True)
    ]
    text = _layer(
        names,
        {"type": "text", "align": "left", "dx": 8, "fontSize": 13},
        {**axes, "text": {"field": "name"}, "color": _colour(list(values), of_text=True)},
    )
    rule = {
        "data": {"values": [{}]},
        "mark": {"type": "rule", "color": GREY},
        "transform": [{"calculate": POSITION, "as": "k"}],
        "encoding": {"x": at},
    }
    return {"layer": [rule, lines, text], "height": HEIGHT // 2, **OWN_COLOURS}
