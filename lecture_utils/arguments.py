"""Checks of arguments, so that every function refuses the same things in the same words.

Each returns what was given, and takes first the name that its message calls it by. Another type
raises TypeError (a boolean is no number), another value ValueError.
"""

import math
import numbers

import numpy as np
from numpy.typing import ArrayLike, NDArray


def finite_numbers(name: str, values: ArrayLike) -> NDArray:
    """Return `values` as an array of integers or floats if they are finite, and at least one.

    Examples
    --------
    >>> finite_numbers("rates", [0.1, float("nan")])
    Traceback (most recent call last):
        ...
    ValueError: rates must be finite, got nan
    """
    array = np.asarray(values)
    if array.size == 0:
        raise ValueError(f"{name} must not be empty, got shape {array.shape}")
    if array.dtype.kind not in "iuf":
        raise TypeError(f"{name} must be numbers, got {values!r}")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite, got {array[~np.isfinite(array)][0]}")
    return array


def number(
    name: str,
    value: float,
    *,
    above: float = -math.inf,
    least: float = -math.inf,
    below: float = math.inf,
    most: float = math.inf,
) -> float:
    """Return `value` as a float if it is a finite number within the bounds.

    It must lie between `above` and `below`, and between `least` and `most` or be equal to one.

    Examples
    --------
    >>> number("decay_rate", 1.5, above=0, most=1)
    Traceback (most recent call last):
        ...
    ValueError: decay_rate must be above 0 and at most 1, got 1.5
    """
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise TypeError(f"{name} must be a number, got {value!r}")
    if not math.isfinite(value):
        raise ValueError(f"{name} must be finite, got {value}")
    if not (above < value < below and least <= value <= most):
        bounds = {"above": above, "at least": least, "below": below, "at most": most}
        wanted = [f"{word} {bound:g}" for word, bound in bounds.items() if math.isfinite(bound)]
        raise ValueError(f"{name} must be {' and '.join(wanted)}, got {value}")
    return float(value)


def whole_number(name: str, value: int, *, least: int = 1) -> int:
    """Return `value` as an int if it is a whole number of at least `least`.

    Examples
    --------
    >>> whole_number("n_steps", 0)
    Traceback (most recent call last):
        ...
    ValueError: n_steps must be at least 1, got 0
    """
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        raise TypeError(f"{name} must be an integer, got {value!r}")
    if value < least:
        raise ValueError(f"{name} must be at least {least}, got {value}")
    return int(value)
