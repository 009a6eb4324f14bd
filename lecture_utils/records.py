"""Publish measured numbers, so that the text takes them from the run and not from a keyboard."""

import math
import numbers

from IPython.display import display

from lecture_utils.evidence import Summary

MIME_PREFIX = "application/papermill.record/"
PLAIN_TYPE = MIME_PREFIX + "text/plain"
#: Beside a mean: the standard deviation and the number of values that it came from.
SPREAD_TYPE = MIME_PREFIX + "application/vnd.lecture.spread+json"


def record(**values: float | int | str | Summary) -> None:
    """Store each value in the cell's output under its name, without showing anything.

    The page then writes ``{glue:text}`name:.2f```: the build puts the number into the
    notebook's text, and MyST-NB resolves ``{glue:text}`chapters/02_x.ipynb::name:.2f```
    in other documents. The stored form is the one of ``myst_nb.glue(..., display=False)``;
    unlike it, `record` turns NumPy scalars into plain numbers (their ``repr`` could not be
    formatted by the page).

    A sample is stored whole, under one name: the page writes ``{glue:text}`name:.2f``` for its
    mean, ``{glue:text}`name:±.2f``` for mean and spread, and what else
    `lecture_utils.evidence.Summary` lists.

    Parameters
    ----------
    **values : int, float, str, zero-dimensional array, Sample or Difference
        Numbers must be finite.

    Raises
    ------
    TypeError
        If a value is neither a number, nor a string, nor a sample.
    ValueError
        If a number is NaN or infinite.

    Examples
    --------
    In a notebook nothing shows; elsewhere the stored form is printed.

    >>> record(accuracy=0.875)
    {'application/papermill.record/text/plain': '0.875'}
    """
    stored = {name: _stored(name, value) for name, value in values.items()}
    for name, data in stored.items():
        display(
            data,
            metadata={"scrapbook": {"name": name, "mime_prefix": MIME_PREFIX}},
            raw=True,
        )


def stored_summary(data: dict) -> Summary | None:
    """Return the sample that `record` stored in an output's data; None for any other output."""
    if SPREAD_TYPE not in data:
        return None
    return Summary(float(data[PLAIN_TYPE]), **data[SPREAD_TYPE])


def _stored(name: str, value: object) -> dict:
    """Return the data of the output that holds `value`."""
    if isinstance(value, Summary):
        spread = {"sd": value.sd, "n": value.n}
        if value.comparisons > 1:
            spread["comparisons"] = value.comparisons
        if value.overlap:
            spread["overlap"] = value.overlap
        return {PLAIN_TYPE: repr(value.mean), SPREAD_TYPE: spread}
    return {PLAIN_TYPE: repr(_plain(name, value))}


def _plain(name: str, value: object) -> float | int | str:
    """Return `value` as a built-in type whose ``repr`` can be read back."""
    if isinstance(value, str):
        return value
    if getattr(value, "shape", None) == ():  # NumPy scalars, arrays and tensors of no dimension
        value = value.item() if hasattr(value, "item") else value.numpy().item()
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise TypeError(f"{name} must be a number, a string or a sample, got {value!r}")
    if not math.isfinite(value):
        raise ValueError(f"{name} must be finite, got {value!r}")
    return value
