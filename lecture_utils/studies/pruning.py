"""Choose which weights to set to zero, and how many at which step.

What the chapter on efficient models writes out, for its page and its experiment alike.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lecture_utils.arguments import finite_numbers, number, whole_number


def magnitude_masks(kernels: Sequence[NDArray], *, sparsity: float) -> list[NDArray[np.bool_]]:
    """Return which weights stay when those closest to zero go, over all kernels together.

    Parameters
    ----------
    kernels : sequence of ndarray of float
        At least one. Pass one kernel a call to prune every layer by the same share.
    sparsity : float
        Share of all weights to remove, rounded to whole weights. From 0 to 1.

    Returns
    -------
    list of ndarray of bool
        One for each kernel, of its shape; true where the weight stays. Among equal magnitudes
        the earlier ones go.

    Raises
    ------
    ValueError
        If there is no kernel, a weight is not finite, or `sparsity` is out of range.

    Examples
    --------
    >>> magnitude_masks([np.array([0.1, -3.0]), np.array([[2.0], [-0.2]])], sparsity=0.5)
    [array([False,  True]), array([[ True],
           [False]])]
    """
    number("sparsity", sparsity, least=0, most=1)
    if len(kernels) == 0:
        raise ValueError("kernels must not be empty")
    magnitudes = np.abs(finite_numbers("kernels", np.concatenate([k.ravel() for k in kernels])))
    stays = np.ones(magnitudes.size, bool)
    n_removed = round(sparsity * magnitudes.size)
    stays[np.argsort(magnitudes, kind="stable")[:n_removed]] = False
    ends = np.cumsum([kernel.size for kernel in kernels])[:-1]
    parts = np.split(stays, ends)
    return [part.reshape(kernel.shape) for part, kernel in zip(parts, kernels, strict=True)]


def gradual_sparsity(step: ArrayLike, *, final: float, n_steps: int) -> NDArray[np.float64]:
    """Return the share of weights that are zero after `step` updates: fast first, then slow.

    ``final * (1 - (1 - step / n_steps)**3)``, and `final` from `n_steps` on.

    Parameters
    ----------
    step : array_like of int, shape (...)
        Updates done so far, from 0.
    final : float
        Share at the end. From 0 to 1.
    n_steps : int
        Updates until then. Positive.

    Returns
    -------
    ndarray of float64, shape (...)
        Shares, of the shape of `step`.

    Raises
    ------
    ValueError
        If a step is negative or a parameter is out of range.

    Notes
    -----
    The cubic schedule of Zhu and Gupta, *To prune, or not to prune* (2017), that starts at 0.

    Examples
    --------
    >>> gradual_sparsity([0, 50, 100, 200], final=0.8, n_steps=100)
    array([0. , 0.7, 0.8, 0.8])
    """
    step = finite_numbers("step", step)
    if (step < 0).any():
        raise ValueError(f"step must not be negative, got {step.min()}")
    number("final", final, least=0, most=1)
    left = 1 - np.minimum(step / whole_number("n_steps", n_steps), 1)
    return final * (1 - left**3)
