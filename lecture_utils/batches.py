"""The order in which mini-batches visit the rows of a data set."""

import numpy as np
from numpy.typing import NDArray

from lecture_utils.arguments import whole_number


def batch_order(
    n_rows: int, *, batch_size: int, n_steps: int, rng: np.random.Generator
) -> NDArray[np.int32]:
    """Return which rows each update sees, epoch after epoch, each in a new random order.

    Within an epoch no row comes twice. The rows that are left when `n_rows` is not a multiple
    of `batch_size` sit out that epoch; which ones is random, too.

    Parameters
    ----------
    n_rows : int
        Rows of the data set. Positive.
    batch_size : int
        Rows an update. From 1 to `n_rows`.
    n_steps : int
        Updates. Positive.
    rng : numpy.random.Generator
        Source of the order.

    Returns
    -------
    ndarray of int32, shape (n_steps, batch_size)
        Row numbers, from 0.

    Raises
    ------
    TypeError
        If a size is not an integer or `rng` not a generator.
    ValueError
        If a size is out of range.

    Examples
    --------
    >>> order = batch_order(4, batch_size=2, n_steps=4, rng=np.random.default_rng(0))
    >>> order
    array([[2, 0],
           [1, 3],
           [3, 2],
           [1, 0]], dtype=int32)
    """
    n_rows, n_steps = whole_number("n_rows", n_rows), whole_number("n_steps", n_steps)
    batch_size = whole_number("batch_size", batch_size)
    if batch_size > n_rows:
        raise ValueError(f"batch_size must be at most n_rows = {n_rows}, got {batch_size}")
    if not isinstance(rng, np.random.Generator):
        raise TypeError(f"rng must be a numpy.random.Generator, got {rng!r}")
    steps_per_epoch = n_rows // batch_size
    n_epochs = -(-n_steps // steps_per_epoch)
    epochs = [rng.permutation(n_rows)[: steps_per_epoch * batch_size] for _ in range(n_epochs)]
    return np.concatenate(epochs).reshape(-1, batch_size)[:n_steps].astype(np.int32)
