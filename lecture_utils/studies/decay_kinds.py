"""Kinds of decay that end at a chosen share of their first rate, and networks to try them on."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lecture_utils import schedules
from lecture_utils.arguments import number, whole_number
from lecture_utils.batches import batch_order

#: Names for `relative_rates`, beside "constant".
KINDS = ("step", "late drop", "exponential", "1/t", "linear", "cosine")
#: Features, hidden units and classes of the networks.
SIZES = (784, 16, 10)


def relative_rates(kind: str, *, n_steps: int, end: float = 1.0) -> NDArray[np.float64]:
    """Return the rates of a run, divided by the first one.

    A step decay has three equal stairs, a late drop comes for the last eighth of the run. What
    falls smoothly reaches `end` after the last update; the last update itself is a little higher.

    Parameters
    ----------
    kind : str
        One of `KINDS`, or "constant", which needs no `end`.
    n_steps : int
        Updates of the run. Positive.
    end : float
        Last rate divided by the first. In (0, 1].

    Returns
    -------
    ndarray of float64, shape (n_steps,)

    Raises
    ------
    TypeError
        If a number is expected and something else is given.
    ValueError
        If there is no such kind, or a number is out of range.

    Examples
    --------
    >>> relative_rates("late drop", n_steps=8, end=0.1)
    array([1. , 1. , 1. , 1. , 1. , 1. , 1. , 0.1])
    >>> relative_rates("linear", n_steps=4, end=0.2)
    array([1. , 0.8, 0.6, 0.4])
    """
    steps = np.arange(whole_number("n_steps", n_steps))
    end = number("end", end, above=0, most=1)
    whole = {"initial_rate": 1.0, "decay_steps": n_steps}
    if kind == "constant" or end == 1:
        rates = schedules.constant(steps, rate=1.0)
    elif kind == "step":
        rates = schedules.step_decay(
            steps, initial_rate=1.0, decay_rate=end**0.5, decay_steps=n_steps / 3
        )
    elif kind == "late drop":
        rates = np.where(steps < n_steps - n_steps // 8, 1.0, end)
    elif kind == "exponential":
        rates = schedules.exponential_decay(steps, **whole, decay_rate=end)
    elif kind == "1/t":
        rates = schedules.inverse_time_decay(steps, **whole, decay_rate=1 / end - 1)
    elif kind == "linear":
        rates = schedules.polynomial_decay(steps, **whole, end_rate=end)
    elif kind == "cosine":
        rates = schedules.cosine_decay(steps, **whole, end_fraction=end)
    else:
        raise ValueError(f"kind must be constant, {', '.join(KINDS)}, got {kind!r}")
    return rates


def starts_and_batches(
    seeds: Sequence[int], *, n_rows: int, batch_size: int, n_steps: int
) -> tuple[tuple[NDArray[np.float32], ...], NDArray[np.int32]]:
    """Return what a seed decides, for `lecture_utils.sweep.sweep`: start and order of the rows.

    Parameters
    ----------
    seeds : sequence of int
        One network each.
    n_rows, batch_size, n_steps : int
        As in `lecture_utils.batches.batch_order`.

    Returns
    -------
    tuple of ndarray, ndarray of int32, shape (n_seeds, n_steps, batch_size)
        Kernels and biases as `lecture_utils.sweep.initial_weights` has them, and the rows that each
        update sees. A longer run of the same seed begins with the same rows.

    Examples
    --------
    >>> weights, batches = starts_and_batches([0, 1], n_rows=100, batch_size=20, n_steps=7)
    >>> weights[0].shape, batches.shape
    ((2, 784, 16), (2, 7, 20))
    """
    from lecture_utils.sweep import initial_weights  # the rates alone need no TensorFlow

    weights, batches = [], []
    for seed in seeds:
        rng = np.random.default_rng(seed)
        weights.append(initial_weights(SIZES, n_starts=1, rng=rng))
        batches.append(batch_order(n_rows, batch_size=batch_size, n_steps=n_steps, rng=rng))
    parts = zip(*weights, strict=True)
    return tuple(np.concatenate(part) for part in parts), np.stack(batches)
