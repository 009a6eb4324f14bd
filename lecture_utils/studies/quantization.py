"""Round weights to a few bits, and fold batch normalization into the weights before it.

What the chapter on efficient models writes out, for its page and its experiment alike.
"""

import numpy as np
from numpy.typing import NDArray

from lecture_utils.arguments import finite_numbers, number, whole_number


def quantize(
    weights: NDArray, *, bits: int, axis: int | None = None
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Return whole numbers and a scale whose product is close to `weights`.

    ``scale = max|weights| / (2**(bits - 1) - 1)`` and ``codes = round(weights / scale)``. Zero
    stays zero (no zero point), and no weight is off by more than ``scale / 2``.

    Parameters
    ----------
    weights : array_like of float, shape (...)
        What is rounded. Finite.
    bits : int
        Bits of a code, from 2 to 16.
    axis : int, optional
        Axis of the channels, each of which gets a scale of its own. By default one scale serves
        all weights.

    Returns
    -------
    codes : ndarray of int32, shape (...)
        From ``-(2**(bits - 1) - 1)`` to ``2**(bits - 1) - 1``.
    scale : ndarray of float64
        Positive; multiplies the codes by broadcasting: all its axes but `axis` have length 1. It
        is 1 where all weights are 0.

    Raises
    ------
    TypeError
        If `weights` are not numbers or `bits` is not an integer.
    ValueError
        If a weight is not finite, there are none, or `bits` or `axis` is out of range.

    Notes
    -----
    Halves round to the even number, as in NumPy. Agrees with the per-channel int8 weights that
    LiteRT stores, up to a code in places where its float32 arithmetic rounds the other way.

    Examples
    --------
    >>> codes, scale = quantize(np.array([0.5, -1.4, 0.1]), bits=3)
    >>> codes, scale.round(3)
    (array([ 1, -3,  0], dtype=int32), array([0.467]))
    """
    weights = finite_numbers("weights", weights).astype(np.float64)
    if not 2 <= whole_number("bits", bits) <= 16:
        raise ValueError(f"bits must be from 2 to 16, got {bits}")
    if axis is not None and not -weights.ndim <= axis < weights.ndim:
        raise ValueError(f"axis must be one of {weights.ndim} axes, got {axis}")
    kept = None if axis is None else axis % weights.ndim
    others = tuple(k for k in range(weights.ndim) if k != kept)
    largest = np.abs(weights).max(axis=others, keepdims=True)
    scale = np.where(largest > 0, largest / (2 ** (bits - 1) - 1), 1.0)
    return np.rint(weights / scale).astype(np.int32), scale


def fold_normalization(
    kernel: NDArray,
    *,
    gain: NDArray,
    shift: NDArray,
    mean: NDArray,
    variance: NDArray,
    epsilon: float,
) -> tuple[NDArray, NDArray]:
    """Return the kernel and bias that do what a kernel and batch normalization do together.

    ``kernel * factor`` and ``shift - mean * factor`` with
    ``factor = gain / sqrt(variance + epsilon)``: both steps are linear once the averages are
    fixed.

    Parameters
    ----------
    kernel : ndarray of float, shape (..., n_filters)
        Of a convolution or a dense layer without a bias.
    gain, shift, mean, variance : ndarray of float, shape (n_filters,)
        Keras' ``gamma``, ``beta``, ``moving_mean`` and ``moving_variance``.
    epsilon : float
        What Keras adds to the variance. Positive.

    Returns
    -------
    kernel : ndarray, shape (..., n_filters)
        The folded kernel.
    bias : ndarray, shape (n_filters,)
        The folded bias.

    Raises
    ------
    ValueError
        If the shapes do not belong together or `epsilon` is not positive.

    Notes
    -----
    Checked against Keras' own outputs in the tests.

    Examples
    --------
    >>> kernel, bias = fold_normalization(
    ...     np.array([[2.0]]), gain=np.array([3.0]), shift=np.array([1.0]),
    ...     mean=np.array([4.0]), variance=np.array([3.0]), epsilon=1.0)
    >>> kernel, bias
    (array([[3.]]), array([-5.]))
    """
    shapes = {np.shape(part) for part in (gain, shift, mean, variance)}
    if shapes != {np.shape(kernel)[-1:]}:
        raise ValueError(
            f"gain, shift, mean and variance must have shape {np.shape(kernel)[-1:]}, got {shapes}"
        )
    factor = gain / np.sqrt(variance + number("epsilon", epsilon, above=0))
    return kernel * factor, shift - mean * factor
