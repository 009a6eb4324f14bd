"""Publish measured numbers, so that the text takes them from the run and not from a keyboard."""

import math
import numbers

from IPython.display import display

MIME_PREFIX = "application/papermill.record/"


def record(**values: float | int | str) -> None:
    """Store each value in the cell's output under its name, without showing anything.

    The page then writes ``{glue:text}`name:.2f```: the build puts the number into the
    notebook's text, and MyST-NB resolves ``{glue:text}`chapters/02_x.ipynb::name:.2f```
    in other documents. The stored form is the one of ``myst_nb.glue(..., display=False)``;
    unlike it, `record` turns NumPy scalars into plain numbers (their ``repr`` could not be
    formatted by the page).

    Parameters
    ----------
    **values : int, float, str or zero-dimensional array
        Numbers must be finite.

    Raises
    ------
    TypeError
        If a value is neither a number nor a string.
    ValueError
        If a number is NaN or infinite.

    Examples
    --------
    In a notebook nothing shows; elsewhere the stored form is printed.

    >>> record(accuracy=0.875)
    {'application/papermill.record/text/plain': '0.875'}
    """
    plain = {name: _plain(name, value) for name, value in values.items()}
    for name, value in plain.items():
        display(
            {MIME_PREFIX + "text/plain": repr(value)},
            metadata={"scrapbook": {"name": name, "mime_prefix": MIME_PREFIX}},
            raw=True,
        )


def _plain(name: str, value: object) -> float | int | str:
    """Return `value` as a built-in type whose ``repr`` can be read back."""
    if isinstance(value, str):
        return value
    if getattr(value, "shape", None) == ():  # NumPy scalars, arrays and tensors of no dimension
        value = value.item() if hasattr(value, "item") else value.numpy().item()
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise TypeError(f"{name} must be a number or a string, got {value!r}")
    if not math.isfinite(value):
        raise ValueError(f"{name} must be finite, got {value!r}")
    return value
