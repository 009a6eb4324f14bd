"""How often each word stands in each text, as a sparse table."""

from collections.abc import Iterable, Sequence
from itertools import chain

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import csr_array

from lecture_utils.arguments import whole_number


def count_words(
    sequences: Iterable[Sequence[int]], n_words: int, *, leave_out: ArrayLike = ()
) -> csr_array:
    """Count the words of each sequence.

    Parameters
    ----------
    sequences : iterable of sequence of int
        Word numbers from 0 to ``n_words - 1``, one sequence a text: lists of any lengths, or
        the rows of an array.
    n_words : int
        Numbers of the vocabulary, reserved ones included. Positive.
    leave_out : array_like of int
        Word numbers that do not count: the number of the padding, to mask it.

    Returns
    -------
    scipy.sparse.csr_array of float32, shape (n_texts, n_words)
        Counts; only those above 0 are stored.

    Raises
    ------
    TypeError
        If a word number or `n_words` is not an integer.
    ValueError
        If a word number is out of range, or there is no text.

    Examples
    --------
    >>> count_words([[3, 1, 3], [0]], n_words=4).toarray()
    array([[0., 1., 0., 2.],
           [1., 0., 0., 0.]], dtype=float32)
    >>> count_words([[3, 1, 0, 0]], n_words=4, leave_out=[0]).toarray()
    array([[0., 1., 0., 1.]], dtype=float32)
    """
    n_words = whole_number("n_words", n_words)
    if isinstance(sequences, np.ndarray) and sequences.ndim == 2:
        numbers = sequences.ravel()
        ends = np.arange(len(sequences) + 1) * sequences.shape[1]
    else:
        sequences = list(sequences)
        lengths = np.fromiter(map(len, sequences), np.int64, len(sequences))
        ends = np.concatenate([[0], np.cumsum(lengths)])
        items = list(chain.from_iterable(sequences[:1]))
        if items and not isinstance(items[0], int | np.integer):
            raise TypeError(f"word numbers must be integers, got {items[0]!r}")
        numbers = np.fromiter(chain.from_iterable(sequences), np.int32, ends[-1])
    if len(ends) == 1:
        raise ValueError("sequences must hold at least one text, got none")
    if numbers.dtype.kind not in "iu":
        raise TypeError(f"word numbers must be integers, got an array of {numbers.dtype}")
    outside = (numbers < 0) | (numbers >= n_words)
    if outside.any():
        raise ValueError(f"word numbers must be from 0 to {n_words - 1}, got {numbers[outside][0]}")
    ones = np.ones(len(numbers), np.float32)
    counts = csr_array(
        (ones, numbers.astype(np.int32), ends.astype(np.int32)), shape=(len(ends) - 1, n_words)
    )
    counts.sum_duplicates()
    if np.size(leave_out):
        counts.data[np.isin(counts.indices, leave_out)] = 0
        counts.eliminate_zeros()
    return counts
