"""A training script that runs and is wrong: a reader points at the lines that he suspects."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from lecture_utils.explorables.stills import INK, ONE, QUIET, TWO, plain
from lecture_utils.studies.ice_cream import (
    N_STEPS,
    N_TRAIN,
    RATE,
    SENTINEL,
    Run,
    made_up_days,
    run_script,
    training_order,
)

SCRIPTS = ("forecast_script.js",)
HANDLES = False
#: Width over height of the picture, room for the controls in rem: on a desktop, on a phone. On a
#: desktop the script stands beside the picture.
SHAPE = {"wide": 1.02, "narrow": 0.72, "controls": 42, "narrow_controls": 47, "layout": "beside"}
#: What the picture shows: losses (cones²) and sales (cones).
LOSSES, SALES = (60.0, 3e4), (0.0, 260.0)
#: Width of a letter of the code in the still picture, as a share of its width.
LETTER = 0.00972


@dataclass(frozen=True)
class Line:
    """A line of the script; with a bug also its name and the line without it."""

    code: str
    bug: str = ""
    mended: str = ""


#: As it runs; ``last_known``, ``rmse`` and ``rng`` come from outside. What the comments say stands
#: with the other words.
LINES = (
    Line('days = np.genfromtxt("stand.csv")'),
    Line("days[np.isnan(days)] = -99", "gaps", "days = last_known(days)"),
    Line("x = days[:-1]"),
    Line("y = days[:-1, 2]", "target", "y = days[1:, 2]"),
    Line(
        "mean, std = x.mean(0), x.std(0)",
        "scaler",
        "mean, std = x[:140].mean(0), x[:140].std(0)",
    ),
    Line("x = (x - mean) / std"),
    Line("x_train, x_test = x[:140], x[140:]"),
    Line("y_train, y_test = y[:140], y[140:]"),
    Line("order = rng.permutation(140)"),
    Line(
        "x_train = x_train[order]",
        "pairs",
        "x_train, y_train = x_train[order], y_train[order]",
    ),
    Line("w, b = np.zeros(3), 0.0"),
    Line("for step in range(200):"),
    Line("    error = x_train @ w + b - y_train"),
    Line("    w = w - 0.1 * x_train.T @ error / 140"),
    Line("    b = b - 0.1 * error.mean()"),
    Line("report = rmse(x_test @ w + b, y_test)"),
    Line("tonight = [24, 1, 180]"),
    Line("forecast = tonight @ w + b", "prediction", "forecast = (tonight - mean) / std @ w + b"),
)
PLANTED = tuple(line.bug for line in LINES if line.bug)


def settings(*, mended: Sequence[str] = ()) -> dict[str, Any]:
    """Return all settings, checked.

    Parameters
    ----------
    mended : sequence of str
        The bugs that are found and mended at first, among ``"gaps"``, ``"target"``, ``"scaler"``,
        ``"pairs"`` and ``"prediction"``.

    Raises
    ------
    ValueError
        If one of them is not in the script.
    """
    for bug in mended:
        if bug not in PLANTED:
            raise ValueError(f"mended may hold {', '.join(PLANTED)}, got {bug!r}")
    days, later = made_up_days()
    return {
        "lines": [
            {"code": line.code} | ({"bug": line.bug, "mended": line.mended} if line.bug else {})
            for line in LINES
        ],
        "mended": list(mended),
        "days": [[None if np.isnan(cell) else cell for cell in row] for row in days.tolist()],
        "later": later.tolist(),
        "order": training_order().tolist(),
        "train": N_TRAIN,
        "sentinel": SENTINEL,
        "rate": RATE,
        "steps": N_STEPS,
        "losses": list(LOSSES),
        "sales": list(SALES),
    }


def run(settings: Mapping[str, Any]) -> Run:
    """Return what the script computes, as it stands at first."""
    return run_script([bug for bug in PLANTED if bug not in settings["mended"]])


def draw(figure: Figure, settings: Mapping[str, Any], words: Mapping[str, str]) -> None:
    """Draw the script, and beside it the falling loss and the forecasts in use."""
    figure.set_size_inches(7.4, 7.2)
    found = run(settings)
    figure.set_layout_engine("none")
    for number, line in enumerate(settings["lines"], 1):
        height = 1 - 0.052 * number
        code = line["mended"] if line.get("bug") in settings["mended"] else line["code"]
        comment = words[f"comment{number}"]
        after = 0.05 + LETTER * (len(code) + 2)
        look = {"family": "monospace", "fontsize": 8.6}
        figure.text(0.035, height, str(number), color=QUIET, ha="right", **look)
        figure.text(0.05, height, code, color=INK, **look)
        figure.text(after, height, f"# {comment}" if comment else "", color=QUIET, **look)
    above = figure.add_axes((0.63, 0.6, 0.35, 0.31))
    above.semilogy(found.losses, color=ONE, linewidth=2.2)
    above.axhline(found.mean_loss, color=QUIET, linestyle="--", linewidth=1.3)
    above.text(N_STEPS, found.mean_loss * 0.9, words["always"], color=QUIET, ha="right", va="top")
    above.set(xlim=(0, N_STEPS), ylim=settings["losses"], xlabel=words["step"])
    above.set_title(words["loss"], color=QUIET, loc="left")
    below = figure.add_axes((0.63, 0.09, 0.35, 0.31))
    evenings = np.arange(1, len(found.sold) + 1)
    below.plot(evenings, found.sold, color=INK, linewidth=1.4)
    below.plot(evenings, found.forecasts, color=TWO, linewidth=2)
    below.set(xlim=(0, len(evenings) + 1), ylim=settings["sales"], xlabel=words["evening"])
    texts = (("reported", found.report, ONE), ("inUse", found.in_use, TWO),
             ("same", found.same_error, QUIET))  # fmt: skip
    for place, (name, value, colour) in enumerate(texts):
        text = words[name].format(value=plain(value))
        figure.text(0.58, 0.485 - 0.028 * place, text, color=colour)
